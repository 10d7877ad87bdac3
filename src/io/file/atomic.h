/* SPDX-License-Identifier: ISC */
/*
 * atomic.h: one file that is replaced as a whole or not at all.
 *
 * The path is resolved once (a linked file or folder is edited where it points to), its folder opened
 * once, and from then on only *at() calls inside that folder are made. The new contents are written
 * to a random name beside the file with the old one's owner, mode, ACL, extended attributes and inode
 * flags, synced, and then take its place in one step.
 *
 *	was present, replaced	renameat2(EXCHANGE), so that what was displaced can be looked at: if it
 *				is not what we read, it is put back and ours withdrawn
 *	was absent, created	renameat2(NOREPLACE): never over what somebody made meanwhile
 *	was present, removed	renamed to the temporary's name, looked at, unlinked
 *
 * BUGS: where the file system knows no renameat2 flags, a plain rename follows the last look, and an
 * edit that falls between the two is lost. A writer that keeps the old file open writes into the void.
 * The attributes security.ima and security.evm belong to the old bytes and are not copied.
 */
#ifndef MT_ATOMIC_H
#define MT_ATOMIC_H

#include <mtapin/base.h>

#include <sys/stat.h>

#define MT_TEMP_NAME 32

struct mt_target {
	const char *path; /* as named */
	const char *where; /* DIR/NAME, links resolved */
	const char *dir_path, *name;
	/* the folder of the link, when the last component was one; else NULL */
	const char *link_dir;
	int dir, file; /* descriptors; file -1: it is absent */
	struct stat dir_st, st; /* st: zero when absent */
	struct mt_str bytes; /* as read; empty when absent */
	char sha[65]; /* of `bytes`; "" when absent */
	char temp[MT_TEMP_NAME];
	/* for whom a file that was absent is made; `owned` false: for us */
	bool owned;
	bool remode; /* the same for one that was there */
	uid_t uid;
	gid_t gid;
	bool staged; /* the temporary exists */
	bool remove; /* staged to be absent */
	bool committed; /* the new state is visible */
};

#define MT_TARGET_NONE                                                                             \
	{                                                                                          \
		.dir = -1, .file = -1                                                              \
	}

/* Resolve, open and read. Errors: not a regular file, dangling link, too big, unreadable. */
int mt_target_open(struct mt_arena *arena, const char *path, struct mt_target *target,
		   struct mt_error *error) MT_MUST_CHECK;
/* Draw the name of the temporary (it is journalled before it is made). */
int mt_target_draw(struct mt_target *target, struct mt_error *error) MT_MUST_CHECK;
/* Write the temporary beside the file; `mode` is for a file that was absent. Leaves nothing on failure. */
int mt_target_stage(struct mt_target *target, struct mt_str bytes, int mode,
		    struct mt_error *error) MT_MUST_CHECK;
/* Instead of staging bytes: the file shall be absent. */
void mt_target_stage_removal(struct mt_target *target);
/* Is it still the very file that was opened, at that path, with those bytes? */
int mt_target_recheck(struct mt_target *target, struct mt_error *error) MT_MUST_CHECK;
/*
 * Recheck, take its place, sync the folder. On -1 `committed` tells whether the new state is visible
 * (then it may not survive a power cut: go back).
 */
int mt_target_commit(struct mt_target *target, struct mt_error *error) MT_MUST_CHECK;
/* Remove the temporary, if there is one, and close. May be called twice. -1: it could not be removed, errno says why. */
int mt_target_close(struct mt_target *target);

/*
 * What cannot work or must not be done, before anything is written. Refusals with an id can be
 * accepted: HOST-HARD-LINK (only this name gets the new contents), HOST-FOREIGN-DIR (another user
 * may write or owns a folder on the way, and could swap files under our hands). Without one: mounted
 * over, immutable, append-only, read-only, no permission.
 */
int mt_target_check(struct mt_arena *arena, const struct mt_target *target,
		    const char *const *accept, struct mt_error *error) MT_MUST_CHECK;
/* Refuse (HOST-FOREIGN-DIR, unless accepted) a folder on the way from / to PATH, resolved, that another user owns or
 * may write. */
int mt_way_check(struct mt_arena *arena, const char *path, const char *const *accept,
		 struct mt_error *error) MT_MUST_CHECK;
/* The first folder from / to PATH (resolved) that somebody else owns or may write; NULL: none. */
const char *mt_foreign_dir(struct mt_arena *arena, const char *path);

#endif
