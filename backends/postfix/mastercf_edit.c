/* SPDX-License-Identifier: ISC */
/*
 * mastercf_edit.c: -o options of one service set or taken out, a service copied; the rest byte for byte.
 *
 * A word that starts with '#' may stand behind others, but would be a comment at the start of a line:
 * nothing here makes it the first one.
 */
#include "mastercf.h"

#include <string.h>

static struct mt_str mastercf_bytes(const struct pf_change *c)
{
	return c->mastercf->bytes;
}

static void splice_mastercf(struct pf_change *c, size_t from, size_t to, struct mt_str text)
{
	pf_splice_add(c->arena, &c->list,
		      (struct pf_splice){.at = from, .length = to - from, .text = text});
}

static bool is_blank_in_line(char c)
{
	return pf_is_space(c) && c != '\n';
}

static size_t skip_blanks(struct mt_str file, size_t at)
{
	while (at < file.n && is_blank_in_line(file.p[at]))
		at++;
	return at;
}

static bool at_line_end(struct mt_str file, size_t at)
{
	return at == file.n || file.p[at] == '\n';
}

/* The part of [from, to) on the physical lines that count, one at a time; an indent stays: without it a
 * line would begin an entry of its own. False at the end. */
static bool next_piece(struct mt_str file, size_t *at, size_t from, size_t to,
		       struct pf_physical *piece)
{
	unsigned number = 0;
	if (*at >= to || !pf_physical_next(file, at, &number, piece))
		return false;
	size_t end = piece->begin + piece->text.n;
	piece->begin = piece->begin < from ? from : skip_blanks(file, piece->begin);
	piece->end = end < to ? end : to;
	return piece->begin < piece->end;
}

/* ---- taking out ---- */

static void remove_option(struct pf_change *c, const struct pf_option *option)
{
	struct mt_str file = mastercf_bytes(c);
	size_t at = pf_line_begin(file, option->begin), behind = skip_blanks(file, option->end);
	bool hash = behind < file.n && file.p[behind] == '#';
	struct pf_physical piece;
	while (next_piece(file, &at, option->begin, option->end, &piece)) {
		if (hash && piece.end == option->end) {
			splice_mastercf(c, piece.begin, piece.end,
					MT_STR("--")); /* ends options as # does */
			break;
		}
		/* Blanks around what is taken out go with it: those in front, or behind where only the
		 * indent is in front. */
		size_t from = piece.begin;
		while (from > 0 && is_blank_in_line(file.p[from - 1]))
			from--;
		bool indent = from == 0 || file.p[from - 1] == '\n';
		if (!indent)
			piece.begin = from;
		else if (!at_line_end(file, skip_blanks(file, piece.end)))
			piece.end = skip_blanks(file, piece.end);
		splice_mastercf(c, piece.begin, piece.end, MT_STR(""));
	}
}

/* ---- setting ---- */

static bool needs_braces(struct mt_str value)
{
	return value.n && memchr(value.p, ' ', value.n);
}

static const char *spelt(struct mt_arena *arena, const char *name, struct mt_str value)
{
	return mt_format(arena, needs_braces(value) ? "{ %s = %.*s }" : "%s=%.*s", name,
			 MT_STR_FMT(value));
}

static void replace_value(struct pf_change *c, const struct pf_option *o, struct mt_str value)
{
	struct mt_str file = mastercf_bytes(c);
	size_t at = pf_line_begin(file, o->value_begin);
	struct pf_physical piece;
	if (o->value_begin == o->value_end) {
		const char *gap = o->braced ? " " : "";
		value = mt_str_of(mt_format(c->arena, "%s%.*s", gap, MT_STR_FMT(value)));
		splice_mastercf(c, o->value_begin, o->value_end, value);
		return;
	}
	while (next_piece(file, &at, o->value_begin, o->value_end, &piece)) {
		splice_mastercf(c, piece.begin, piece.end, value);
		value = MT_STR("");
	}
}

static void replace_option(struct pf_change *c, const struct pf_option *o, struct mt_str value)
{
	if (o->braced || !needs_braces(value)) {
		replace_value(c, o, value);
		return;
	}
	bool glued = o->argument > 0 && !pf_is_space(mastercf_bytes(c).p[o->argument - 1]);
	const char *text = spelt(c->arena, mt_strz(c->arena, o->name), value);
	splice_mastercf(c, o->argument, o->end,
			mt_str_of(mt_format(c->arena, "%s%s", glued ? " " : "", text)));
}

/* White space in front of the last option that starts a line, else of any continuation line. */
static struct mt_str indent_of(struct mt_str file, const struct pf_service *service)
{
	struct mt_str indent = MT_STR("  ");
	struct pf_physical physical;
	size_t at = service->where.begin;
	unsigned number = 0;
	while (at < service->where.end && pf_physical_next(file, &at, &number, &physical)) {
		size_t text = physical.begin;
		/* no other white space stands between words of master.cf: it would become part of one */
		while (text < file.n && (file.p[text] == ' ' || file.p[text] == '\t'))
			text++;
		bool option = text + 1 < file.n && file.p[text] == '-' && file.p[text + 1] == 'o';
		if (option && text > physical.begin)
			indent = (struct mt_str){file.p + physical.begin, text - physical.begin};
	}
	return indent;
}

static void add_service_option(struct pf_change *c, const struct pf_service *service,
			       const char *name, struct mt_str value)
{
	struct mt_str file = mastercf_bytes(c);
	size_t at = service->options_end;
	const char *option = spelt(c->arena, name, value);
	if (!at_line_end(file, skip_blanks(file, at))) {
		splice_mastercf(c, at, at, mt_str_of(mt_format(c->arena, " -o %s", option)));
		return;
	}
	size_t end = pf_line_end(file, at);
	const char *line = mt_format(c->arena, "%.*s-o %s%s", MT_STR_FMT(indent_of(file, service)),
				     option, pf_line_ending(file, at));
	splice_mastercf(c, end, end, mt_str_of(line));
}

static void change_there(struct pf_change *c, const struct pf_service *service,
			 const struct pf_setting *setting)
{
	const struct pf_option *option = pf_service_option(service, mt_str_of(setting->name));
	if (!setting->value) {
		for (const struct pf_option *o = service->options; o; o = o->next)
			if (mt_str_is(o->name, setting->name))
				remove_option(c, o);
	} else if (option) {
		struct mt_str value = pf_value(c->arena, setting->value);
		if (!mt_str_eq(option->value, value))
			replace_option(c, option, value);
	}
}

/* What is new comes last: it may begin at the very byte where an old value ends. */
void pf_change_set(struct pf_change *change, const struct pf_service *service,
		   const struct pf_setting *settings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		change_there(change, service, &settings[i]);
	for (size_t i = 0; i < count; i++) {
		const struct pf_setting *s = &settings[i];
		if (s->value && !pf_service_option(service, mt_str_of(s->name)))
			add_service_option(change, service, s->name,
					   pf_value(change->arena, s->value));
	}
}

struct mt_edit *pf_mastercf_set(struct mt_arena *arena, const struct pf_mastercf *mastercf,
				const struct pf_service *service, const struct pf_setting *settings,
				size_t count)
{
	struct pf_change c = {.arena = arena, .mastercf = mastercf};
	pf_change_set(&c, service, settings, count);
	return pf_splice_edits(arena, mastercf->bytes, &c.list);
}

/* ---- copying ---- */

/* The bytes of the entry with another name; the next column keeps its place if blanks allow. */
static struct mt_str renamed(struct pf_change *c, const struct pf_service *like, const char *name)
{
	struct mt_str file = mastercf_bytes(c),
		      rest = {file.p + like->where.begin + like->name.n,
			      like->where.end - like->where.begin - like->name.n};
	size_t blanks = 0, want = strlen(name);
	while (blanks < rest.n && rest.p[blanks] == ' ')
		blanks++;
	size_t column = like->name.n + blanks;
	size_t gap = blanks == 0 ? 0 : want < column ? column - want : 1;
	struct mt_text t = MT_TEXT_INIT(c->arena);
	mt_text_addf(&t, "%s%*s", name, (int)gap, "");
	mt_text_add(&t, (struct mt_str){rest.p + blanks, rest.n - blanks});
	if (rest.p[rest.n - 1] != '\n')
		mt_text_add(&t, mt_str_of(pf_line_ending(file, like->where.begin)));
	return mt_text_str(&t);
}

void pf_change_clone(struct pf_change *change, const struct pf_service *like, const char *name,
		     const struct pf_setting *settings, size_t count)
{
	const char *type = mt_strz(change->arena, like->type);
	const struct pf_service *there = pf_mastercf_get(change->mastercf, name, type);
	if (there) {
		pf_change_set(change, there, settings, count);
		return;
	}
	struct pf_mastercf copy;
	pf_mastercf_parse(change->arena, "", renamed(change, like, name), &copy);
	struct mt_str text = copy.bytes;
	if (copy.services) {
		struct mt_edit *edits =
			pf_mastercf_set(change->arena, &copy, copy.services, settings, count);
		text = mt_edits_apply(change->arena, text, edits);
	}
	splice_mastercf(change, like->where.end, like->where.end, text);
}

struct mt_edit *pf_mastercf_clone(struct mt_arena *arena, const struct pf_mastercf *mastercf,
				  const struct pf_service *like, const char *name,
				  const struct pf_setting *settings, size_t count)
{
	struct pf_change c = {.arena = arena, .mastercf = mastercf};
	pf_change_clone(&c, like, name, settings, count);
	return pf_splice_edits(arena, mastercf->bytes, &c.list);
}
