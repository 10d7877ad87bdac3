/* SPDX-License-Identifier: ISC */
/* check.c: is this the right address: reverse DNS, HELO, blacklists, and which address to pick. */
#include "app/checking.h"
#include "app/evidence.h"
#include "cmd/command.h"
#include "ui/json.h"
#include "ui/text.h"

static void print(struct mt_context *context, const struct mt_examined *e)
{
	struct mt_text text = MT_TEXT_INIT(context->arena);
	const struct mt_check *check = e->check;
	if (context->out.json) {
		mt_json_report(&(struct mt_report){.model = e->model,
						   .check = check,
						   .advises = e->advised,
						   .remedy = e->remedy});
		return;
	}
	if (context->options.nagios)
		mt_text_nagios(&text, check);
	else
		mt_text_check(&text, &context->out, check);
	mt_text_remedy(&text, &context->out, e->remedy);
	mt_output_put(mt_text_str(&text));
	struct mt_log_evidence evidence;
	if (!context->options.nagios && !context->options.quiet &&
	    mt_log_evidence(&context->app, 7, &evidence) && *evidence.text)
		mt_remark(&context->out, "%s (mtapin log)", evidence.text);
}

static int exit_code(const struct mt_context *context, const struct mt_check *check)
{
	enum mt_severity worst = MT_NOTE;
	mt_model_worst(check->model, &worst);
	if (context->options.nagios)
		return (int)mt_nagios_state(check);
	if (!check->model->snapshot->complete)
		return MT_EXIT_FAILED;
	return worst > MT_NOTE ? MT_EXIT_CHANGE : MT_EXIT_OK;
}

static int check_host(struct mt_context *context, struct mt_host_check *check,
		      struct mt_error *error)
{
	const struct mt_options *o = &context->options;
	check->checking.silent = o->nagios;
	check->save = o->save_bundle;
	check->advises = !o->nagios && !context->out.quiet;
	if (o->nagios && o->json)
		return mt_fail(error, MT_EXIT_USAGE, "--nagios",
			       "cannot be had together with --json");
	if (mt_checking_options(&context->app, o->dnsbl, &check->checking.options, error) != 0 ||
	    mt_host_check_run(&context->app, check, error) != 0)
		return -1;
	print(context, &check->examined);
	return exit_code(context, check->examined.check);
}

/* A monitoring system reads one line of stdout and knows no other codes than 0 to 3. */
static int failed(struct mt_context *context, const struct mt_model *model,
		  const struct mt_error *error)
{
	struct mt_text text = MT_TEXT_INIT(context->arena);
	if (!context->options.nagios)
		return mt_host_error(context, model, error);
	if (model && !model->mtas)
		mt_complain_refused(context);
	mt_text_nagios_error(&text, error);
	mt_output_put(mt_text_str(&text));
	return MT_NAGIOS_UNKNOWN;
}

static int run_check(struct mt_context *context)
{
	struct mt_error error = {0};
	struct mt_host_check check = {0};
	int code = check_host(context, &check, &error);
	return code < 0 ? failed(context, check.examined.model, &error) : code;
}

const struct mt_command mt_command_check = {
	.name = "check",
	.operands = "",
	.usage = "",
	.exits = MT_EXITS_CHECK,
	.summary = "Check whether the address is the right one",
	.details = "For every address that mail leaves from, or could: reverse DNS and back, the "
		   "HELO name,\n"
		   "with --dnsbl blacklists; the MX and SPF records of the host's domains; and "
		   "which address\n"
		   "to pick. What the DNS does not answer is said to be unknown, never wrong. "
		   "Exit code 0\n"
		   "when nothing of warning or worse is found, else 1; with --nagios 0, 1, 2, 3.",
	.of_bundle = true,
	.of_root = true,
	.run = run_check,
};
