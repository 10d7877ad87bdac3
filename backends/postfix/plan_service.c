/* SPDX-License-Identifier: ISC */
/*
 * plan_service.c: what has to happen to the daemon for an edit to hold, how it is found, driven and
 * watched, and how a private copy is validated. Data for the apply engine.
 *
 * Source: measured (reload does not move listeners; smtp(8) reads main.cf at start); postfix(1),
 * postmulti(1), Debian's postfix@.service.
 */
#include "plan.h"

#include <string.h>

static const char *const log_bad[] = {"fatal:",
				      "panic:",
				      "Cannot assign requested address",
				      "ignoring inet_interfaces change",
				      "ignoring inet_protocols change",
				      NULL};
static const char *const log_files[] = {"/var/log/mail.log", "/var/log/maillog",
					"/var/log/mail/mail.log", NULL};

static const char *const senders[] = {"smtp", "lmtp", NULL};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static const char *value_or(struct pf_planner *planner, const char *name, const char *fallback)
{
	struct mt_str value = pf_get(&planner->instance->scope, name);
	return value.n ? mt_strz(planner->arena, value) : fallback;
}

static struct mt_command_line service_command(struct pf_planner *planner, const char *program,
					      const char *verb)
{
	return (struct mt_command_line){
		.argv = {program, "-c", planner->plan->mta->instance, verb}};
}

static void plan_daemon(struct pf_planner *planner)
{
	struct mt_arena *arena = planner->arena;
	const char *bin = value_or(planner, "command_directory", "/usr/sbin");
	const char *program = mt_format(arena, "%s/postfix", bin);
	const char *const *units = NULL;
	if (strcmp(base_name(planner->plan->mta->instance), "postfix") == 0) {
		mt_list_add(arena, &units, "postfix@-.service");
		mt_list_add(arena, &units, "postfix.service");
		mt_list_add(arena, &units, "postfix");
	} else {
		mt_list_add(arena, &units,
			    mt_format(arena, "postfix@%s.service",
				      base_name(planner->plan->mta->instance)));
	}
	planner->plan->daemon = (struct mt_daemon){
		.title = "postfix",
		.pid_file = mt_format(arena, "%s/pid/master.pid",
				      value_or(planner, "queue_directory", "/var/spool/postfix")),
		.program = "master",
		.units = units,
		.start = service_command(planner, program, "start"),
		.stop = service_command(planner, program, "stop"),
		.reload.command = service_command(planner, program, "reload"),
		.log_bad = log_bad,
		.log_files = log_files,
		.senders = senders,
	};
	/* up to RCPT, no message: sendmail(1) */
	planner->plan->proof_note =
		mt_message(planner->plan->arena, "the report goes by mail to the user who asked");
	planner->plan->prove =
		(struct mt_command_line){.argv = {mt_format(arena, "%s/sendmail", bin), "-C",
						  planner->plan->mta->instance, "-bv", "@ADDR@"}};
}

static void plan_validation(struct pf_planner *planner)
{
	struct mt_arena *arena = planner->arena;
	const char *bin = value_or(planner, "command_directory", "/usr/sbin");
	struct mt_command_line *load = MT_NEW(arena, struct mt_command_line);
	struct mt_command_line *macros = MT_NEW(arena, struct mt_command_line);
	const char *copy = mt_format(arena, "@DIR@%s", planner->plan->mta->instance);
	*load = (struct mt_command_line){
		.argv = {mt_format(arena, "%s/postmap", bin), "-c", copy, "-q", "x", "static:ok"},
		.next = macros};
	*macros = (struct mt_command_line){
		.argv = {mt_format(arena, "%s/postconf", bin), "-c", copy, "-n"}};
	planner->plan->validators = load;
	mt_list_add(arena, &planner->plan->validate_files, planner->instance->main_path);
	mt_list_add(arena, &planner->plan->validate_files, planner->instance->master_path);
}

/* What is done to the daemon, and why. */
static const char *decide_action(struct mt_plan *plan, bool listeners, bool options)
{
	plan->action = MT_ACTION_RESTART;
	if (plan->changes && listeners && !plan->goal->no_service)
		return "listeners move only at stop and start";
	if (plan->goal->restart && !plan->goal->no_service)
		return "as asked";
	plan->action = plan->changes && !plan->goal->no_service ? MT_ACTION_RELOAD : MT_ACTION_NONE;
	if (plan->goal->no_service)
		return "as asked: the daemon is left alone";
	if (!plan->changes)
		return NULL;
	return options ? "master.cf is read at reload"
		       : "idle delivery processes keep the old value until then";
}

void pf_plan_service(struct pf_planner *planner)
{
	for (struct mt_change *change = planner->plan->changes; change; change = change->next)
		mt_list_add(planner->arena, &planner->plan->locks,
			    mt_format(planner->arena, "%s.tmp", change->path));
	plan_daemon(planner);
	plan_validation(planner);
	struct mt_plan *plan = planner->plan;
	plan->action_why = mt_phrase(
		planner->arena,
		decide_action(plan, planner->interfaces || planner->copies, planner->options));
	if (plan->goal->no_service)
		mt_plan_remark(plan, "new delivery processes read main.cf as soon as it is "
				     "written, restarted or not");
}

void pf_serve(struct mt_plan *plan)
{
	struct pf_planner planner = {.plan = plan,
				     .goal = plan->goal,
				     .instance = plan->mta->priv,
				     .arena = plan->arena};
	plan_daemon(&planner);
	plan_validation(&planner);
}
