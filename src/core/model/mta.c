/* SPDX-License-Identifier: ISC */
/* mta.c: what backends fill into an MTA in the same way. */
#include <mtapin/backend.h>

struct mt_mta *mt_model_mta(struct mt_model *model, const struct mt_backend *self,
			    const char *instance)
{
	struct mt_mta **at = &model->mtas;
	while (*at)
		at = &(*at)->next;
	*at = MT_NEW(model->arena, struct mt_mta);
	**at = (struct mt_mta){
		.backend = self, .instance = instance, .version = "", .helo = "", .uid = -1};
	return *at;
}

void mt_mta_process(struct mt_mta *mta, const struct mt_item *probe, const char *comm)
{
	struct mt_str text = probe->bytes, line, word;
	unsigned long number;
	if (probe->presence == MT_PRESENT || probe->presence == MT_ABSENT)
		mta->state = MT_STATE_STOPPED;
	while (probe->presence == MT_PRESENT && mt_str_line(&text, &line)) {
		mt_str_word(&line, " ", &word);
		struct mt_str value = mt_str_trim(line);
		bool numeric = mt_str_number(value, INT64_MAX, &number);
		if (mt_str_is(word, "pid") && numeric)
			mta->pid = (int64_t)number;
		else if (mt_str_is(word, "start") && numeric)
			mta->start = (int64_t)number;
		else if (mt_str_is(word, "netns"))
			mta->other_netns = mt_str_is(value, "other");
		else if (mt_str_is(word, "comm") && mt_str_is(value, comm))
			mta->state = MT_STATE_RUNNING;
	}
}
