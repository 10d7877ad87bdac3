/* SPDX-License-Identifier: ISC */
/*
 * text.h: results as text for people. Foreign bytes pass mt_escape(); columns are aligned by characters;
 * messages are wrapped at blanks on a terminal, never cut.
 */
#ifndef MT_TEXT_H
#define MT_TEXT_H

#include "io/apply.h"
#include "ui/output.h"

/* Every MTA, what was seen, and the findings. */
void mt_text_model(struct mt_text *text, const struct mt_output *out, const struct mt_model *model);
/* One mail: which path of this MTA carries it, and why. */
void mt_text_route(struct mt_text *text, const struct mt_output *out, const struct mt_mta *mta,
		   const struct mt_route *route);
/* `quiet` leaves notes out. */
void mt_text_findings(struct mt_text *text, const struct mt_output *out,
		      const struct mt_model *model, bool quiet);
/* The diff of every change: raw for a pipe, escaped on a terminal. */
void mt_text_diff(struct mt_text *text, const struct mt_output *out,
		  const struct mt_change *changes);
/* What the plan means besides its diff: a remark a line, for stderr. */
void mt_text_plan(const struct mt_output *out, const struct mt_plan *plan);
/* One line a file on stdout, the rest on stderr. */
void mt_text_outcome(const struct mt_output *out, const struct mt_outcome *outcome);
void mt_text_history(struct mt_text *text, const struct mt_history *list);

#endif
