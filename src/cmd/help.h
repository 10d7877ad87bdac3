/* SPDX-License-Identifier: ISC */
/* help.h: --help and the bash completion, written from the tables. */
#ifndef MT_HELP_H
#define MT_HELP_H

#include "cmd/command.h"

void mt_help_program(struct mt_text *out);
void mt_help_command(struct mt_text *out, const struct mt_command *command);
/* The script that completions/ holds a copy of. */
void mt_help_bash(struct mt_text *out);

#endif
