/* SPDX-License-Identifier: ISC */
/* tally.c: what the hosts of an audit have in common, in lists of their numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/audit.h"
#include "ui/escape.h"

#define FOLDED_MAX 64 /* pieces that are spelled out */

void mt_indexes_add(struct mt_indexes *list, uint32_t i)
{
	if (list->n == list->cap) {
		list->cap = list->cap + list->cap / 2 + 8;
		list->at = realloc(list->at, list->cap * sizeof *list->at);
		if (!list->at)
			mt_out_of_memory();
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
		.message = mt_strdup(tally->arena, f->message),
		.deed = mt_strdup(tally->arena, f->deed),
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
	return !a && !b && strcmp(g->deed, f->deed) == 0;
}

void mt_tally_finding(struct mt_tally *tally, uint32_t i, const struct mt_finding *f)
{
	struct mt_group *g = get_group(tally, f);
	g->message_differs |= strcmp(g->message, f->message) != 0;
	g->fix_differs |= !same_advice(g, f);
	if (!g->hosts.n || g->hosts.at[g->hosts.n - 1] != i)
		mt_indexes_add(&g->hosts, i);
}

void mt_tally_free(struct mt_tally *tally)
{
	for (struct mt_group *g = tally->groups; g; g = g->next)
		free(g->hosts.at);
	for (int c = 0; c < MT_CAUSES; c++)
		free(tally->unexamined[c].at);
	free(tally->differing.at);
	free(tally->serverless.at);
}

/* ---- names in short ---- */

/* The last number of a name, of at most nine digits: where it stands, how long, what it is. */
struct numbered {
	size_t at, n;
	unsigned long value;
};

static struct numbered number_of(const char *name)
{
	struct numbered number = {0};
	size_t end = strlen(name);
	while (end && !mt_is_digit(name[end - 1]))
		end--;
	size_t start = end;
	while (start && mt_is_digit(name[start - 1]) && end - start < 9)
		start--;
	number = (struct numbered){start, end - start, 0};
	for (size_t i = start; i < end; i++)
		number.value = number.value * 10 + (unsigned long)(name[i] - '0');
	return number;
}

/* Is `b` the name that follows `a` in a range? */
static bool follows(const char *a, const char *b)
{
	struct numbered x = number_of(a), y = number_of(b);
	bool same_width = x.n == y.n || (a[x.at] != '0' && b[y.at] != '0');
	return x.n && y.n && x.at == y.at && same_width && y.value == x.value + 1 &&
	       strncmp(a, b, x.at) == 0 && strcmp(a + x.at + x.n, b + y.at + y.n) == 0;
}

static void add_range(struct mt_text *text, const char *from, const char *to)
{
	struct numbered x = number_of(from), y = number_of(to);
	if (from == to) {
		mt_escape(text, mt_str_of(from));
		return;
	}
	mt_escape(text, (struct mt_str){from, x.at});
	mt_text_addf(text, "[%.*s-%.*s]", (int)x.n, from + x.at, (int)y.n, to + y.at);
	mt_escape(text, mt_str_of(from + x.at + x.n));
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

void mt_fold(struct mt_text *text, const struct mt_hosts *hosts, struct mt_indexes *list)
{
	size_t pieces = 0, i = 0;
	if (list->n)
		qsort(list->at, list->n, sizeof *list->at, by_number);
	while (i < list->n) {
		size_t from = i++;
		while (i < list->n &&
		       follows(hosts->host[list->at[i - 1]].name, hosts->host[list->at[i]].name))
			i++;
		if (pieces == FOLDED_MAX) {
			mt_text_addf(text, " and %zu more", list->n - from);
			return;
		}
		mt_text_addf(text, pieces++ ? "," : "");
		add_range(text, hosts->host[list->at[from]].name,
			  hosts->host[list->at[i - 1]].name);
	}
}
