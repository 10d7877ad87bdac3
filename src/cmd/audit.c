/* SPDX-License-Identifier: ISC */
/* audit.c: what `show` says, of many hosts. */
#include "cmd/audit.h"

#include "io/fs.h"

static bool nothing_started(const struct mt_audit *audit)
{
	const struct mt_tally *t = &audit->tally;
	return t->unexamined[MT_CAUSE_START].n == t->hosts->count;
}

static int nagios_code(const struct mt_tally *t)
{
	if (t->worst[MT_ERROR] || t->differing.n)
		return 2;
	return t->unexamined_count ? 3 : t->worst[MT_WARNING] != 0;
}

static int exit_code(const struct mt_audit *audit)
{
	const struct mt_tally *t = &audit->tally;
	if (audit->form == MT_AUDIT_NAGIOS)
		return nagios_code(t);
	if (nothing_started(audit))
		return MT_EXIT_FAILED;
	if (t->unexamined_count)
		return MT_EXIT_PARTIAL;
	return t->worst[MT_ERROR] || t->worst[MT_WARNING] || t->differing.n ? MT_EXIT_CHANGE
									    : MT_EXIT_OK;
}

/* Without a backend every host would look as if it had no mail server. */
static int check_backends(struct mt_context *context, struct mt_error *error)
{
	for (const struct mt_refused_module *m = context->registry.refused; m; m = m->next)
		mt_complain(context->arena, m->where, m->why);
	return context->registry.count
		       ? 0
		       : mt_fail(error, MT_EXIT_FAILED, "audit", "no backend is loaded");
}

static int run(struct mt_context *context)
{
	struct mt_error error = {0};
	struct mt_audit *audit = MT_NEW(context->arena, struct mt_audit);
	audit->context = context;
	audit->save_fd = -1;
	if (mt_audit_prepare(audit, &error) != 0 || check_backends(context, &error) != 0 ||
	    mt_audit_run(audit, &error) != 0)
		return mt_output_error(&context->out, &error);
	mt_fd_close(&audit->save_fd);
	return exit_code(audit);
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
	.run = run,
};
