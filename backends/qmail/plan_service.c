/* SPDX-License-Identifier: ISC */
/*
 * plan_service.c: what has to happen to qmail-send: nothing. qmail-remote reads its files at every delivery. After a
 * bad pin was repaired an ALRM makes qmail-send try at once what waits. How it is found, restarted if asked, and
 * watched, as data for the apply engine.
 *
 * Source: measured: no build needs a restart; qmail-send(8).
 */
#include "qmail.h"

#define WATCH	    60
#define END_SECONDS 1260 /* timeoutremote, unless a control file says otherwise, and a minute */

static const char *const log_bad[] = {"invalid_ipaddr",
				      "Unable_to_read_control_file",
				      "invalid_IPv4_address_in_control",
				      "invalid_IPv6_address_in_control",
				      "4.3.0_Configuration_error",
				      "qmail-remote_crashed",
				      NULL};
static const char *const log_files[] = {"/var/log/qmail/current",
					"/var/log/qmail/send/current",
					"/var/log/qmail/qmail-send/current",
					"/var/log/mail.log",
					"/var/log/maillog",
					"/var/log/mail/mail.log",
					NULL};
static const char *const units[] = {"qmail-send.service", "qmail.service", "qmail-send", "qmail",
				    NULL};

static const char *const senders[] = {"qmail-rspawn", "qmail-remote", NULL};

/* A program that starts and stops it, for where no init answers; NULL: none is there. */
static const char *command_of(const struct qmail *q)
{
	static const char *const usual[] = {"/usr/bin/qmailctl", "/usr/sbin/qmailctl",
					    "/usr/local/bin/qmailctl", "/etc/init.d/qmail"};
	const struct mt_snapshot *snapshot = q->model->snapshot;
	const char *path = mt_format(q->arena, "%s/bin/qmailctl", q->place.home);
	if (mt_snapshot_file(snapshot, path)->type == 'f')
		return path;
	for (size_t i = 0; i < MT_ARRAY_LEN(usual); i++)
		if (mt_snapshot_file(snapshot, usual[i])->type == 'f')
			return usual[i];
	return NULL;
}

static void plan_daemon(struct mt_plan *plan, const struct qmail *q)
{
	struct mt_arena *arena = plan->arena;
	const char *const *logs = NULL;
	for (const char *const *log = q->place.logs; log && *log; log++)
		mt_list_add(arena, &logs, *log);
	for (const char *const *log = log_files; *log; log++)
		mt_list_add(arena, &logs, *log);
	plan->daemon = (struct mt_daemon){.title = "qmail-send",
					  .pid_file = "",
					  .program = "qmail-send",
					  .watch = WATCH,
					  .restart = {.by = MT_DRIVE_WAIT, .seconds = END_SECONDS},
					  .burst = 3,
					  .log_burst = "(#4.4.1)",
					  .log_good = "_accepted_message",
					  .log_begun = "starting delivery ",
					  .folder = mt_format(arena, "%s/queue", q->place.home),
					  .units = units,
					  .log_bad = log_bad,
					  .log_files = logs,
					  .senders = senders};
	plan->no_proof =
		"qmail has no way to connect without delivering a message; --observe SECONDS "
		"waits for the next one";
	const char *control = command_of(q);
	if (!control)
		return;
	plan->daemon.start = (struct mt_command_line){.argv = {control, "start"}};
	plan->daemon.stop = (struct mt_command_line){.argv = {control, "stop"}};
}

/* Mail waits today because of a file that this plan writes. */
static bool repairs(const struct mt_plan *plan)
{
	for (int f = 0; f < MT_FAMILIES; f++) {
		const struct mt_binding *binding = &plan->mta->transports->binding[f];
		if (binding->how != MT_HOW_DEFERRED || !binding->origin)
			continue;
		for (const struct mt_change *c = plan->changes; c; c = c->next)
			if (mt_str_is(mt_str_of(c->path), binding->origin->file))
				return true;
	}
	return false;
}

static void plan_running(struct mt_plan *plan)
{
	unsigned watch = plan->goal->observes ? plan->goal->observe : WATCH;
	if (plan->action == MT_ACTION_RESTART)
		mt_plan_remark(plan,
			       "qmail-send is told to end and finishes its deliveries first; it is "
			       "never killed: this may take up to %u minutes",
			       END_SECONDS / 60);
	if (!plan->changes)
		return;
	plan->daemon.retry_back = true;
	if (watch)
		mt_plan_remark(
			plan,
			"the log is watched for %u s: where it says that this stops mail, "
			"the old files come back and qmail-send gets an ALRM, to try at once "
			"what waits",
			watch);
	if (!repairs(plan))
		return;
	plan->daemon.retry = true;
	mt_plan_remark(plan, "qmail-send gets an ALRM afterwards: it tries at once what "
			     "waits because of the old file");
}

void qm_plan_service(struct mt_plan *plan, const struct qmail *q)
{
	plan_daemon(plan, q);
	if (plan->goal->no_service) {
		plan->action_why = mt_message(plan->arena, "as asked: qmail-send is left alone");
		return;
	}
	if (plan->goal->restart) {
		plan->action = MT_ACTION_RESTART;
		plan->restart_not_needed = true;
		plan->action_why = mt_message(plan->arena, "as asked; nothing needs it");
	} else if (plan->changes) {
		plan->action_why = mt_message(
			plan->arena,
			"qmail-remote reads its files at every delivery: no restart is needed");
	}
	if (plan->mta->state == MT_STATE_RUNNING)
		plan_running(plan);
}

void qm_serve(struct mt_plan *plan)
{
	plan_daemon(plan, plan->mta->priv);
}
