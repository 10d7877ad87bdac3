/* SPDX-License-Identifier: ISC */
/* transaction.h: what the commands that touch transactions share. */
#ifndef MT_CMD_TRANSACTION_H
#define MT_CMD_TRANSACTION_H

#include "cmd/command.h"
#include "io/apply.h"

/* Options of the engine for this run: settings, --accept, --no-service, --dry-run. */
struct mt_apply_options mt_apply_options_of(struct mt_context *context);
/* Who may not write the state folder can apply nothing. Error: says so, with the command that could. */
int mt_need_root(const struct mt_context *context, struct mt_error *error) MT_MUST_CHECK;
/* --root: from here on its files are all there is (mt_root_enter()). */
int mt_enter_root(const struct mt_context *context, struct mt_error *error) MT_MUST_CHECK;
/* Run undo or confirm for the transaction of the command line, and print; returns the exit code. */
int mt_transaction_named(struct mt_context *context,
			 int (*call)(const char *id, const struct mt_apply_options *options,
				     struct mt_outcome *outcome, struct mt_error *error));
/* Print what undo, confirm or recover did; returns the exit code. */
int mt_transaction_print(struct mt_context *context, const struct mt_outcome *outcome);

#endif
