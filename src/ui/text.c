/* SPDX-License-Identifier: ISC */
/* text.c: the table of transports, families, sources and reasons. */
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
	size_t when; /* conditions of the transport at hand */
};

#define CONDITIONAL_SHOWN 5 /* of a family, without -v */
#define WHEN_WIDTH	  40 /* a longer condition moves its line */

static bool is_shown(const struct table *t, const struct mt_transport *transport)
{
	return t->out->verbose ||
	       (transport->kind != MT_KIND_UNUSED && transport->kind != MT_KIND_LOCAL);
}

static size_t widest(size_t width, const char *s)
{
	size_t n = mt_columns(mt_str_of(s));
	return n > width ? n : width;
}

static void measure_binding(struct table *t, const struct mt_binding *binding)
{
	char buf[MT_ADDR_TEXT];
	t->source = widest(t->source, mt_part_source(binding, buf));
	for (const struct mt_origin *b = binding->origin; b; b = b->next)
		t->place = widest(t->place,
				  mt_escaped(t->text->arena,
					     mt_part_place(t->text->arena, b, t->mta->instance)));
}

/* The next one that is shown of a list; *count is how many were. */
static const struct mt_binding *shown(const struct table *t, const struct mt_binding *binding,
				      size_t *count)
{
	return t->out->verbose || (*count)++ < CONDITIONAL_SHOWN ? binding : NULL;
}

static void measure(struct table *t, const struct mt_transport *transports)
{
	for (const struct mt_transport *transport = transports; transport;
	     transport = transport->next) {
		if (!is_shown(t, transport))
			continue;
		t->name = widest(t->name, mt_escaped(t->text->arena, transport->name));
		for (int f = 0; f < MT_FAMILIES; f++) {
			const struct mt_binding *binding = transport->conditional[f];
			measure_binding(t, &transport->binding[f]);
			for (size_t n = 0; (binding = shown(t, binding, &n));
			     binding = binding->next)
				measure_binding(t, binding);
		}
	}
}

static void add_origin(struct table *t, const struct mt_origin *origin)
{
	mt_part_pad(t->text, mt_part_place(t->text->arena, origin, t->mta->instance), t->place);
	mt_text_addf(t->text, "  ");
	mt_escape(t->text, mt_str_of(origin->text));
	mt_part_generated(t->text, origin, t->mta->instance);
}

static void indent(struct table *t, size_t more)
{
	mt_text_addf(t->text, "  %*s  ", (int)(t->name + more), "");
}

static const char *doubt(enum mt_confidence confidence)
{
	return confidence == MT_CONFIDENCE_YES	     ? ""
	       : confidence == MT_CONFIDENCE_ASSUMED ? "  (assumed)"
						     : "  (not sure)";
}

/* "any of 192.0.2.10, 192.0.2.11" */
static void add_pool(struct table *t, const struct mt_binding *binding)
{
	char text[MT_ADDR_TEXT];
	if (binding->how != MT_HOW_ADDRESS || binding->pool_count < 2)
		return;
	mt_text_addf(t->text, "%s%s of", binding->origin || *binding->note ? "  " : "",
		     binding->pick == MT_PICK_ANY ? "any" : "the first");
	for (size_t i = 0; i < binding->pool_count; i++)
		mt_text_addf(t->text, "%s %s", i ? "," : "", mt_addr_text(binding->pool[i], text));
}

/* "main.cf:12  smtp_bind_address = 192.0.2.10  (assumed)", further links below it, `width` behind the name. */
static void add_reason(struct table *t, const struct mt_binding *binding, size_t width)
{
	const struct mt_origin *b = binding->origin;
	if (b)
		add_origin(t, b);
	if (*binding->note) {
		mt_text_addf(t->text, b ? "  (" : "");
		mt_escape(t->text, mt_str_of(binding->note));
		mt_text_addf(t->text, b ? ")" : "");
	}
	add_pool(t, binding);
	if (binding->helo)
		mt_text_addf(t->text, "  HELO %s", mt_escaped(t->text->arena, binding->helo));
	mt_text_addf(t->text, "%s\n", doubt(binding->confidence));
	for (b = b ? b->next : NULL; b; b = b->next) {
		indent(t, width);
		add_origin(t, b);
		mt_text_addf(t->text, "\n");
	}
}

/* `before` columns of its line are filled. */
static void add_binding(struct table *t, const struct mt_binding *binding, enum mt_family family,
			size_t before)
{
	char buf[MT_ADDR_TEXT];
	mt_text_addf(t->text, "%s  ", mt_family_name(family));
	mt_part_pad(t->text, mt_part_source(binding, buf), t->source);
	mt_text_addf(t->text, "  ");
	add_reason(t, binding, before + sizeof "IPv4  " - 1 + t->source + 2);
}

static const char *when_text(const struct table *t, const struct mt_binding *binding)
{
	return mt_escaped(t->text->arena, mt_condition_text(t->text->arena, binding->when));
}

/* "from one.example  IPv4  192.0.2.12  domainbindings:1  one.example:192.0.2.12" */
static void add_conditional(struct table *t, const struct mt_transport *transport,
			    enum mt_family family)
{
	const struct mt_binding *binding = transport->conditional[family];
	size_t n = 0, left = 0;
	for (; (binding = shown(t, binding, &n)); binding = binding->next) {
		indent(t, 0);
		mt_part_pad(t->text, mt_condition_text(t->text->arena, binding->when), t->when);
		mt_text_addf(t->text, "  ");
		add_binding(t, binding, family, t->when + 2);
	}
	for (binding = transport->conditional[family]; binding; binding = binding->next)
		left++;
	if (t->out->verbose || left <= CONDITIONAL_SHOWN)
		return;
	indent(t, 0);
	mt_text_addf(t->text, "and %zu more over %s (-v)\n", left - CONDITIONAL_SHOWN,
		     mt_family_name(family));
}

static void measure_when(struct table *t, const struct mt_transport *transport)
{
	t->when = 0;
	for (int f = 0; f < MT_FAMILIES; f++) {
		const struct mt_binding *binding = transport->conditional[f];
		for (size_t n = 0; (binding = shown(t, binding, &n)); binding = binding->next) {
			size_t width = widest(0, when_text(t, binding));
			if (width <= WHEN_WIDTH && width > t->when)
				t->when = width;
		}
	}
}

static bool differs(const char *helo, const char *usual)
{
	return *helo && strcmp(helo, usual) != 0;
}

/* What an ordinary transport does not need to say: kind, next hop, HELO name, what feeds it. */
static bool add_extra(struct table *t, const struct mt_transport *transport)
{
	size_t before = t->text->n;
	if (transport->kind != MT_KIND_INTERNET)
		mt_text_addf(t->text, "%s%s%s  ", mt_kind_name(transport->kind),
			     *transport->next_hop ? " " : "",
			     mt_escaped(t->text->arena, transport->next_hop));
	if (differs(transport->helo, t->mta->helo))
		mt_text_addf(t->text, "HELO %s  ", mt_escaped(t->text->arena, transport->helo));
	if (t->out->verbose && *transport->feeds)
		mt_text_addf(t->text, "by %s  ", mt_escaped(t->text->arena, transport->feeds));
	if (t->text->n == before)
		return false;
	t->text->n -= 2; /* the blanks that separate */
	mt_text_addf(t->text, "\n");
	return true;
}

static void add_transport(struct table *t, const struct mt_transport *transport)
{
	mt_text_addf(t->text, "  ");
	mt_part_pad(t->text, transport->name, t->name);
	mt_text_addf(t->text, "  ");
	if (add_extra(t, transport) && transport->kind != MT_KIND_LOCAL)
		indent(t, 0);
	if (transport->kind == MT_KIND_LOCAL)
		return;
	add_binding(t, &transport->binding[MT_V4], MT_V4, 0);
	indent(t, 0);
	add_binding(t, &transport->binding[MT_V6], MT_V6, 0);
	measure_when(t, transport);
	add_conditional(t, transport, MT_V4);
	add_conditional(t, transport, MT_V6);
}

/* The names of what the table leaves out. */
static void add_left_out(struct table *t, enum mt_kind kind)
{
	const char *separator = ": ";
	for (const struct mt_transport *transport = t->mta->transports; transport;
	     transport = transport->next) {
		if (transport->kind != kind || is_shown(t, transport))
			continue;
		if (separator[0] == ':')
			mt_text_addf(t->text, "  %s", mt_kind_name(kind));
		mt_text_addf(t->text, "%s%s", separator,
			     mt_escaped(t->text->arena, transport->name));
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
		struct mt_origin at = {.file = l->file ? l->file : "", .line = l->line, .text = ""};
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
	measure(&t, mta->transports);
	return t;
}

static size_t add_mta(struct mt_text *text, const struct mt_output *out, const struct mt_mta *mta)
{
	struct table t = table_of(text, out, mta);
	add_head(&t);
	for (const struct mt_transport *transport = mta->transports; transport;
	     transport = transport->next)
		if (is_shown(&t, transport))
			add_transport(&t, transport);
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
	all.verbose = true; /* the transport that was asked for is shown whatever its kind */
	struct table t = table_of(text, &all, mta);
	add_head(&t);
	if (route->transport) {
		struct mt_transport transport = *route->transport;
		transport.feeds = transport.next_hop = ""; /* of this mail: below */
		add_transport(&t, &transport);
	}
	const char *hop = *route->next_hop ? mt_escaped(text->arena, route->next_hop)
					   : "the MX of the recipient's domain";
	if (route->transport || *route->next_hop)
		mt_text_addf(text, "  to %s%s", hop, *route->note ? "; " : "");
	else
		mt_text_addf(text, "  ");
	mt_text_addf(text, "%s\n", mt_escaped(text->arena, route->note));
	for (const struct mt_origin *b = route->chain; b; b = b->next) {
		mt_text_addf(text, "  by ");
		add_origin(&t, b);
		mt_text_addf(text, "\n");
	}
}
