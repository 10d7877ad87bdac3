/* SPDX-License-Identifier: ISC */
/*
 * bundle_store.h: bundles in a folder, a file a host: NAME.bundle (0600). A file is there as a whole or not at all.
 */
#ifndef MT_STORE_H
#define MT_STORE_H

#include <mtapin/base.h>

#define MT_STORE_SUFFIX ".bundle"

/*
 * Open for writing, made (0700) if it is absent. Nobody else may write it: what is in it is believed later.
 * 0: *fd is the caller's to close. Errors: code 2.
 */
int mt_store_open(const char *path, int *fd, struct mt_error *error) MT_MUST_CHECK;
bool mt_store_has(int fd, const char *host);
/* -1: errno says why; a file of that name that was there is replaced. */
int mt_store_put(int fd, const char *host, struct mt_str bundle);
/* The hosts of a folder: names of files without the suffix, sorted; those that start with a dot are none. */
int mt_store_list(struct mt_arena *arena, const char *path, const char ***hosts, size_t *count,
		  struct mt_error *error) MT_MUST_CHECK;
/* The file of one of them. */
const char *mt_store_path(struct mt_arena *arena, const char *path, const char *host);

#endif
