/* SPDX-License-Identifier: ISC */
/*
 * escape.h: the one way foreign bytes reach a terminal, a log or a pipe as text.
 *
 * Everything that could move a cursor, reorder or hide text, or break a line becomes \xNN, byte by byte:
 * C0 and C1 controls, DEL, Unicode's bidirectional controls and line separators, invisible format
 * characters, and whatever is not valid UTF-8 (RFC 3629: shortest form, no surrogates). A backslash stays
 * as it is: the text is for people, --json is exact.
 */
#ifndef MT_ESCAPE_H
#define MT_ESCAPE_H

#include <mtapin/base.h>

/* One line: also LF and TAB are escaped. */
void mt_escape(struct mt_text *out, struct mt_str s);
/* A block of lines: LF and TAB stay. */
void mt_escape_block(struct mt_text *out, struct mt_str s);
/* Columns that escaped text takes: characters, not bytes (wide ones count as one). */
size_t mt_columns(struct mt_str escaped);
/* mt_escape() into a string of the arena. */
const char *mt_escaped(struct mt_arena *arena, const char *s) __attribute__((returns_nonnull));

#endif
