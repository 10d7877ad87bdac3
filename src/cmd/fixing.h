/* SPDX-License-Identifier: ISC */
/* fixing.h: what `fix` and the wizard share: from options to a plan, and from a plan to an outcome. */
#ifndef MT_CMD_FIXING_H
#define MT_CMD_FIXING_H

#include "cmd/checking.h"
#include "cmd/goal.h"
#include "cmd/probe.h"
#include "ui/json.h"

struct mt_fixing {
	struct mt_context *context;
	struct mt_wish wish;
	struct mt_model *model; /* NULL: not read */
	struct mt_plan *plan; /* the same as report.plan */
	struct mt_checking checking; /* result NULL: the DNS was not asked */
	unsigned long confirm; /* seconds; 0: not asked for */
	struct mt_place place; /* of --probe */
	struct mt_probes probes;
	struct mt_report report;
	struct mt_error error; /* of whatever failed */
};

/* What the options want; nothing is read. Errors: code 64. */
int mt_fixing_wish(struct mt_fixing *fixing) MT_MUST_CHECK;
/* The host and its mail servers. Errors: code 2. */
int mt_fixing_read(struct mt_fixing *fixing) MT_MUST_CHECK;
/* The plan for the MTA that --mta names, or the only one, which may be a refusal, and what --confirm writes besides: in the report. Errors: code 2, 64. */
int mt_fixing_plan(struct mt_fixing *fixing) MT_MUST_CHECK;
/* What --confirm would write besides this plan; NULL: nothing here would take it back at the next boot. */
const struct mt_change *mt_fixing_hook(const struct mt_fixing *fixing);
bool mt_fixing_has_work(const struct mt_fixing *fixing);
/* Say on stderr why there is no plan, and the ways out. */
void mt_fixing_refused(const struct mt_fixing *fixing);
/* The diff of the plan as it is printed. */
struct mt_str mt_fixing_diff(const struct mt_fixing *fixing);
/* Apply it, and say what was done and what is left to do; returns the exit code. */
int mt_fixing_apply(struct mt_fixing *fixing);

#endif
