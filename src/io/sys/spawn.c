/* SPDX-License-Identifier: ISC */
/* spawn.c: posix_spawn(3), and a process as a descriptor. */
#include "io/sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/sys/fs.h"
#include "io/sys/spawn_place.h"

static int set_attributes(posix_spawnattr_t *attr)
{
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	return posix_spawnattr_setsigmask(attr, &none) ||
	       posix_spawnattr_setsigdefault(attr, &all) ||
	       posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
						      POSIX_SPAWN_SETSIGDEF);
}

/* dup2 to itself clears close-on-exec too (stderr let through). */
static int set_files(posix_spawn_file_actions_t *files, const int fd[3])
{
	int failed = posix_spawn_file_actions_addchdir_np(files, "/");
	for (int i = 0; i < 3 && !failed; i++)
		failed = posix_spawn_file_actions_adddup2(files, fd[i], i);
	return failed;
}

static const char *path_of(const char *const *env)
{
	for (; *env; env++)
		if (strncmp(*env, "PATH=", 5) == 0)
			return *env + 5;
	return "";
}

struct start {
	const struct mt_spawn *spawn;
	posix_spawnattr_t attr;
	posix_spawn_file_actions_t files;
};

static int start_at(const struct start *s, const char *program, pid_t *pid)
{
	int failed;
	do
		failed = posix_spawn(pid, program, &s->files, &s->attr,
				     (char *const *)(uintptr_t)s->spawn->argv,
				     (char *const *)(uintptr_t)s->spawn->env);
	while (failed == EINTR);
	return failed;
}

/* The first of that name that can be started; as execvp(3) does, in the child's PATH. */
static int start_in_path(const struct start *s, pid_t *pid)
{
	struct mt_str path = mt_str_of(path_of(s->spawn->env)), dir;
	char program[PATH_MAX];
	int why = ENOENT;
	while (mt_str_word(&path, ":", &dir)) {
		if (snprintf(program, sizeof program, "%.*s/%s", MT_STR_FMT(dir),
			     s->spawn->argv[0]) >= (int)sizeof program)
			continue;
		int failed = start_at(s, program, pid);
		if (failed == 0 || (failed != ENOENT && failed != ENOTDIR && failed != EACCES))
			return failed;
		why = failed == EACCES ? failed : why;
	}
	return why;
}

int mt_spawn(const struct mt_spawn *spawn, pid_t *pid)
{
	struct start s = {.spawn = spawn};
	/* Ours are all close-on-exec; those that we inherited ourselves must not go further either. */
	if (close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC) != 0) {
		long top = sysconf(_SC_OPEN_MAX);
		for (int fd = 3; fd < top && fd < 65536; fd++)
			fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	if (spawn->place)
		return mt_spawn_in_place(spawn, pid);
	int failed = posix_spawnattr_init(&s.attr);
	if (failed)
		return -failed;
	failed = posix_spawn_file_actions_init(&s.files);
	if (!failed) {
		failed = set_attributes(&s.attr) || set_files(&s.files, spawn->fd) ? ENOMEM : 0;
		if (!failed)
			failed = strchr(spawn->argv[0], '/') ? start_at(&s, spawn->argv[0], pid)
							     : start_in_path(&s, pid);
		posix_spawn_file_actions_destroy(&s.files);
	}
	posix_spawnattr_destroy(&s.attr);
	return -failed;
}

int mt_spawn_watch(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

bool mt_reap(pid_t pid, int *status)
{
	int how;
	pid_t done = MT_RETRY(waitpid(pid, &how, WNOHANG));
	if (done == 0)
		return false;
	*status = done < 0	   ? 128 + SIGKILL
		  : WIFEXITED(how) ? WEXITSTATUS(how)
				   : 128 + WTERMSIG(how);
	return true;
}
