/* SPDX-License-Identifier: ISC */
/* confirm.c: keep what fix --confirm made. */
#include "cmd/transaction.h"

static int run_confirm(struct mt_context *context)
{
	return mt_transaction_named(context, mt_confirm);
}

const struct mt_command mt_command_confirm = {
	.name = "confirm",
	.operands = "[ID]",
	.max = 1,
	.usage = "",
	.exits = MT_EXITS_CHANGE,
	.summary = "Keep the change that fix --confirm made",
	.details = "A change made with fix --confirm SECONDS is rolled back unless this comes in "
		   "time; it says\n"
		   "until when, and its id. mtapin undo takes it back before that.",
	.changes = true,
	.run = run_confirm,
};
