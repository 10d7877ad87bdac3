/* SPDX-License-Identifier: ISC */
/* fixing.h: what `fix` and the wizard do: from what is wanted to a plan, and from a plan to an outcome. */
#ifndef MT_APP_FIXING_H
#define MT_APP_FIXING_H

#include "app/checking.h"
#include "app/fix_probe.h"
#include "io/txn/apply.h"

struct mt_request {
	struct mt_goal goal;
	bool automatic[MT_FAMILIES]; /* the best address, still to be found out on the host */
	const char *mta; /* NAME[:INSTANCE]; NULL: the only one */
	unsigned long
		confirm; /* rolled back after so many seconds, unless it is confirmed; 0: not */
	struct mt_place
		probe; /* where the new addresses are tried beforehand; host NULL: nowhere */
};

struct mt_fixing {
	struct mt_app *app;
	struct mt_request request; /* what `auto` means is filled in */
	struct mt_model *model; /* NULL: not read */
	struct mt_plan *plan;
	const struct mt_change *hook; /* what --confirm writes besides; NULL: nothing */
	struct mt_checking checking; /* result NULL: the DNS was not asked */
	struct mt_probes probes;
	struct mt_outcome *outcome; /* NULL: not applied */
	const char *const *follow_up; /* what is left to do once it is applied; NULL: nothing */
	struct mt_error error; /* of whatever failed */
};

/* The host and its mail servers. Errors: code 2. */
int mt_fixing_read(struct mt_fixing *fixing) MT_MUST_CHECK;
/* The plan for the MTA that is named, or the only one, which may be a refusal, and the hook. Errors: code 2, 64. */
int mt_fixing_plan(struct mt_fixing *fixing) MT_MUST_CHECK;
/* Both; of a saved bundle in a child that has nothing: a plan to be looked at only. */
int mt_fixing_propose(struct mt_fixing *fixing) MT_MUST_CHECK;
/* What --confirm would write besides this plan; NULL: nothing here would take it back at the next boot. */
const struct mt_change *mt_fixing_hook(const struct mt_fixing *fixing);
bool mt_fixing_has_work(const struct mt_fixing *fixing);
/* Try the addresses, then apply the plan. Errors: as mt_probe_plan(), mt_apply(). */
int mt_fixing_apply(struct mt_fixing *fixing, const struct mt_apply_options *options) MT_MUST_CHECK;

#endif
