/* SPDX-License-Identifier: ISC */
/*
 * service.c: do it, then look. What a command says is quoted in messages and decides nothing, since as measured these say 0:
 * systemctl restart and is-active of Debian 12's postfix.service (its ExecStart is true(1), the work is in postfix@-);
 * a restart by sysvinit's scripts of a daemon that ended dead; sv restart of what is down; svc of anything at all;
 * s6-svc -wr of a run script that ends at once. So it is the process that is looked at.
 */
#include "io/service/service.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "io/service/init.h"
#include "io/service/service_part.h"
#include "io/sys/clock.h"
#include "io/sys/run.h"

#define POLL_MS 100
/* Between the two looks: a Postfix master that cannot bind a socket ends after postfix(1) has said 0, and a supervisor
 * shows a crash loop as up, with a pid that changes each second. */
#define SECOND_MS  2000
#define LEAST_MS   1000 /* for a command, even when the time is over */
#define REFUSED_MS 3000 /* to look on after a command has failed */
#define PATIENCE   3 /* times the deadline for the restart of a rollback: mail is down */
#define GONE_MS	   10000 /* for a process to end after it was told */
#define OUTPUT_MAX 65536
#define SAID_MAX   400

/* ---- running ------------------------------------------------------------------------------------ */

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
	/* One line of what a command said, for messages. */
	struct mt_str said = mt_str_trim(result.err.n ? result.err : result.out);
	if (said.n > SAID_MAX)
		said.n = SAID_MAX;
	char *text = mt_strz(s->arena, said);
	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = ' ';
	if (result.timed_out)
		return mt_format(s->arena, "it did not end in time; %s", text);
	return mt_format(s->arena, "exit status %d%s%s", result.status, text[0] ? ": " : "", text);
}

/* A row's argument vector for this unit. */
static const char *run_init_row(struct mt_service *s, const char *const *words)
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
	const struct mt_drive *restart = &s->daemon->restart;
	const char *what =
		restart->by == MT_DRIVE_WAIT && old.pid
			? mt_format(s->arena,
				    "waiting for %s to finish what it does, for up to %u %s",
				    s->daemon->title,
				    restart->seconds < 120 ? restart->seconds
							   : restart->seconds / 60,
				    restart->seconds < 120 ? "seconds" : "minutes")
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

/*
 * A new process, started after the old one, is the evidence; an exit status is none. Measured, all of them 0: systemctl
 * restart of a Postfix whose instance failed, an init script of a daemon whose port was taken, sv of a crash loop, svc of
 * a folder that is not there. A command that says that it failed may lie too (its unit failed, the daemon that was
 * started beside it lives), but not for long.
 */
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
static const char *stop_daemon(struct mt_service *s)
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

/* ---- a daemon that takes its time ---- */

/* To it alone: what it has started and waits for must not be told (a signal to a whole group would cut that off). */
static bool end_alone(struct mt_service *s)
{
	struct mt_process now = mt_daemon_find(s->daemon);
	if (mt_process_same(now, s->before) && !s->ending)
		kill((pid_t)now.pid, SIGTERM);
	s->ending =
		!wait_change(s, s->before, s->ending ? 0 : s->daemon->restart.seconds * 1000, &now);
	s->end = mt_now_ms() + s->timeout_ms;
	return !s->ending;
}

/* A unit that only remembers that it was started is started by a restart; nothing of it runs by then. */
static const char *start_again(struct mt_service *s)
{
	struct mt_process none = {0}, now;
	if (!s->init)
		return run_argv(s, s->daemon->start.argv);
	if (s->after_failure && s->init->forgive[0])
		run_init_row(s, s->init->forgive);
	if (!s->init->up[0])
		return run_init_row(s, s->init->restart);
	const char *said = run_init_row(s, s->init->up);
	if (s->init->supervisor || wait_change(s, none, REFUSED_MS, &now))
		return said;
	return run_init_row(s, s->init->restart);
}

/* To it alone, or by its own command, whoever has started it. */
static const char *drive_itself(struct mt_service *s, const struct mt_drive *drive)
{
	int64_t end = mt_now_ms() + (int64_t)drive->seconds * 1000;
	if (drive->seconds && !s->after_failure)
		s->end = end;
	if (drive->by == MT_DRIVE_OWN)
		return run_argv(s, drive->command.argv);
	s->refused = kill((pid_t)s->before.pid, drive->signal) < 0;
	return s->refused ? mt_format(s->arena, "%s: %s", mt_service_signal(s, drive->signal),
				      strerror(errno))
			  : mt_service_signal(s, drive->signal);
}

static const char *restart(struct mt_service *s)
{
	if (mt_service_drives_itself(s, MT_ACTION_RESTART))
		return drive_itself(s, &s->daemon->restart);
	if (s->daemon->restart.by == MT_DRIVE_WAIT && s->before.pid) {
		if (!end_alone(s))
			return "it is not killed";
		return start_again(s);
	}
	if (s->init && s->init->supervisor && s->before.pid &&
	    !mt_init_reaches(s->init, s->before)) {
		/* What a supervisor sends would reach a shell above the daemon: stop the daemon, the
		 * supervisor sees its service end and starts it again. */
		const char *stopped = stop_daemon(s);
		const char *up = run_init_row(s, s->init->up);
		return mt_format(s->arena, "stop: %s; up: %s", stopped, up);
	}
	if (s->init) {
		if (s->after_failure && s->init->forgive[0])
			run_init_row(s, s->init->forgive);
		return run_init_row(s, s->init->restart);
	}
	const char *stopped = stop_daemon(s);
	const char *started = run_argv(s, s->daemon->start.argv);
	return stopped[0] ? mt_format(s->arena, "stop: %s; start: %s", stopped, started) : started;
}

static const char *reload(struct mt_service *s)
{
	if (mt_service_drives_itself(s, MT_ACTION_RELOAD))
		return drive_itself(s, &s->daemon->reload);
	if (mt_service_reloads_unit(s))
		return run_init_row(s, s->init->reload);
	return s->daemon->reload.command.argv[0] ? run_argv(s, s->daemon->reload.command.argv)
						 : "there is no command to reload it";
}

static int not_started(const struct mt_service *s, const struct mt_process *now, const char *said,
		       struct mt_error *error)
{
	const char *start = mt_service_start_command(s);
	if (s->ending)
		return mt_fail(error, MT_EXIT_FAILED, s->daemon->title,
			       "it was told to end and has not finished its work after %u s. It is "
			       "not killed and ends by itself; then %s%s",
			       s->daemon->restart.seconds, *start ? "start it: " : s->init->name,
			       *start ? start : " starts it again");
	return mt_fail(error, MT_EXIT_FAILED, s->daemon->title,
		       now->pid ? "it was not restarted: the old process is still there (%s)"
				: "it does not run after the restart (%s)",
		       said);
}

/* ---- its own word ------------------------------------------------------------------------------- */

static int prove(const struct mt_service *s, const struct mt_drive *drive, const char *said,
		 struct mt_error *error)
{
	if (!drive->proof || strstr(said, drive->proof))
		return 0;
	struct mt_str text;
	for (int64_t end = mt_now_ms() + REFUSED_MS;;) {
		for (size_t i = 0; s->watch && mt_watch_new(s->arena, s->watch, i, &text); i++)
			if (mt_str_has(text, drive->proof))
				return 0;
		if (mt_now_ms() >= end)
			return mt_fail(error, MT_EXIT_FAILED, s->daemon->title,
				       "its log does not say \"%s\" (%s)", drive->proof, said);
		mt_sleep_ms(POLL_MS);
	}
}

int mt_service_act(struct mt_service *s, enum mt_action action, struct mt_process *now,
		   struct mt_error *error)
{
	const struct mt_drive *drive = mt_service_drive(s, action);
	bool itself = mt_service_drives_itself(s, action);
	s->end = mt_now_ms() + (int64_t)s->timeout_ms * (s->after_failure ? PATIENCE : 1);
	s->refused = false;
	const char *said = action == MT_ACTION_RELOAD ? reload(s) : restart(s);
	if (action == MT_ACTION_RELOAD && !(itself && drive->by == MT_DRIVE_REEXEC)) {
		*now = mt_daemon_find(s->daemon);
		if (!mt_process_same(*now, s->before))
			return mt_fail(error, MT_EXIT_FAILED, s->daemon->title,
				       "it did not survive the reload (%s)", said);
	} else if (s->ending || !wait_started(s, now)) {
		return not_started(s, now, said, error);
	}
	return second_look(s, now, said, error) || prove(s, drive, said, error) ? -1 : 0;
}
