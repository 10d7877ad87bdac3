/* SPDX-License-Identifier: ISC */
/* line.h: command lines of mtapin itself: what was typed, and what could have been typed. */
#ifndef MT_CMD_LINE_H
#define MT_CMD_LINE_H

#include "cmd/options.h"
#include <mtapin/recipe.h>

/* "mtapin WORD..."; `words` is NULL-terminated. */
struct mt_recipe *mt_line_of(struct mt_arena *arena, char *const *words);
/* The line that gives `command` these options, in the order of the table; defaults are left out. */
struct mt_recipe *mt_line_of_options(struct mt_arena *arena, const char *command,
				     const struct mt_options *options);

#endif
