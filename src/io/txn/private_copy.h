/* SPDX-License-Identifier: ISC */
/*
 * private_copy.h: files of this host below a folder that only we can enter, each at its own path: for programs that are to look
 * at them, or to work on them, before anything is installed.
 *
 * Owner and mode of files and folders are kept, so that a program that runs as another user reads what it could read of the real
 * ones. A link to a file becomes that file; links to folders, sockets and the like are left out, and so is what is absent:
 * nothing that is written there ends up elsewhere. Nothing is synced. The copies are a minute old: Postfix's readers wait two
 * seconds on a file that is newer than that (src/util/dict.c, dict_load_file_xt).
 */
#ifndef MT_PRIVATE_COPY_H
#define MT_PRIVATE_COPY_H

#include "io/txn/engine.h"

struct mt_copy {
	struct mt_engine *engine;
	bool changed; /* with the transaction's new bytes */
	bool checked; /* who else may write one of the files, or its folder, is refused */
	const char *const *left_out; /* paths; NULL-terminated; may be NULL */
	int above, top; /* descriptors: of the folder it is made in, and its own; -1 */
	const char *name, *path; /* of the folder that stands for / */
	size_t files, bytes;
};

/* Make it as `name` in the folder `above`, whose path is given. */
int mt_copy_begin(struct mt_copy *copy, int above, const char *above_path, const char *name,
		  struct mt_error *error) MT_MUST_CHECK;
/* A file, or a folder with all that is in it. Errors: unreadable, too much, HOST-FOREIGN-DIR. */
int mt_copy_add(struct mt_copy *copy, const char *path, struct mt_error *error) MT_MUST_CHECK;
/* Make the folder of a file that is not there yet. */
int mt_copy_add_folder_of(struct mt_copy *copy, const char *path,
			  struct mt_error *error) MT_MUST_CHECK;
/* What somebody wrote there: a regular file of at most MT_ITEM_MAX bytes. -1: errno says why it is none. */
int mt_copy_read(const struct mt_copy *copy, const char *path, struct mt_str *bytes) MT_MUST_CHECK;
/* A text that a program printed, with the real paths. */
const char *mt_copy_real_names(const struct mt_copy *copy, const char *text);
/* Remove and close it, also one that was never begun. -1: it is still there, errno says why. */
int mt_copy_end(struct mt_copy *copy) MT_MUST_CHECK;

/* `text` with `by` in place of every `what`. */
const char *mt_text_replace(struct mt_arena *arena, const char *text, const char *what,
			    const char *by);

#endif
