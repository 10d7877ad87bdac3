/* SPDX-License-Identifier: ISC */
/* text.c: the table of paths, families, sources and reasons. */
#include "ui/text.h"

#include <string.h>

#include "ui/escape.h"
#include "ui/text_part.h"

/* Columns of one table. */
struct table {
	struct mt_text *text;
	const struct mt_output *out;
	const struct mt_mta *mta;
	size_t name, source, place;
};

static bool is_shown(const struct table *t, const struct mt_path *path)
{
	return t->out->verbose || (path->kind != MT_KIND_UNUSED && path->kind != MT_KIND_LOCAL);
}

static size_t widest(size_t width, const char *s)
{
	size_t n = mt_columns(mt_str_of(s));
	return n > width ? n : width;
}

static void measure_way(struct table *t, const struct mt_way *way)
{
	char buf[MT_ADDR_TEXT];
	t->source = widest(t->source, mt_part_source(way, buf));
	for (const struct mt_because *b = way->because; b; b = b->next)
		t->place = widest(t->place,
				  mt_escaped(t->text->arena,
					     mt_part_place(t->text->arena, b, t->mta->instance)));
}

static void measure(struct table *t, const struct mt_path *paths)
{
	for (const struct mt_path *path = paths; path; path = path->next) {
		if (!is_shown(t, path))
			continue;
		t->name = widest(t->name, mt_escaped(t->text->arena, path->name));
		for (int f = 0; f < MT_FAMILIES; f++)
			measure_way(t, &path->way[f]);
	}
}

static void add_because(struct table *t, const struct mt_because *because)
{
	mt_part_pad(t->text, mt_part_place(t->text->arena, because, t->mta->instance), t->place);
	mt_text_addf(t->text, "  ");
	mt_escape(t->text, mt_str_of(because->text));
}

static void indent(struct table *t, size_t more)
{
	mt_text_addf(t->text, "  %*s  ", (int)(t->name + more), "");
}

static const char *doubt(enum mt_sure sure)
{
	return sure == MT_SURE_YES ? "" : sure == MT_SURE_ASSUMED ? "  (assumed)" : "  (not sure)";
}

/* "main.cf:12  smtp_bind_address = 192.0.2.10  (assumed)", further links below it. */
static void add_reason(struct table *t, const struct mt_way *way)
{
	const struct mt_because *b = way->because;
	if (b)
		add_because(t, b);
	if (*way->note) {
		mt_text_addf(t->text, b ? "  (" : "");
		mt_escape(t->text, mt_str_of(way->note));
		mt_text_addf(t->text, b ? ")" : "");
	}
	if (way->helo)
		mt_text_addf(t->text, "  HELO %s", mt_escaped(t->text->arena, way->helo));
	mt_text_addf(t->text, "%s\n", doubt(way->sure));
	for (b = b ? b->next : NULL; b; b = b->next) {
		indent(t, sizeof "  IPv4" - 1 + t->source + 2);
		add_because(t, b);
		mt_text_addf(t->text, "\n");
	}
}

static void add_way(struct table *t, const struct mt_path *path, enum mt_family family)
{
	char buf[MT_ADDR_TEXT];
	const struct mt_way *way = &path->way[family];
	mt_text_addf(t->text, "%s  ", mt_family_name(family));
	mt_part_pad(t->text, mt_part_source(way, buf), t->source);
	mt_text_addf(t->text, "  ");
	add_reason(t, way);
}

static bool differs(const char *helo, const char *usual)
{
	return *helo && strcmp(helo, usual) != 0;
}

/* What an ordinary path does not need to say: kind, next hop, HELO name, what feeds it. */
static bool add_extra(struct table *t, const struct mt_path *path)
{
	size_t before = t->text->n;
	if (path->kind != MT_KIND_INTERNET)
		mt_text_addf(t->text, "%s%s%s  ", mt_kind_name(path->kind),
			     *path->next_hop ? " " : "",
			     mt_escaped(t->text->arena, path->next_hop));
	if (differs(path->helo, t->mta->helo))
		mt_text_addf(t->text, "HELO %s  ", mt_escaped(t->text->arena, path->helo));
	if (t->out->verbose && *path->feeds)
		mt_text_addf(t->text, "by %s  ", mt_escaped(t->text->arena, path->feeds));
	if (t->text->n == before)
		return false;
	t->text->n -= 2; /* the blanks that separate */
	mt_text_addf(t->text, "\n");
	return true;
}

static void add_path(struct table *t, const struct mt_path *path)
{
	mt_text_addf(t->text, "  ");
	mt_part_pad(t->text, path->name, t->name);
	mt_text_addf(t->text, "  ");
	if (add_extra(t, path) && path->kind != MT_KIND_LOCAL)
		indent(t, 0);
	if (path->kind == MT_KIND_LOCAL)
		return;
	add_way(t, path, MT_V4);
	indent(t, 0);
	add_way(t, path, MT_V6);
}

/* The names of what the table leaves out. */
static void add_left_out(struct table *t, enum mt_kind kind)
{
	const char *separator = ": ";
	for (const struct mt_path *path = t->mta->paths; path; path = path->next) {
		if (path->kind != kind || is_shown(t, path))
			continue;
		if (separator[0] == ':')
			mt_text_addf(t->text, "  %s", mt_kind_name(kind));
		mt_text_addf(t->text, "%s%s", separator, mt_escaped(t->text->arena, path->name));
		separator = ", ";
	}
	if (separator[0] == ',')
		mt_text_addf(t->text, "\n");
}

static void add_listeners(struct table *t)
{
	char buf[MT_ADDR_TEXT];
	for (const struct mt_listener *l = t->mta->listeners; l; l = l->next) {
		bool v6 = l->addr.family == MT_V6;
		struct mt_because at = {l->file ? l->file : "", l->line, "", NULL};
		const char *place = mt_part_place(t->text->arena, &at, t->mta->instance);
		mt_text_addf(t->text, "  listens  %s%s%s:%u  %s  %s\n", v6 ? "[" : "",
			     mt_addr_text(l->addr, buf), v6 ? "]" : "", l->port,
			     mt_escaped(t->text->arena, l->service),
			     mt_escaped(t->text->arena, place));
	}
}

static void add_head(struct table *t)
{
	const struct mt_mta *mta = t->mta;
	mt_part_ink(t->text, t->out, MT_INK_HEAD, mta->backend->name);
	if (*mta->version)
		mt_text_addf(t->text, " %s", mt_escaped(t->text->arena, mta->version));
	mt_text_addf(t->text, "  %s  %s", mt_escaped(t->text->arena, mta->instance),
		     mta->state == MT_STATE_UNKNOWN ? "not known whether it runs"
						    : mt_state_name(mta->state));
	if (*mta->helo)
		mt_text_addf(t->text, "  HELO %s", mt_escaped(t->text->arena, mta->helo));
	mt_text_addf(t->text, "\n");
}

static struct table table_of(struct mt_text *text, const struct mt_output *out,
			     const struct mt_mta *mta)
{
	struct table t = {.text = text, .out = out, .mta = mta, .name = sizeof "seen" - 1};
	measure(&t, mta->paths);
	return t;
}

static size_t add_mta(struct mt_text *text, const struct mt_output *out, const struct mt_mta *mta)
{
	struct table t = table_of(text, out, mta);
	add_head(&t);
	for (const struct mt_path *path = mta->paths; path; path = path->next)
		if (is_shown(&t, path))
			add_path(&t, path);
	add_left_out(&t, MT_KIND_LOCAL);
	add_left_out(&t, MT_KIND_UNUSED);
	if (out->verbose)
		add_listeners(&t);
	return t.name;
}

static void add_seen(struct mt_text *text, const struct mt_observed *seen, size_t width)
{
	char buf[MT_ADDR_TEXT];
	for (; seen; seen = seen->next) {
		bool v6 = seen->source.family == MT_V6;
		mt_text_addf(text, "  %-*s  %s%s%s:%u x %u%s\n", (int)width, "seen", v6 ? "[" : "",
			     mt_addr_text(seen->source, buf), v6 ? "]" : "", seen->port,
			     seen->connections, seen->ours ? "" : "  (owner not known)");
	}
}

void mt_text_mtas(struct mt_text *text, const struct mt_output *out, const struct mt_model *model)
{
	size_t width = sizeof "seen" - 1;
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		width = add_mta(text, out, mta);
	add_seen(text, model->observed, width);
}

void mt_text_model(struct mt_text *text, const struct mt_output *out, const struct mt_model *model)
{
	mt_text_mtas(text, out, model);
	mt_text_findings(text, out, model, out->quiet);
}

void mt_text_route(struct mt_text *text, const struct mt_output *out, const struct mt_mta *mta,
		   const struct mt_route *route)
{
	struct mt_output all = *out;
	all.verbose = true; /* the path that was asked for is shown whatever its kind */
	struct table t = table_of(text, &all, mta);
	add_head(&t);
	if (route->path) {
		struct mt_path path = *route->path;
		path.feeds = path.next_hop = ""; /* of this mail: below */
		add_path(&t, &path);
	}
	const char *hop = *route->next_hop ? mt_escaped(text->arena, route->next_hop)
					   : "the MX of the recipient's domain";
	if (route->path || *route->next_hop)
		mt_text_addf(text, "  to %s%s", hop, *route->note ? "; " : "");
	else
		mt_text_addf(text, "  ");
	mt_text_addf(text, "%s\n", mt_escaped(text->arena, route->note));
	for (const struct mt_because *b = route->chain; b; b = b->next) {
		mt_text_addf(text, "  by ");
		add_because(&t, b);
		mt_text_addf(text, "\n");
	}
}
