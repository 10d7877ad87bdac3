/* SPDX-License-Identifier: ISC */
/* audit.c: what `show` says, of many hosts. */
#include "cmd/audit.h"

static int exit_code(const struct mt_auditing *a)
{
	const struct mt_tally *t = &a->audit.tally;
	if (a->form == MT_AUDIT_NAGIOS)
		return t->worst[MT_ERROR] || t->differing.n ? 2
		       : t->unexamined_count		    ? 3
							    : t->worst[MT_WARNING] != 0;
	if (t->unexamined[MT_CAUSE_START].n == t->hosts->count) /* nothing could be started */
		return MT_EXIT_FAILED;
	if (t->unexamined_count)
		return MT_EXIT_PARTIAL;
	return t->worst[MT_ERROR] || t->worst[MT_WARNING] || t->differing.n ? MT_EXIT_CHANGE
									    : MT_EXIT_OK;
}

/* Without a backend every host would look as if it had no mail server. */
static int check_backends(struct mt_context *context, struct mt_error *error)
{
	mt_complain_refused(context);
	return context->registry.count
		       ? 0
		       : mt_fail(error, MT_EXIT_FAILED, "audit", "no backend is loaded");
}

static int run_audit(struct mt_context *context)
{
	struct mt_error error = {0};
	struct mt_auditing *a = MT_NEW(context->arena, struct mt_auditing);
	a->context = context;
	a->audit.app = &context->app;
	mt_audit_print(a);
	if (mt_audit_prepare(a, &error) != 0 || check_backends(context, &error) != 0 ||
	    mt_audit_run(&a->audit, &error) != 0)
		return mt_output_error(&context->out, &error);
	mt_audit_print_end(a);
	return exit_code(a);
}

const struct mt_command mt_command_audit = {
	.name = "audit",
	.operands = "",
	.usage = "-w HOSTS",
	.exits = MT_EXITS_AUDIT,
	.summary = "Look at many hosts over ssh, and change none",
	.details =
		"The collector runs on each host over your own ssh: nothing is installed or\n"
		"written there, secrets stay there, no password is asked for, host keys are\n"
		"checked as ever. What it means is worked out here. A line a host as they finish,\n"
		"then what they have in common, worst first. With expectations: whether each host\n"
		"complies, and the diff that mtapin fix would make there.",
	.run = run_audit,
};
