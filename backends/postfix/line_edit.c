/* SPDX-License-Identifier: ISC */
/* line_edit.c: changes of bytes within lines, turned into edits of whole lines. */
#include "line_edit.h"

#include <string.h>

void pf_splice_add(struct mt_arena *arena, struct pf_splices *list, struct pf_splice splice)
{
	struct pf_splice *new = MT_NEW(arena, struct pf_splice);
	struct pf_splice **at = &list->first;
	if (list->last && list->last->at <= splice.at) /* mostly they come in order */
		at = &list->last->next;
	while (*at && (*at)->at <= splice.at)
		at = &(*at)->next;
	*new = splice;
	new->next = *at;
	*at = new;
	if (!new->next)
		list->last = new;
}

size_t pf_line_begin(struct mt_str file, size_t at)
{
	while (at > 0 && file.p[at - 1] != '\n')
		at--;
	return at;
}

size_t pf_line_end(struct mt_str file, size_t at)
{
	const char *lf = at < file.n ? memchr(file.p + at, '\n', file.n - at) : NULL;
	return lf ? (size_t)(lf - file.p) + 1 : file.n;
}

const char *pf_line_ending(struct mt_str file, size_t at)
{
	size_t end = pf_line_end(file, at);
	if (end == 0 || file.p[end - 1] != '\n')
		end = pf_line_begin(file, end); /* the one before */
	return end >= 2 && file.p[end - 1] == '\n' && file.p[end - 2] == '\r' ? "\r\n" : "\n";
}

static bool ends_line(struct mt_str s)
{
	return s.n && s.p[s.n - 1] == '\n';
}

static struct mt_str part(struct mt_str file, size_t from, size_t to)
{
	return (struct mt_str){file.p + from, to - from};
}

/* One line on its way: `begin` to `end` of the file, `s` the first splice not yet done. */
struct unit {
	struct mt_str file;
	size_t begin, end;
	bool unfinished; /* it is the last line and lacks its LF */
	const struct pf_splice *s;
	struct mt_text out;
};

static bool inserts(const struct pf_splice *s, size_t at)
{
	return s && s->at == at && !s->length && ends_line(s->text);
}

/* Whole new lines in front of byte `at`. */
static void insertions(struct unit *u, size_t at)
{
	for (; inserts(u->s, at); u->s = u->s->next)
		mt_text_add(&u->out, u->s->text);
}

static bool within(const struct unit *u)
{
	return u->s && (u->s->at < u->end || (u->unfinished && u->s->at == u->end));
}

static void rewrite(struct mt_arena *arena, struct unit *u)
{
	struct mt_text line = MT_TEXT_INIT(arena);
	size_t from = u->begin;
	for (; within(u) && !inserts(u->s, u->end); u->s = u->s->next) {
		size_t at = u->s->at, to = at + u->s->length;
		if (at > from)
			mt_text_add(&line, part(u->file, from, at));
		mt_text_add(&line, u->s->text);
		from = to > from ? to : from; /* two may take the same blanks */
	}
	mt_text_add(&line, part(u->file, from, u->end));
	if (mt_str_trim(mt_text_str(&line)).n == 0)
		return;
	mt_text_add(&u->out, mt_text_str(&line));
	if (!ends_line(mt_text_str(&line)))
		mt_text_add(&u->out, mt_str_of(pf_line_ending(u->file, u->begin)));
}

static struct mt_edit *one_line(struct mt_arena *arena, struct unit *u)
{
	u->begin = pf_line_begin(u->file, u->s->at);
	u->end = pf_line_end(u->file, u->begin);
	u->unfinished = u->end > u->begin && u->file.p[u->end - 1] != '\n';
	u->out = (struct mt_text)MT_TEXT_INIT(arena);
	struct mt_edit *edit = MT_NEW(arena, struct mt_edit);
	edit->at = u->begin;
	insertions(u, u->begin);
	if (within(u)) {
		rewrite(arena, u);
		edit->length = u->end - u->begin;
	}
	if (u->unfinished)
		insertions(u, u->end);
	edit->text = mt_text_str(&u->out);
	return edit;
}

struct mt_edit *pf_splice_edits(struct mt_arena *arena, struct mt_str file,
				const struct pf_splices *list)
{
	struct mt_edit *edits = NULL, **tail = &edits;
	struct unit u = {.file = file, .s = list->first};
	while (u.s) {
		*tail = one_line(arena, &u);
		tail = &(*tail)->next;
	}
	return edits;
}
