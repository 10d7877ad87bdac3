/* SPDX-License-Identifier: ISC */
/* transaction.h: what the commands that touch transactions share. */
#ifndef MT_CMD_TRANSACTION_H
#define MT_CMD_TRANSACTION_H

#include "app/transaction.h"
#include "cmd/command.h"

/* Options of the engine for this run: settings, --accept, --no-service, --dry-run. */
struct mt_apply_options mt_transaction_options(struct mt_context *context);
/* What mt_enter_root() may overlook for this command; who only reads, looks into a folder of others. */
const char *const *mt_transaction_accept(const struct mt_context *context);
/* Run undo or confirm for the transaction of the command line, and print; returns the exit code. */
int mt_transaction_named(struct mt_context *context,
			 int (*call)(const char *id, const struct mt_apply_options *options,
				     struct mt_outcome *outcome, struct mt_error *error));
/* Print what undo, confirm or recover did; returns the exit code. */
int mt_transaction_print(struct mt_context *context, const struct mt_outcome *outcome);

#endif
