/* SPDX-License-Identifier: ISC */
/* fix_output.c: what `fix` and the wizard print alike. */
#include "cmd/fix_output.h"

#include "cmd/transaction.h"
#include "ui/json.h"
#include "ui/text.h"

void mt_fix_refused(const struct mt_context *context, const struct mt_fixing *fix)
{
	const struct mt_refusal *refusal = fix->plan->refused;
	mt_complain(context->arena, refusal->where, mt_said(&context->out, refusal->message));
	if (!refusal->accept)
		mt_remark(&context->out, "nothing overrules %s", refusal->id);
	else
		mt_remark(&context->out, "%s overrules this",
			  mt_recipe_text(context->arena,
					 mt_recipe(context->arena, "--accept", refusal->id, NULL)));
	for (const struct mt_alternative *a = fix->plan->alternatives; a; a = a->next)
		if (a->title)
			mt_remark_command(&context->out, a->command, "%pM", a->title);
}

struct mt_str mt_fix_diff(const struct mt_context *context, const struct mt_fixing *fix)
{
	struct mt_text text = MT_TEXT_INIT(context->arena);
	mt_text_diff(&text, fix->plan->changes, !context->out.tty);
	if (fix->hook)
		mt_text_diff(&text, fix->hook, !context->out.tty);
	return mt_text_str(&text);
}

void mt_fix_json(const struct mt_fixing *fix)
{
	mt_json_report(&(struct mt_report){.model = fix->model,
					   .plan = fix->plan,
					   .hook = fix->hook,
					   .probes = fix->probes.probe,
					   .probe_count = fix->probes.count,
					   .outcome = fix->outcome,
					   .follow_up = fix->follow_up});
}

int mt_fix_apply(struct mt_context *context, struct mt_fixing *fix)
{
	struct mt_apply_options options = mt_transaction_options(context);
	if (mt_need_root(fix->app, context->line, &fix->error) != 0 ||
	    mt_fixing_apply(fix, &options) != 0)
		return mt_output_error(&context->out, &fix->error);
	if (context->out.json)
		mt_fix_json(fix);
	else
		mt_text_outcome(&context->out, fix->outcome, fix->plan->changes);
	for (const char *const *line = fix->follow_up; line && *line; line++)
		mt_remark(&context->out, "now see to it: %s", *line);
	return fix->outcome->exit_code;
}
