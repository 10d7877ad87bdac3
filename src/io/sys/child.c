/* SPDX-License-Identifier: ISC */
/* child.c: one child process on a loop. */
#include "io/sys/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "io/sys/fs.h"
#include "io/sys/spawn.h"

#define LOOK_MS 50

enum { IN, OUT, ERR, STREAMS };

static void on_child_closed(uv_handle_t *handle)
{
	struct mt_child *child = handle->data;
	if (--child->handles == 0)
		child->on_end(child);
}

static void close_handle(struct mt_child *child, uv_handle_t *handle)
{
	handle->data = child;
	if (!uv_is_closing(handle))
		uv_close(handle, on_child_closed);
}

static void stream_close(struct mt_child_stream *stream)
{
	if (stream->open)
		close_handle(stream->child, (uv_handle_t *)&stream->pipe);
	stream->open = false;
}

static void finish_child(struct mt_child *child)
{
	for (int i = 0; i < STREAMS; i++)
		stream_close(&child->stream[i]);
	close_handle(child, (uv_handle_t *)&child->timer);
}

static void signal_group(struct mt_child *child, int signal)
{
	if (child->pid > 0)
		kill(-child->pid, signal);
}

static void watch_close(struct mt_child *child)
{
	close_handle(child,
		     child->watch >= 0 ? (uv_handle_t *)&child->end : (uv_handle_t *)&child->look);
	mt_fd_close(&child->watch);
}

/* Killed, and in the middle of a system call that does not end: it is waited for no longer. */
static void on_lost(uv_timer_t *timer)
{
	struct mt_child *child = timer->data;
	child->exited = true;
	child->status = 128 + SIGKILL;
	watch_close(child);
	finish_child(child);
}

static void on_kill(uv_timer_t *timer)
{
	signal_group(timer->data, SIGKILL);
	uv_timer_start(timer, on_lost, MT_RUN_KILL_MS, 0);
}

void mt_child_stop(struct mt_child *child)
{
	if (child->killing || child->exited || child->error)
		return;
	child->killing = true;
	signal_group(child, SIGTERM);
	uv_timer_start(&child->timer, on_kill, MT_RUN_KILL_MS, 0);
}

static void on_deadline(uv_timer_t *timer)
{
	struct mt_child *child = timer->data;
	child->timed_out = true;
	mt_child_stop(child);
}

/* On a busy machine the time may be over before the loop looked: what the pipe holds is the child's. */
static void read_rest(struct mt_child *child, int which)
{
	int fd;
	ssize_t n;
	struct mt_child_stream *stream = &child->stream[which];
	if (!stream->open || uv_fileno((uv_handle_t *)&stream->pipe, &fd) != 0)
		return;
	for (int i = 0; i < 32 && (n = read(fd, child->spec.buffer, MT_CHILD_READ)) > 0; i++)
		if (!child->on_bytes(child, which, (struct mt_str){child->spec.buffer, (size_t)n}))
			return;
}

static void on_drained(uv_timer_t *timer)
{
	struct mt_child *child = timer->data;
	read_rest(child, OUT);
	read_rest(child, ERR);
	finish_child(child);
}

static bool child_is_read(const struct mt_child *child)
{
	return child->stream[OUT].open || child->stream[ERR].open;
}

static void on_exit_(struct mt_child *child)
{
	if (!mt_reap(child->pid, &child->status))
		return;
	child->exited = true;
	if (child->killing)
		signal_group(child, SIGKILL);
	watch_close(child);
	stream_close(&child->stream[IN]);
	if (!child_is_read(child) || child->killing)
		finish_child(child);
	else
		uv_timer_start(&child->timer, on_drained, MT_RUN_DRAIN_MS, 0);
}

static void on_end_(uv_poll_t *end, int status, int events)
{
	(void)status;
	(void)events;
	on_exit_(end->data);
}

static void on_look(uv_timer_t *look)
{
	on_exit_(look->data);
}

/* Between alloc and read, which libuv calls in one go. */
static void on_child_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	(void)size;
	struct mt_child *child = ((struct mt_child_stream *)handle->data)->child;
	*buf = uv_buf_init(child->spec.buffer, MT_CHILD_READ);
}

static void on_child_read(uv_stream_t *handle, ssize_t n, const uv_buf_t *buf)
{
	struct mt_child_stream *stream = handle->data;
	struct mt_child *child = stream->child;
	int fd = stream == &child->stream[OUT] ? STDOUT_FILENO : STDERR_FILENO;
	if (n < 0) {
		stream_close(stream);
		if (child->exited && !child_is_read(child))
			finish_child(child);
	} else if (!child->on_bytes(child, fd, (struct mt_str){buf->base, (size_t)n})) {
		mt_child_stop(child);
	}
}

/* A child that does not want its input is no error of ours. */
static void on_child_written(uv_write_t *write, int status)
{
	if (status != UV_ECANCELED)
		stream_close(write->data);
}

/* A pipe with our end on the loop; the other end is for the child. */
static int stream_pipe(uv_loop_t *loop, struct mt_child_stream *stream, bool child_reads)
{
	int fds[2];
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	stream->theirs = fds[!child_reads];
	int r = uv_pipe_init(loop, &stream->pipe, 0);
	if (r == 0) {
		stream->open = true;
		stream->child->handles++;
		stream->pipe.data = stream;
		r = uv_pipe_open(&stream->pipe, fds[child_reads]);
	}
	if (r < 0)
		close(fds[child_reads]);
	return r;
}

static bool has_input(const struct mt_child_spec *spec)
{
	for (int i = 0; i < MT_CHILD_INPUT; i++)
		if (spec->input[i].n)
			return true;
	return false;
}

/* Where it cannot be waited for it is looked for. */
static void watch_child(uv_loop_t *loop, struct mt_child *child)
{
	child->handles++;
	child->watch = mt_spawn_watch(child->pid);
	if (child->watch >= 0 && uv_poll_init(loop, &child->end, child->watch) == 0) {
		child->end.data = child;
		if (uv_poll_start(&child->end, UV_READABLE, on_end_) == 0)
			return;
		child->handles++;
		close_handle(child, (uv_handle_t *)&child->end);
	}
	mt_fd_close(&child->watch);
	uv_timer_init(loop, &child->look);
	child->look.data = child;
	uv_timer_start(&child->look, on_look, LOOK_MS, LOOK_MS);
}

static int spawn(uv_loop_t *loop, struct mt_child *child)
{
	static const char *const fixed[] = {"PATH=" MT_RUN_PATH, "LC_ALL=C", NULL};
	const struct mt_child_stream *stream = child->stream;
	int failed =
		mt_spawn(&(struct mt_spawn){.argv = child->spec.argv,
					    .env = child->spec.env ? child->spec.env : fixed,
					    .fd = {stream[IN].theirs, stream[OUT].theirs,
						   child->spec.pass_stderr ? STDERR_FILENO
									   : stream[ERR].theirs}},
			 &child->pid);
	if (failed == 0)
		watch_child(loop, child);
	return failed;
}

static void start_io(struct mt_child *child)
{
	struct mt_child_stream *in = &child->stream[IN];
	uv_buf_t bufs[MT_CHILD_INPUT];
	uv_timer_start(&child->timer, on_deadline, child->spec.deadline_ms, 0);
	for (int i = OUT; i <= ERR; i++)
		if (child->stream[i].open)
			uv_read_start((uv_stream_t *)&child->stream[i].pipe, on_child_alloc,
				      on_child_read);
	if (!in->open)
		return;
	for (int i = 0; i < MT_CHILD_INPUT; i++)
		bufs[i] = uv_buf_init((char *)(uintptr_t)child->spec.input[i].p,
				      (unsigned)child->spec.input[i].n);
	child->write.data = in;
	if (uv_write(&child->write, (uv_stream_t *)&in->pipe, bufs, MT_CHILD_INPUT,
		     on_child_written) < 0)
		stream_close(in);
}

void mt_child_start(uv_loop_t *loop, struct mt_child *child, const struct mt_child_spec *spec)
{
	child->spec = *spec;
	child->error = child->status = 0;
	child->timed_out = child->exited = child->killing = false;
	child->pid = 0;
	child->watch = -1;
	for (int i = 0; i < STREAMS; i++)
		child->stream[i] = (struct mt_child_stream){.child = child, .theirs = -1};
	uv_timer_init(loop, &child->timer);
	child->timer.data = child;
	child->handles = 1;
	struct mt_child_stream *in = &child->stream[IN];
	int r = 0;
	if (has_input(&child->spec))
		r = stream_pipe(loop, in, true);
	else {
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		r = in->theirs = fd < 0 ? -errno : fd;
	}
	if (r >= 0)
		r = stream_pipe(loop, &child->stream[OUT], false);
	if (r >= 0 && !child->spec.pass_stderr)
		r = stream_pipe(loop, &child->stream[ERR], false);
	child->error = r < 0 ? r : 0;
	if (child->error == 0)
		child->error = spawn(loop, child);
	for (int i = 0; i < STREAMS; i++)
		if (child->stream[i].theirs >= 0)
			close(child->stream[i].theirs);
	if (child->error == 0)
		start_io(child);
	else
		finish_child(child);
}
