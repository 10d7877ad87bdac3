/* SPDX-License-Identifier: ISC */
/* check_other_uses.c: what else knows the address that mail left from, once it leaves from another. */
#include "core/check/check_part.h"

struct follow {
	struct mt_arena *arena;
	const struct mt_plan *plan;
	const struct mt_check *check; /* NULL: the DNS was not asked */
	const char *const *list;
};

static void add_use(struct follow *f, const char *text)
{
	mt_list_add(f->arena, &f->list, text);
}

/* Does an internet transport of the MTA leave from it? Its first other source of that family is left in *old. */
static bool sends_from(const struct mt_mta *mta, struct mt_addr addr, struct mt_addr *old)
{
	bool sends = false;
	for (const struct mt_transport *transport = mta->transports; transport;
	     transport = transport->next) {
		const struct mt_binding *binding = &transport->binding[addr.family];
		if (transport->kind != MT_KIND_INTERNET || !binding->source.set)
			continue;
		sends |= mt_addr_eq(binding->source, addr);
		if (!old->set && !mt_addr_eq(binding->source, addr))
			*old = binding->source;
	}
	return sends;
}

/* Every SPF record that was found names it; without one there is nothing to change. */
static bool spf_done(const struct follow *f, struct mt_addr addr)
{
	for (const struct mt_spf *spf = f->check ? f->check->spf : NULL; spf; spf = spf->next)
		if (!mt_answer_known(spf->txt) || (*spf->record && !mt_spf_covers(spf, addr)))
			return false;
	return f->check != NULL;
}

static void new_address(struct follow *f, struct mt_addr addr, struct mt_addr old)
{
	const char *text = mt_addr_format(f->arena, addr);
	const struct mt_checked *row = mt_check_row(f->check, addr);
	if (!spf_done(f, addr))
		add_use(f, mt_format(f->arena, "SPF: the records of your domains must allow %s",
				     text));
	if (!row || row->good != MT_YES)
		add_use(f,
			mt_format(
				f->arena,
				"PTR: the name of %s must be the HELO name, and lead back: mtapin "
				"check",
				text));
	if (old.set)
		add_use(f,
			mt_format(f->arena,
				  "firewalls, relays and partners that let %s through must let %s",
				  mt_addr_format(f->arena, old), text));
	add_use(f,
		mt_format(f->arena,
			  "reputation: large receivers do not know %s yet: send little at first, "
			  "watch the "
			  "bounces",
			  text));
}

const char *const *mt_follow_up(struct mt_arena *arena, const struct mt_plan *plan,
				const struct mt_check *check)
{
	static const char *const nothing[] = {NULL};
	struct follow f = {arena, plan, check, nothing};
	for (int family = 0; family < MT_FAMILIES; family++) {
		const struct mt_pin_goal *goal = &plan->goal->family[family];
		struct mt_addr old = {0};
		if (goal->pin == MT_PIN_ADDRESS && !sends_from(plan->mta, goal->addr, &old))
			new_address(&f, goal->addr, old);
	}
	for (const struct mt_listener *l = f.plan->impact.lost; l; l = l->next) {
		bool six = l->addr.family == MT_V6;
		add_use(&f, mt_format(f.arena, "monitoring: %s%s%s:%u (%s) no longer answers",
				      six ? "[" : "", mt_addr_format(f.arena, l->addr),
				      six ? "]" : "", l->port, l->service));
	}
	return f.list;
}
