/* SPDX-License-Identifier: ISC */
/*
 * table.h: STAND-IN, no qmail. What real qmail-remote programs did (tests/vectors/qmail/builds.tsv), row by row, and the
 * control files as they are now: the row that fits decides what the stand-in does. No grammar of control files is
 * known here.
 */
#ifndef STANDIN_TABLE_H
#define STANDIN_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct bytes {
	char *p; /* NULL: absent */
	size_t n;
	bool unreadable; /* it is there and cannot be read; a folder is like that */
};

/* The control files that this build has a name for, as the strings in it: "control/me\0...\0\0". */
struct files {
	const char *names; /* each ended by a NUL, an empty one ends them */
	struct bytes *of; /* in that order */
};
void files_read(struct files *files);
/* By what stands behind the last '/'; of a file that this build has no name for: NULL. */
const struct bytes *file_named(const struct files *files, const char *name);

struct mail {
	const char *to, *from;
};
struct row {
	char *id, *build, *files, *to, *from, *result, *source, *helo, *text;
};
/*
 * The first row of the build that fits files and mail; else, where the pins alone are odd, the one that has these pins
 * and nothing else, for whatever mail. False: none.
 */
bool table_find(const char *path, const char *build, const struct files *files,
		const struct mail *mail, struct row *row);
/* What a row says of a file, escapes resolved; p NULL: nothing or (absent). */
struct bytes row_file(const struct row *row, const char *name);

#endif
