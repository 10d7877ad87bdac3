/* SPDX-License-Identifier: ISC */
/* show.c: which source each transport and family has, and by which rule; or for one mail. */
#include <string.h>

#include "app/showing.h"
#include "app/transaction.h"
#include "cmd/command.h"
#include "ui/json.h"
#include "ui/text.h"

static int parse_mail(const struct mt_options *o, struct mt_mail *mail, struct mt_error *error)
{
	*mail = (struct mt_mail){.to = o->to, .from = o->from};
	if (o->from && !o->to)
		return mt_fail(error, MT_EXIT_USAGE, "--from", "needs --to");
	if (o->to && (!strchr(o->to, '@') || o->to[0] == '@' || !strrchr(o->to, '@')[1]))
		return mt_fail(error, MT_EXIT_USAGE, "--to",
			       "\"%s\" is not an address (user@domain)", o->to);
	if (o->from && strcmp(o->from, "<>") == 0)
		mail->from = "";
	else if (o->from && !strchr(o->from, '@'))
		return mt_fail(error, MT_EXIT_USAGE, "--from",
			       "\"%s\" is neither an address (user@domain) nor <>", o->from);
	return 0;
}

static void print_text(struct mt_context *context, const struct mt_report *report)
{
	struct mt_text text = MT_TEXT_INIT(context->arena);
	const struct mt_route *route = report->routes;
	if (!route)
		mt_text_model(&text, &context->out, report->model);
	mt_text_remedy(&text, &context->out, report->remedy);
	for (const struct mt_mta *mta = report->model->mtas; route && mta; mta = mta->next)
		mt_text_route(&text, &context->out, mta, route++);
	if (report->routes)
		mt_text_findings(&text, &context->out, report->model, true);
	mt_output_put(mt_text_str(&text));
}

/* One that could not be read is shown as such, beside the others. */
static bool some_unreadable(const struct mt_context *context, const struct mt_model *model)
{
	bool some = false;
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next) {
		if (!mta->unreadable)
			continue;
		mt_complain(context->arena, mta->instance, mta->unreadable);
		some = true;
	}
	return some;
}

static int run_show(struct mt_context *context)
{
	struct mt_error error = {0};
	struct mt_showing showing = {.advises = !context->out.quiet};
	const struct mt_examined *found = &showing.examined;
	if (parse_mail(&context->options, &showing.mail, &error) != 0 ||
	    mt_showing_run(&context->app, &showing, &error) != 0)
		return mt_host_error(context, found->model, &error);
	struct mt_report report = {.model = found->model,
				   .mail = showing.mail.to ? &showing.mail : NULL,
				   .routes = found->routes,
				   .advises = found->advised,
				   .remedy = found->remedy};
	mt_tell_pending(&context->app);
	if (context->out.json)
		mt_json_report(&report);
	else
		print_text(context, &report);
	return report.model->snapshot->complete && !some_unreadable(context, report.model)
		       ? MT_EXIT_OK
		       : MT_EXIT_FAILED;
}

const struct mt_command mt_command_show = {
	.name = "show",
	.operands = "",
	.usage = "",
	.exits = MT_EXITS_READ,
	.summary = "Show from which address mail leaves, and why",
	.details =
		"For every outgoing path and address family: the source address, and the line of\n"
		"configuration that decides it. With --to: the path that carries this one mail.\n"
		"What the words beside a family mean when there is no address: off, not used for\n"
		"sending; deferred, its mail waits; broken, the service dies. The last line is\n"
		"the one command for this host; check, which asks the DNS, names the addresses.",
	.of_bundle = true,
	.of_root = true,
	.run = run_show,
};
