/* SPDX-License-Identifier: ISC */
/* lsearch.c: files of keys and values, as Exim's linear search reads them. */
#include "lsearch.h"

#include <string.h>

#include "items.h"

struct mt_str ex_lower(struct mt_arena *arena, struct mt_str s)
{
	char *lower = mt_alloc(arena, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		bool upper = s.p[i] >= 'A' && s.p[i] <= 'Z';
		lower[i] = (char)(upper ? s.p[i] + ('a' - 'A') : s.p[i]);
	}
	return (struct mt_str){lower, s.n};
}

static void skip(struct mt_str *s, size_t n)
{
	*s = mt_str_part(*s, n, s->n - n);
}

static int digit_of(struct mt_str s, int base)
{
	char c = s.n ? *s.p : '\0';
	int digit = mt_is_digit(c)	   ? c - '0'
		    : c >= 'a' && c <= 'f' ? c - 'a' + 10
		    : c >= 'A' && c <= 'F' ? c - 'A' + 10
					   : 99;
	return digit < base ? digit : -1;
}

/* Up to `max` digits. */
static char code_of(struct mt_str *s, int base, int max)
{
	int code = 0;
	for (int digit; max-- && (digit = digit_of(*s, base)) >= 0; skip(s, 1))
		code = code * base + digit;
	return (char)code;
}

char ex_escape(struct mt_str *s)
{
	static const char from[] = "bfnrtv", to[] = "\b\f\n\r\t\v";
	skip(s, 1);
	if (!s->n)
		return '\\';
	if (digit_of(*s, 8) >= 0)
		return code_of(s, 8, 3);
	char c = *s->p;
	const char *letter = strchr(from, c);
	skip(s, 1);
	if (c == 'x')
		return code_of(s, 16, 2);
	return c && letter ? to[letter - from] : c;
}

/* `rest` is what follows the key. */
static struct mt_str key_of(struct mt_arena *arena, struct mt_str line, struct mt_str *rest)
{
	size_t n = 0;
	if (*line.p != '"') {
		while (n < line.n && line.p[n] != ':' && !ex_is_blank(line.p[n]))
			n++;
		*rest = mt_str_part(line, n, line.n - n);
		return mt_str_part(line, 0, n);
	}
	struct mt_text key = MT_TEXT_INIT(arena);
	skip(&line, 1);
	while (line.n && *line.p != '"') {
		char c = *line.p;
		if (c == '\\')
			c = ex_escape(&line);
		else
			skip(&line, 1);
		mt_text_add(&key, (struct mt_str){&c, 1});
	}
	*rest = mt_str_part(line, line.n ? 1 : 0, line.n ? line.n - 1 : 0);
	return mt_text_str(&key);
}

static struct ex_entry *entry_of(struct mt_arena *arena, struct mt_str line, unsigned number)
{
	struct ex_entry *entry = MT_NEW(arena, struct ex_entry);
	struct mt_str rest;
	*entry = (struct ex_entry){.text = line, .line = number};
	entry->key = key_of(arena, line, &rest);
	rest = ex_skip_blanks(rest);
	if (rest.n && *rest.p == ':')
		rest = ex_skip_blanks(mt_str_part(rest, 1, rest.n - 1));
	entry->value = rest;
	return entry;
}

/* A last line without LF keeps its blanks. */
static struct mt_str without_blanks(struct mt_str line, struct mt_str rest)
{
	bool whole = line.p + line.n != rest.p;
	while (whole && line.n && ex_is_blank(line.p[line.n - 1]))
		line.n--;
	return line;
}

struct ex_lsearch *ex_lsearch_read(struct mt_arena *arena, struct mt_str bytes)
{
	struct ex_lsearch *file = MT_NEW(arena, struct ex_lsearch);
	struct ex_entry **tail = &file->entries, *last = NULL;
	struct mt_str line;
	file->by_key = (struct mt_map)MT_MAP_INIT(arena);
	for (unsigned number = 1; mt_str_line(&bytes, &line); number++) {
		line = without_blanks(line, bytes);
		if (!line.n || *line.p == '#') {
			last = NULL;
			continue;
		}
		if (ex_is_blank(*line.p)) {
			line = ex_skip_blanks(line);
			if (last)
				last->value = mt_str_of(mt_format(arena, "%.*s %.*s",
								  MT_STR_FMT(last->value),
								  MT_STR_FMT(line)));
			continue;
		}
		last = *tail = entry_of(arena, line, number);
		tail = &last->next;
		struct mt_str key = ex_lower(arena, last->key);
		if (!mt_map_get(&file->by_key, key))
			mt_map_put(&file->by_key, key, last);
	}
	return file;
}

const struct ex_entry *ex_lsearch_find(struct mt_arena *arena, const struct ex_lsearch *file,
				       struct mt_str key)
{
	return mt_map_get(&file->by_key, ex_lower(arena, key));
}
