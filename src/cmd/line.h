/* SPDX-License-Identifier: ISC */
/* line.h: command lines as a shell takes them: what was typed, and what could have been typed. */
#ifndef MT_CMD_LINE_H
#define MT_CMD_LINE_H

#include "cmd/options.h"

/* "mtapin WORD..."; a word that means something to a shell is quoted. `words` is NULL-terminated. */
const char *mt_line_of(struct mt_arena *arena, char *const *words);
/* The line that gives `command` these options, in the order of the table; defaults are left out. */
const char *mt_line_of_options(struct mt_arena *arena, const char *command,
			       const struct mt_options *options);

#endif
