/* SPDX-License-Identifier: ISC */
/* run.c: one child process on a loop of its own. */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

/* How long output is still read once the child is gone and somebody else holds the pipe. */
#define DRAIN_MS 200

enum { IN, OUT, ERR, STREAMS };

struct stream {
	uv_pipe_t pipe;
	struct child *child;
	struct mt_text text;
	int theirs; /* the child's end; -1 none */
	bool open;
};

struct child {
	const struct mt_run *run;
	struct mt_run_result *result;
	uv_loop_t loop;
	uv_process_t process;
	uv_timer_t timer;
	uv_write_t write;
	struct stream stream[STREAMS];
	bool exited, killing;
	char buffer[65536]; /* between alloc and read, which libuv calls in one go */
};

static void stream_close(struct stream *stream)
{
	if (stream->open)
		uv_close((uv_handle_t *)&stream->pipe, NULL);
	stream->open = false;
}

/* The loop ends when nothing is open any more. */
static void finish(struct child *child)
{
	for (int i = 0; i < STREAMS; i++)
		stream_close(&child->stream[i]);
	if (!uv_is_closing((uv_handle_t *)&child->timer))
		uv_close((uv_handle_t *)&child->timer, NULL);
}

static void signal_group(struct child *child, int signal)
{
	if (child->process.pid > 0)
		kill(-child->process.pid, signal);
}

/* Its end went unnoticed (a signal that libuv could not pass on): it is waited for no longer. */
static void on_lost(uv_timer_t *timer)
{
	struct child *child = timer->data;
	child->exited = true;
	child->result->status = 128 + SIGKILL;
	waitpid(child->process.pid, NULL, WNOHANG);
	uv_close((uv_handle_t *)&child->process, NULL);
	finish(child);
}

static void on_kill(uv_timer_t *timer)
{
	signal_group(timer->data, SIGKILL);
	uv_timer_start(timer, on_lost, MT_RUN_KILL_MS, 0);
}

static void stop(struct child *child)
{
	if (child->killing || child->exited)
		return;
	child->killing = true;
	signal_group(child, SIGTERM);
	uv_timer_start(&child->timer, on_kill, MT_RUN_KILL_MS, 0);
}

static void on_deadline(uv_timer_t *timer)
{
	struct child *child = timer->data;
	child->result->timed_out = true;
	stop(child);
}

static void on_drained(uv_timer_t *timer)
{
	finish(timer->data);
}

static bool reading(const struct child *child)
{
	return child->stream[OUT].open || child->stream[ERR].open;
}

static void on_exit_(uv_process_t *process, int64_t status, int signal)
{
	struct child *child = process->data;
	child->exited = true;
	child->result->status = signal ? 128 + signal : (int)status;
	if (child->killing)
		signal_group(child, SIGKILL);
	uv_close((uv_handle_t *)process, NULL);
	stream_close(&child->stream[IN]);
	if (!reading(child) || child->killing)
		finish(child);
	else
		uv_timer_start(&child->timer, on_drained, DRAIN_MS, 0);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	(void)size;
	struct child *child = ((struct stream *)handle->data)->child;
	*buf = uv_buf_init(child->buffer, sizeof child->buffer);
}

static void on_read(uv_stream_t *handle, ssize_t n, const uv_buf_t *buf)
{
	struct stream *stream = handle->data;
	struct child *child = stream->child;
	if (n < 0) {
		stream_close(stream);
		if (child->exited && !reading(child))
			finish(child);
		return;
	}
	size_t room = child->run->max_output - stream->text.n;
	size_t more = (size_t)n;
	if (more > room) {
		more = room;
		child->result->overflow = true;
		stop(child);
	}
	mt_text_add(&stream->text, (struct mt_str){buf->base, more});
}

/* A child that does not want its input is no error of ours. */
static void on_written(uv_write_t *write, int status)
{
	(void)status;
	stream_close(write->data);
}

static int open_null(int flags)
{
	int fd = open("/dev/null", flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* A pipe with our end on the loop; the other end is for the child. */
static int stream_pipe(struct stream *stream, bool child_reads)
{
	int fds[2];
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	stream->theirs = fds[!child_reads];
	int r = uv_pipe_init(&stream->child->loop, &stream->pipe, 0);
	if (r == 0) {
		stream->open = true;
		stream->pipe.data = stream;
		r = uv_pipe_open(&stream->pipe, fds[child_reads]);
	}
	if (r < 0)
		close(fds[child_reads]);
	return r;
}

static int open_streams(struct child *child)
{
	struct stream *in = &child->stream[IN];
	int r = 0;
	if (child->run->input.n)
		r = stream_pipe(in, true);
	else
		r = in->theirs = open_null(O_RDONLY);
	if (r >= 0)
		r = stream_pipe(&child->stream[OUT], false);
	if (r >= 0 && !child->run->pass_stderr)
		r = stream_pipe(&child->stream[ERR], false);
	return r < 0 ? r : 0;
}

/* Ours are all close-on-exec; those that we inherited ourselves must not go further either. */
static void close_on_exec(void)
{
	if (close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0)
		return;
	long top = sysconf(_SC_OPEN_MAX);
	for (int fd = 3; fd < top && fd < 65536; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static int spawn(struct child *child)
{
	static char path[] = "PATH=" MT_RUN_PATH, locale[] = "LC_ALL=C";
	char *env[] = {path, locale, NULL};
	uv_stdio_container_t stdio[STREAMS];
	for (int i = 0; i < STREAMS; i++) {
		stdio[i].flags = UV_INHERIT_FD;
		stdio[i].data.fd = child->stream[i].theirs;
	}
	if (child->run->pass_stderr)
		stdio[ERR].data.fd = STDERR_FILENO;
	uv_process_options_t options = {
		.exit_cb = on_exit_,
		.file = child->run->argv[0],
		.args = (char **)(uintptr_t)child->run->argv,
		.env = env,
		.cwd = "/",
		.flags = UV_PROCESS_DETACHED, /* setsid: no terminal, a group of its own */
		.stdio_count = STREAMS,
		.stdio = stdio,
	};
	close_on_exec();
	return uv_spawn(&child->loop, &child->process, &options);
}

static void start_io(struct child *child)
{
	struct stream *in = &child->stream[IN];
	uv_timer_start(&child->timer, on_deadline, child->run->deadline_ms, 0);
	for (int i = OUT; i <= ERR; i++)
		if (child->stream[i].open)
			uv_read_start((uv_stream_t *)&child->stream[i].pipe, on_alloc, on_read);
	if (!in->open)
		return;
	uv_buf_t buf =
		uv_buf_init((char *)(uintptr_t)child->run->input.p, (unsigned)child->run->input.n);
	child->write.data = in;
	if (uv_write(&child->write, (uv_stream_t *)&in->pipe, &buf, 1, on_written) < 0)
		stream_close(in);
}

static int child_run(struct child *child)
{
	int r = open_streams(child);
	bool spawned = r == 0;
	if (spawned)
		r = spawn(child);
	for (int i = 0; i < STREAMS; i++)
		if (child->stream[i].theirs >= 0)
			close(child->stream[i].theirs);
	if (r == 0) {
		start_io(child);
	} else {
		if (spawned)
			uv_close((uv_handle_t *)&child->process, NULL);
		finish(child);
	}
	uv_run(&child->loop, UV_RUN_DEFAULT);
	return r;
}

static int child_main(struct mt_arena *arena, struct child *child)
{
	int r = uv_loop_init(&child->loop);
	if (r < 0)
		return r;
	for (int i = 0; i < STREAMS; i++)
		child->stream[i] =
			(struct stream){.child = child, .text = MT_TEXT_INIT(arena), .theirs = -1};
	uv_timer_init(&child->loop, &child->timer);
	child->timer.data = child->process.data = child;
	r = child_run(child);
	uv_loop_close(&child->loop);
	return r;
}

int mt_run(struct mt_arena *arena, const struct mt_run *run, struct mt_run_result *result,
	   struct mt_error *error)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	struct child *child = MT_NEW(arena, struct child);
	*result = (struct mt_run_result){0};
	child->run = run;
	child->result = result;
	sigaction(SIGPIPE, &ignore, &before);
	int r = child_main(arena, child);
	sigaction(SIGPIPE, &before, NULL);
	if (r < 0)
		return mt_fail(error, MT_EXIT_FAILED, run->argv[0], "cannot be started: %s",
			       uv_strerror(r));
	result->out = mt_text_str(&child->stream[OUT].text);
	result->err = mt_text_str(&child->stream[ERR].text);
	return 0;
}
