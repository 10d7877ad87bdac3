/* SPDX-License-Identifier: ISC */
/* prompt.h: one question on the terminal. */
#ifndef MT_PROMPT_H
#define MT_PROMPT_H

#include <stdbool.h>

/* "QUESTION [y/N] " on stderr; true only for y or yes, in any case. End of input, and anything else, is no. */
bool mt_prompt_yes(const char *question);

#endif
