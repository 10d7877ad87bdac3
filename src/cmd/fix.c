/* SPDX-License-Identifier: ISC */
/* fix.c: propose or make the edit that lets mail leave from the wanted address. */
#include "app/transaction.h"
#include "cmd/fix_options.h"
#include "cmd/fix_output.h"
#include "ui/prompt.h"
#include "ui/text.h"

static void remark_confirm(const struct mt_context *context, const struct mt_fixing *fix)
{
	const struct mt_output *out = &context->out;
	mt_remark(out, "once applied it is rolled back after %lu s unless mtapin confirm comes",
		  fix->request.confirm);
	if (fix->hook)
		mt_remark(out, "... and at the next boot, by %s, which is there until then",
			  fix->hook->path);
	else if (!mt_list_has(fix->request.goal.accept, "HOST-NO-BOOT-HOOK"))
		mt_remark(out, "... but it would be refused: no init here would roll it back at "
			       "the next boot; --accept HOST-NO-BOOT-HOOK does without");
}

static int propose(const struct mt_context *context, const struct mt_fixing *fix)
{
	bool work = mt_fixing_has_work(fix);
	mt_remark(&context->out,
		  work ? "nothing was changed; --yes applies this" : "nothing to change");
	if (work && fix->request.confirm)
		remark_confirm(context, fix);
	if (fix->request.probe.host || fix->request.goal.observe || fix->request.goal.prove)
		mt_remark(&context->out, "nothing was sent either: --probe, --prove and --observe "
					 "do something once it is applied");
	if (context->out.json)
		mt_fix_json(fix);
	return work ? MT_EXIT_CHANGE : MT_EXIT_OK;
}

/* Is it to be applied now? Asked on a terminal, after the diff. */
static bool wanted(const struct mt_context *context, const struct mt_fixing *fix)
{
	const struct mt_options *o = &context->options;
	struct mt_error why = {0};
	if (o->yes)
		return true;
	if (o->dry_run || o->bundle || o->root || o->json || !context->out.terminal)
		return false;
	if (!mt_fixing_has_work(fix))
		return false;
	if (mt_need_root(&context->app, context->line, &why) == 0)
		return mt_prompt_yes("Apply?");
	mt_remark(&context->out, "applying it %s --yes", why.message);
	return false;
}

static int run_fix(struct mt_context *context)
{
	struct mt_fixing fix = {.app = &context->app};
	if (mt_fix_options(context, &fix.request, &fix.error) != 0 ||
	    (context->options.yes && mt_need_root(fix.app, context->line, &fix.error) != 0) ||
	    mt_fixing_propose(&fix) != 0)
		return mt_host_error(context, fix.model, &fix.error);
	if (fix.plan->refused) {
		mt_fix_refused(context, &fix);
		if (context->out.json)
			mt_fix_json(&fix);
		return MT_EXIT_FAILED;
	}
	mt_text_plan(&context->out, fix.plan);
	mt_tell_pending(fix.app);
	if (!context->options.yes && !context->out.json)
		mt_output_put(mt_fix_diff(context, &fix));
	return wanted(context, &fix) ? mt_fix_apply(context, &fix) : propose(context, &fix);
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
	.run = run_fix,
};
