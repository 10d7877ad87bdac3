/* SPDX-License-Identifier: ISC */
/* recover.c: bring a transaction that was cut off, or not confirmed in time, to its old state. */
#include "cmd/transaction.h"
#include "io/txn/confirm.h"

static int run_recover(struct mt_context *context)
{
	struct mt_error error = {0};
	struct mt_outcome outcome = {0};
	struct mt_apply_options options = mt_transaction_options(context);
	const char *id = context->options.wait;
	if (id && !mt_txn_id_valid(id))
		mt_fail(&error, MT_EXIT_USAGE, "--wait",
			"not a transaction id: see mtapin history");
	if (error.code || mt_need_root(&context->app, context->line, &error) != 0)
		return mt_output_error(&context->out, &error);
	if (id)
		return mt_waiter_run(&options, id);
	if (mt_recover(&options, &outcome, &error) != 0)
		return mt_output_error(&context->out, &error);
	if (outcome.end == MT_END_UNCHANGED)
		mt_remark(&context->out, "nothing is pending");
	return mt_transaction_print(context, &outcome);
}

const struct mt_command mt_command_recover = {
	.name = "recover",
	.operands = "",
	.usage = "",
	.exits = MT_EXITS_CHANGE,
	.summary = "Clear up after a fix that was cut off, or not confirmed in time",
	.details =
		"A power cut or kill -9 in the middle of fix or undo leaves a pending "
		"transaction, which\n"
		"blocks the next one. This restores the files of before it, and the service. One "
		"that cannot\n"
		"be read is left as it is: exit code 3 and what to do.",
	.changes = true,
	.run = run_recover,
};
