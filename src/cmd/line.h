/* SPDX-License-Identifier: ISC */
/* line.h: command lines as a shell takes them: what was typed. */
#ifndef MT_CMD_LINE_H
#define MT_CMD_LINE_H

#include <mtapin/base.h>

/* "mtapin WORD..."; a word that means something to a shell is quoted. `words` is NULL-terminated. */
const char *mt_line_of(struct mt_arena *arena, char *const *words);

#endif
