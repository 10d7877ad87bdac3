/* SPDX-License-Identifier: ISC */
/*
 * spawn.h: start a child process and hear of its end, without SIGCHLD: libuv's handler of it aborts when it cannot write
 * into a pipe, and a run that holds a lock or is in the middle of a commit must not.
 */
#ifndef MT_SPAWN_H
#define MT_SPAWN_H

#include <sys/types.h>

#include <mtapin/base.h>

struct mt_spawn {
	const char *const
		*argv; /* argv[0] absolute, or looked for in the PATH of `env`; NULL-terminated */
	const char *const *env; /* NULL-terminated */
	int fd[3]; /* what becomes its 0, 1 and 2 */
};

/* In "/", a session of its own, no signal blocked or ignored, no descriptor of ours but the three. 0, or -errno: it is not
 * there, or could not be started. */
int mt_spawn(const struct mt_spawn *spawn, pid_t *pid);
/* A descriptor that can be read from once it has ended; -1: this kernel has none (before Linux 5.3), ask mt_reap(). */
int mt_spawn_watch(pid_t pid);
/* Has it ended? *status: exit status; 128 + signal when it was killed by one, 128 + KILL when nobody knows. */
bool mt_reap(pid_t pid, int *status);

#endif
