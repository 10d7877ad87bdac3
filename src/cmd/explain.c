/* SPDX-License-Identifier: ISC */
/* explain.c: what an id means, and what to do about it. */
#include "cmd/command.h"
#include "ui/json.h"

static int run_explain(struct mt_context *context)
{
	const char *id = context->options.operands.word[0];
	const struct mt_finding_row *row = mt_finding_row(context->registry.backends, id);
	if (!row) {
		struct mt_error error = {0};
		mt_fail(&error, MT_EXIT_USAGE, id, "no finding has this id");
		return mt_output_error(&context->out, &error);
	}
	if (context->out.json) {
		mt_json_explain(row);
		return MT_EXIT_OK;
	}
	struct mt_text text = MT_TEXT_INIT(context->arena);
	mt_text_addf(&text, "%s (%s): %s\n\n%s\n", row->id, mt_severity_name(row->severity),
		     row->title, row->explanation);
	mt_output_put(mt_text_str(&text));
	return MT_EXIT_OK;
}

const struct mt_command mt_command_explain = {
	.name = "explain",
	.operands = "ID",
	.min = 1,
	.max = 1,
	.usage = "",
	.exits = MT_EXITS_READ,
	.summary = "Explain the id of a finding",
	.details = "Prints the page of an id such as HOST-OWNER: what was found, what it leads to, "
		   "and what\n"
		   "to do about it.",
	.of_bundle = true, /* it is about no host */
	.of_root = true,
	.run = run_explain,
};
