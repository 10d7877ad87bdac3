/* SPDX-License-Identifier: ISC */
/*
 * tree.h: the files of a tree that is not running (`--root DIR`), as a bundle. Nothing of the tree is executed, no
 * path leaves it (absolute symbolic links inside it stay inside; openat2, RESOLVE_IN_ROOT), and only
 * regular files are opened. Host facts are *unasked*, the snapshot is `rooted`.
 *
 * Which files: what the backends want (mt_backend.wants), asked again with what was read until nothing is
 * new.
 *
 * Errors: no such folder, no openat2 (Linux before 5.6). BUGS: file names come from the tree's own configuration; only text
 * files that a backend names are read.
 */
#ifndef MT_ROOT_H
#define MT_ROOT_H

#include "io/collect/collect.h"

/*
 * Become a process to which DIR is / (chroot, for good), so that whatever is written stays in the tree. Errors:
 * code 2, not root, or (HOST-FOREIGN-DIR, unless accepted) another user could exchange the tree.
 */
int mt_root_enter(struct mt_arena *arena, const char *dir, const char *const *accept,
		  struct mt_error *error) MT_MUST_CHECK;

int mt_collect_root(struct mt_arena *arena, const struct mt_collect *collect, const char *dir,
		    struct mt_str *bundle, struct mt_error *error) MT_MUST_CHECK;

#endif
