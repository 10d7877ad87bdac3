/* SPDX-License-Identifier: ISC */
/*
 * plan_service.c: what has to happen to the daemon: nothing. Each delivery process reads the configuration. How it is found
 * and started again if asked, how a private copy is validated, and update-exim4.conf, as data for the apply engine.
 *
 * Measured: -bV refuses what Exim would refuse, with exit status 1, and writes to no log; -bP of a file that it refuses writes
 * to the paniclog, so -bV comes first; and -bP warns in the log of an environment without keep_environment. A HUP or a restart on a broken configuration ends the daemon: nothing gets there that
 * was not validated. Values are never checked by Exim before a delivery: so -bP has to print what was planned.
 */
#include "plan.h"

#include <string.h>

#include "place.h"

static const char prove[] =
#include "backends/exim/prove.inc"
	;

static const char *const log_bad[] = {
	"Cannot assign requested address",
	"is not a valid IP address for the \"interface\" option",
	"failed to expand \"interface\" option",
	"failed to expand helo_data",
	"Exim configuration error",
	NULL,
};
static const char *const units[] = {"exim4.service", "exim.service", "exim4", "exim", NULL};

static const char *program_of(const struct mt_snapshot *snapshot)
{
	for (const char *const *program = ex_programs; *program; program++)
		if (mt_snapshot_file(snapshot, *program)->type == 'f')
			return *program;
	return ex_is_debian(snapshot) ? "/usr/sbin/exim4" : "/usr/sbin/exim";
}

/* "NAME = VALUE" of what -bP prints; "" where there is none. */
static const char *printed(const struct ex_planner *p, const char *name)
{
	struct mt_str rest = mt_snapshot_probe(p->exim->model->snapshot, "exim.main")->bytes, line;
	const char *start = mt_format(p->arena, "%s = ", name);
	while (mt_str_line(&rest, &line))
		if (mt_str_skip(&line, start))
			return mt_strz(p->arena, line);
	return "";
}

static const char *pid_file(const struct ex_planner *p)
{
	const char *path = printed(p, "pid_file_path"), *spool = printed(p, "spool_directory");
	if (*path == '/')
		return path;
	if (*spool == '/')
		return mt_format(p->arena, "%s/exim-daemon.pid", spool);
	return ex_is_debian(p->snapshot) ? "/run/exim4/exim.pid" : "/run/exim.pid";
}

/* log_file_path has a "%s" for "main". */
static const char *const *logs(const struct ex_planner *p)
{
	static const char *const usual[] = {"/var/log/exim4/mainlog", "/var/log/exim/mainlog",
					    "/var/log/exim/main.log", "/var/log/exim_mainlog"};
	const char *path = printed(p, "log_file_path"), *at = strstr(path, "%s");
	const char *const *list = NULL;
	if (*path == '/' && at)
		mt_list_add(p->arena, &list,
			    mt_format(p->arena, "%.*smain%s", (int)(at - path), path, at + 2));
	for (size_t i = 0; i < MT_ARRAY_LEN(usual); i++)
		if (!mt_list_has(list, usual[i]))
			mt_list_add(p->arena, &list, usual[i]);
	return list;
}

static void plan_daemon(struct ex_planner *p, const char *program)
{
	const char *slash = strrchr(program, '/');
	p->plan->daemon = (struct mt_daemon){
		.title = slash + 1,
		.pid_file = pid_file(p),
		.program = slash + 1,
		.units = units,
		.start = {.argv = {program, "-bd", "-q30m"}},
		.apart = true,
		.log_files = logs(p),
		.log_bad = log_bad,
	};
}

/* ---- validating --------------------------------------------------------------------------------- */

static struct mt_command_line **add_command(struct ex_planner *p)
{
	struct mt_command_line **at = &p->plan->validators;
	while (*at)
		at = &(*at)->next;
	*at = MT_NEW(p->arena, struct mt_command_line);
	return at;
}

static void plan_validation(struct ex_planner *p, const char *program)
{
	const char *copy = mt_format(p->arena, "@DIR@%s", p->config->file);
	**add_command(p) = (struct mt_command_line){.argv = {program, "-C", copy, "-bV"}};
	mt_list_add(p->arena, &p->plan->validate_files, p->config->file);
}

/* A file that is included is read in place, by its own path: what is new in one is not seen. */
static bool is_seen(const struct ex_planner *p)
{
	for (const struct ex_draft *d = p->drafts; d; d = d->next)
		if (!ex_is_generated(p) && strcmp(d->path, p->config->file) != 0)
			return false;
	return true;
}

void ex_check_wishes(struct ex_planner *p)
{
	static const char script[] =
		"env -i \"$1\" -C \"$2\" -bP transport \"$3\" | grep -qxF -- \"$4\" ||\n"
		"{ echo \"of the transport $3 it does not print: $4\"; exit 1; }";
	for (const struct ex_wish *w = is_seen(p) ? p->wishes : NULL; w; w = w->next)
		**add_command(p) = (struct mt_command_line){
			.argv = {"/bin/sh", "-c", script, "sh", program_of(p->snapshot),
				 mt_format(p->arena, "@DIR@%s", p->config->file), w->transport,
				 mt_format(p->arena, "%s = %s", w->name, w->value)}};
}

/* ---- update-exim4.conf --------------------------------------------------------------------------- */

/*
 * Where it stands in for its own folders (`mounted`): with -d and -o it reads exim4.conf.localmacros of the copy only if
 * the real one exists, and names other paths in what it makes.
 */
static void plan_build(struct ex_planner *p)
{
	static const char *const reads[] = {EX_FOLDER, NULL}, *const makes[] = {EX_GENERATED, NULL};
	p->plan->builds = MT_NEW(p->arena, struct mt_build);
	*p->plan->builds = (struct mt_build){
		.title = "update-exim4.conf",
		.reads = reads,
		.makes = makes,
		.trial = {.argv = {EX_MAKER}},
		.mounted = true,
		.live = {.argv = {EX_MAKER}},
		.stale = "EX-STALE",
		.offline =
			"generated at the next start: the init script there runs update-exim4.conf",
	};
}

/* ---- the whole ---------------------------------------------------------------------------------- */

static void plan_proof(struct ex_planner *p, const char *program)
{
	const char *domain = mt_goal_own(p->plan->goal, EX_SENDER);
	p->plan->prove = (struct mt_command_line){
		.argv = {"/bin/sh", "-c", prove, "sh", program, "@ADDR@",
			 domain ? mt_format(p->arena, "postmaster@%s", domain) : ""}};
}

void ex_plan_service(struct ex_planner *p)
{
	const char *program = program_of(p->snapshot);
	const struct mt_goal *goal = p->plan->goal;
	plan_daemon(p, program);
	plan_validation(p, program);
	plan_proof(p, program);
	if (ex_is_generated(p))
		plan_build(p);
	if (goal->no_service) {
		p->plan->action_why = mt_message(p->arena, "as asked: Exim is left alone");
	} else if (goal->restart) {
		p->plan->action = MT_ACTION_RESTART;
		p->plan->restart_not_needed = true;
		p->plan->action_why = mt_message(p->arena, "as asked; nothing needs it");
	} else {
		p->plan->action_why =
			mt_message(p->arena, "each delivery reads the configuration: no "
					     "restart is needed");
	}
}
