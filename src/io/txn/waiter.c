/* SPDX-License-Identifier: ISC */
/* waiter.c: the process that rolls an unconfirmed transaction back at its deadline. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "io/sys/clock.h"
#include "io/sys/fs.h"
#include "io/sys/run.h"
#include "io/txn/confirm.h"
#include "io/txn/waiter_home.h"

#define READY_MS     5000
#define BUDGET	     ((size_t)256 << 20)
#define LOCK_WAIT_MS 60000
#define RETRY_MS     5000
#define RETRIES	     720 /* an hour */
#define TOO_LONG_MS  (26 * 3600 * INT64_C(1000)) /* no change waits longer */
#define CANNOT_LEAVE 255 /* what it reports instead of an errno */
#define RETRIES_LOOK 3 /* after so many the old state is restored without being examined */

enum { LIFE, TIMER, NOTIFY, TERM, ENDS };

struct waiter {
	struct mt_apply_options options;
	const char *folder; /* of the transaction */
	char id[MT_TXN_ID];
	int end[ENDS];
	unsigned failures;
	int64_t start; /* boot time; 0: the engine that started us has been met */
	bool now; /* told to end: it is not waited any more */
};

static void log_of_waiter(const struct waiter *w, int priority, const char *text)
{
	openlog("mtapin", LOG_PID, LOG_MAIL);
	syslog(priority, "transaction=%s fix unconfirmed: %.800s", w->id, text);
	closelog();
}

/* ---- at the deadline ---------------------------------------------------------------------------- */

static int arm(struct waiter *w, int64_t deadline)
{
	struct itimerspec at = {
		.it_value = {.tv_sec = deadline / 1000, .tv_nsec = deadline % 1000 * 1000000 + 1}};
	return timerfd_settime(w->end[TIMER], TFD_TIMER_ABSTIME, &at, NULL);
}

/* Under the lock. *done: there is nothing left to wait for. */
static int expire(struct mt_engine *e, struct waiter *w, bool *done, struct mt_error *error)
{
	struct mt_txn *txn;
	if (mt_journal_find(&e->journal, w->id, &txn, error))
		return -1;
	*done = !txn || !mt_txn_pending(txn);
	if (*done)
		return 0;
	if (mt_confirm_left(txn) && !w->now)
		return arm(w, txn->deadline);
	/* a host that shuts down ends its services itself, and what has ended stays so */
	if (w->now && (!mt_daemon_find(&txn->daemon).pid || mt_outlive_host_ends(e->arena)))
		w->options.no_service = true;
	if (mt_engine_revert(e, txn,
			     w->now ? "what waits for its confirmation was told to end (TERM)"
				    : "it was not confirmed in time",
			     error))
		return -1;
	*done = true;
	return 0;
}

static bool try_end_again(struct waiter *w, const char *why)
{
	if (w->start && mt_boot_ms() - w->start < TOO_LONG_MS)
		return arm(w, mt_boot_ms() + RETRY_MS) == 0; /* it still holds the lock */
	bool more = ++w->failures < RETRIES;
	if (w->failures == 1 || !more)
		log_of_waiter(w, more ? LOG_ERR : LOG_ALERT, why);
	if (w->failures == RETRIES_LOOK)
		w->options.recollect = NULL;
	return more && arm(w, mt_boot_ms() + RETRY_MS) == 0;
}

/* Under the lock what is journalled is final: rolled back if it is time, else waited for again. False: the end. */
static bool settle(struct waiter *w)
{
	struct mt_arena *arena = mt_arena_new(BUDGET);
	struct mt_outcome outcome = {0};
	struct mt_error error = {0};
	bool done = false;
	w->options.arena = arena;
	struct mt_engine e = {
		.options = &w->options, .outcome = &outcome, .lock_wait_ms = LOCK_WAIT_MS};
	bool failed = mt_engine_open(&e, &error) != 0;
	if (!failed) {
		w->start = 0;
		failed = expire(&e, w, &done, &error) != 0;
	}
	mt_engine_close(&e);
	bool more = failed ? try_end_again(w, mt_error_text(arena, &error)) : !done;
	mt_arena_free(arena);
	return more;
}

/* ---- until then --------------------------------------------------------------------------------- */

enum glimpse { WAITS_STILL, IS_OVER, IS_UNSURE };

/*
 * Without the lock: to learn the deadline, or that somebody came before it. A state is final when its
 * file was closed; before that a confirm may still find that it cannot be made durable.
 */
static enum glimpse glimpse(struct waiter *w, bool closed)
{
	struct mt_arena *arena = mt_arena_new(BUDGET);
	struct mt_journal journal;
	struct mt_error error = {0};
	struct mt_txn *txn = NULL;
	enum glimpse seen =
		WAITS_STILL; /* also where the journal cannot be read: the deadline comes */
	if (mt_journal_open(arena, w->options.state_dir, false, &journal, &error) == 0) {
		if (mt_journal_find(&journal, w->id, &txn, &error) == 0) {
			if (txn && mt_txn_pending(txn))
				(void)!arm(w, txn->deadline);
			else
				seen = txn && txn->state == MT_TXN_APPLIED && !closed ? IS_UNSURE
										      : IS_OVER;
		}
		mt_journal_close(&journal);
	}
	mt_arena_free(arena);
	return seen;
}

/* The one that started us has ended, well or not. Where the journal cannot be watched the deadline
 * still comes. */
static void on_alone(struct waiter *w)
{
	mt_fd_close(&w->end[LIFE]);
	if (w->end[NOTIFY] >= 0)
		inotify_add_watch(w->end[NOTIFY], w->folder, IN_ONLYDIR | IN_CLOSE_WRITE);
}

static void drain(int fd)
{
	char events[4096];
	while (read(fd, events, sizeof events) > 0)
		;
}

/* The deadline is not looked at while the one that started us holds the lock. */
static void wait_for_it(struct waiter *w)
{
	for (bool more = true; more;) {
		struct pollfd fd[ENDS];
		for (int i = 0; i < ENDS; i++)
			fd[i] = (struct pollfd){.fd = w->end[i], .events = POLLIN};
		if (w->end[LIFE] >= 0)
			fd[TIMER].fd = -1;
		if (poll(fd, ENDS, -1) < 0) {
			mt_sleep_ms(100);
			continue;
		}
		if (fd[TERM].revents) {
			drain(w->end[TERM]);
			log_of_waiter(w, LOG_NOTICE, "told to end: it is rolled back now");
			w->now = true;
			more = settle(w);
			continue;
		}
		if (fd[LIFE].revents)
			on_alone(w);
		if (fd[NOTIFY].revents)
			drain(w->end[NOTIFY]);
		enum glimpse seen =
			fd[TIMER].revents ? IS_UNSURE : glimpse(w, fd[NOTIFY].revents != 0);
		more = seen == IS_UNSURE ? settle(w) : seen == WAITS_STILL;
	}
}

/* ---- becoming one ------------------------------------------------------------------------------- */

static void waiter_out_of_memory(void)
{
	openlog("mtapin", LOG_PID, LOG_MAIL);
	syslog(LOG_ALERT, "out of memory: run mtapin recover to roll back what is not confirmed");
	_exit(MT_EXIT_FAILED);
}

/* Closed one by one where the kernel cannot do it (before Linux 5.9). */
static void close_from(int first, int last)
{
	if (first > last || close_range((unsigned)first, (unsigned)last, 0) == 0)
		return;
	long top = sysconf(_SC_OPEN_MAX);
	for (int fd = first; fd <= last && fd < (top < 65536 ? top : 65536); fd++)
		close(fd);
}

static int settle_down(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd <= 2; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			return -1;
	close(null);
	clearenv();
	return setenv("PATH", MT_RUN_PATH, 1) || setenv("LC_ALL", "C", 1) || chdir("/");
}

static void ignore_signals(void)
{
	static const int ignored[] = {SIGHUP,  SIGINT,	SIGQUIT, SIGPIPE, SIGALRM, SIGUSR1,
				      SIGUSR2, SIGTSTP, SIGTTIN, SIGTTOU, SIGXFSZ};
	sigset_t term;
	for (size_t i = 0; i < MT_ARRAY_LEN(ignored); i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_SETMASK, &term, NULL);
}

static int open_ends(struct waiter *w)
{
	sigset_t term;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	w->end[TERM] = signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK);
	w->end[NOTIFY] = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	w->end[TIMER] = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	return w->end[TERM] < 0 || w->end[TIMER] < 0 ? -1 : 0;
}

/* To the one that waits for it: 0, or why not. */
static bool report_start(int life, int error)
{
	unsigned char code = (unsigned char)error;
	return send(life, &code, 1, MSG_NOSIGNAL) == 1 && !error;
}

static void __attribute__((noreturn)) become(const struct mt_engine *e, int life)
{
	struct waiter w = {.options = *e->options,
			   .folder = mt_format(e->arena, "%s/txn/%s", e->journal.path, e->txn->id),
			   .end = {life, -1, -1, -1}};
	w.options.state_dir = e->journal.path;
	memcpy(w.id, e->txn->id, sizeof w.id);
	mt_set_oom_handler(waiter_out_of_memory);
	ignore_signals();
	bool free = !e->options->boot_hook || mt_outlive_move(e->arena) ||
		    mt_list_has(e->accept, MT_NO_WAITER);
	int failed = settle_down() || open_ends(&w) || arm(&w, e->txn->deadline);
	if (report_start(life, failed ? errno : free ? 0 : CANNOT_LEAVE))
		wait_for_it(&w);
	_exit(0);
}

/* All but its end of the line is closed here: before the second fork, after which libuv makes itself
 * new descriptors. */
static void __attribute__((noreturn)) detach(const struct mt_engine *e, int life)
{
	setsid();
	close_from(3, life - 1);
	close_from(life + 1, INT_MAX);
	pid_t pid = fork();
	if (pid == 0)
		become(e, life);
	if (pid < 0)
		report_start(life, errno);
	_exit(0);
}

/* ---- the other end ------------------------------------------------------------------------------ */

/* 0: it is ready. */
static int hear_waiter(int life)
{
	struct pollfd fd = {.fd = life, .events = POLLIN};
	unsigned char code;
	int ready;
	do
		ready = poll(&fd, 1, READY_MS);
	while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		return ready < 0 ? errno : ETIMEDOUT;
	return recv(life, &code, 1, 0) == 1 ? code : ECHILD;
}

static int no_waiter(struct mt_error *error)
{
	snprintf(error->id, sizeof error->id, MT_NO_WAITER);
	return -1;
}

int mt_waiter_run(const struct mt_apply_options *options, const char *id)
{
	struct mt_arena *arena = mt_arena_new(BUDGET);
	struct waiter w = {.options = *options,
			   .folder = mt_format(arena, "%s/txn/%s", options->state_dir, id),
			   .end = {-1, -1, -1, -1},
			   .start = mt_boot_ms()};
	snprintf(w.id, sizeof w.id, "%s", id);
	mt_set_oom_handler(waiter_out_of_memory);
	ignore_signals();
	if (open_ends(&w))
		return MT_EXIT_FAILED; /* and it is started again */
	if (settle(&w)) {
		on_alone(&w);
		if (w.start || glimpse(&w, true) == WAITS_STILL)
			wait_for_it(&w);
	}
	mt_arena_free(arena);
	return MT_EXIT_OK;
}

int mt_waiter_start(struct mt_engine *e, struct mt_error *error)
{
	int line[2] = {-1, -1}, status;
	if (!e->txn->confirm_ms)
		return 0;
	if (e->options->boot_hook && mt_outlive_by_systemd()) {
		struct mt_error why = {0};
		if (mt_outlive_start(e, &why) == 0)
			return 0;
		if (!mt_list_has(e->accept, MT_NO_WAITER)) {
			*error = why;
			return no_waiter(error);
		}
	}
	pid_t pid = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) < 0 ? -1 : fork();
	if (pid == 0)
		detach(e, line[1]);
	int failed = pid < 0 ? errno : 0;
	e->waiter = line[0];
	mt_fd_close(&line[1]);
	if (!failed)
		failed = hear_waiter(e->waiter);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (failed == CANNOT_LEAVE) {
		mt_fail(error, MT_EXIT_FAILED, "--confirm",
			"what waits for its confirmation would be killed together with this "
			"command's control group, and cannot leave it");
		return no_waiter(error);
	}
	return failed ? mt_fail(error, MT_EXIT_FAILED, "--confirm",
				"the process that would roll it back cannot be started: %s",
				strerror(failed))
		      : 0;
}

bool mt_waiter_lives(const struct mt_engine *e)
{
	char byte;
	if (e->unit)
		return mt_outlive_is_active(e->arena, e->unit);
	return recv(e->waiter, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}
