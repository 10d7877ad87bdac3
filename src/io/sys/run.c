/* SPDX-License-Identifier: ISC */
/*
 * run.c: one child process, waited for with poll(2) alone. No loop of libuv here, which fix holds its locks across: that one
 * aborts where its own pipes fail it. What fails here is tried again, or is the end of a stream.
 */
#include "io/sys/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io/sys/fs.h"
#include "io/sys/spawn.h"

#define LOOK_MS 50 /* between two looks at what cannot be waited for */

enum { IN, OUT, ERR, STREAMS };

struct running {
	const struct mt_run *run;
	struct mt_run_result *result;
	struct mt_text text[STREAMS];
	int ours[STREAMS], theirs[STREAMS]; /* -1: closed */
	int watch; /* readable at its end; -1: none */
	struct mt_str input; /* still to be written */
	pid_t pid;
	bool exited, killing, done;
	/* what comes next, and when */
	enum { DEADLINE, KILL, LOST, DRAINED } next;
	int64_t at, slow; /* slow: when somebody is told of the wait; 0: nobody (any more) */
};

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void schedule(struct running *r, int next, unsigned ms)
{
	r->next = next;
	r->at = now_ms() + ms;
}

/* ---- its streams -------------------------------------------------------------------------------- */

static bool run_reads(const struct running *r)
{
	return r->ours[OUT] >= 0 || r->ours[ERR] >= 0;
}

static void stop_run(struct running *r)
{
	if (r->killing || r->exited)
		return;
	r->killing = true;
	kill(-r->pid, SIGTERM);
	schedule(r, KILL, MT_RUN_KILL_MS);
}

/* False: nothing more for now. */
static bool read_output(struct running *r, int which)
{
	char buffer[16384];
	struct mt_text *text = &r->text[which];
	ssize_t n = MT_RETRY(read(r->ours[which], buffer, sizeof buffer));
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		mt_fd_close(&r->ours[which]);
		return false;
	}
	size_t room = r->run->max_output - text->n;
	bool fits = (size_t)n <= room;
	mt_text_add(text, (struct mt_str){buffer, fits ? (size_t)n : room});
	r->result->overflow |= !fits;
	if (!fits)
		stop_run(r);
	return fits;
}

/* A child that does not want its input is no error of ours. */
static void write_some(struct running *r)
{
	ssize_t n = MT_RETRY(write(r->ours[IN], r->input.p, r->input.n));
	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0)
		r->input = mt_str_part(r->input, (size_t)n, r->input.n - (size_t)n);
	if (n < 0 || !r->input.n)
		mt_fd_close(&r->ours[IN]);
}

static int open_pipe(struct running *r, int which)
{
	int fds[2];
	bool child_reads = which == IN;
	if (MT_RETRY(pipe2(fds, O_CLOEXEC)) < 0)
		return -errno;
	r->theirs[which] = fds[!child_reads];
	r->ours[which] = fds[child_reads];
	return MT_RETRY(fcntl(r->ours[which], F_SETFL, O_NONBLOCK)) < 0 ? -errno : 0;
}

static int open_streams(struct running *r)
{
	int failed = 0;
	if (r->input.n)
		failed = open_pipe(r, IN);
	else {
		int fd = mt_open(AT_FDCWD, "/dev/null", O_RDONLY);
		failed = r->theirs[IN] = fd < 0 ? -errno : fd;
	}
	if (failed >= 0)
		failed = open_pipe(r, OUT);
	if (failed >= 0 && !r->run->pass_stderr)
		failed = open_pipe(r, ERR);
	return failed < 0 ? failed : 0;
}

/* ---- its life ----------------------------------------------------------------------------------- */

static void on_run_time(struct running *r)
{
	switch (r->next) {
	case DEADLINE:
		r->result->timed_out = true;
		stop_run(r);
		return;
	case KILL:
		kill(-r->pid, SIGKILL);
		schedule(r, LOST, MT_RUN_KILL_MS);
		return;
	case LOST: /* in the middle of a system call that does not end */
		r->result->status = 128 + SIGKILL;
		r->done = true;
		return;
	case DRAINED: /* on a busy machine nobody may have looked yet */
		for (int i = OUT; i <= ERR; i++)
			while (r->ours[i] >= 0 && read_output(r, i))
				;
		r->done = true;
	}
}

static int timeout(const struct running *r)
{
	int64_t left = r->at - now_ms();
	bool looks = r->run->interruptible || (r->watch < 0 && !r->exited);
	if (r->slow && r->slow - now_ms() < left)
		left = r->slow - now_ms();
	if (left < 0)
		left = 0;
	return looks && left > LOOK_MS ? LOOK_MS : (int)left;
}

static void wait_once(struct running *r)
{
	struct pollfd fds[STREAMS + 1];
	for (int i = 0; i < STREAMS; i++)
		fds[i] = (struct pollfd){.fd = r->ours[i], .events = i == IN ? POLLOUT : POLLIN};
	fds[STREAMS] = (struct pollfd){.fd = r->exited ? -1 : r->watch, .events = POLLIN};
	if (poll(fds, STREAMS + 1, timeout(r)) < 0) {
		nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
		return;
	}
	if (fds[IN].revents)
		write_some(r);
	for (int i = OUT; i <= ERR; i++)
		if (fds[i].revents)
			read_output(r, i);
}

static void attend(struct running *r)
{
	schedule(r, DEADLINE, r->run->deadline_ms);
	r->slow = r->run->waiting.say ? now_ms() + MT_SLOW_MS : 0;
	while (!r->done) {
		wait_once(r);
		if (r->slow && now_ms() >= r->slow) {
			r->slow = 0;
			r->run->waiting.say(r->run->waiting.data, r->run->what);
		}
		if (r->run->interruptible && mt_interrupted())
			stop_run(r);
		if (!r->exited && mt_reap(r->pid, &r->result->status)) {
			/* Its output is read to the end, or for a moment where somebody else holds
			 * the pipes. */
			r->exited = true;
			mt_fd_close(&r->ours[IN]);
			if (r->killing)
				kill(-r->pid, SIGKILL);
			r->done = r->killing || !run_reads(r);
			schedule(r, DRAINED, MT_RUN_DRAIN_MS);
		} else if (r->exited && !run_reads(r))
			r->done = true;
		else if (now_ms() >= r->at)
			on_run_time(r);
	}
}

static int run_child(struct running *r)
{
	static const char *const fixed[] = {"PATH=" MT_RUN_PATH, "LC_ALL=C", NULL};
	int failed = open_streams(r);
	if (failed == 0)
		failed = mt_spawn(&(struct mt_spawn){.argv = r->run->argv,
						     .env = fixed,
						     .place = r->run->place,
						     .fd = {r->theirs[IN], r->theirs[OUT],
							    r->run->pass_stderr ? STDERR_FILENO
										: r->theirs[ERR]}},
				  &r->pid);
	for (int i = 0; i < STREAMS; i++)
		mt_fd_close(&r->theirs[i]);
	if (failed == 0) {
		r->watch = mt_spawn_watch(r->pid);
		attend(r);
		mt_fd_close(&r->watch);
	}
	for (int i = 0; i < STREAMS; i++)
		mt_fd_close(&r->ours[i]);
	return failed;
}

int mt_run(struct mt_arena *arena, const struct mt_run *run, struct mt_run_result *result,
	   struct mt_error *error)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	struct mt_text none = MT_TEXT_INIT(arena);
	struct running r = {.run = run,
			    .result = result,
			    .text = {none, none, none},
			    .ours = {-1, -1, -1},
			    .theirs = {-1, -1, -1},
			    .watch = -1,
			    .input = run->input};
	*result = (struct mt_run_result){0};
	sigaction(SIGPIPE, &ignore, &before);
	int failed = run_child(&r);
	sigaction(SIGPIPE, &before, NULL);
	if (failed < 0)
		return mt_fail(error, MT_EXIT_FAILED, run->argv[0], "cannot be started: %s",
			       strerror(-failed));
	result->out = mt_text_str(&r.text[OUT]);
	result->err = mt_text_str(&r.text[ERR]);
	return 0;
}
