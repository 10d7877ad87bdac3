/* SPDX-License-Identifier: ISC */
/* plan_exceptions.c: mail that a pin does not reach, since a condition of its own decides about it. */
#include "core/plan/plan_check.h"

#include <string.h>

/* Bindings of one kind: a file of ten thousand customers is one sentence. */
struct exceptions {
	const struct mt_way *first;
	unsigned count;
};

static const char *place_of(const struct mt_plan *plan, const struct mt_way *way)
{
	const struct mt_because *at = way->because;
	const char *name = at ? strrchr(at->file, '/') : NULL;
	if (!at)
		return "";
	name = name ? name + 1 : at->file;
	return at->line ? mt_format(plan->arena, " (%s:%u)", name, at->line)
			: mt_format(plan->arena, " (%s)", name);
}

static void tell(struct mt_plan *plan, const struct mt_path *path, const struct exceptions *e,
		 bool sure)
{
	if (!e->count)
		return;
	struct mt_message *mail =
		mt_message(plan->arena, e->count > 1 ? "mail %s and %u more" : "mail %s",
			   mt_condition_text(plan->arena, e->first->when), e->count - 1);
	const char *place = place_of(plan, e->first), *name = path->name;
	if (plan->mta->paths->next)
		mt_plan_remark(plan,
			       sure ? "does not follow the pin of %s: %pM%s: mtapin show --to and "
				      "--from tell"
				    : "may not follow the pin of %s: %pM%s: mtapin show --to and "
				      "--from tell",
			       name, mail, place);
	else
		mt_plan_remark(
			plan,
			sure ? "does not follow the pin: %pM%s: mtapin show --to and --from tell"
			     : "may not follow the pin: %pM%s: mtapin show --to and --from tell",
			mail, place);
}

static void tell_family(struct mt_plan *plan, const struct mt_path *path, enum mt_family family)
{
	struct exceptions list[2][MT_BYS] = {{{0}}};
	struct mt_path alone = *path;
	for (const struct mt_way *way = path->conditional[family]; way; way = way->next) {
		bool sure = way->how != MT_HOW_UNKNOWN && way->how != MT_HOW_COMPUTED;
		struct exceptions *e = &list[sure][way->when->by];
		alone.way[family] = *way;
		if (way->how == MT_HOW_OFF ||
		    mt_way_holds(&plan->goal->family[family], &alone, family))
			continue;
		e->first = e->first ? e->first : way;
		e->count++;
	}
	for (int by = 0; by < MT_BYS; by++) {
		tell(plan, path, &list[true][by], true);
		tell(plan, path, &list[false][by], false);
	}
}

void mt_plan_tell_exceptions(struct mt_plan *plan, const struct mt_mta *after)
{
	for (const struct mt_path *path = after->paths; path; path = path->next)
		for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
			if (plan->goal->family[f].pin == MT_PIN_ADDRESS &&
			    mt_goal_wants(plan->goal, path))
				tell_family(plan, path, f);
}
