/* SPDX-License-Identifier: ISC */
/* host_names.c: names of many hosts in short. */
#include <stdlib.h>
#include <string.h>

#include "ui/audit.h"
#include "ui/escape.h"

#define FOLDED_MAX 64 /* pieces that are spelled out */

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
