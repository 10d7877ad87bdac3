/* SPDX-License-Identifier: ISC */
/* undo.c: take a transaction back. */
#include "cmd/transaction.h"

static int run_undo(struct mt_context *context)
{
	return mt_transaction_named(context, mt_undo);
}

const struct mt_command mt_command_undo = {
	.name = "undo",
	.operands = "[ID]",
	.max = 1,
	.usage = "",
	.exits = MT_EXITS_CHANGE,
	.summary = "Take the last change back, or the one named",
	.details =
		"Puts the old lines back and drives the service as after a change. A file that "
		"somebody\n"
		"edited since keeps that edit; if it touches our lines nothing is written (exit "
		"code 3).\n"
		"mtapin history lists the ids. Lines that the mail server itself refuses are given "
		"back with\n"
		"--accept HOST-WAS-BROKEN only.",
	.of_root = true,
	.changes = true,
	.run = run_undo,
};
