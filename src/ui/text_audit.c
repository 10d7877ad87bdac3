/* SPDX-License-Identifier: ISC */
/* text_audit.c: the hosts of an audit as text, as they finish and in the end. */
#include <string.h>

#include "ui/audit.h"
#include "ui/escape.h"
#include "ui/text.h"
#include "ui/text_part.h"

#define NAME_WIDTH 20

/* ---- one host ---- */

/* The sources of all transports to the internet, each once. */
static const char *sources(struct mt_text *text, const struct mt_model *model,
			   enum mt_family family)
{
	struct mt_text list = MT_TEXT_INIT(text->arena);
	const char *const *seen = NULL;
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		for (const struct mt_transport *transport = mta->transports; transport;
		     transport = transport->next) {
			char buf[MT_ADDR_TEXT];
			const struct mt_binding *binding = &transport->binding[family];
			const char *word = mt_part_source(binding, buf);
			if (transport->kind != MT_KIND_INTERNET)
				continue;
			if (binding->how == MT_HOW_KERNEL)
				word = mt_format(text->arena, "%s (kernel)", word);
			if (mt_list_has(seen, word))
				continue;
			mt_list_add(text->arena, &seen, mt_strdup(text->arena, word));
			mt_text_addf(&list, "%s%s", list.n ? ", " : "", word);
		}
	return list.n ? mt_text_z(&list) : "-";
}

static const char *mta_names(struct mt_text *text, const struct mt_model *model)
{
	struct mt_text list = MT_TEXT_INIT(text->arena);
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		mt_text_addf(&list, "%s%s%s", list.n ? ", " : "", mta->backend->name,
			     mta->state == MT_STATE_STOPPED ? " (stopped)" : "");
	return list.n ? mt_text_z(&list) : "no mail server";
}

static void add_counts(struct mt_text *text, const struct mt_output *out,
		       const struct mt_model *model)
{
	static const enum mt_ink ink[] = {MT_INK_NOTE, MT_INK_WARNING, MT_INK_ERROR};
	unsigned count[MT_ERROR + 1] = {0};
	for (const struct mt_finding *f = model->findings; f; f = f->next)
		count[f->severity]++;
	for (int s = MT_ERROR; s >= MT_WARNING; s--) {
		if (!count[s])
			continue;
		mt_text_addf(text, "  ");
		mt_part_ink(text, out, ink[s],
			    mt_format(text->arena, "%u %s%s", count[s],
				      mt_severity_name((enum mt_severity)s),
				      count[s] == 1 ? "" : "s"));
	}
}

static void add_line(struct mt_text *text, const struct mt_output *out, const struct mt_audited *a)
{
	const struct mt_model *model = a->report.model;
	mt_part_pad(text, a->name, NAME_WIDTH);
	mt_text_addf(text, "  ");
	mt_escape(text, mt_str_of(mta_names(text, model)));
	for (int f = 0; model->mtas && f < MT_FAMILIES; f++)
		mt_text_addf(text, "  %s %s", mt_family_name((enum mt_family)f),
			     sources(text, model, (enum mt_family)f));
	add_counts(text, out, model);
	if (a->expect) {
		mt_text_addf(text, "  ");
		if (a->complies)
			mt_text_addf(text, "as expected");
		else
			mt_part_ink(text, out, MT_INK_ERROR, "not as expected");
	}
	mt_text_addf(text, "\n");
}

static void add_refusal(struct mt_text *text, const struct mt_output *out,
			const struct mt_audited *a)
{
	const struct mt_plan *plan = a->report.plan;
	const char *why = a->refused;
	if (!why && plan && plan->refused)
		why = mt_said(out,
			      mt_message(out->arena,
					 plan->refused->accept ? "%s: %pM; overruled by --accept %s"
							       : "%s: %pM (%s)",
					 plan->refused->where, plan->refused->message,
					 plan->refused->id));
	if (!why)
		return;
	mt_text_addf(text, "%*s", MT_INDENT, "");
	mt_escape(text, mt_str_of(why));
	mt_text_addf(text, "\n");
}

void mt_text_audited(struct mt_text *text, const struct mt_output *out, const struct mt_audited *a)
{
	bool differs = a->expect && !a->complies;
	if (!out->quiet || differs)
		add_line(text, out, a);
	if (out->verbose && a->report.check)
		mt_text_check(text, out, a->report.check);
	else if (out->verbose)
		mt_text_model(text, out, a->report.model);
	if (!differs)
		return;
	add_refusal(text, out, a);
	if (a->report.plan && !a->report.plan->refused)
		mt_text_diff(text, a->report.plan->changes, false);
}

void mt_text_unexamined(struct mt_text *text, const struct mt_output *out,
			const struct mt_unexamined *u)
{
	const struct mt_cause_row *row = mt_cause_row(u->cause);
	mt_part_pad(text, u->name, NAME_WIDTH);
	mt_text_addf(text, "  ");
	mt_part_ink(text, out, MT_INK_ERROR,
		    mt_format(text->arena, "not examined: %s", row->title));
	mt_text_addf(text, *u->detail ? ": " : "");
	mt_escape(text, mt_str_of(u->detail));
	mt_text_addf(text, "\n");
}

/* ---- all of them ---- */

static void add_names(struct mt_text *text, struct mt_tally *tally, struct mt_indexes *list)
{
	mt_text_addf(text, "%*s", MT_INDENT, "");
	mt_fold(text, tally->hosts, list);
	mt_text_addf(text, "\n");
}

static const char *hosts_word(size_t n)
{
	return n == 1 ? "host" : "hosts";
}

static void add_group(struct mt_text *text, const struct mt_output *out, struct mt_tally *tally,
		      struct mt_group *g)
{
	static const enum mt_ink ink[] = {MT_INK_NOTE, MT_INK_WARNING, MT_INK_ERROR};
	const struct mt_finding_row *row = mt_finding_row(tally->backends, g->id);
	const char *severity = mt_severity_name(g->severity);
	const char *message = g->message_differs && row ? row->title : mt_said(out, g->message);
	mt_part_ink(text, out, ink[g->severity], severity);
	mt_text_addf(text, "%*s%s  ", (int)(MT_INDENT - strlen(severity)), "",
		     mt_escaped(text->arena, g->id));
	mt_part_wrap(
		text, out,
		mt_format(text->arena, "%s (%zu %s)", message, g->hosts.n, hosts_word(g->hosts.n)),
		MT_INDENT + strlen(g->id) + 2);
	add_names(text, tally, &g->hosts);
	const struct mt_recipe *explain = mt_recipe(text->arena, "mtapin", "explain", g->id, NULL);
	mt_part_advice(text, out, g->fix_differs ? explain : g->command, g->deed);
}

static void add_title(struct mt_text *text, const struct mt_output *out, const char *title,
		      size_t hosts)
{
	mt_part_ink(text, out, MT_INK_HEAD,
		    mt_format(text->arena, "%s (%zu %s)", title, hosts, hosts_word(hosts)));
	mt_text_addf(text, "\n");
}

static void add_differing(struct mt_text *text, const struct mt_output *out, struct mt_tally *tally)
{
	if (!tally->differing.n)
		return;
	add_title(text, out, "not as expected", tally->differing.n);
	add_names(text, tally, &tally->differing);
	mt_part_advice(
		text, out, NULL,
		mt_message(text->arena, "what mtapin fix would change there is shown above"));
}

static void add_unexamined(struct mt_text *text, const struct mt_output *out,
			   struct mt_tally *tally)
{
	for (int c = 0; c < MT_CAUSES; c++) {
		const struct mt_cause_row *row = mt_cause_row((enum mt_cause)c);
		struct mt_indexes *list = &tally->unexamined[c];
		if (!list->n)
			continue;
		add_title(text, out, mt_format(text->arena, "not examined: %s", row->title),
			  list->n);
		add_names(text, tally, list);
		mt_part_advice(text, out, NULL, mt_phrase(text->arena, row->fix));
	}
}

static void add_total(struct mt_text *text, const struct mt_tally *t)
{
	mt_text_addf(text, "%zu %s: %zu with errors, %zu with warnings, %zu without either",
		     t->hosts->count, hosts_word(t->hosts->count), t->worst[MT_ERROR],
		     t->worst[MT_WARNING], t->clean + t->worst[MT_NOTE]);
	if (t->expected)
		mt_text_addf(text, "; %zu as expected, %zu not", t->expected - t->differing.n,
			     t->differing.n);
	if (t->unexamined_count)
		mt_text_addf(text, "; %zu not examined", t->unexamined_count);
	mt_text_addf(text, "\n");
}

void mt_text_tally(struct mt_text *text, const struct mt_output *out, struct mt_tally *tally)
{
	bool differing = false;
	mt_text_addf(text, "\n");
	for (struct mt_group *g = tally->groups; g; g = g->next) {
		if (g->severity < MT_ERROR && !differing) {
			add_differing(text, out, tally);
			differing = true;
		}
		if (!out->quiet || g->severity != MT_NOTE)
			add_group(text, out, tally, g);
	}
	if (!differing)
		add_differing(text, out, tally);
	if (tally->serverless.n) {
		add_title(text, out, "no mail server", tally->serverless.n);
		add_names(text, tally, &tally->serverless);
	}
	add_unexamined(text, out, tally);
	if (tally->resolvers)
		mt_text_addf(text, "the DNS was asked from here, not from the hosts: %s\n",
			     tally->resolvers);
	add_total(text, tally);
}

/* Nagios Plugin Development Guidelines: one line, then | and the performance data. */
void mt_text_audit_nagios(struct mt_text *text, struct mt_tally *t)
{
	const char *state = t->worst[MT_ERROR] || t->differing.n ? "CRITICAL"
			    : t->unexamined_count		 ? "UNKNOWN"
			    : t->worst[MT_WARNING]		 ? "WARNING"
								 : "OK";
	mt_text_addf(text, "MTAPIN %s - ", state);
	size_t start = text->n;
	add_total(text, t);
	text->n = text->n > start ? text->n - 1 : start;
	mt_text_addf(text, " | hosts=%zu errors=%zu warnings=%zu differing=%zu unexamined=%zu\n",
		     t->hosts->count, t->worst[MT_ERROR], t->worst[MT_WARNING], t->differing.n,
		     t->unexamined_count);
}
