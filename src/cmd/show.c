/* SPDX-License-Identifier: ISC */
/* show.c: which source each path and family has, and by which rule; or for one mail. */
#include <string.h>

#include "cmd/aside.h"
#include "cmd/read.h"
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

/* One an MTA; NULL without --to. */
static struct mt_route *routes(struct mt_context *context, const struct mt_model *model,
			       const struct mt_mail *mail)
{
	size_t n = 0;
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		n++;
	struct mt_route *list = mt_alloc(context->arena, (n + 1) * sizeof *list);
	n = 0;
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next) {
		struct mt_route *route = &list[n++];
		*route = (struct mt_route){.next_hop = "", .note = "this backend cannot tell"};
		if (!mta->backend->route)
			continue;
		route->note = "";
		mta->backend->route(model, mta, mail, route);
	}
	return mail->to ? list : NULL;
}

/* Keys that tables would have to be asked for: those of an address that another was rewritten to. */
static bool more_to_ask(struct mt_context *context, const struct mt_model *model,
			const struct mt_route *route)
{
	bool more = false;
	for (const struct mt_mta *mta = model->mtas; route && mta; mta = mta->next, route++)
		for (const char *const *key = route->ask; key && *key; key++)
			if (!mt_list_has(context->ask, *key)) {
				mt_list_add(context->arena, &context->ask, *key);
				more = true;
			}
	return more && !context->options.bundle && !context->options.root;
}

/* An alias of an alias of an alias; each costs a collection. */
#define ROUNDS 8

/* What is shown; also in the child of mt_aside(). */
static int look(struct mt_aside *aside, struct mt_error *error)
{
	struct mt_context *context = aside->context;
	struct mt_examined *e = &aside->examined;
	const struct mt_mail *mail = aside->data;
	for (unsigned round = 0; round < ROUNDS; round++) {
		if (mt_read_model(context, &e->model, error) != 0 ||
		    mt_need_mta(context, e->model, error) != 0)
			return -1;
		e->routes = mail->to ? routes(context, e->model, mail) : NULL;
		if (!more_to_ask(context, e->model, e->routes))
			break;
	}
	for (const struct mt_mta *mta = e->model->mtas; mail->to && mta; mta = mta->next)
		e->route_count++;
	e->advised = !mail->to && !context->out.quiet && e->model->snapshot->complete;
	if (e->advised)
		e->remedy = mt_remedy(e->model, NULL, context->settings.method);
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

static int show(struct mt_context *context, struct mt_error *error)
{
	struct mt_mail mail;
	struct mt_aside aside = {.context = context, .look = look, .data = &mail};
	if (parse_mail(&context->options, &mail, error) != 0 ||
	    (context->options.bundle ? mt_aside(&aside, error) : look(&aside, error)) != 0)
		return -1;
	struct mt_report report = {.model = aside.examined.model,
				   .mail = mail.to ? &mail : NULL,
				   .routes = aside.examined.routes,
				   .advises = aside.examined.advised,
				   .remedy = aside.examined.remedy};
	mt_remark_pending(context);
	if (context->out.json)
		mt_json_report(&report);
	else
		print_text(context, &report);
	return report.model->snapshot->complete && !some_unreadable(context, report.model)
		       ? MT_EXIT_OK
		       : MT_EXIT_FAILED;
}

static int run(struct mt_context *context)
{
	struct mt_error error = {0};
	int code = show(context, &error);
	return code < 0 ? mt_output_error(&context->out, &error) : code;
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
	.run = run,
};
