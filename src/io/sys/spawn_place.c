/* SPDX-License-Identifier: ISC */
/* spawn_place.c: a child that begins elsewhere than in "/" and as ourselves: what posix_spawn(3) has no words for. */
#include "io/sys/spawn_place.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/sys/fs.h"

/* ---- in the child: system calls only ------------------------------------------------------------- */

/* Each folder's copy, which is below ours, stands in for it; only this child and what it starts see that. */
static bool mount_copies(const struct mt_spawn_place *place)
{
	if (!place->mounts || !*place->mounts)
		return true;
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return false;
	for (const char *const *at = place->mounts; *at; at++)
		if (mount(*at + 1, *at, NULL, MS_BIND | MS_REC, NULL) < 0)
			return false;
	return true;
}

static bool become(const struct mt_spawn_place *place)
{
	return !place->other_user ||
	       (setgroups(0, NULL) == 0 && setresgid(place->gid, place->gid, place->gid) == 0 &&
		setresuid(place->uid, place->uid, place->uid) == 0 &&
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
}

static bool take_streams(const int fd[3])
{
	for (int i = 0; i < 3; i++)
		if (fd[i] == i ? fcntl(i, F_SETFD, 0) < 0 : dup2(fd[i], i) < 0)
			return false;
	return true;
}

static void placed_child(const struct mt_spawn *spawn, int report)
{
	const struct mt_spawn_place *place = spawn->place;
	sigset_t none;
	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (setsid() >= 0 && (place->folder < 0 ? chdir("/") : fchdir(place->folder)) == 0 &&
	    mount_copies(place) && become(place) && take_streams(spawn->fd) &&
	    (place->keep < 0 || fcntl(place->keep, F_SETFD, 0) == 0))
		execve(spawn->argv[0], (char *const *)(uintptr_t)spawn->argv,
		       (char *const *)(uintptr_t)spawn->env);
	int why = errno;
	(void)!write(report, &why, sizeof why);
	_exit(127);
}

/* ---- here ---------------------------------------------------------------------------------------- */

int mt_spawn_in_place(const struct mt_spawn *spawn, pid_t *pid)
{
	int ends[2], why = 0;
	if (MT_RETRY(pipe2(ends, O_CLOEXEC)) < 0)
		return -errno;
	MT_FD in = ends[0];
	MT_FD out = ends[1];
	*pid = MT_RETRY(fork());
	if (*pid == 0)
		placed_child(spawn, out);
	if (*pid < 0)
		return -errno;
	mt_fd_close(&out);
	/* its end of the pipe is closed when it has become the program */
	ssize_t n = MT_RETRY(read(in, &why, sizeof why));
	if (n != (ssize_t)sizeof why)
		return 0;
	int status;
	while (waitpid(*pid, &status, 0) < 0 && errno == EINTR)
		;
	return -why;
}
