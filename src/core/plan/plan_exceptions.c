/* SPDX-License-Identifier: ISC */
/* plan_exceptions.c: mail that a pin does not reach, since a condition of its own decides about it. */
#include "core/plan/plan_check.h"

#include <string.h>

/* Bindings of one kind: a file of ten thousand customers is one sentence. */
struct exceptions {
	const struct mt_binding *first;
	unsigned count;
};

static const char *origin_text(const struct mt_plan *plan, const struct mt_binding *binding)
{
	const struct mt_origin *at = binding->origin;
	const char *name = at ? strrchr(at->file, '/') : NULL;
	if (!at)
		return "";
	name = name ? name + 1 : at->file;
	return at->line ? mt_format(plan->arena, " (%s:%u)", name, at->line)
			: mt_format(plan->arena, " (%s)", name);
}

static void tell_exceptions(struct mt_plan *plan, const struct mt_transport *transport,
			    const struct exceptions *e, bool sure)
{
	if (!e->count)
		return;
	struct mt_message *mail =
		mt_message(plan->arena, e->count > 1 ? "mail %s and %u more" : "mail %s",
			   mt_condition_text(plan->arena, e->first->when), e->count - 1);
	const char *place = origin_text(plan, e->first), *name = transport->name;
	if (plan->mta->transports->next)
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

static void tell_family(struct mt_plan *plan, const struct mt_transport *transport,
			enum mt_family family)
{
	struct exceptions list[2][MT_BYS] = {{{0}}};
	struct mt_transport alone = *transport;
	for (const struct mt_binding *binding = transport->conditional[family]; binding;
	     binding = binding->next) {
		bool sure = binding->how != MT_HOW_UNKNOWN && binding->how != MT_HOW_COMPUTED;
		struct exceptions *e = &list[sure][binding->when->by];
		alone.binding[family] = *binding;
		if (binding->how == MT_HOW_OFF ||
		    mt_way_holds(&plan->goal->family[family], &alone, family))
			continue;
		e->first = e->first ? e->first : binding;
		e->count++;
	}
	for (int by = 0; by < MT_BYS; by++) {
		tell_exceptions(plan, transport, &list[true][by], true);
		tell_exceptions(plan, transport, &list[false][by], false);
	}
}

void mt_plan_tell_exceptions(struct mt_plan *plan, const struct mt_mta *after)
{
	for (const struct mt_transport *transport = after->transports; transport;
	     transport = transport->next)
		for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
			if (plan->goal->family[f].pin == MT_PIN_ADDRESS &&
			    mt_goal_wants(plan->goal, transport))
				tell_family(plan, transport, f);
}
