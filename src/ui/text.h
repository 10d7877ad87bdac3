/* SPDX-License-Identifier: ISC */
/*
 * text.h: results as text for people. Foreign bytes pass mt_escape(); columns are aligned by characters;
 * messages are wrapped at blanks on a terminal, never cut.
 */
#ifndef MT_TEXT_H
#define MT_TEXT_H

#include "core/check/check.h"
#include "core/check/remedy.h"
#include "io/txn/apply.h"
#include "ui/output.h"

/* Every MTA, what was seen, and the findings. */
void mt_text_model(struct mt_text *text, const struct mt_output *out, const struct mt_model *model);
/* The same without the findings. */
void mt_text_mtas(struct mt_text *text, const struct mt_output *out, const struct mt_model *model);
/* mt_text_model() and the table of addresses. */
void mt_text_check(struct mt_text *text, const struct mt_output *out, const struct mt_check *check);

/* For a monitoring system: one line with counters behind a '|', and its exit code. */
enum mt_nagios { MT_NAGIOS_OK, MT_NAGIOS_WARNING, MT_NAGIOS_CRITICAL, MT_NAGIOS_UNKNOWN };
enum mt_nagios mt_nagios_state(const struct mt_check *check);
void mt_text_nagios(struct mt_text *text, const struct mt_check *check);
void mt_text_nagios_error(struct mt_text *text, const struct mt_error *error);
/* One mail: which transport of this MTA carries it, and why. */
void mt_text_route(struct mt_text *text, const struct mt_output *out, const struct mt_mta *mta,
		   const struct mt_route *route);
/* `quiet` leaves notes out. */
void mt_text_findings(struct mt_text *text, const struct mt_output *out,
		      const struct mt_model *model, bool quiet);
/* The one command for this host, a line an MTA. */
void mt_text_remedy(struct mt_text *text, const struct mt_output *out,
		    const struct mt_remedy *remedy);
/* The diff of every change: escaped, but for the one that patch(1) is to read. */
void mt_text_diff(struct mt_text *text, const struct mt_change *changes, bool raw);
/* What the plan means besides its diff: a remark a line, for stderr. */
void mt_text_plan(const struct mt_output *out, const struct mt_plan *plan);
/* One line a file on stdout, the rest on stderr; `changes` of the plan, to tell what they come to; NULL: not told. */
void mt_text_outcome(const struct mt_output *out, const struct mt_outcome *outcome,
		     const struct mt_change *changes);
void mt_text_history(struct mt_text *text, const struct mt_history *list);

#endif
