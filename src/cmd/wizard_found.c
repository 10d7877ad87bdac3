/* SPDX-License-Identifier: ISC */
/* wizard_found.c: where mail leaves from and what is wrong with that, in words. */
#include <string.h>

#include "app/choices.h"
#include "app/evidence.h"
#include "cmd/wizard.h"
#include "core/model/host_findings.h"
#include "ui/text.h"
#include "ui/text_part.h"

#define EVIDENCE_DAYS 7

/* "192.0.2.12; main.cf:12 smtp_bind_address = 192.0.2.12" */
static const char *binding_text(const struct mt_wizard *w, const struct mt_mta *mta,
				const struct mt_binding *binding)
{
	char buf[MT_ADDR_TEXT];
	struct mt_text text = MT_TEXT_INIT(w->context->arena);
	const struct mt_origin *b = binding->origin;
	mt_text_addf(&text, "%s", mt_part_source(binding, buf));
	if (b)
		mt_text_addf(&text, "; %s %s", mt_part_place(text.arena, b, mta->instance),
			     b->text);
	if (*binding->note)
		mt_text_addf(&text, "; %s", binding->note);
	return mt_text_z(&text);
}

/* Transports that mail of a family leaves by in the same way. */
struct group {
	const char *way;
	struct mt_text names;
	struct group *next;
};

static struct group *group_by_binding(const struct mt_wizard *w, const struct mt_mta *mta,
				      enum mt_family family)
{
	struct group *first = NULL, **at;
	for (const struct mt_transport *transport = mta->transports; transport;
	     transport = transport->next) {
		if (!mt_is_outgoing(transport))
			continue;
		const char *way = binding_text(w, mta, &transport->binding[family]);
		for (at = &first; *at && strcmp((*at)->way, way) != 0; at = &(*at)->next)
			;
		if (!*at) {
			*at = MT_NEW(w->context->arena, struct group);
			**at = (struct group){.way = way, .names = MT_TEXT_INIT(w->context->arena)};
		}
		mt_text_addf(&(*at)->names, "%s%s", (*at)->names.n ? ", " : "", transport->name);
	}
	return first;
}

/* "IPv4 mail (smtp, relay) leaves from 192.0.2.10; kernel's choice (default route, eth0)." */
static void add_mta(const struct mt_wizard *w, struct mt_text *text, const struct mt_mta *mta)
{
	mt_part_wrap(text, w->dialog.out,
		     mt_format(w->context->arena, "%s %s in %s, %s, says HELO %s.",
			       mta->backend->title, mta->version, mta->instance,
			       mta->state == MT_STATE_UNKNOWN ? "not known whether it runs"
							      : mt_state_name(mta->state),
			       *mta->helo ? mta->helo : "and a name that is not known"),
		     0);
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		for (struct group *g = group_by_binding(w, mta, f); g; g = g->next)
			mt_part_wrap(text, w->dialog.out,
				     mt_format(w->context->arena, "%s mail (%s): %s",
					       mt_family_name(f), mt_text_z(&g->names), g->way),
				     0);
}

/* A note is not shown here, but for the one that the first question is about. */
static void add_unchosen(const struct mt_wizard *w, struct mt_text *text)
{
	for (const struct mt_finding *f = w->fixing.model->findings; f; f = f->next)
		if (f->severity == MT_NOTE && strcmp(f->id, MT_UNCHOSEN) == 0)
			mt_part_wrap(text, w->dialog.out,
				     mt_format(text->arena, "%s: %s", f->id,
					       mt_said(w->dialog.out, f->message)),
				     0);
}

enum mt_reply mt_wizard_show(struct mt_wizard *w)
{
	struct mt_text text = MT_TEXT_INIT(w->context->arena);
	struct mt_log_evidence evidence;
	for (const struct mt_mta *mta = w->fixing.model->mtas; mta; mta = mta->next)
		add_mta(w, &text, mta);
	mt_text_findings(&text, w->dialog.out, w->fixing.model, true);
	add_unchosen(w, &text);
	if (mt_log_evidence(&w->context->app, EVIDENCE_DAYS, &evidence) && *evidence.text)
		mt_part_wrap(&text, w->dialog.out, evidence.text, 0);
	return mt_dialog_show(&w->dialog, mt_text_str(&text));
}

int mt_wizard_look(struct mt_wizard *w)
{
	struct mt_fixing *fix = &w->fixing;
	struct mt_checking *checking = &fix->checking;
	checking->check = mt_check;
	mt_dialog_say(&w->dialog, "... reading this host");
	if (mt_checking_options(&w->context->app, w->context->options.dnsbl, &checking->options,
				&fix->error) != 0 ||
	    mt_fixing_read(fix) != 0)
		return -1;
	mt_dialog_say(&w->dialog, "... asking the DNS about its addresses");
	if (mt_checking_run(&w->context->app, fix->model, checking, &fix->error) != 0)
		return -1;
	w->check = checking->result;
	mt_check_report(checking->result);
	return 0;
}
