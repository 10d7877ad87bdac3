/* SPDX-License-Identifier: ISC */
/*
 * run.h: one child process, as in child.h, waited for without a loop: absolute program, fixed environment (PATH, LC_ALL=C),
 * given input or /dev/null, bounded output.
 */
#ifndef MT_RUN_H
#define MT_RUN_H

#include "io/sys/child.h"
#include "io/sys/spawn.h"

/* Who is told of a wait of more than MT_SLOW_MS, once, what it is for. */
#define MT_SLOW_MS 5000
struct mt_waiting {
	void (*say)(void *data, const char *what); /* NULL: nobody */
	void *data;
};

struct mt_run {
	const char *const *argv; /* argv[0] absolute; NULL-terminated */
	struct mt_str input; /* empty: /dev/null */
	unsigned deadline_ms; /* then TERM to the process group, KILL one second later; never 0 */
	size_t max_output; /* of stdout and of stderr each; the rest is dropped and the child is killed */
	bool pass_stderr; /* let stderr through to ours */
	struct mt_waiting waiting; /* told `what` */
	const char *what;
	const struct mt_spawn_place *place; /* NULL: in "/", as ourselves */
	bool interruptible; /* by a signal that is held back (mt_interrupted): stopped as at the deadline */
};

struct mt_run_result {
	int status; /* exit status; 128 + signal when killed by one */
	bool timed_out, overflow;
	struct mt_str out, err; /* in the arena */
};

/*
 * 0: it ran to an end, whatever its status. -1: it could not be started (error code 2, `where` is the
 * program). The caller's SIGPIPE is ignored meanwhile.
 */
int mt_run(struct mt_arena *arena, const struct mt_run *run, struct mt_run_result *result,
	   struct mt_error *error) MT_MUST_CHECK;

#endif
