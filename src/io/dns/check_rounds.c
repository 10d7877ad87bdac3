/* SPDX-License-Identifier: ISC */
/* check_rounds.c: a check and the DNS, round by round. */
#include "io/dns/check_rounds.h"

#include <stddef.h>

#include "core/model/wire.h"
#include "core/audit/examined.h"
#include "io/sys/confined.h"

#define QUESTIONS_MAX 65536

struct questions {
	const struct mt_question *list;
	size_t count;
};
static const struct mt_wire_field question_fields[] = {
	{MT_WIRE_ARRAY, offsetof(struct questions, list), 0, &mt_wire_question,
	 offsetof(struct questions, count)},
};
static const struct mt_wire_type questions_type = {sizeof(struct questions), 0, question_fields, 1};

struct answers {
	struct mt_answer *list;
	size_t count;
};
static const struct mt_wire_field answer_fields[] = {
	{MT_WIRE_ARRAY, offsetof(struct answers, list), 0, &mt_wire_answer,
	 offsetof(struct answers, count)},
};
static const struct mt_wire_type answers_type = {sizeof(struct answers), 0, answer_fields, 1};

void mt_ask_outside(void *data, const struct mt_question *questions, size_t count,
		    struct mt_dns *dns)
{
	struct mt_arena *arena = data;
	struct mt_text text = MT_TEXT_INIT(arena);
	struct questions asked = {questions, count};
	struct answers answers;
	mt_wire_put(&text, &questions_type, &asked);
	struct mt_str reply = mt_confined_ask(arena, mt_text_str(&text));
	if (mt_wire_get(arena, reply, NULL, &answers_type, &answers))
		for (size_t i = 0; i < answers.count; i++)
			mt_dns_add(dns, &answers.list[i]);
}

/* c-ares sends any name that has the form of one; what has not is no question of ours. */
static bool is_askable_name(const char *name)
{
	struct mt_str s = mt_str_of(name);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.n && s.n < 256;
}

bool mt_ask_for(struct mt_arena *arena, struct mt_asker *asker, struct mt_str bytes,
		struct mt_dns *answers)
{
	struct questions asked;
	if (!mt_wire_get(arena, bytes, NULL, &questions_type, &asked) ||
	    asked.count > QUESTIONS_MAX)
		return false;
	for (size_t i = 0; i < asked.count; i++)
		if (!is_askable_name(asked.list[i].name))
			return false;
	mt_asker_ask(asker, asked.list, asked.count, answers);
	return true;
}

void mt_ask_tell(const struct mt_dns *answers, struct mt_text *text)
{
	struct answers all = {answers->list, answers->count};
	mt_wire_put(text, &answers_type, &all);
}

struct mt_check *mt_ask(const struct mt_ask *ask, struct mt_model *model)
{
	struct mt_check *check = ask->check(model, ask->options, ask->dns);
	for (unsigned round = 0;
	     (ask->asker || ask->elsewhere) && check->missing_count && round < MT_CHECK_ROUNDS;
	     round++) {
		if (ask->elsewhere)
			ask->elsewhere(ask->data, check->missing, check->missing_count, ask->dns);
		else
			mt_asker_ask(ask->asker, check->missing, check->missing_count, ask->dns);
		check = ask->check(model, ask->options, ask->dns);
	}
	return check;
}
