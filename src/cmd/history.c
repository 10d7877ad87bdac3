/* SPDX-License-Identifier: ISC */
/* history.c: the transactions of this host. */
#include "cmd/transaction.h"
#include "ui/json.h"
#include "ui/text.h"

static int run_history(struct mt_context *context)
{
	struct mt_error error = {0};
	struct mt_history *list = NULL;
	struct mt_apply_options options = mt_transaction_options(context);
	if (mt_enter_root(&context->app, mt_transaction_accept(context), &error) != 0 ||
	    mt_history(&options, &list, &error) != 0)
		return mt_output_error(&context->out, &error);
	if (context->out.json) {
		mt_json_history(list);
		return MT_EXIT_OK;
	}
	if (!list)
		mt_remark(&context->out, "no changes: %s holds no transaction", options.state_dir);
	struct mt_text text = MT_TEXT_INIT(context->arena);
	mt_text_history(&text, list);
	mt_output_put(mt_text_str(&text));
	return MT_EXIT_OK;
}

const struct mt_command mt_command_history = {
	.name = "history",
	.operands = "",
	.usage = "",
	.exits = MT_EXITS_READ,
	.summary = "List the changes made on this host",
	.details = "Oldest first: id, kind, state, who and what; the files; the command.",
	.of_root = true,
	.run = run_history,
};
