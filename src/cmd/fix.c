/* SPDX-License-Identifier: ISC */
/* fix.c: propose or make the edit that lets mail leave from the wanted address. */
#include "cmd/aside.h"
#include "cmd/fixing.h"
#include "cmd/read.h"
#include "cmd/transaction.h"
#include "ui/prompt.h"
#include "ui/text.h"

static void print_report(struct mt_fixing *fix)
{
	if (fix->context->out.json)
		mt_json_report(&fix->report);
}

static int refused(struct mt_fixing *fix)
{
	mt_fixing_refused(fix);
	print_report(fix);
	return MT_EXIT_FAILED;
}

static void remark_confirm(struct mt_fixing *fix)
{
	const struct mt_output *out = &fix->context->out;
	const struct mt_options *o = &fix->context->options;
	mt_remark(out, "once applied it is rolled back after %lu s unless mtapin confirm comes",
		  fix->confirm);
	if (fix->report.hook)
		mt_remark(out, "... and at the next boot, by %s, which is there until then",
			  fix->report.hook->path);
	else if (!mt_list_has(o->accept.word, "HOST-NO-BOOT-HOOK"))
		mt_remark(out, "... but it would be refused: no init here would roll it back at "
			       "the next boot; --accept HOST-NO-BOOT-HOOK does without");
}

static int propose(struct mt_fixing *fix)
{
	bool work = mt_fixing_has_work(fix);
	mt_remark(&fix->context->out,
		  work ? "nothing was changed; --yes applies this" : "nothing to change");
	if (work && fix->confirm)
		remark_confirm(fix);
	if (fix->place.host || fix->wish.goal.observe || fix->wish.goal.prove)
		mt_remark(&fix->context->out,
			  "nothing was sent either: --probe, --prove and --observe "
			  "do something once it is applied");
	print_report(fix);
	return work ? MT_EXIT_CHANGE : MT_EXIT_OK;
}

/* Is it to be applied now? Asked on a terminal, after the diff. */
static bool wanted(struct mt_fixing *fix)
{
	const struct mt_context *context = fix->context;
	const struct mt_options *o = &context->options;
	struct mt_error why = {0};
	if (o->yes)
		return true;
	if (o->dry_run || o->bundle || o->root || o->json || !context->out.terminal)
		return false;
	if (!mt_fixing_has_work(fix))
		return false;
	if (mt_need_root(context, &why) == 0)
		return mt_prompt_yes("Apply?");
	mt_remark(&context->out, "applying it %s --yes", why.message);
	return false;
}

/* In the child of mt_aside(). */
static int look(struct mt_aside *aside, struct mt_error *error)
{
	struct mt_fixing *fix = aside->data;
	bool failed = mt_fixing_read(fix) != 0 || mt_fixing_plan(fix) != 0;
	aside->examined.model = fix->model;
	aside->examined.plan = failed ? NULL : fix->plan;
	*error = fix->error;
	return failed ? -1 : 0;
}

/* A plan to be looked at, of a bundle; else one that can be applied. */
static int propose_of(struct mt_fixing *fix)
{
	struct mt_aside aside = {.context = fix->context, .look = look, .data = fix};
	if (!fix->context->options.bundle)
		return mt_fixing_read(fix) != 0 || mt_fixing_plan(fix) != 0 ? -1 : 0;
	if (mt_aside(&aside, &fix->error) != 0)
		return -1;
	fix->report.model = fix->model = aside.examined.model;
	fix->report.plan = fix->plan = aside.examined.plan;
	return fix->plan ? 0
			 : mt_fail(&fix->error, MT_EXIT_FAILED, fix->context->options.bundle,
				   "the process that examined it answered nonsense");
}

static int run(struct mt_context *context)
{
	struct mt_fixing fix = {.context = context};
	if (mt_fixing_wish(&fix) != 0 ||
	    (context->options.yes && mt_need_root(context, &fix.error) != 0) ||
	    propose_of(&fix) != 0)
		return mt_output_error(&context->out, &fix.error);
	if (fix.report.plan->refused)
		return refused(&fix);
	mt_text_plan(&context->out, fix.report.plan);
	mt_remark_pending(context);
	if (!context->options.yes && !context->out.json)
		mt_output_put(mt_fixing_diff(&fix));
	return wanted(&fix) ? mt_fixing_apply(&fix) : propose(&fix);
}

const struct mt_command mt_command_fix = {
	.name = "fix",
	.operands = "",
	.usage = "--ip ADDRESS",
	.exits = MT_EXITS_CHANGE,
	.summary = "Let mail leave from the wanted address",
	.details = "Prints the smallest edit as a diff; --yes applies it: backup, atomic "
		   "replacement, reload\n"
		   "or restart, check, and the old file back if any of that fails. On a terminal "
		   "it asks.\n"
		   "A host that also sends over the other family needs a word about that: --ip6 "
		   "ADDRESS,\n"
		   "off or keep. Defaults for --ip4, --ip6, --method and --helo: mtapin.conf(5).",
	.of_bundle = true,
	.of_root = true,
	.changes = true,
	.run = run,
};
