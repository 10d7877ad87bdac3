/* SPDX-License-Identifier: ISC */
/* transaction.c: what the commands that touch transactions share. */
#include "cmd/transaction.h"

#include "cmd/read.h"
#include "ui/json.h"
#include "ui/text.h"

struct mt_apply_options mt_apply_options_of(struct mt_context *context)
{
	const struct mt_options *o = &context->options;
	return (struct mt_apply_options){
		.arena = context->arena,
		.state_dir = MT_STATEDIR,
		.keep_backups = context->settings.keep_backups,
		.service_timeout = context->settings.service_timeout,
		.command = context->line,
		.accept = o->accept.count ? o->accept.word : NULL,
		.boot_hook = true,
		.booted = o->booted,
		.no_service = o->no_service,
		.propose = o->dry_run,
		.recollect = o->booted ? NULL : mt_recollect, /* the network is on its way */
		.data = context,
		.backends = context->registry.backends,
	};
}

int mt_transaction_print(struct mt_context *context, const struct mt_outcome *outcome)
{
	struct mt_text text = MT_TEXT_INIT(context->arena);
	if (context->out.json) {
		mt_json_outcome(context->arena, outcome);
		return outcome->exit_code;
	}
	if (outcome->end == MT_END_PROPOSED) {
		mt_text_diff(&text, &context->out, outcome->changes);
		mt_output_put(mt_text_str(&text));
	} else {
		mt_text_outcome(&context->out, outcome);
	}
	return outcome->exit_code;
}

int mt_transaction_named(struct mt_context *context,
			 int (*call)(const char *id, const struct mt_apply_options *options,
				     struct mt_outcome *outcome, struct mt_error *error))
{
	struct mt_error error = {0};
	struct mt_outcome outcome = {0};
	struct mt_apply_options options = mt_apply_options_of(context);
	if (call(context->options.operands.word[0], &options, &outcome, &error) != 0)
		return mt_output_error(&context->out, &error);
	return mt_transaction_print(context, &outcome);
}
