/* SPDX-License-Identifier: ISC */
/* confirm.c: keep what fix --confirm made. */
#include "cmd/transaction.h"

static int run(struct mt_context *context)
{
	struct mt_error error = {0};
	struct mt_outcome outcome = {0};
	struct mt_apply_options options = mt_apply_options_of(context);
	if (mt_confirm(context->options.operands.word[0], &options, &outcome, &error) != 0)
		return mt_output_error(&context->out, &error);
	return mt_transaction_print(context, &outcome);
}

const struct mt_command mt_command_confirm = {
	.name = "confirm",
	.operands = "[ID]",
	.max = 1,
	.usage = "",
	.summary = "Keep the change that fix --confirm made",
	.details = "A change made with fix --confirm SECONDS is rolled back unless this comes in "
		   "time; it says\n"
		   "until when, and its id. mtapin undo takes it back before that.",
	.changes = true,
	.run = run,
};
