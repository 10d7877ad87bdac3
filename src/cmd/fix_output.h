/* SPDX-License-Identifier: ISC */
/* fix_output.h: what `fix` and the wizard print alike. */
#ifndef MT_CMD_FIX_OUTPUT_H
#define MT_CMD_FIX_OUTPUT_H

#include "app/fixing.h"
#include "cmd/command.h"

/* Say on stderr why there is no plan, and the ways out. */
void mt_fix_refused(const struct mt_context *context, const struct mt_fixing *fixing);
/* The diff of the plan as it is printed. */
struct mt_str mt_fix_diff(const struct mt_context *context, const struct mt_fixing *fixing);
/* All that is known of it, as JSON. */
void mt_fix_json(const struct mt_fixing *fixing);
/* Apply it, and say what was done and what is left to do; returns the exit code. */
int mt_fix_apply(struct mt_context *context, struct mt_fixing *fixing);

#endif
