/* SPDX-License-Identifier: ISC */
/*
 * lsearch.h: a file that lsearch, wildlsearch, nwildlsearch and iplsearch read: "key: value" a line (specification, 9.4;
 * measured with Exim 4.96). A key ends at the first blank or colon, or is quoted; the colon may be missing; a line that
 * begins with a blank goes on, one blank in place of its own; an empty line and one that begins with '#' end a value, and
 * what would go on behind them does not count. What stands behind a value, also '#', belongs to it.
 */
#ifndef EX_LSEARCH_H
#define EX_LSEARCH_H

#include <mtapin/base.h>

struct ex_entry {
	struct mt_str key, value; /* with its continuations */
	struct mt_str text; /* the line as it stands */
	unsigned line;
	struct ex_entry *next; /* in the order of the file */
};
struct ex_lsearch {
	struct ex_entry *entries;
	struct mt_map by_key; /* in lower case; the first of the same key */
};
struct ex_lsearch *ex_lsearch_read(struct mt_arena *arena, struct mt_str bytes);
/* Letters do not count by size. NULL: none. */
const struct ex_entry *ex_lsearch_find(struct mt_arena *arena, const struct ex_lsearch *file,
				       struct mt_str key);

struct mt_str ex_lower(struct mt_arena *arena, struct mt_str s);
/* What a backslash and what follows it stand for (string_interpret_escape()); *s begins with it, and is behind it then. */
char ex_escape(struct mt_str *s);

#endif
