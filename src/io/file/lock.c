/* SPDX-License-Identifier: ISC */
/* lock.c: flock(2) on files that may be exchanged while we wait. */
#include "io/file/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mtapin/plan.h>

#include "io/sys/clock.h"
#include "io/sys/fs.h"
#include "io/sys/trust.h"

#define POLL_MS	    50
#define MAX_RESTART 1000
#define NOTE_MAX    65536

static int fail_lock(struct mt_error *error, const char *path, const char *doing)
{
	return mt_fail(error, MT_EXIT_FAILED, path, "%s: %s", doing, strerror(errno));
}

/*
 * What is left of the time is *wait's. Asked for again and again rather than slept for in flock(2): Postfix's own
 * edit_file_open() waits for ever, and a postconf that hangs would hang a fix, and every later one.
 */
static int wait_for_lock(int fd, struct mt_lock_timeout *wait)
{
	while (MT_RETRY(flock(fd, LOCK_EX | LOCK_NB)) < 0) {
		if (errno != EWOULDBLOCK || wait->ms < POLL_MS ||
		    (wait->interruptible && mt_interrupted()))
			return -1;
		mt_sleep_ms(POLL_MS);
		wait->ms -= POLL_MS;
		wait->waited += POLL_MS;
		if (wait->waiting.say && wait->waited == MT_SLOW_MS)
			wait->waiting.say(wait->waiting.data, wait->what);
	}
	return 0;
}

/* ---- our own, which names the others that its holder takes -------------------------------------- */

static void sweep_noted(struct mt_arena *arena, int fd)
{
	struct mt_str text, line;
	const char *const *paths = NULL;
	if (mt_read_all(arena, fd, NOTE_MAX, &text))
		return;
	while (mt_str_line(&text, &line))
		if (line.n && line.p[0] == '/')
			mt_list_add(arena, &paths, mt_strz(arena, line));
	mt_lock_sweep(arena, paths);
}

int mt_lock_note(struct mt_arena *arena, const struct mt_lock *own, const char *const *paths,
		 struct mt_error *error)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	for (; paths && *paths; paths++)
		mt_text_addf(&text, "%s\n", *paths);
	if (MT_RETRY(ftruncate(own->fd, 0)) < 0 || lseek(own->fd, 0, SEEK_SET) < 0 ||
	    mt_write_all(own->fd, mt_text_str(&text)))
		return fail_lock(error, own->name, "cannot write our own lock");
	return 0;
}

int mt_lock_own(struct mt_arena *arena, struct mt_lock_wait wait, struct mt_lock **lock,
		struct mt_error *error)
{
	struct mt_error why = {0};
	struct mt_lock_timeout timeout = {
		.ms = wait.wait_ms,
		.waiting = wait.waiting,
		.what = "waiting for another mtapin, which is changing this host"};
	MT_FD fd = mt_open(wait.state_dir, "lock",
			   O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fail_lock(error, "lock", "cannot open our own lock");
	/* it would name files that root removes */
	if (mt_trust_fd(fd, S_IFREG, "lock", &why))
		return mt_fail(error, MT_EXIT_FAILED, "lock",
			       "our own lock, in the state folder, is not ours: %s", why.message);
	if (wait_for_lock(fd, &timeout))
		return errno == EWOULDBLOCK ? mt_fail(error, MT_EXIT_FAILED, "",
						      "another mtapin is changing this host")
					    : fail_lock(error, "lock", "cannot take our own lock");
	sweep_noted(arena, fd);
	struct mt_lock *own = MT_NEW(arena, struct mt_lock);
	*own = (struct mt_lock){.fd = fd, .dir = -1, .name = "lock", .keep = true, .next = *lock};
	*lock = own;
	fd = -1;
	return 0;
}

/* ---- lock files of others ----------------------------------------------------------------------- */

static int open_lock_dir(struct mt_arena *arena, struct mt_lock *lock)
{
	const char *slash = strrchr(lock->path, '/');
	if (!slash) {
		errno = EINVAL;
		return -1;
	}
	lock->name = slash + 1;
	size_t n = (size_t)(slash - lock->path) + 1;
	return mt_open(AT_FDCWD, mt_strz(arena, (struct mt_str){lock->path, n}),
		       O_RDONLY | O_DIRECTORY);
}

/* Is the file we locked still the one of that name? */
static bool still_there(const struct mt_lock *lock)
{
	struct stat st, now;
	return MT_RETRY(fstat(lock->fd, &st)) == 0 &&
	       MT_RETRY(fstatat(lock->dir, lock->name, &now, AT_SYMLINK_NOFOLLOW)) == 0 &&
	       st.st_dev == now.st_dev && st.st_ino == now.st_ino;
}

/* What edit_file_open() accepts as its own; else it unlinks the file, and two of us would hold "the" lock. */
static bool fit(const struct mt_lock *lock)
{
	struct stat st;
	return MT_RETRY(fstat(lock->fd, &st)) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
	       (st.st_mode & 0777) == 0600;
}

/* One round: 1 held, 0 start over, -1 error. */
static int attempt_lock(struct mt_lock *lock, struct mt_lock_timeout *wait, struct mt_error *error)
{
	lock->fd = mt_open(lock->dir, lock->name,
			   O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (lock->fd < 0)
		return errno == ENXIO /* a FIFO that nobody reads */
			       ? mt_fail(error, MT_EXIT_FAILED, lock->path,
					 "the lock file is not a regular file: remove it")
			       : fail_lock(error, lock->path, "cannot open the lock file");
	if (wait_for_lock(lock->fd, wait)) {
		fail_lock(error, lock->path, "somebody else is editing the configuration");
		mt_fd_close(&lock->fd);
		return -1;
	}
	if (still_there(lock)) {
		if (fit(lock))
			return 1;
		/* left behind, or planted: the name goes, what it named stays as it is */
		MT_RETRY(unlinkat(lock->dir, lock->name, 0));
	}
	mt_fd_close(&lock->fd);
	return 0;
}

static int take_lock(struct mt_lock *lock, struct mt_lock_timeout wait, struct mt_error *error)
{
	for (int i = 0; i < MAX_RESTART; i++) {
		int held = attempt_lock(lock, &wait, error);
		if (held)
			return held > 0 ? 0 : -1;
	}
	return mt_fail(error, MT_EXIT_FAILED, lock->path,
		       "the lock file is exchanged all the time");
}

int mt_lock_files(struct mt_arena *arena, const char *const *paths, struct mt_lock_timeout wait,
		  struct mt_lock **locks, struct mt_error *error)
{
	for (; paths && *paths; paths++) {
		struct mt_lock *lock = MT_NEW(arena, struct mt_lock);
		*lock = (struct mt_lock){.fd = -1, .path = *paths};
		lock->dir = open_lock_dir(arena, lock);
		if (lock->dir < 0 || take_lock(lock, wait, error)) {
			fail_lock(error, lock->path, "cannot open the lock file's folder");
			mt_fd_close(&lock->dir);
			mt_unlock(locks);
			return -1;
		}
		lock->next = *locks;
		*locks = lock;
	}
	return 0;
}

void mt_unlock(struct mt_lock **lock)
{
	for (struct mt_lock *l = *lock; l; l = l->next) {
		if (!l->keep && l->fd >= 0 && still_there(l))
			MT_RETRY(unlinkat(l->dir, l->name, 0));
		mt_fd_close(&l->fd);
		mt_fd_close(&l->dir);
	}
	*lock = NULL;
}

void mt_lock_sweep(struct mt_arena *arena, const char *const *paths)
{
	for (; paths && *paths; paths++) {
		const char *const one[] = {*paths, NULL};
		struct mt_lock *lock = NULL;
		struct mt_error ignored = {0};
		struct stat st;
		if (MT_RETRY(lstat(*paths, &st)) < 0 || !S_ISREG(st.st_mode))
			continue;
		(void)!mt_lock_files(arena, one, (struct mt_lock_timeout){0}, &lock, &ignored);
		mt_unlock(&lock);
	}
}
