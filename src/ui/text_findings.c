/* SPDX-License-Identifier: ISC */
/* text_findings.c: findings, the plan's consequences, outcomes, history. */
#include <string.h>

#include "ui/escape.h"
#include "ui/text.h"
#include "ui/text_part.h"

static void add_finding(struct mt_text *text, const struct mt_output *out,
			const struct mt_finding *finding)
{
	static const enum mt_ink ink[] = {MT_INK_NOTE, MT_INK_WARNING, MT_INK_ERROR};
	const char *severity = mt_severity_name(finding->severity);
	mt_part_ink(text, out, ink[finding->severity], severity);
	mt_text_addf(text, "%*s%s  ", (int)(MT_INDENT - strlen(severity)), "", finding->id);
	mt_part_wrap(text, out, mt_said(out, finding->message),
		     MT_INDENT + strlen(finding->id) + 2);
	for (const struct mt_origin *b = finding->where; b; b = b->next) {
		const char *place = mt_part_place(text->arena, b, "");
		mt_text_addf(text, "%*s%s", MT_INDENT, "", mt_escaped(text->arena, place));
		mt_text_addf(text, "%s%s\n", b->text && *b->text ? "  " : "",
			     mt_escaped(text->arena, b->text ? b->text : ""));
	}
	mt_part_advice(text, out, finding->command, finding->deed);
}

void mt_text_findings(struct mt_text *text, const struct mt_output *out,
		      const struct mt_model *model, bool quiet)
{
	for (const struct mt_finding *f = model->findings; f; f = f->next)
		if (!quiet || f->severity != MT_NOTE)
			add_finding(text, out, f);
}

void mt_text_remedy(struct mt_text *text, const struct mt_output *out,
		    const struct mt_remedy *remedy)
{
	for (; remedy; remedy = remedy->next) {
		mt_part_ink(text, out, MT_INK_HEAD, "remedy");
		mt_text_addf(text, "  ");
		mt_part_command(text, remedy->command);
	}
}

void mt_text_diff(struct mt_text *text, const struct mt_change *changes, bool raw)
{
	for (; changes; changes = changes->next) {
		if (changes->made_by)
			continue; /* nobody edits it, and patch(1) must not */
		struct mt_str diff = mt_diff(text->arena, changes);
		if (raw)
			mt_text_add(text, diff);
		else
			mt_escape_block(text, diff);
	}
}

/* ---- what a plan means ---- */

static void listeners(const struct mt_output *out, const char *what, const struct mt_listener *l)
{
	char buf[MT_ADDR_TEXT];
	for (; l; l = l->next) {
		bool v6 = l->addr.family == MT_V6;
		mt_remark(out, "%pM: %s%s%s:%u (%s)", mt_phrase(out->arena, what), v6 ? "[" : "",
			  mt_addr_text(l->addr, buf), v6 ? "]" : "", l->port, l->service);
	}
}

static void names(const struct mt_output *out, const char *what, const char *const *list)
{
	for (; list && *list; list++)
		mt_remark(out, "%pM: %s", mt_phrase(out->arena, what), *list);
}

static void impact(const struct mt_output *out, const struct mt_impact *i)
{
	listeners(out, "no longer listens on", i->lost);
	listeners(out, "will listen on", i->opened);
	names(out, "loopback path whose source changes", i->loopback_transports.item);
	for (const struct mt_message *clause = i->will_bounce; clause; clause = clause->next)
		mt_remark(out, "will bounce: %pM", clause);
	for (const struct mt_message *clause = i->will_wait; clause; clause = clause->next)
		mt_remark(out, "will wait: %pM", clause);
}

static void alternative(const struct mt_output *out, const struct mt_alternative *a)
{
	if (a->refused)
		mt_remark(out, "not possible by %s: %pM", mt_method_name(a->method), a->refused);
	else
		mt_remark_command(out, a->command,
				  "by %s instead (listeners closed: %u, opened: %u)",
				  mt_method_name(a->method), mt_listener_count(a->impact.lost),
				  mt_listener_count(a->impact.opened));
}

void mt_text_plan(const struct mt_output *out, const struct mt_plan *plan)
{
	for (const struct mt_message *remark = plan->remarks; remark; remark = remark->next)
		mt_remark_message(out, remark);
	names(out, "left alone, it has a pin of its own", plan->kept.item);
	const struct mt_message *why;
	enum mt_action action = mt_plan_action(plan, &why);
	if (!plan->changes && action == MT_ACTION_NONE)
		return;
	const char *word = action == MT_ACTION_NONE ? "nothing to do" : mt_action_name(action);
	mt_remark(out,
		  why ? "method %s; the service: %pM, since %pM" : "method %s; the service: %pM",
		  mt_plan_method(plan), mt_phrase(out->arena, word), why);
	impact(out, &plan->impact);
	for (const struct mt_alternative *a = plan->alternatives; a; a = a->next)
		alternative(out, a);
}

/* ---- what was done ---- */

/* "config,service"; "none" */
static const char *levels_of(struct mt_arena *arena, const struct mt_outcome *outcome,
			     const char *separator)
{
	const char *level[] = {outcome->config ? "config" : NULL,
			       outcome->service ? "service" : NULL,
			       outcome->observed ? "observed" : NULL};
	struct mt_text text = MT_TEXT_INIT(arena);
	for (size_t i = 0; i < MT_ARRAY_LEN(level); i++)
		if (level[i])
			mt_text_addf(&text, "%s%s", text.n ? separator : "", level[i]);
	return text.n ? mt_text_z(&text) : "none";
}

static void levels(const struct mt_output *out, const struct mt_outcome *outcome)
{
	const char *reached = levels_of(out->arena, outcome, ", ");
	if (strcmp(reached, "none") != 0)
		mt_remark(out, "verified: %s", reached);
	if (outcome->id[0] && outcome->end == MT_END_APPLIED)
		mt_remark(out, "transaction %s; mtapin undo takes it back", outcome->id);
	if (outcome->id[0] && outcome->end == MT_END_UNDONE)
		mt_remark(out, "transaction %s takes %s back%s%s", outcome->id, outcome->undoes,
			  *outcome->summary ? ": " : "", outcome->summary);
	if (outcome->end == MT_END_CONFIRMED)
		mt_remark(out, "transaction %s is confirmed; mtapin undo takes it back",
			  outcome->id);
}

/* Also when quiet: what exit code 0 means hangs on it. */
static void unconfirmed(const struct mt_output *out, const struct mt_outcome *outcome)
{
	if (outcome->end != MT_END_UNCONFIRMED)
		return;
	mt_complain(out->arena, "",
		    mt_format(out->arena,
			      "transaction %s is not confirmed: at %s it is rolled back; mtapin "
			      "undo does that now",
			      outcome->id, outcome->until));
	mt_complain(out->arena, "",
		    mt_format(out->arena, "to keep it: %s",
			      mt_recipe_text(out->arena, mt_recipe(out->arena, "mtapin", "confirm",
								   outcome->id, NULL))));
}

/* "changed /etc/postfix/main.cf smtp_bind_address=192.0.2.10 verified=config,service" */
static void file_line(struct mt_text *text, const struct mt_outcome *outcome,
		      const struct mt_file_result *file, const struct mt_change *changes)
{
	mt_text_addf(text, "%s %s", mt_file_outcome_name(file->outcome),
		     mt_escaped(text->arena, file->path));
	while (changes && strcmp(changes->path, file->path) != 0)
		changes = changes->next;
	const char *const *setting = changes ? changes->settings : NULL;
	for (; setting && *setting && file->outcome == MT_FILE_CHANGED; setting++)
		mt_text_addf(text, " %s", mt_escaped(text->arena, *setting));
	mt_text_addf(text, " verified=%s\n", levels_of(text->arena, outcome, ","));
}

void mt_text_outcome(const struct mt_output *out, const struct mt_outcome *outcome,
		     const struct mt_change *changes)
{
	struct mt_text text = MT_TEXT_INIT(out->arena);
	for (const struct mt_file_result *f = outcome->files; f; f = f->next)
		file_line(&text, outcome, f, changes);
	mt_output_put(mt_text_str(&text));
	if (*outcome->why)
		mt_complain(out->arena, mt_end_name(outcome->end), outcome->why);
	if (*outcome->action)
		mt_remark(out, "%s", outcome->action);
	levels(out, outcome);
	for (const struct mt_message *remark = outcome->remarks; remark; remark = remark->next)
		mt_remark_message(out, remark);
	unconfirmed(out, outcome);
}

void mt_text_history(struct mt_text *text, const struct mt_history *list)
{
	for (; list; list = list->next) {
		mt_text_addf(text, "%s  %-4s  %-11s  ", mt_escaped(text->arena, list->id),
			     mt_escaped(text->arena, list->kind),
			     mt_escaped(text->arena, list->state));
		mt_text_addf(text, "%s  %s\n", mt_escaped(text->arena, list->who),
			     mt_escaped(text->arena, list->summary));
		if (*list->until)
			mt_text_addf(text, "%*suntil %s\n", MT_INDENT, "", list->until);
		for (const char *const *path = list->paths; path && *path; path++)
			mt_text_addf(text, "%*s%s\n", MT_INDENT, "",
				     mt_escaped(text->arena, *path));
		if (*list->command)
			mt_text_addf(text, "%*s%s\n", MT_INDENT, "",
				     mt_escaped(text->arena, list->command));
	}
}
