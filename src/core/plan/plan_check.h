/* SPDX-License-Identifier: ISC */
/* plan_check.h: what is checked before a backend plans, and what is compared after. */
#ifndef MT_PLAN_CHECK_H
#define MT_PLAN_CHECK_H

#include <mtapin/plan.h>

/* Set plan->method to the one that the goal names; refuse what is none of this mail server's. */
void mt_plan_check_method(struct mt_plan *plan);
/* Refuse addresses that cannot be pinned on this host, one family alone where both send, owners. */
void mt_plan_check_goal(struct mt_plan *plan);
/* Why no mail can leave from an address, whatever host it is on; NULL: it may. */
const char *mt_addr_misfit(struct mt_addr addr);
/* Refuse options that are not of this mail server, or not of the method in plan->method (NULL: of any). */
void mt_plan_check_options(struct mt_plan *plan);
/* Refuse what the rule of the mail server does not allow to ask of one family while the other is pinned. */
void mt_plan_check_families(struct mt_plan *plan);
/* Refuse that mail of a family that this transport sends today stops because of what the other one has after the edit. */
void mt_plan_check_stopped(struct mt_plan *plan, enum mt_family family,
			   const struct mt_transport *was, const struct mt_transport *now);
/* Mail that will bounce or wait because of what is done to one family. */
void mt_plan_families_impact(struct mt_plan *plan);
/* Fill impact from the models before and after; refuse a plan that would miss its goal or move a
 * loopback transport. */
void mt_plan_compare(struct mt_plan *plan);
/* Remarks on mail whose own binding gives something else than the goal, where it is pinned. */
void mt_plan_tell_exceptions(struct mt_plan *plan, const struct mt_mta *after);
/* What asks for this goal, of the MTA of the plan. */
struct mt_recipe *mt_goal_command(const struct mt_plan *plan, const struct mt_goal *goal);

#endif
