/* SPDX-License-Identifier: ISC */
/*
 * edit.h: edits of the files that Exim, or update-exim4.conf, reads. Everything else in them stays as it is to the byte.
 *
 * A setting is a logical line: the physical one it begins on, and those that a backslash joins to it, with the comments
 * between them. Lines are named by their numbers in the file as it was, whatever has been edited since.
 *
 * Measured: a macro file without a final newline glues its last line to what update-exim4.conf puts behind it, and all mail
 * waits; a comment behind a value is part of the value; an option that is set twice, and `=` for a macro that is there
 * already, are errors.
 */
#ifndef EX_EDIT_H
#define EX_EDIT_H

#include <mtapin/base.h>

struct ex_splice {
	size_t at, length; /* bytes taken out */
	struct mt_str text; /* bytes put in their place */
	struct ex_splice *next; /* sorted; of equal ones the earlier added comes first */
};

/* A file that is being edited. */
struct ex_edit {
	struct mt_arena *arena;
	struct mt_str before;
	struct ex_splice *first;
};

/*
 * "NAME = VALUE", "NAME == VALUE" or "hide NAME = VALUE": another value. False: it is no such line, or a condition (.ifdef)
 * stands in the middle of it.
 */
bool ex_edit_value(struct ex_edit *edit, unsigned line, const char *value) MT_MUST_CHECK;
/* Take the setting out. False as above. */
bool ex_edit_remove(struct ex_edit *edit, unsigned line) MT_MUST_CHECK;
/* A new option of the driver whose "NAME:" is on line `head`, behind its setting on `line`; behind the .endif where that
 * depends on a condition. */
void ex_edit_option(struct ex_edit *edit, unsigned head, unsigned line, const char *text);
/* Does line `number` of the driver that begins on line `head` depend on a condition of its own (.ifdef)? */
bool ex_is_conditional(struct mt_str file, unsigned head, unsigned number);
/* A new main setting: before the first one, and before the comment that belongs to that. */
void ex_edit_main(struct ex_edit *edit, const char *text);
/* A new last line, which ends in a newline, as the one before it then does. */
void ex_edit_append(struct ex_edit *edit, const char *text);
/* In a table of lsearch: the value of its first line for `key`, or a new line; value NULL: that line goes. Where the first key that fits counts
 * (wildlsearch, nwildlsearch), a new one for all is the last line, any other one the first. */
void ex_edit_map(struct ex_edit *edit, const char *key, const char *value, bool first_counts);
/* The value of that line, trimmed; p NULL: there is none. */
struct mt_str ex_map_value(struct mt_arena *arena, struct mt_str file, const char *key);

struct mt_str ex_edit_after(const struct ex_edit *edit);

#endif
