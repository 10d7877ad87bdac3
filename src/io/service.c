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
#define GONE_MS	   10000 /* for a process to end after it was told */
#define OUTPUT_MAX 65536
#define SAID_MAX   400

int mt_service_find(struct mt_service *s, enum mt_action action, struct mt_error *error)
{
	s->init = NULL;
	s->unit = "";
	for (const struct mt_init *init = mt_inits; init->name; init++) {
		const char *unit =
			init->detect() ? init->exists(s->arena, s->daemon, s->before) : NULL;
		if (!unit)
			continue;
		s->init = init;
		s->unit = unit;
		return 0;
	}
	const struct mt_command_line *need =
		action == MT_ACTION_RELOAD ? &s->daemon->reload : &s->daemon->start;
	if (need->argv[0])
		return 0;
	return mt_fail(error, MT_EXIT_FAILED, s->daemon->title,
		       "no init answers for it and it has no command of its own to %s it",
		       mt_action_name(action));
}

const char *mt_service_title(const struct mt_service *s)
{
	return s->init ? mt_format(s->arena, "%s, %s", s->init->name, s->unit) : "its own commands";
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

static const char *run_argv(const struct mt_service *s, const char *const *argv)
{
	struct mt_error error = {0};
	struct mt_run_result result;
	struct mt_run run = {.argv = argv, .deadline_ms = s->timeout_ms, .max_output = OUTPUT_MAX};
	if (mt_run(s->arena, &run, &result, &error))
		return mt_format(s->arena, "%s", error.message);
	return quote(s->arena, &result);
}

/* A row's argument vector for this unit. */
static const char *run_init(const struct mt_service *s, const char *const *words)
{
	const char *argv[9] = {mt_init_program(s->arena, words[0])};
	if (!argv[0])
		return mt_format(s->arena, "%s is not there", words[0]);
	for (size_t i = 1; i < 8 && words[i]; i++)
		argv[i] = strcmp(words[i], "@UNIT@") == 0 ? s->unit : words[i];
	return run_argv(s, argv);
}

/* ---- observing ---------------------------------------------------------------------------------- */

/* Wait until the process is another one than `old`, or gone when `gone`. */
static bool wait_change(const struct mt_service *s, struct mt_process old, unsigned ms,
			struct mt_process *now)
{
	for (int64_t end = mt_now_ms() + ms;;) {
		*now = mt_daemon_find(s->daemon);
		if (!mt_process_same(*now, old))
			return true;
		if (mt_now_ms() >= end)
			return false;
		mt_sleep_ms(POLL_MS);
	}
}

/* A new process, started after the old one. */
static bool wait_started(const struct mt_service *s, struct mt_process *now)
{
	for (int64_t end = mt_now_ms() + s->timeout_ms;;) {
		*now = mt_daemon_find(s->daemon);
		if (now->pid && !mt_process_same(*now, s->before) && now->start >= s->before.start)
			return true;
		if (mt_now_ms() >= end)
			return false;
		mt_sleep_ms(POLL_MS);
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
static const char *stop(const struct mt_service *s)
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

static const char *restart(const struct mt_service *s)
{
	if (s->init) {
		if (s->after_failure && s->init->forgive[0])
			run_init(s, s->init->forgive);
		return run_init(s, s->init->restart);
	}
	const char *stopped = stop(s);
	const char *started = run_argv(s, s->daemon->start.argv);
	return stopped[0] ? mt_format(s->arena, "stop: %s; start: %s", stopped, started) : started;
}

static const char *reload(const struct mt_service *s)
{
	bool unit = s->init && s->init->reload[0] &&
		    (!s->init->can_reload || s->init->can_reload(s->arena, s->unit));
	if (unit)
		return run_init(s, s->init->reload);
	return s->daemon->reload.argv[0] ? run_argv(s, s->daemon->reload.argv)
					 : "there is no command to reload it";
}

int mt_service_act(struct mt_service *s, enum mt_action action, struct mt_process *now,
		   struct mt_error *error)
{
	if (action == MT_ACTION_RELOAD) {
		const char *said = reload(s);
		*now = mt_daemon_find(s->daemon);
		if (!mt_process_same(*now, s->before))
			return mt_fail(error, MT_EXIT_FAILED, s->daemon->title,
				       "it did not survive the reload (%s)", said);
		return second_look(s, now, said, error);
	}
	const char *said = restart(s);
	if (!wait_started(s, now))
		return mt_fail(error, MT_EXIT_FAILED, s->daemon->title,
			       now->pid
				       ? "it was not restarted: the old process is still there (%s)"
				       : "it does not run after the restart (%s)",
			       said);
	return second_look(s, now, said, error);
}
