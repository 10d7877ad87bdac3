/* SPDX-License-Identifier: ISC */
/* items.c: Exim's lists. */
#include "items.h"

#include <string.h>

bool ex_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool ex_is_control(char c)
{
	return (c >= '\0' && c < ' ') || c == '\x7f';
}

struct mt_str ex_skip_blanks(struct mt_str s)
{
	while (s.n && ex_is_blank(*s.p))
		s = mt_str_part(s, 1, s.n - 1);
	return s;
}

static bool is_punctuation(char c)
{
	return c > ' ' && c < '\x7f' && !mt_is_alnum(c);
}

static void skip_but(struct mt_str *s, char separator)
{
	while (s->n && ex_is_blank(*s->p) && *s->p != separator)
		*s = mt_str_part(*s, 1, s->n - 1);
}

struct ex_items ex_items(struct mt_str list)
{
	struct ex_items items = {.rest = ex_skip_blanks(list), .separator = ':'};
	struct mt_str *rest = &items.rest;
	if (rest->n > 1 && *rest->p == '<' &&
	    (is_punctuation(rest->p[1]) || ex_is_control(rest->p[1]))) {
		items.separator = rest->p[1];
		*rest = mt_str_part(*rest, 2, rest->n - 2);
	}
	return items;
}

bool ex_item(struct mt_arena *arena, struct ex_items *items, struct mt_str *item)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	struct mt_str s = items->rest;
	char separator = items->separator;
	size_t at = 0;
	skip_but(&s, separator);
	if (!s.n)
		return false;
	while (at < s.n) {
		const char *end = memchr(s.p + at, separator, s.n - at);
		size_t n = (end ? (size_t)(end - s.p) : s.n) - at;
		bool doubled =
			end && at + n + 1 < s.n && end[1] == separator && !ex_is_control(separator);
		mt_text_add(&text, mt_str_part(s, at, n + doubled));
		at += n + (end ? 1 : 0) + doubled;
		if (!doubled)
			break;
	}
	items->rest = mt_str_part(s, at, s.n - at);
	*item = mt_text_str(&text);
	while (item->n && ex_is_blank(item->p[item->n - 1]))
		item->n--;
	return true;
}
