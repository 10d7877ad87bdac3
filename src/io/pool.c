/* SPDX-License-Identifier: ISC */
/*
 * pool.c: processes that work. A message either way is a header of two numbers, the job's and how many
 * bytes follow. Each process answers in the order in which it was asked.
 */
#include "io/pool.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/fs.h"

struct header {
	uint32_t number, size;
};

struct mt_job {
	struct header header;
	char *bytes;
	uv_write_t write;
	bool written, answered; /* both: it can go */
	struct mt_job *next;
};

struct mt_worker {
	struct mt_pool *pool;
	uv_pipe_t pipe;
	uv_timer_t timer;
	pid_t pid; /* 0: none */
	bool closing, slow;
	unsigned handles;
	unsigned count;
	struct mt_job *first, *last; /* given to it, in their order */
	char *in; /* what came, up to a whole message */
	size_t in_n, in_cap;
};

static void push(struct mt_job **first, struct mt_job **last, struct mt_job *job)
{
	job->next = NULL;
	if (*first)
		(*last)->next = job;
	else
		*first = job;
	*last = job;
}

static struct mt_job *pop(struct mt_job **first)
{
	struct mt_job *job = *first;
	if (job)
		*first = job->next;
	return job;
}

static void release(struct mt_job *job)
{
	if (!job->written || !job->answered)
		return;
	free(job->bytes);
	free(job);
}

static void answer(struct mt_pool *pool, struct mt_job *job, struct mt_str result, const char *died)
{
	struct mt_work work = {job->header.number, result};
	pool->waiting--;
	pool->done(pool, &work, died);
	job->answered = true;
	release(job);
}

static void *grown(void *p, size_t size)
{
	p = realloc(p, size);
	if (!p)
		mt_out_of_memory();
	return p;
}

/* ---- in the process ---- */

static bool read_whole(int fd, void *to, size_t n)
{
	for (char *p = to; n;) {
		ssize_t got = read(fd, p, n);
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static void serve(const struct mt_pool *pool, int fd)
{
	struct mt_arena *arena = mt_arena_new(pool->budget);
	struct header h;
	char *bytes = NULL;
	while (read_whole(fd, &h, sizeof h)) {
		bytes = grown(bytes, (size_t)h.size + 1);
		if (!read_whole(fd, bytes, h.size))
			break;
		struct mt_text result = MT_TEXT_INIT(arena);
		mt_text_add(&result, (struct mt_str){(char *)&h, sizeof h});
		struct mt_work work = {h.number, {bytes, h.size}};
		pool->work(pool->data, arena, &work, &result);
		h.size = (uint32_t)(result.n - sizeof h);
		memcpy(result.p, &h, sizeof h);
		if (mt_write_all(fd, mt_text_str(&result)) != 0)
			break;
		mt_arena_reset(arena);
	}
}

#define NO_MEMORY 99

static void out_of_memory(void)
{
	_exit(NO_MEMORY);
}

static void become_worker(const struct mt_pool *pool, int fd, pid_t parent)
{
	signal(SIGCHLD, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0);
	if (getppid() != parent)
		_exit(0);
	if (fd != 3)
		dup2(fd, 3);
	close_range(4, UINT_MAX, 0);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	mt_set_oom_handler(out_of_memory);
	serve(pool, 3);
	_exit(0);
}

/* ---- here ---- */

static void give(struct mt_pool *pool);

static const char *obituary(struct mt_worker *w, int status, char *text, size_t size)
{
	if (w->slow)
		snprintf(text, size, "it takes longer than %d seconds", MT_POOL_SECONDS);
	else if (WIFSIGNALED(status))
		snprintf(text, size, "the process that examined it was killed by signal %d",
			 WTERMSIG(status));
	else if (WEXITSTATUS(status) == NO_MEMORY)
		snprintf(text, size, "it needs more memory than one host may have");
	else
		snprintf(text, size, "the process that examined it ended with status %d",
			 WEXITSTATUS(status));
	return text;
}

/* The job it was at is lost; the others are put back in front. */
static void bury(struct mt_worker *w)
{
	struct mt_pool *pool = w->pool;
	int status = 0;
	char text[96];
	waitpid(w->pid, &status, 0);
	w->pid = 0;
	w->closing = false;
	struct mt_job *lost = pop(&w->first);
	if (w->first) {
		w->last->next = pool->first;
		if (!pool->first)
			pool->last = w->last;
		pool->first = w->first;
	}
	w->first = w->last = NULL;
	w->count = 0;
	if (lost)
		answer(pool, lost, (struct mt_str){"", 0}, obituary(w, status, text, sizeof text));
	give(pool);
}

static void on_closed(uv_handle_t *handle)
{
	struct mt_worker *w = handle->data;
	if (--w->handles == 0) {
		free(w->in);
		w->in = NULL;
		w->in_n = w->in_cap = 0;
		bury(w);
	}
}

static void end_worker(struct mt_worker *w)
{
	if (!w->pid || w->closing)
		return;
	w->closing = true;
	kill(w->pid, SIGKILL);
	uv_close((uv_handle_t *)&w->pipe, on_closed);
	uv_close((uv_handle_t *)&w->timer, on_closed);
}

static void on_slow(uv_timer_t *timer)
{
	struct mt_worker *w = timer->data;
	w->slow = true;
	end_worker(w);
}

static void watch(struct mt_worker *w)
{
	if (w->first)
		uv_timer_start(&w->timer, on_slow, MT_POOL_SECONDS * 1000, 0);
	else
		uv_timer_stop(&w->timer);
}

/* The whole messages that are there; false: it does not keep to the form. */
static bool take_messages(struct mt_worker *w)
{
	struct header h;
	size_t at = 0;
	while (w->in_n - at >= sizeof h) {
		memcpy(&h, w->in + at, sizeof h);
		if (!w->first || h.number != w->first->header.number || h.size > MT_RESULT_MAX)
			return false;
		if (w->in_n - at - sizeof h < h.size)
			break;
		struct mt_job *job = pop(&w->first);
		w->count--;
		answer(w->pool, job, (struct mt_str){w->in + at + sizeof h, h.size}, NULL);
		at += sizeof h + h.size;
	}
	w->in_n -= at;
	memmove(w->in, w->in + at, w->in_n);
	return true;
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	struct mt_worker *w = handle->data;
	if (w->in_cap - w->in_n < size) {
		w->in_cap = 2 * w->in_cap + size;
		w->in = grown(w->in, w->in_cap);
	}
	*buf = uv_buf_init(w->in + w->in_n, (unsigned)size);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct mt_worker *w = stream->data;
	(void)buf;
	if (n >= 0)
		w->in_n += (size_t)n;
	if (n < 0 || !take_messages(w)) {
		end_worker(w);
		return;
	}
	watch(w);
	give(w->pool);
}

/* One that could not be written comes back when its process is buried. */
static void on_written(uv_write_t *write, int status)
{
	struct mt_job *job = write->data;
	(void)status;
	job->written = true;
	release(job);
}

/* False: the system gives no process. */
static bool make_worker(struct mt_worker *w)
{
	int fds[2];
	sigset_t all, before;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return false;
	pid_t parent = getpid();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before); /* no handler of the loop runs in the fork */
	w->pid = fork();
	if (w->pid == 0)
		become_worker(w->pool, fds[1], parent);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(fds[1]);
	if (w->pid < 0) {
		w->pid = 0;
		close(fds[0]);
		return false;
	}
	w->closing = w->slow = false;
	w->handles = 2;
	uv_pipe_init(w->pool->loop, &w->pipe, 0);
	uv_timer_init(w->pool->loop, &w->timer);
	w->pipe.data = w->timer.data = w;
	uv_pipe_open(&w->pipe, fds[0]);
	uv_read_start((uv_stream_t *)&w->pipe, on_alloc, on_read);
	return true;
}

static void hand_over(struct mt_worker *w, struct mt_job *job)
{
	uv_buf_t bufs[] = {
		uv_buf_init((char *)&job->header, sizeof job->header),
		uv_buf_init(job->bytes, job->header.size),
	};
	bool idle = !w->first;
	push(&w->first, &w->last, job);
	w->count++;
	job->write.data = job;
	job->written = uv_write(&job->write, (uv_stream_t *)&w->pipe, bufs, 2, on_written) < 0;
	if (idle)
		watch(w);
}

/* The one with the fewest jobs that takes another; NULL: none. */
static struct mt_worker *choose(struct mt_pool *pool)
{
	struct mt_worker *best = NULL;
	for (unsigned i = 0; i < pool->count; i++) {
		struct mt_worker *w = &pool->workers[i];
		if (!w->closing && w->count < MT_POOL_DEPTH && (!best || w->count < best->count))
			best = w;
	}
	return best;
}

/* Nobody to give it to, for want of processes. */
static void refuse(struct mt_pool *pool)
{
	struct mt_job *job = pop(&pool->first);
	answer(pool, job, (struct mt_str){"", 0}, "the system gives no process to examine it");
}

static void give(struct mt_pool *pool)
{
	struct mt_worker *w;
	while (pool->first && (w = choose(pool))) {
		if (w->pid || make_worker(w))
			hand_over(w, pop(&pool->first));
		else
			refuse(pool);
	}
}

void mt_pool_put(struct mt_pool *pool, uint32_t number, char *bytes, size_t size)
{
	struct mt_job *job = grown(NULL, sizeof *job);
	*job = (struct mt_job){.header = {number, (uint32_t)size}, .bytes = bytes, .written = true};
	pool->waiting++;
	push(&pool->first, &pool->last, job);
	give(pool);
}

bool mt_pool_has_room(const struct mt_pool *pool)
{
	return pool->waiting < pool->count * MT_POOL_DEPTH;
}

void mt_pool_open(struct mt_arena *arena, struct mt_pool *pool)
{
	pool->workers = mt_alloc(arena, pool->count * sizeof *pool->workers);
	for (unsigned i = 0; i < pool->count; i++)
		pool->workers[i].pool = pool;
}

void mt_pool_close(struct mt_pool *pool)
{
	for (unsigned i = 0; i < pool->count; i++)
		end_worker(&pool->workers[i]);
}
