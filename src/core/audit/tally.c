/* SPDX-License-Identifier: ISC */
/* tally.c: what the hosts of an audit have in common, in lists of their numbers. */
#include "core/audit/tally.h"

#include <string.h>

void mt_indexes_add(struct mt_arena *arena, struct mt_indexes *list, uint32_t i)
{
	if (list->n == list->cap) {
		uint32_t *old = list->at;
		list->cap = 2 * list->cap + 8;
		list->at = mt_alloc(arena, list->cap * sizeof *list->at);
		for (size_t k = 0; k < list->n; k++)
			list->at[k] = old[k];
	}
	list->at[list->n++] = i;
}

/* ---- groups of findings ---- */

static struct mt_group *get_group(struct mt_tally *tally, const struct mt_finding *f)
{
	struct mt_group **at = &tally->groups;
	for (; *at && (*at)->severity >= f->severity; at = &(*at)->next)
		if (strcmp((*at)->id, f->id) == 0)
			return *at;
	struct mt_group *g = MT_NEW(tally->arena, struct mt_group);
	*g = (struct mt_group){
		.severity = f->severity,
		.id = mt_strdup(tally->arena, f->id),
		.message = mt_message_copy(tally->arena, f->message),
		.deed = mt_message_copy(tally->arena, f->deed),
		.command = mt_recipe_copy(tally->arena, f->command),
		.next = *at,
	};
	*at = g;
	return g;
}

static bool same_words(const char *const *a, const char *const *b)
{
	while (*a && *b && strcmp(*a, *b) == 0)
		a++, b++;
	return !*a && !*b;
}

static bool same_advice(const struct mt_group *g, const struct mt_finding *f)
{
	const struct mt_recipe *a = g->command, *b = f->command;
	for (; a && b && same_words(a->words, b->words); a = a->next)
		b = b->next;
	return !a && !b && mt_message_eq(g->deed, f->deed);
}

static void add_finding(struct mt_tally *tally, uint32_t i, const struct mt_finding *f)
{
	struct mt_group *g = get_group(tally, f);
	g->message_differs |= !mt_message_eq(g->message, f->message);
	g->fix_differs |= !same_advice(g, f);
	if (!g->hosts.n || g->hosts.at[g->hosts.n - 1] != i)
		mt_indexes_add(tally->arena, &g->hosts, i);
}

void mt_tally_examined(struct mt_tally *tally, uint32_t i, const struct mt_model *model,
		       bool complies)
{
	int worst = -1;
	tally->finished++;
	tally->examined++;
	for (const struct mt_finding *f = model->findings; f; f = f->next) {
		add_finding(tally, i, f);
		if ((int)f->severity > worst)
			worst = f->severity;
	}
	if (worst < 0)
		tally->clean++;
	else
		tally->worst[worst]++;
	if (!model->mtas)
		mt_indexes_add(tally->arena, &tally->serverless, i);
	if (!tally->hosts->host[i].expect)
		return;
	tally->expected++;
	if (!complies)
		mt_indexes_add(tally->arena, &tally->differing, i);
}

void mt_tally_unexamined(struct mt_tally *tally, uint32_t i, enum mt_cause cause)
{
	mt_indexes_add(tally->arena, &tally->unexamined[cause], i);
	tally->unexamined_count++;
	tally->finished++;
}
