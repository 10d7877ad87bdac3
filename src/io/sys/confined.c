/* SPDX-License-Identifier: ISC */
/*
 * confined.c: children that have nothing, and what is spoken with them: either way a header of two numbers, what it is and
 * how many bytes follow.
 */
#include "io/sys/confined.h"

#include <config.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/sys/clock.h"
#include "io/sys/clock.h"
#include "io/sys/fs.h"

enum frame { RESULT, QUESTION, SAID, KINDS };
struct header {
	uint32_t kind, size;
};

#define NO_MEMORY 99
#define KEPT	  ((size_t)256 << 10)

/* ---- pages ---- */

void mt_pages_reserve(struct mt_pages *pages, size_t more)
{
	size_t need = pages->n + more, cap = pages->cap ? pages->cap : 65536;
	if (need <= pages->cap && pages->p)
		return;
	while (cap < need)
		cap *= 2;
	void *p = pages->p ? mremap(pages->p, pages->cap, cap, MREMAP_MAYMOVE)
			   : mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				  -1, 0);
	if (p == MAP_FAILED)
		mt_out_of_memory();
	pages->p = p;
	pages->cap = cap;
}

void mt_pages_add(struct mt_pages *pages, struct mt_str bytes)
{
	mt_pages_reserve(pages, bytes.n);
	if (bytes.n)
		memcpy(pages->p + pages->n, bytes.p, bytes.n);
	pages->n += bytes.n;
}

void mt_pages_clear(struct mt_pages *pages)
{
	if (pages->cap > KEPT)
		mt_pages_free(pages);
	else if (pages->n)
		memset(pages->p, 0, pages->n);
	pages->n = 0;
}

void mt_pages_free(struct mt_pages *pages)
{
	if (pages->p)
		munmap(pages->p, pages->cap);
	*pages = (struct mt_pages){0};
}

/* ---- in the child ---- */

static void hear_child(void *to, size_t n)
{
	for (char *p = to; n;) {
		ssize_t got = read(STDIN_FILENO, p, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			_exit(0);
		p += got;
		n -= (size_t)got;
	}
}

struct mt_str mt_confined_hear(struct mt_arena *arena)
{
	struct header h;
	hear_child(&h, sizeof h);
	char *bytes = mt_alloc(arena, (size_t)h.size + 1);
	hear_child(bytes, h.size);
	return (struct mt_str){bytes, h.size};
}

static void utter(enum frame kind, struct mt_str bytes)
{
	struct header h = {kind, (uint32_t)bytes.n};
	if (mt_write_all(STDOUT_FILENO, (struct mt_str){(const char *)&h, sizeof h}) != 0 ||
	    mt_write_all(STDOUT_FILENO, bytes) != 0)
		_exit(0);
}

/* In one write: the other end is woken once. Room for the header is in front. */
static void utter_result(struct mt_text *result)
{
	struct header h = {RESULT, (uint32_t)(result->n - sizeof h)};
	memcpy(result->p, &h, sizeof h);
	if (mt_write_all(STDOUT_FILENO, mt_text_str(result)) != 0)
		_exit(0);
}

void mt_confined_say(struct mt_str bytes)
{
	utter(SAID, bytes);
}

void mt_confined_yield(struct mt_str bytes)
{
	utter(RESULT, bytes);
}

struct mt_str mt_confined_ask(struct mt_arena *arena, struct mt_str question)
{
	utter(QUESTION, question);
	return mt_confined_hear(arena);
}

static void child_out_of_memory(void)
{
	_exit(NO_MEMORY);
}

static void reset_signals(void)
{
	/* a handler of its caller's for faults would only say that it may not say anything */
	static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
	sigset_t none;
	sigemptyset(&none);
	for (size_t i = 0; i < MT_ARRAY_LEN(faults); i++)
		signal(faults[i], SIG_DFL);
	signal(SIGINT, SIG_IGN); /* the terminal's, to all of the group: the parent decides */
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* `in` and `out` are above 1: the standard descriptors are open (main.c). */
__attribute__((noreturn)) static void live(struct mt_confined *c, int in, int out)
{
	struct mt_means *own = NULL;
	mt_set_oom_handler(child_out_of_memory);
	reset_signals();
	struct mt_arena *arena = mt_arena_new(c->budget);
	if (c->before)
		c->before(c, arena);
	if (!c->means)
		c->means = own = mt_means_new(c->inputs != NULL);
	/* out of the way first */
	in = in < 0 ? in : fcntl(in, F_DUPFD, 3 + (int)c->input_count);
	out = fcntl(out, F_DUPFD, 3 + (int)c->input_count);
	for (unsigned i = 0; i < c->input_count; i++)
		c->inputs[i] = fcntl(c->inputs[i], F_DUPFD, 3 + (int)c->input_count);
	for (unsigned i = 0; i < c->input_count; i++)
		c->inputs[i] = dup2(c->inputs[i], 2 + (int)i);
	if (dup2(out, STDOUT_FILENO) < 0 ||
	    (in < 0 ? close(STDIN_FILENO) : dup2(in, STDIN_FILENO)) < 0)
		_exit(1);
	struct mt_bounds bounds = {.memory = MT_CONFINED_MEMORY,
				   .seconds = c->processor ? c->processor : c->seconds,
				   .inputs = c->input_count};
	mt_confine_enter(c->means, &bounds);
	struct mt_text result = MT_TEXT_INIT(arena);
	static const struct header room;
	mt_text_add(&result, (struct mt_str){(const char *)&room, sizeof room});
	c->work(c, arena, &result);
	utter_result(&result);
	_exit(0);
}

/* ---- outside ---- */

/* Without what libraries do at a fork: libuv's handler closes descriptors that in a worker are others by now. */
static pid_t fork_plainly(void)
{
#ifdef HAVE__FORK
	return _Fork();
#else
	return fork();
#endif
}

void mt_confined_more_time(struct mt_confined *c)
{
	c->deadline = mt_now_ms() + (int64_t)c->seconds * 1000;
}

int mt_confined_start(struct mt_confined *c, char why[MT_CONFINED_WHY])
{
	int to[2] = {-1, -1}, from[2];
	sigset_t all, before;
	c->pid = 0;
	c->in = c->out = -1;
	c->slow = false;
	c->broke = NULL;
	mt_confined_more_time(c);
	snprintf(why, MT_CONFINED_WHY, "the system gives no process to examine it");
	if (pipe2(from, O_CLOEXEC) != 0)
		return -1;
	if (c->hears && pipe2(to, O_CLOEXEC) != 0) {
		close(from[0]);
		close(from[1]);
		return -1;
	}
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before); /* no handler of a loop runs in the fork */
	c->pid = fork_plainly();
	if (c->pid == 0)
		live(c, to[0], from[1]);
	sigprocmask(SIG_SETMASK, &before, NULL);
	mt_fd_close(&to[0]);
	close(from[1]);
	c->out = to[1];
	c->in = from[0];
	fcntl(c->in, F_SETFL, O_NONBLOCK);
	if (c->out >= 0)
		fcntl(c->out, F_SETFL, O_NONBLOCK);
	if (c->pid > 0)
		return 0;
	c->pid = 0;
	mt_confined_end(c, NULL);
	return -1;
}

static int broke(struct mt_confined *c, const char *rule)
{
	if (!c->broke)
		c->broke = rule;
	return -1;
}

/* Until something can be read (POLLIN) or written; -1: too late. */
static int wait_for_child(struct mt_confined *c, struct pollfd *fds, nfds_t n)
{
	for (;;) {
		int64_t left = c->deadline - mt_now_ms();
		int ready = left <= 0 ? 0 : poll(fds, n, (int)(left < 60000 ? left : 60000));
		if (ready > 0)
			return 0;
		if (ready < 0 && errno != EINTR)
			return -1;
		if (left <= 0) {
			c->slow = true;
			return -1;
		}
	}
}

static int take_message(struct mt_confined *c, char *to, size_t n)
{
	while (n) {
		struct pollfd fd = {.fd = c->in, .events = POLLIN};
		ssize_t got = read(c->in, to, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN) {
			if (wait_for_child(c, &fd, 1) != 0)
				return -1;
			continue;
		}
		if (got <= 0)
			return -1;
		to += got;
		n -= (size_t)got;
	}
	return 0;
}

/* One frame. What is no result is dealt with: *done stays false. */
static int next_frame(struct mt_confined *c, struct mt_pages *result, bool *done)
{
	struct header h;
	struct mt_pages other = {0};
	*done = false;
	if (take_message(c, (char *)&h, sizeof h) != 0)
		return -1;
	if (h.kind >= KINDS || h.size > c->result_max || (h.kind == RESULT && !result))
		return broke(c, "answered nonsense");
	struct mt_pages *pages = h.kind == RESULT ? result : &other;
	mt_pages_reserve(pages, h.size + 1);
	int failed = take_message(c, pages->p + pages->n, h.size);
	pages->n += failed ? 0 : h.size;
	if (!failed && h.kind == QUESTION) {
		struct mt_pages answer = {0};
		if (!c->reply || !c->reply(c, mt_pages_str(&other), &answer))
			failed = broke(c, "asked what it may not");
		else
			failed = mt_confined_send(c, mt_pages_str(&answer));
		mt_pages_free(&answer);
	} else if (!failed && h.kind == SAID && (!c->heard || !c->heard(c, mt_pages_str(&other)))) {
		failed = broke(c, "answered nonsense");
	}
	mt_pages_free(&other);
	*done = h.kind == RESULT;
	return failed;
}

static int send_input(struct mt_confined *c, struct mt_str *bytes)
{
	struct pollfd fds[2] = {{.fd = c->out, .events = POLLOUT}, {.fd = c->in, .events = POLLIN}};
	ssize_t n = write(c->out, bytes->p, bytes->n);
	bool done;
	if (n >= 0) {
		*bytes = mt_str_part(*bytes, (size_t)n, bytes->n - (size_t)n);
		return 0;
	}
	if (errno == EINTR)
		return 0;
	if (errno != EAGAIN || wait_for_child(c, fds, c->heard ? 2 : 1) != 0)
		return -1;
	return fds[1].revents ? next_frame(c, NULL, &done) : 0;
}

int mt_confined_send(struct mt_confined *c, struct mt_str bytes)
{
	struct header h = {0, (uint32_t)bytes.n};
	struct mt_str head = {(const char *)&h, sizeof h};
	if (c->out < 0)
		return -1;
	while (head.n)
		if (send_input(c, &head) != 0)
			return -1;
	while (bytes.n)
		if (send_input(c, &bytes) != 0)
			return -1;
	return 0;
}

int mt_confined_result(struct mt_confined *c, struct mt_pages *result)
{
	bool done = false;
	while (!done)
		if (next_frame(c, result, &done) != 0)
			return -1;
	return 0;
}

static void obituary(const struct mt_confined *c, int status, char why[MT_CONFINED_WHY])
{
	if (c->broke)
		snprintf(why, MT_CONFINED_WHY, "the process that examined it %s", c->broke);
	else if (c->slow || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
		snprintf(why, MT_CONFINED_WHY, "it takes longer than %u seconds", c->seconds);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		snprintf(
			why, MT_CONFINED_WHY,
			"the process that examined it reached for what it may not have (signal %d)",
			SIGSYS);
	else if (WIFSIGNALED(status))
		snprintf(why, MT_CONFINED_WHY,
			 "the process that examined it was killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == NO_MEMORY)
		snprintf(why, MT_CONFINED_WHY, "it needs more memory than one host may have");
	else
		snprintf(why, MT_CONFINED_WHY, "the process that examined it ended with status %d",
			 WEXITSTATUS(status));
}

void mt_confined_end(struct mt_confined *c, char why[MT_CONFINED_WHY])
{
	int status = 0;
	mt_fd_close(&c->in);
	mt_fd_close(&c->out);
	if (!c->pid)
		return;
	/* one that is dead already keeps the status it died with */
	kill(c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	c->pid = 0;
	if (why)
		obituary(c, status, why);
}

int mt_confined_run(struct mt_confined *c, struct mt_pages *result, char why[MT_CONFINED_WHY])
{
	if (mt_confined_start(c, why) != 0)
		return -1;
	int failed = mt_confined_result(c, result);
	mt_confined_end(c, why);
	if (failed)
		mt_pages_clear(result);
	return failed;
}
