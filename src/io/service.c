/* SPDX-License-Identifier: ISC */
/* service.c: do it, then look. */
#include "service.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/init.h"
#include "io/run.h"

#define POLL_MS	   100
#define SECOND_MS  2000 /* between the two looks */
#define LEAST_MS   1000 /* for a command, even when the time is over */
#define REFUSED_MS 3000 /* to look on after a command has failed */
#define PATIENCE   3 /* times the deadline for the restart of a rollback: mail is down */
#define GONE_MS	   10000 /* for a process to end after it was told */
#define OUTPUT_MAX 65536
#define SAID_MAX   400

static int may_act(const struct mt_service *s, struct mt_error *error)
{
	const char *why = s->init->obstacle ? s->init->obstacle(s->arena, s->unit) : NULL;
	return why ? mt_fail(error, MT_EXIT_FAILED, s->daemon->title, "%s", why) : 0;
}

int mt_service_find(struct mt_service *s, enum mt_action action, struct mt_error *error)
{
	s->init = s->host = NULL;
	for (const struct mt_init *init = mt_inits; init->name; init++) {
		if (!init->detect())
			continue;
		s->unit = init->exists(s->arena, s->daemon, s->before);
		if (s->unit) {
			s->init = init;
			return may_act(s, error);
		}
		if (!init->supervisor && !s->host)
			s->host = init;
	}
	s->unit = "";
	const struct mt_command_line *need =
		action == MT_ACTION_RELOAD ? &s->daemon->reload : &s->daemon->start;
	if (need->argv[0] && access(need->argv[0], X_OK) == 0)
		return 0;
	return mt_fail(error, MT_EXIT_FAILED, s->daemon->title,
		       "no init answers for it and it has no command of its own to %s it: %s",
		       mt_action_name(action),
		       s->asked ? "nothing needs that, leave --restart away"
				: "--no-service edits the files alone");
}

/* Through the unit, if it can; a supervisor only when the MTA has no command for it. */
static bool reloads_unit(const struct mt_service *s)
{
	if (!s->init || (s->init->supervisor && s->daemon->reload.argv[0]))
		return false;
	return s->init->reload[0] &&
	       (!s->init->can_reload || s->init->can_reload(s->arena, s->unit));
}

const char *mt_service_title(const struct mt_service *s, enum mt_action action)
{
	if (s->init)
		return mt_format(s->arena, "%s%s, %s",
				 action != MT_ACTION_RELOAD || reloads_unit(s)
					 ? ""
					 : "its own command below ",
				 s->init->name, s->unit);
	return s->host ? mt_format(s->arena, "its own commands (%s has not started it)",
				   s->host->name)
		       : "its own commands";
}

/* ---- running ------------------------------------------------------------------------------------ */

/* One line of what a command said, for messages. */
static const char *quote(struct mt_arena *arena, const struct mt_run_result *result)
{
	struct mt_str said = mt_str_trim(result->err.n ? result->err : result->out);
	if (said.n > SAID_MAX)
		said.n = SAID_MAX;
	char *text = mt_strz(arena, said);
	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = ' ';
	if (result->timed_out)
		return mt_format(arena, "it did not end in time; %s", text);
	return mt_format(arena, "exit status %d%s%s", result->status, text[0] ? ": " : "", text);
}

/* "waiting for systemctl restart postfix to end" */
static const char *waited_for(const struct mt_service *s, const char *const *argv)
{
	const char *slash = strrchr(argv[0], '/');
	struct mt_text t = MT_TEXT_INIT(s->arena);
	mt_text_addf(&t, "waiting for %s", slash ? slash + 1 : argv[0]);
	for (size_t i = 1; argv[i]; i++)
		if (argv[i][0] != '-')
			mt_text_addf(&t, " %s", argv[i]);
	mt_text_addf(&t, " to end");
	return mt_text_z(&t);
}

static const char *run_argv(struct mt_service *s, const char *const *argv)
{
	struct mt_error error = {0};
	struct mt_run_result result;
	int64_t left = s->end - mt_now_ms();
	struct mt_run run = {.argv = argv,
			     .deadline_ms = left > LEAST_MS ? (unsigned)left : LEAST_MS,
			     .waiting = s->waiting,
			     .what = waited_for(s, argv),
			     .max_output = OUTPUT_MAX};
	if (mt_run(s->arena, &run, &result, &error))
		return mt_format(s->arena, "%s", error.message);
	s->refused = result.timed_out || result.status != 0;
	return quote(s->arena, &result);
}

/* A row's argument vector for this unit. */
static const char *run_init(struct mt_service *s, const char *const *words)
{
	const char *argv[9] = {mt_init_program(s->arena, words[0])};
	s->refused = !argv[0];
	if (!argv[0])
		return mt_format(s->arena, "%s is not there", words[0]);
	for (size_t i = 1; i < 8 && words[i]; i++)
		argv[i] = strcmp(words[i], "@UNIT@") == 0 ? s->unit : words[i];
	return run_argv(s, argv);
}

/* ---- observing ---------------------------------------------------------------------------------- */

/* Sleep between two looks; after a while what they are for is said. */
static void look_again(const struct mt_service *s, int64_t *since, const char *what)
{
	if (s->waiting.say && *since && mt_now_ms() - *since >= MT_SLOW_MS) {
		s->waiting.say(s->waiting.data, what);
		*since = 0;
	}
	mt_sleep_ms(POLL_MS);
}

/* Wait until the process is another one than `old`. */
static bool wait_change(const struct mt_service *s, struct mt_process old, unsigned ms,
			struct mt_process *now)
{
	int64_t since = mt_now_ms();
	const char *what =
		s->daemon->patience && old.pid
			? mt_format(s->arena,
				    "waiting for %s to finish what it does, for up to %u minutes",
				    s->daemon->title, s->daemon->patience / 60)
		: old.pid ? mt_format(s->arena, "waiting for %s to end", s->daemon->title)
			  : mt_format(s->arena, "waiting for %s to start", s->daemon->title);
	for (int64_t end = mt_now_ms() + ms;;) {
		*now = mt_daemon_find(s->daemon);
		if (!mt_process_same(*now, old))
			return true;
		if (mt_now_ms() >= end)
			return false;
		look_again(s, &since, what);
	}
}

/* A new process, started after the old one. A command that says that it failed may lie too, but not for
 * long. */
static bool wait_started(const struct mt_service *s, struct mt_process *now)
{
	int64_t end = s->end, since = mt_now_ms(), soon = since + REFUSED_MS;
	const char *what = mt_format(s->arena, "waiting for %s to start", s->daemon->title);
	if (s->refused && soon < end)
		end = soon;
	for (;;) {
		*now = mt_daemon_find(s->daemon);
		if (now->pid && !mt_process_same(*now, s->before) && now->start >= s->before.start)
			return true;
		if (mt_now_ms() >= end)
			return false;
		look_again(s, &since, what);
	}
}

static int second_look(const struct mt_service *s, struct mt_process *now, const char *said,
		       struct mt_error *error)
{
	struct mt_process first = *now;
	mt_sleep_ms(SECOND_MS);
	*now = mt_daemon_find(s->daemon);
	if (mt_process_same(first, *now))
		return 0;
	return mt_fail(error, MT_EXIT_FAILED, s->daemon->title,
		       now->pid
			       ? "it is another process two seconds later: it does not stay up (%s)"
			       : "it was gone two seconds later (%s)",
		       said);
}

/* ---- the MTA's own commands --------------------------------------------------------------------- */

/* Its stop refuses to run while the configuration is broken: then by signal. */
static const char *stop(struct mt_service *s)
{
	struct mt_process now = mt_daemon_find(s->daemon);
	const char *said = "";
	if (!now.pid)
		return said;
	if (s->daemon->stop.argv[0])
		said = run_argv(s, s->daemon->stop.argv);
	if (!mt_process_same(now, mt_daemon_find(s->daemon)))
		return said;
	static const int signals[] = {SIGTERM, SIGKILL};
	for (size_t i = 0; i < MT_ARRAY_LEN(signals); i++) {
		struct mt_process then = now;
		kill((pid_t)now.pid, signals[i]);
		if (wait_change(s, now, GONE_MS, &then))
			break;
	}
	return said;
}

/* What a supervisor sends would reach a shell above the daemon: stop the daemon, the supervisor sees its
 * service end and starts it again. */
static const char *restart_below(struct mt_service *s)
{
	const char *stopped = stop(s);
	const char *up = run_init(s, s->init->up);
	return mt_format(s->arena, "stop: %s; up: %s", stopped, up);
}

/* ---- a daemon that takes its time ---- */

/* To it alone: what it has started and waits for must not be told (a signal to a whole group would cut that off). */
static bool end_alone(struct mt_service *s)
{
	struct mt_process now = mt_daemon_find(s->daemon);
	if (mt_process_same(now, s->before) && !s->ending)
		kill((pid_t)now.pid, SIGTERM);
	s->ending = !wait_change(s, s->before, s->ending ? 0 : s->daemon->patience * 1000, &now);
	s->end = mt_now_ms() + s->timeout_ms;
	return !s->ending;
}

/* A unit that only remembers that it was started is started by a restart; nothing of it runs by then. */
static const char *start_again(struct mt_service *s)
{
	struct mt_process none = {0}, now;
	if (!s->init)
		return run_argv(s, s->daemon->start.argv);
	if (!s->init->up[0])
		return run_init(s, s->init->restart);
	const char *said = run_init(s, s->init->up);
	if (s->init->supervisor || wait_change(s, none, REFUSED_MS, &now))
		return said;
	return run_init(s, s->init->restart);
}

static const char *restart_patiently(struct mt_service *s)
{
	if (!end_alone(s))
		return "it is not killed";
	return start_again(s);
}

static const char *restart(struct mt_service *s)
{
	if (s->daemon->patience && s->before.pid)
		return restart_patiently(s);
	if (s->init && s->init->supervisor && s->before.pid && !mt_init_reaches(s->init, s->before))
		return restart_below(s);
	if (s->init) {
		if (s->after_failure && s->init->forgive[0])
			run_init(s, s->init->forgive);
		return run_init(s, s->init->restart);
	}
	const char *stopped = stop(s);
	const char *started = run_argv(s, s->daemon->start.argv);
	return stopped[0] ? mt_format(s->arena, "stop: %s; start: %s", stopped, started) : started;
}

static const char *reload(struct mt_service *s)
{
	if (reloads_unit(s))
		return run_init(s, s->init->reload);
	return s->daemon->reload.argv[0] ? run_argv(s, s->daemon->reload.argv)
					 : "there is no command to reload it";
}

const char *mt_service_start_command(const struct mt_service *s)
{
	const char *const *argv = !s->init	   ? s->daemon->start.argv
				  : s->init->up[0] ? s->init->up
						   : s->init->restart;
	struct mt_text t = MT_TEXT_INIT(s->arena);
	if (s->init && s->init->supervisor)
		return "";
	for (; *argv; argv++)
		if (strcmp(*argv, "--") != 0 && strcmp(*argv, "--no-pager") != 0)
			mt_text_addf(&t, "%s%s", t.n ? " " : "",
				     strcmp(*argv, "@UNIT@") == 0 ? s->unit : *argv);
	return mt_text_z(&t);
}

static int not_started(const struct mt_service *s, const struct mt_process *now, const char *said,
		       struct mt_error *error)
{
	const char *start = mt_service_start_command(s);
	if (s->ending)
		return mt_fail(error, MT_EXIT_FAILED, s->daemon->title,
			       "it was told to end and has not finished its work after %u s. It is "
			       "not killed and ends by itself; then %s%s",
			       s->daemon->patience, *start ? "start it: " : s->init->name,
			       *start ? start : " starts it again");
	return mt_fail(error, MT_EXIT_FAILED, s->daemon->title,
		       now->pid ? "it was not restarted: the old process is still there (%s)"
				: "it does not run after the restart (%s)",
		       said);
}

int mt_service_act(struct mt_service *s, enum mt_action action, struct mt_process *now,
		   struct mt_error *error)
{
	s->end = mt_now_ms() + (int64_t)s->timeout_ms * (s->after_failure ? PATIENCE : 1);
	s->refused = false;
	if (action == MT_ACTION_RELOAD) {
		const char *said = reload(s);
		*now = mt_daemon_find(s->daemon);
		if (!mt_process_same(*now, s->before))
			return mt_fail(error, MT_EXIT_FAILED, s->daemon->title,
				       "it did not survive the reload (%s)", said);
		return second_look(s, now, said, error);
	}
	const char *said = restart(s);
	if (s->ending || !wait_started(s, now))
		return not_started(s, now, said, error);
	return second_look(s, now, said, error);
}
