/* SPDX-License-Identifier: ISC */
/* help.h: --help and the completions of three shells, written from the tables. */
#ifndef MT_HELP_H
#define MT_HELP_H

#include "cmd/command.h"

void mt_help_program(struct mt_text *out, const struct mt_option *table);
void mt_help_command(struct mt_text *out, const struct mt_option *table,
		     const struct mt_command *command);
/* The scripts that completions/ holds copies of. */
void mt_complete_bash(struct mt_text *out, const struct mt_option *table);
void mt_complete_zsh(struct mt_text *out, const struct mt_option *table);
void mt_complete_fish(struct mt_text *out, const struct mt_option *table);

#endif
