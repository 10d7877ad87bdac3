/* SPDX-License-Identifier: ISC */
/*
 * lock.h: our own lock, and the lock files of the programs that edit the same configuration.
 *
 * A foreign lock follows the protocol of Postfix's edit_file(3) (src/util/edit_file.c): the lock is a
 * file of mode 0600 at a fixed name, opened (created if absent), locked with flock(2), and looked up
 * again: another file there now means that its last holder moved or removed it, and one starts over.
 * Whoever holds it removes the file before letting go. Ours never follows a link.
 */
#ifndef MT_LOCK_H
#define MT_LOCK_H

#include "io/sys/run.h"

struct mt_lock {
	int fd, dir; /* -1: not held */
	const char *path, *name;
	bool keep; /* our own lock's file stays */
	struct mt_lock *next;
};

/* Ours, in the folder `state_dir`, waited for at most `wait_ms` while another mtapin holds it. What its last
 * holder noted and was killed with is swept: so it must be a regular file that only root or the caller may write. */
struct mt_lock_wait {
	int state_dir;
	unsigned wait_ms;
	struct mt_waiting waiting;
};
int mt_lock_own(struct mt_arena *arena, struct mt_lock_wait wait, struct mt_lock **lock,
		struct mt_error *error) MT_MUST_CHECK;
/* Note in it which others are about to be taken, or, NULL, that none is: the journal may not know yet. */
int mt_lock_note(struct mt_arena *arena, const struct mt_lock *own, const char *const *paths,
		 struct mt_error *error) MT_MUST_CHECK;
/* All of `paths` (NULL-terminated; may be NULL), in that order, each waited for. */
struct mt_lock_timeout {
	unsigned ms;
	bool interruptible; /* by a signal that is held back (mt_interrupted) */
	struct mt_waiting waiting; /* told `what` */
	const char *what;
	unsigned waited; /* ms */
};
int mt_lock_files(struct mt_arena *arena, const char *const *paths, struct mt_lock_timeout wait,
		  struct mt_lock **locks, struct mt_error *error) MT_MUST_CHECK;
/* Remove those that a killed run left behind; one that somebody holds stays. Makes none. */
void mt_lock_sweep(struct mt_arena *arena, const char *const *paths);
/* Let go of all of a list, the last one first; *lock becomes NULL. */
void mt_unlock(struct mt_lock **lock);

#endif
