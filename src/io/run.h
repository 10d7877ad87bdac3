/* SPDX-License-Identifier: ISC */
/*
 * run.h: one child process: absolute program, no shell, fixed environment (PATH, LC_ALL=C), its own
 * session, given input or /dev/null, a deadline, bounded output. Everything that mtapin executes runs
 * through here.
 */
#ifndef MT_RUN_H
#define MT_RUN_H

#include <mtapin/base.h>

struct mt_run {
	const char *const *argv; /* argv[0] absolute; NULL-terminated */
	struct mt_str input; /* empty: /dev/null */
	unsigned deadline_ms; /* then TERM to the whole session, KILL one second later */
	size_t max_output; /* of stdout and of stderr each; the rest is dropped and the child is killed */
	bool pass_stderr; /* let stderr through to ours */
};

struct mt_run_result {
	int status; /* exit status; 128 + signal when killed by one */
	bool timed_out, overflow;
	struct mt_str out, err; /* in the arena */
};

/* 0: it ran to an end, whatever its status. -1: it could not be started. */
int mt_run(struct mt_arena *arena, const struct mt_run *run, struct mt_run_result *result, struct mt_error *error)
	MT_MUST_CHECK;

#endif
