/* SPDX-License-Identifier: ISC */
/* plan_check.h: what is checked before a backend plans, and what is compared after. */
#ifndef MT_PLAN_CHECK_H
#define MT_PLAN_CHECK_H

#include <mtapin/plan.h>

/* Refuse addresses that cannot be pinned on this host, one family alone where both send, owners. */
void mt_plan_check_goal(struct mt_plan *plan);
/* Fill impact from the models before and after; refuse a plan that would miss its goal or move a
 * loopback path. */
void mt_plan_compare(struct mt_plan *plan);
/* What asks for this goal, of the MTA of the plan. */
struct mt_recipe *mt_goal_command(const struct mt_plan *plan, const struct mt_goal *goal);

#endif
