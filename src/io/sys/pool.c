/* SPDX-License-Identifier: ISC */
/*
 * pool.c: processes whose children work. A message either way is a header: the job's number, whether there is no result
 * (then follows why), and how many bytes follow. Each process answers in the order in which it was asked.
 */
#include "io/sys/pool.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/sys/fs.h"

struct header {
	uint32_t number, size, died;
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
	pid_t pid; /* 0: none, or none any more */
	bool closing;
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

static void release_job(struct mt_job *job)
{
	if (!job->written || !job->answered)
		return;
	free(job->bytes);
	free(job);
}

static void answer_job(struct mt_pool *pool, struct mt_job *job, struct mt_str result,
		       const char *died)
{
	struct mt_work work = {job->header.number, result, pool};
	pool->waiting--;
	pool->done(pool, &work, died);
	job->answered = true;
	release_job(job);
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

static bool send_back(int fd, struct header h, struct mt_str bytes)
{
	h.size = (uint32_t)bytes.n;
	struct iovec parts[] = {{&h, sizeof h}, {(char *)bytes.p, bytes.n}};
	ssize_t n = writev(fd, parts, 2); /* mostly all of it: whoever reads is woken once */
	if (n < (ssize_t)sizeof h)
		return false;
	return mt_write_all(fd, mt_str_part(bytes, (size_t)n - sizeof h,
					    bytes.n + sizeof h - (size_t)n)) == 0;
}

/* What a process has between two jobs: no byte of any. */
struct desk {
	const struct mt_means *means;
	struct mt_pages job, result;
};

static bool do_work(struct mt_pool *pool, struct desk *desk, int fd, struct header h)
{
	char why[MT_CONFINED_WHY];
	mt_pages_reserve(&desk->job, (size_t)h.size + 1);
	desk->job.n = h.size;
	if (!read_whole(fd, desk->job.p, h.size))
		return false;
	struct mt_work work = {h.number, mt_pages_str(&desk->job), pool};
	struct mt_confined c = {.means = desk->means,
				.data = &work,
				.before = pool->before,
				.work = pool->work,
				.reply = pool->reply,
				.hears = pool->reply != NULL,
				.budget = pool->budget,
				.result_max = MT_RESULT_MAX,
				.seconds = MT_POOL_SECONDS};
	h.died = mt_confined_run(&c, &desk->result, why) != 0;
	bool sent = send_back(fd, h, h.died ? mt_str_of(why) : mt_pages_str(&desk->result));
	mt_pages_clear(&desk->job);
	mt_pages_clear(&desk->result);
	return sent;
}

static void become_worker(struct mt_pool *pool, int fd, pid_t parent)
{
	signal(SIGCHLD, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 0);
	if (getppid() != parent)
		_exit(0);
	if (fd != 3)
		dup2(fd, 3);
	close_range(4, UINT_MAX, 0);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	struct desk desk = {.means = mt_means_new(false)};
	struct header h;
	while (read_whole(3, &h, sizeof h) && do_work(pool, &desk, 3, h))
		;
	_exit(0);
}

/* ---- here ---- */

static void give(struct mt_pool *pool);

/* Killed from outside: the job it was at is lost, the others are put back in front. Another one is not made: this
 * process has held what hosts sent, by now. */
static void bury(struct mt_worker *w)
{
	struct mt_pool *pool = w->pool;
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
	w->pid = 0;
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
		answer_job(pool, lost, (struct mt_str){"", 0},
			   "the process that examines was killed");
	give(pool);
}

static void on_pool_closed(uv_handle_t *handle)
{
	struct mt_worker *w = handle->data;
	free(w->in);
	w->in = NULL;
	w->in_n = w->in_cap = 0;
	bury(w);
}

static void end_worker(struct mt_worker *w)
{
	if (!w->pid || w->closing)
		return;
	w->closing = true;
	kill(w->pid, SIGKILL);
	uv_close((uv_handle_t *)&w->pipe, on_pool_closed);
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
		struct mt_str bytes = {w->in + at + sizeof h, h.size};
		char why[MT_CONFINED_WHY];
		w->count--;
		if (h.died)
			snprintf(why, sizeof why, "%.*s", MT_STR_FMT(bytes));
		answer_job(w->pool, job, bytes, h.died ? why : NULL);
		at += sizeof h + h.size;
	}
	w->in_n -= at;
	memmove(w->in, w->in + at, w->in_n);
	return true;
}

static void on_pool_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	struct mt_worker *w = handle->data;
	if (w->in_cap - w->in_n < size) {
		w->in_cap = 2 * w->in_cap + size;
		w->in = grown(w->in, w->in_cap);
	}
	*buf = uv_buf_init(w->in + w->in_n, (unsigned)size);
}

static void on_pool_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct mt_worker *w = stream->data;
	(void)buf;
	if (n >= 0)
		w->in_n += (size_t)n;
	if (n < 0 || !take_messages(w)) {
		end_worker(w);
		return;
	}
	give(w->pool);
}

/* One that could not be written comes back when its process is buried. */
static void on_pool_written(uv_write_t *write, int status)
{
	struct mt_job *job = write->data;
	(void)status;
	job->written = true;
	release_job(job);
}

/* None, where the system gives no process. */
static void make_worker(struct mt_worker *w)
{
	int fds[2];
	sigset_t all, before;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return;
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
		return;
	}
	uv_pipe_init(w->pool->loop, &w->pipe, 0);
	w->pipe.data = w;
	uv_pipe_open(&w->pipe, fds[0]);
	uv_read_start((uv_stream_t *)&w->pipe, on_pool_alloc, on_pool_read);
}

/* The one with the fewest jobs that takes another; NULL: none. */
static struct mt_worker *choose_worker(struct mt_pool *pool)
{
	struct mt_worker *best = NULL;
	for (unsigned i = 0; i < pool->count; i++) {
		struct mt_worker *w = &pool->workers[i];
		if (w->pid && !w->closing && w->count < MT_POOL_DEPTH &&
		    (!best || w->count < best->count))
			best = w;
	}
	return best;
}

static bool nobody(const struct mt_pool *pool)
{
	for (unsigned i = 0; i < pool->count; i++)
		if (pool->workers[i].pid)
			return false;
	return true;
}

static void give(struct mt_pool *pool)
{
	struct mt_worker *w;
	while (pool->first && (w = choose_worker(pool))) {
		struct mt_job *job = pop(&pool->first);
		uv_buf_t bufs[] = {
			uv_buf_init((char *)&job->header, sizeof job->header),
			uv_buf_init(job->bytes, job->header.size),
		};
		push(&w->first, &w->last, job);
		w->count++;
		job->write.data = job;
		job->written = uv_write(&job->write, (uv_stream_t *)&w->pipe, bufs, 2,
					on_pool_written) < 0;
	}
	while (pool->first && nobody(pool))
		answer_job(pool, pop(&pool->first), (struct mt_str){"", 0},
			   "the system gives no process to examine it");
}

void mt_pool_put(struct mt_pool *pool, uint32_t number, char *bytes, size_t size)
{
	struct mt_job *job = grown(NULL, sizeof *job);
	*job = (struct mt_job){
		.header = {number, (uint32_t)size, 0}, .bytes = bytes, .written = true};
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
	for (unsigned i = 0; i < pool->count; i++) {
		pool->workers[i].pool = pool;
		make_worker(&pool->workers[i]);
	}
}

void mt_pool_close(struct mt_pool *pool)
{
	for (unsigned i = 0; i < pool->count; i++)
		end_worker(&pool->workers[i]);
}
