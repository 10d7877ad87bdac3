/* SPDX-License-Identifier: ISC */
/*
 * lines.h: a configuration as logical lines: macros replaced, conditions and includes followed, continuations joined.
 *
 * Source: exim src/readconf.c (get_config_line), measured with 4.96. What surprises:
 *	- all is done to physical lines: a comment, a condition or an include within a continued line is no part of it, and a
 *	  '#' that a macro brings to the beginning makes a comment
 *	- a condition is true when any macro was replaced in its line; the word behind ".ifdef" does not matter else. Nothing
 *	  but a blank or the end may follow ".endif": with CR LF it is no condition, and ignored
 *	- names of macros are replaced within longer words; those that are built in only where they, and not a capital
 *	  letter, are the first on the line that could be one
 *	- where the file ends within a continued line, a comment or condition that is its last line is part of it all the same
 *	- what stands behind a NUL on a physical line is not seen
 */
#ifndef EX_LINES_H
#define EX_LINES_H

#include "options.h"

/* Planted faults, for tests/differential/exim/run to find. */
enum ex_fault {
	EX_FAULT_COMMENT_ENDS_LINE,
	EX_FAULT_WHOLE_WORDS,
	EX_FAULT_NO_CLASH,
	EX_FAULT_FIRST_DEFINITION,
	EX_FAULT_ELIFDEF_IS_ELSE,
	EX_FAULT_INCLUDE_KEEPS_QUOTES,
	EX_FAULT_OPTION_TWICE,
	EX_FAULT_NO_ESCAPES,
	EX_FAULT_NO_IS_TRUE,
	EX_FAULT_LATE_DRIVER,
};
#ifdef EX_FAULTS
bool ex_fault(enum ex_fault fault);
#else
#define ex_fault(fault) false
#endif

/* A file that is being read. */
struct ex_source {
	const char *file;
	struct mt_str rest;
	unsigned line; /* the last physical one that was read */
	bool redacted;
	const struct mt_step *includes; /* that lead to it */
	struct ex_source *from; /* the one that includes it */
};

#define EX_CONDITIONS 10 /* Exim takes so many within another */
/* Where a configuration costs more time than it is worth; then not all of it is known. */
#define EX_LINES_MAX  30000
#define EX_MACROS_MAX 1000

enum ex_reading { EX_READS, EX_SKIPS_TO_ELSE, EX_SKIPS_TO_END };

struct ex_logical {
	struct mt_str text; /* from its first byte that is no blank */
	struct mt_str raw; /* before macros were replaced */
	const char *file; /* where it begins */
	unsigned first, last;
	bool crosses; /* an include within it goes on with it in another file: `last` is 0 */
	bool cut; /* bytes of it were taken out of the bundle */
	const struct mt_step *includes;
	const struct ex_macro *const *used; /* macros replaced in it, in that order */
	size_t used_count;
};

struct ex_reader {
	struct mt_arena *arena;
	const struct mt_snapshot
		*snapshot; /* NULL: of what -bP config printed; nothing is replaced or included */
	const struct ex_build *build;
	struct ex_config *config;
	struct ex_source *source; /* NULL: at the end */
	bool redacted; /* some file is: what was taken out may be what a line needs that is whole */
	enum ex_section section;
	enum ex_reading reading, outer[EX_CONDITIONS];
	size_t depth; /* of conditions */
	/* macros by their names, in the order in which they were first defined: the one in force */
	struct ex_macro **macro;
	size_t macro_count, macro_room;
	struct ex_macro **macro_tail;
	struct ex_line **line_tail;
	size_t line_count;
};

void ex_reader_open(struct ex_reader *reader, const char *file);
/* False: the end, or config->error. */
bool ex_next_line(struct ex_reader *reader, struct ex_logical *line);
/* "NAME = value", "NAME == value" */
bool ex_read_macro(struct ex_reader *reader, const struct ex_logical *line);

/* Record why Exim dies, at the physical line that was read last; false. */
bool ex_fail(struct ex_reader *reader, const char *fmt, ...) MT_PRINTF(2, 3);
/* The same where Exim names no place. */
bool ex_fail_nowhere(struct ex_reader *reader, const char *fmt, ...) MT_PRINTF(2, 3);
void ex_unknown(struct ex_reader *reader, const char *fmt, ...) MT_PRINTF(2, 3);

/* Where a line begins; `via` are macros and includes. */
const struct mt_origin *ex_origin(struct ex_reader *reader, const struct ex_logical *line);

static inline bool ex_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline bool ex_is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}
static inline bool ex_is_word(char c) /* of a name */
{
	return mt_is_alnum(c) || c == '_';
}
void ex_skip_space(struct mt_str *s);

#endif
