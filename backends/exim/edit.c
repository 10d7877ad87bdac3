/* SPDX-License-Identifier: ISC */
/* edit.c: settings, options, macros and lines of maps: found by their lines, changed in place. */
#include "edit.h"

#include <string.h>

#define BLANKS " \t\r\n\v\f"

/* ---- physical lines ----------------------------------------------------------------------------- */

/* `at` to `end` of the file, its newline included. */
struct physical {
	size_t at, end;
	struct mt_str text; /* trimmed */
};

static bool next_physical(struct mt_str file, struct physical *line)
{
	if (line->end >= file.n)
		return false;
	const char *from = file.p + line->end, *lf = memchr(from, '\n', file.n - line->end);
	line->at = line->end;
	line->end = lf ? (size_t)(lf - file.p) + 1 : file.n;
	line->text = mt_str_trim(mt_str_part(file, line->at, line->end - line->at));
	return true;
}

static bool find_physical(struct mt_str file, unsigned number, struct physical *line)
{
	*line = (struct physical){0};
	for (unsigned n = 0; next_physical(file, line);)
		if (++n == number)
			return true;
	return false;
}

static bool is_comment(struct mt_str text)
{
	return text.n && *text.p == '#';
}

static bool continues(struct mt_str text)
{
	return text.n && text.p[text.n - 1] == '\\';
}

static bool is_condition(struct mt_str text)
{
	return mt_str_starts(text, ".if") || mt_str_starts(text, ".el") ||
	       mt_str_starts(text, ".endif");
}

/* By how much deeper the next line is in conditions. */
static int condition_step(struct mt_str text)
{
	return mt_str_starts(text, ".if") ? 1 : mt_str_starts(text, ".endif") ? -1 : 0;
}

/* The last physical line of the setting that begins with *line. False: a condition is in the middle of it. */
static bool to_last(struct mt_str file, struct physical *line)
{
	struct physical next = *line;
	bool more = continues(line->text);
	while (more && next_physical(file, &next)) {
		if (is_condition(next.text))
			return false;
		*line = next;
		more = is_comment(next.text) || continues(next.text);
	}
	return true;
}

static const char *newline_at(struct mt_str file, const struct physical *line)
{
	return line->end >= 2 && file.p[line->end - 1] == '\n' && file.p[line->end - 2] == '\r'
		       ? "\r\n"
		       : "\n";
}

/* ---- splices ------------------------------------------------------------------------------------ */

static void splice(struct ex_edit *e, size_t at, size_t length, const char *text)
{
	struct ex_splice *new = MT_NEW(e->arena, struct ex_splice), **to = &e->first;
	while (*to && (*to)->at <= at)
		to = &(*to)->next;
	*new = (struct ex_splice){at, length, mt_str_of(text), *to};
	*to = new;
}

/* A whole line behind byte `at`, where a line ends; one that lacks its newline gets it. */
static void insert(struct ex_edit *e, size_t at, const char *text, const char *newline)
{
	bool open = at && e->before.p[at - 1] != '\n';
	for (const struct ex_splice *s = e->first; s; s = s->next)
		open = open && s->at + s->length != at; /* something else closed it */
	splice(e, at, 0, mt_format(e->arena, "%s%s%s", open ? newline : "", text, newline));
}

struct mt_str ex_edit_after(const struct ex_edit *e)
{
	struct mt_text out = MT_TEXT_INIT(e->arena);
	size_t from = 0;
	for (const struct ex_splice *s = e->first; s; s = s->next) {
		if (s->at > from)
			mt_text_add(&out, mt_str_part(e->before, from, s->at - from));
		mt_text_add(&out, s->text);
		from = s->at + s->length;
	}
	mt_text_add(&out, mt_str_part(e->before, from, e->before.n - from));
	return mt_text_str(&out);
}

/* ---- settings ----------------------------------------------------------------------------------- */

static bool is_name_char(char c)
{
	return mt_is_alnum(c) || c == '_';
}

/* Where the value of a setting begins, the blanks before it passed over; 0: it is none. */
static size_t value_at(struct mt_str file, const struct physical *line)
{
	const char *p = line->text.p, *end = p + line->text.n, *word = p;
	while (p < end && is_name_char(*p))
		p++;
	if (mt_str_is((struct mt_str){word, (size_t)(p - word)}, "hide")) {
		while (p < end && strchr(" \t", *p))
			p++;
		while (p < end && is_name_char(*p))
			p++;
	}
	while (p < end && strchr(" \t", *p))
		p++;
	if (p == word || p == end || *p != '=')
		return 0;
	p += p + 1 < end && p[1] == '=' ? 2 : 1;
	while (p < end && strchr(" \t", *p))
		p++;
	return (size_t)(p - file.p);
}

static bool find_setting(const struct ex_edit *e, unsigned number, struct physical *first,
			 struct physical *last)
{
	if (!find_physical(e->before, number, first) || !value_at(e->before, first))
		return false;
	*last = *first;
	return to_last(e->before, last);
}

bool ex_edit_value(struct ex_edit *e, unsigned number, const char *value)
{
	struct physical first, last;
	if (!find_setting(e, number, &first, &last))
		return false;
	size_t at = value_at(e->before, &first);
	struct mt_str old = mt_str_trim(mt_str_part(e->before, at, last.end - at));
	if (mt_str_is(old, value) && e->before.p[last.end - 1] == '\n')
		return true;
	bool blank = e->before.p[at - 1] == '=' && !old.n;
	splice(e, at, last.end - at,
	       mt_format(e->arena, "%s%s%s", blank ? " " : "", value,
			 newline_at(e->before, &last)));
	return true;
}

bool ex_edit_remove(struct ex_edit *e, unsigned number)
{
	struct physical first, last;
	if (!find_setting(e, number, &first, &last))
		return false;
	splice(e, first.at, last.end - first.at, "");
	return true;
}

/* ---- new lines ---------------------------------------------------------------------------------- */

static const char *indent_of(const struct ex_edit *e, const struct physical *line)
{
	size_t n = 0;
	while (line->at + n < line->end && strchr(" \t", e->before.p[line->at + n]))
		n++;
	return mt_strz(e->arena, mt_str_part(e->before, line->at, n));
}

/* *line becomes line `number`: how deep in conditions it is, seen from line `head`. */
static int find_depth(struct mt_str file, unsigned head, unsigned number, struct physical *line)
{
	int depth = 0;
	*line = (struct physical){0};
	for (unsigned n = 1; n <= number && next_physical(file, line); n++)
		depth = n == head ? 0 : depth + condition_step(line->text);
	return depth;
}

bool ex_is_conditional(struct mt_str file, unsigned head, unsigned number)
{
	struct physical line;
	return find_depth(file, head, number, &line) > 0;
}

void ex_edit_option(struct ex_edit *e, unsigned head, unsigned number, const char *text)
{
	struct physical line, first, last;
	int depth = find_depth(e->before, head, number, &line);
	first = line;
	(void)to_last(e->before, &line);
	last = line;
	while (depth > 0 && next_physical(e->before, &line)) {
		depth += condition_step(line.text);
		last = depth > 0 ? last : line;
	}
	insert(e, last.end, mt_format(e->arena, "%s%s", indent_of(e, &first), text),
	       newline_at(e->before, &last));
}

void ex_edit_main(struct ex_edit *e, const char *text)
{
	struct physical line = {0}, first = {0};
	size_t at = 0;
	(void)next_physical(e->before, &first);
	while (next_physical(e->before, &line) && (!line.text.n || is_comment(line.text)))
		if (!line.text.n)
			at = line.end;
	insert(e, at, text, newline_at(e->before, &first));
}

void ex_edit_append(struct ex_edit *e, const char *text)
{
	struct physical line = {0}, last = {0};
	bool open = false;
	while (next_physical(e->before, &line)) {
		last = line;
		open = continues(line.text) || (open && is_comment(line.text));
	}
	/* a last line that a backslash leaves open would take ours in */
	const char *newline = newline_at(e->before, &last);
	insert(e, e->before.n, open ? mt_format(e->arena, "%s%s", newline, text) : text, newline);
}

/* ---- maps --------------------------------------------------------------------------------------- */

/* The line is data of a table: `key`, and where its value begins. */
static bool read_entry(struct mt_arena *arena, struct mt_str file, const struct physical *line,
		       const char **key, size_t *value)
{
	size_t p = line->at, n = 0;
	if (!line->text.n || strchr("# \t\r\n\v\f", file.p[p]))
		return false;
	char *text = mt_alloc(arena, line->end - line->at + 1);
	if (file.p[p] == '"') {
		for (p++; p < line->end && file.p[p] != '"'; p++) {
			p += file.p[p] == '\\' && p + 1 < line->end;
			text[n++] = file.p[p];
		}
		p += p < line->end;
	} else {
		while (p < line->end && file.p[p] != ':' && !strchr(BLANKS, file.p[p]))
			text[n++] = file.p[p++];
	}
	while (p < line->end && strchr(" \t", file.p[p]))
		p++;
	p += p < line->end && file.p[p] == ':';
	while (p < line->end && strchr(" \t", file.p[p]))
		p++;
	*key = text;
	*value = p;
	return true;
}

/* The first line of the key, and the last of those that go on with it; false: none. */
static bool find_entry(struct mt_arena *arena, struct mt_str file, const char *wanted,
		       struct physical *first, struct physical *last, size_t *value)
{
	struct physical line = {0};
	const char *key;
	while (next_physical(file, &line)) {
		if (!read_entry(arena, file, &line, &key, value) ||
		    !mt_str_same(mt_str_of(key), mt_str_of(wanted)))
			continue;
		*first = *last = line;
		while (next_physical(file, &line) &&
		       (!line.text.n || is_comment(line.text) || strchr(" \t", file.p[line.at])))
			if (line.text.n && !is_comment(line.text))
				*last = line;
		return true;
	}
	return false;
}

struct mt_str ex_map_value(struct mt_arena *arena, struct mt_str file, const char *key)
{
	struct physical first, last;
	size_t at;
	if (!find_entry(arena, file, key, &first, &last, &at))
		return (struct mt_str){0};
	return mt_str_trim(mt_str_part(file, at, last.end - at));
}

/* Before the first line that is data; the end of a table without any. */
static size_t first_entry(const struct ex_edit *e)
{
	struct physical line = {0};
	while (next_physical(e->before, &line))
		if (line.text.n && !is_comment(line.text))
			return line.at;
	return e->before.n;
}

void ex_edit_map(struct ex_edit *e, const char *key, const char *value, bool first_counts)
{
	struct physical line = {0}, first, last;
	size_t at;
	(void)next_physical(e->before, &line);
	bool there = find_entry(e->arena, e->before, key, &first, &last, &at);
	if (!value) {
		if (there)
			splice(e, first.at, last.end - first.at, "");
		return;
	}
	if (there) {
		if (mt_str_is(mt_str_trim(mt_str_part(e->before, at, last.end - at)), value))
			return;
		bool bare = (at == last.end || strchr("\r\n", e->before.p[at])) &&
			    !strchr(" \t", e->before.p[at - 1]);
		splice(e, at, last.end - at,
		       mt_format(e->arena, "%s%s%s", bare ? " " : "", value,
				 newline_at(e->before, &last)));
		return;
	}
	bool front = first_counts && strcmp(key, "*") != 0;
	insert(e, front ? first_entry(e) : e->before.n, mt_format(e->arena, "%s: %s", key, value),
	       newline_at(e->before, &line));
}
