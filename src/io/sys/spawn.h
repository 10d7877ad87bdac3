/* SPDX-License-Identifier: ISC */
/*
 * spawn.h: start a child process and hear of its end, without SIGCHLD: libuv's handler of it aborts when it cannot write
 * into a pipe, and a run that holds a lock or is in the middle of a commit must not.
 */
#ifndef MT_SPAWN_H
#define MT_SPAWN_H

#include <sys/types.h>

#include <mtapin/base.h>

/* Where a child begins that is neither in "/" nor as ourselves. */
struct mt_spawn_place {
	int folder; /* its working folder, a descriptor; -1: "/" */
	/* absolute paths of folders, for each of which the one of that path below `folder` stands in, to it and to what it starts;
	 * NULL-terminated; NULL: none. Only root may, and not everywhere. */
	const char *const *mounts;
	bool other_user; /* as uid and gid, in no other group, and with no way to get more */
	uid_t uid;
	gid_t gid;
	int keep; /* a descriptor that it and what it starts hold open, too; -1: none */
};

struct mt_spawn {
	const char *const
		*argv; /* argv[0] absolute, or looked for in the PATH of `env`; NULL-terminated */
	const char *const *env; /* NULL-terminated */
	int fd[3]; /* what becomes its 0, 1 and 2 */
	const struct mt_spawn_place *place; /* then argv[0] is absolute; NULL: "/", as ourselves */
};

/* In "/" (or its place), a session of its own, no signal blocked or ignored, no descriptor of ours but the three. 0, or -errno: it is not
 * there, or could not be started. */
int mt_spawn(const struct mt_spawn *spawn, pid_t *pid);
/* A descriptor that can be read from once it has ended; -1: this kernel has none (before Linux 5.3), ask mt_reap(). */
int mt_spawn_watch(pid_t pid);
/* Has it ended? *status: exit status; 128 + signal when it was killed by one, 128 + KILL when nobody knows. */
bool mt_reap(pid_t pid, int *status);

#endif
