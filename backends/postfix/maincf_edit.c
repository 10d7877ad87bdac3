/* SPDX-License-Identifier: ISC */
/* maincf_edit.c: one parameter of main.cf set or taken out, everything else byte for byte. */
#include "maincf.h"
#include "line_edit.h"

#include <string.h>

struct mt_str pf_value(struct mt_arena *arena, const char *value)
{
	char *p = mt_strdup(arena, value);
	for (char *c = p; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = ' ';
	return mt_str_trim(mt_str_of(p));
}

struct change {
	struct mt_arena *arena;
	const struct pf_maincf *maincf;
	struct pf_splices list;
};

static void splice_maincf(struct change *c, size_t from, size_t to, struct mt_str text)
{
	pf_splice_add(c->arena, &c->list,
		      (struct pf_splice){.at = from, .length = to - from, .text = text});
}

/* Every physical line of the entry from `at` on. */
static void drop_lines(struct change *c, const struct pf_entry *entry, size_t at)
{
	struct pf_physical physical;
	unsigned number = 0;
	while (at < entry->where.end && pf_physical_next(c->maincf->bytes, &at, &number, &physical))
		splice_maincf(c, physical.begin, physical.end, MT_STR(""));
}

/* What of the first line is kept: "name =" and the blanks around, if the value starts on that line. */
struct opening {
	size_t keep; /* bytes */
	const char *gap; /* between them and the value */
};

static struct opening opening_of(struct mt_str line, const struct pf_entry *entry, struct mt_str to)
{
	struct opening o = {entry->name.n, " = "};
	size_t i = entry->name.n;
	while (i < line.n && pf_is_space(line.p[i]))
		i++;
	if (i == line.n || line.p[i] != '=')
		return o; /* it stands on a later line */
	o.gap = i > 0 && pf_is_space(line.p[i - 1]) ? " " : "";
	o.keep = ++i;
	if (!to.n)
		return (struct opening){i, ""};
	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	if (i < line.n && line.p[i] && !pf_is_space(line.p[i]))
		o = (struct opening){i, ""};
	return o;
}

static void replace_parameter(struct change *c, const struct pf_entry *entry, struct mt_str value)
{
	size_t at = entry->where.begin;
	unsigned number = 0;
	struct pf_physical first;
	pf_physical_next(c->maincf->bytes, &at, &number, &first);
	struct mt_str line = first.text;
	bool cr = line.n && line.p[line.n - 1] == '\r';
	struct opening o = opening_of(line, entry, value);
	const char *text = mt_format(c->arena, "%s%.*s", o.gap, MT_STR_FMT(value));
	size_t end = first.begin + line.n - cr;
	struct mt_str s = mt_str_of(text);
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	splice_maincf(c, first.begin + o.keep, end, s);
	drop_lines(c, entry, first.end);
}

static void set_parameter(struct change *c, const char *name, const char *text)
{
	struct mt_str value = pf_value(c->arena, text);
	const struct pf_entry *entry = pf_maincf_get(c->maincf, mt_str_of(name));
	if (!entry) {
		struct mt_str file = c->maincf->bytes;
		const char *line = mt_format(c->arena, "%s =%s%.*s%s", name, value.n ? " " : "",
					     MT_STR_FMT(value), pf_line_ending(file, file.n));
		splice_maincf(c, file.n, file.n, mt_str_of(line));
	} else if (!mt_str_eq(entry->value, value))
		replace_parameter(c, entry, value);
}

static void unset_parameter(struct change *c, const char *name)
{
	for (const struct pf_entry *e = c->maincf->entries; e; e = e->next)
		if (mt_str_is(e->name, name))
			drop_lines(c, e, e->where.begin);
}

struct mt_edit *pf_maincf_edit(struct mt_arena *arena, const struct pf_maincf *maincf,
			       const struct pf_setting *settings, size_t count)
{
	struct change c = {.arena = arena, .maincf = maincf};
	for (size_t i = 0; i < count; i++) {
		if (settings[i].value)
			set_parameter(&c, settings[i].name, settings[i].value);
		else
			unset_parameter(&c, settings[i].name);
	}
	return pf_splice_edits(arena, maincf->bytes, &c.list);
}

struct mt_edit *pf_maincf_set(struct mt_arena *arena, const struct pf_maincf *maincf,
			      const char *name, const char *value)
{
	return pf_maincf_edit(arena, maincf, &(struct pf_setting){name, value}, 1);
}

struct mt_edit *pf_maincf_unset(struct mt_arena *arena, const struct pf_maincf *maincf,
				const char *name)
{
	return pf_maincf_edit(arena, maincf, &(struct pf_setting){name, NULL}, 1);
}
