/* SPDX-License-Identifier: ISC */
/*
 * child.h: one child process on a loop that may carry others: no shell, "/" as its folder, its own session, a
 * deadline; no descriptor of ours but 0, 1 and 2. Everything that mtapin executes runs through here.
 *
 * Its end is heard of through a descriptor (spawn.h), not through libuv's handler of SIGCHLD.
 *
 * It ends when the child itself has ended and its output was read, or 200 ms later when somebody else
 * holds the pipes: a daemon that it left behind is not waited for, and not killed.
 */
#ifndef MT_CHILD_H
#define MT_CHILD_H

#include <uv.h>

#include <mtapin/base.h>

#define MT_RUN_PATH    "/usr/sbin:/usr/bin:/sbin:/bin"
#define MT_RUN_KILL_MS 1000 /* between TERM and KILL */
/* How long output is still read once the child is gone and somebody else holds the pipe. */
#define MT_RUN_DRAIN_MS 200
#define MT_CHILD_READ	65536 /* bytes read at once */
#define MT_CHILD_INPUT	3

struct mt_child_spec {
	const char *const
		*argv; /* argv[0] absolute, or looked for in the PATH of `env`; NULL-terminated */
	const char *const *env; /* NULL-terminated; NULL: PATH and LC_ALL=C alone */
	struct mt_str input[MT_CHILD_INPUT]; /* one after the other; all empty: /dev/null */
	unsigned deadline_ms; /* then TERM to the process group, KILL one second later; never 0 */
	bool pass_stderr; /* let stderr through to ours */
	char *buffer; /* MT_CHILD_READ bytes, which all children of a loop may share */
};

struct mt_child_stream {
	uv_pipe_t pipe;
	struct mt_child *child;
	int theirs; /* the child's end; -1 none */
	bool open;
};

struct mt_child {
	void *data; /* the caller's own, like the two functions */
	/* What it wrote to STDOUT_FILENO or STDERR_FILENO; false: it is to be stopped. */
	bool (*on_bytes)(struct mt_child *child, int fd, struct mt_str bytes);
	void (*on_end)(struct mt_child *child); /* nothing of it is on the loop any more */
	int error; /* of libuv, negative: it could not be started; 0: it was */
	int status; /* exit status; 128 + signal when killed by one */
	bool timed_out;
	/* the rest is child.c's own */
	struct mt_child_spec spec;
	pid_t pid;
	int watch; /* readable at its end; -1: none, then it is looked for all the time */
	uv_poll_t end;
	uv_timer_t look;
	uv_timer_t timer;
	uv_write_t write;
	struct mt_child_stream stream[3];
	unsigned handles; /* not closed yet */
	bool exited, killing;
};

/*
 * Start it; `data` and the functions are set, the rest is not looked at. The bytes of `spec` must live until
 * on_end, which is called later in any case, also when it could not be started. SIGPIPE must be ignored. BUGS: a
 * child that leaves its process group is out of the deadline's reach.
 */
void mt_child_start(uv_loop_t *loop, struct mt_child *child, const struct mt_child_spec *spec);
/* TERM, later KILL; on_end follows. */
void mt_child_stop(struct mt_child *child);

#endif
