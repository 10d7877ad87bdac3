/* SPDX-License-Identifier: ISC */
/* collect.c: print this host's bundle, or the script that makes it. */
#include "app/read_host.h"
#include "cmd/command.h"

static int run_collect(struct mt_context *context)
{
	struct mt_error error = {0};
	struct mt_str bytes;
	struct mt_collect collect = mt_collect_of(&context->app, true);
	if (context->options.script && context->options.root) {
		(void)mt_fail(&error, MT_EXIT_USAGE, "--script",
			      "cannot be had together with --root");
		return mt_output_error(&context->out, &error);
	}
	if (context->options.script)
		bytes = mt_collector_script(context->arena, &collect, NULL);
	else if (mt_read_bundle(&context->app, true, &bytes, &error) != 0)
		return mt_output_error(&context->out, &error);
	mt_output_put(bytes);
	return MT_EXIT_OK;
}

const struct mt_command mt_command_collect = {
	.name = "collect",
	.operands = "",
	.usage = "",
	.exits = MT_EXITS_READ,
	.summary = "Print what is read on this host, as a bundle",
	.details = "The bundle is redacted: every secret byte is a *. mtapin show --bundle FILE "
		   "reads it\n"
		   "elsewhere. --script prints the read-only shell script that makes it, for a "
		   "host without\n"
		   "mtapin: ssh HOST sh <script >bundle.",
	.of_root = true,
	.run = run_collect,
};
