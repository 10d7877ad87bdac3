/* SPDX-License-Identifier: ISC */
/* remedy.c: is there something to mend, and by which addresses; the plan for it is tried before it is advised. */
#include "core/check/remedy.h"

#include <string.h>

#include "core/model/host_findings.h"
#include "core/plan/plan_check.h"

struct remedy {
	const struct mt_model *model;
	const struct mt_check *check; /* NULL: the DNS was not asked */
	const struct mt_mta *mta;
	struct mt_goal *goal;
};

/* ---- is there something to mend ---- */

/* The DNS speaks against it, and for another one. */
static bool is_worse(const struct remedy *r, struct mt_addr addr)
{
	const struct mt_checked *row = addr.set ? mt_check_row(r->check, addr) : NULL;
	return row && row->good == MT_NO && mt_check_best(r->check, addr.family);
}

static bool is_said(const struct remedy *r, const char *id)
{
	const struct mt_finding *f = r->model->findings;
	while (f && (f->mta != r->mta || strcmp(f->id, id) != 0))
		f = f->next;
	return f != NULL;
}

static bool is_wrong(const struct remedy *r, const struct mt_binding *binding)
{
	switch (binding->how) {
	case MT_HOW_DEFERRED:
	case MT_HOW_BROKEN:
		return true;
	case MT_HOW_KERNEL: /* beside what is pinned, or one of several */
		return binding->source.set && (mt_mta_pins(r->mta) || is_said(r, MT_UNCHOSEN));
	case MT_HOW_ADDRESS:
		return is_worse(r, binding->source) ||
		       !mt_addr_usable(r->model->snapshot->facts, binding->source);
	default:
		return false;
	}
}

static bool remedy_is_needed(const struct remedy *r)
{
	for (const struct mt_transport *transport = r->mta->transports; transport;
	     transport = transport->next)
		for (int f = 0; f < MT_FAMILIES; f++)
			if (transport->kind == MT_KIND_INTERNET &&
			    is_wrong(r, &transport->binding[f]))
				return true;
	return false;
}

/* The options that mend what is found (systemd may be told to try again, where an address comes late at a boot); NULL:
 * none does. */
static const struct mt_own_value *options(const struct remedy *r)
{
	const struct mt_own_option *all = r->mta->backend->options;
	size_t n = 0, count = 0;
	while (all && all[count].name)
		count++;
	struct mt_own_value *list = mt_alloc(r->model->arena, (count + 1) * sizeof *list);
	for (size_t i = 0; i < count; i++) {
		const struct mt_finding *f = r->model->findings;
		while (f && (f->mta != r->mta || !f->option || strcmp(f->option, all[i].name)))
			f = f->next;
		if (f)
			list[n++] = (struct mt_own_value){all[i].name, ""};
	}
	list[n] = (struct mt_own_value){0};
	return n ? list : NULL;
}

/* ---- by which addresses ---- */

static struct mt_addr any_source(const struct remedy *r, enum mt_family family)
{
	struct mt_addr addr = mt_mta_source(r->mta, family);
	const struct mt_host *host = r->model->snapshot->facts;
	return addr.set && mt_addr_usable(host, addr)
		       ? addr
		       : mt_host_default_source(host, family)->source;
}

/* The best one; where no address is right as it is, one that is right but for the HELO name: of the name that is wanted, else
 * it sets the name. */
static const struct mt_checked *pick_row(const struct remedy *r, enum mt_family family)
{
	const struct mt_checked *best = mt_check_best(r->check, family), *row = r->check->rows;
	const char *name = r->goal->helo;
	if (best || mt_check_best(r->check, family == MT_V4 ? MT_V6 : MT_V4))
		return best;
	while (row && (row->addr.family != family || !row->lacks_helo ||
		       (name && strcmp(row->confirmed, name) != 0)))
		row = row->next;
	if (row)
		r->goal->helo = row->confirmed;
	return row;
}

/* False: there is no address to pin. */
static bool choose_goal(struct remedy *r, bool sends[MT_FAMILIES])
{
	bool some = false;
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		if (!sends[f])
			continue;
		const struct mt_checked *row = r->check ? pick_row(r, f) : NULL;
		struct mt_addr addr = row	 ? row->addr
				      : r->check ? (struct mt_addr){0}
						 : any_source(r, f);
		r->goal->family[f] =
			(struct mt_pin_goal){.pin = addr.set ? MT_PIN_ADDRESS : MT_PIN_KEEP,
					     .given = true,
					     .addr = addr};
		some = some || addr.set;
	}
	return some;
}

/* ---- the command ---- */

static struct mt_recipe *remedy_command(const struct remedy *r, const struct mt_plan *plan,
					bool pins)
{
	struct mt_goal said = *r->goal;
	said.method = NULL; /* as fix has it by itself */
	if (r->check || !pins)
		return mt_goal_command(plan, &said);
	said.family[MT_V4] = said.family[MT_V6] = (struct mt_pin_goal){.pin = MT_PIN_KEEP};
	struct mt_recipe *recipe = mt_recipe(plan->arena, "mtapin", "fix", "--ip", "auto", NULL);
	for (const char *const *word = mt_goal_command(plan, &said)->words + 2; *word; word++)
		mt_recipe_add(plan->arena, recipe, *word, NULL);
	return recipe;
}

static struct mt_recipe *of_mta(struct remedy *r, const char *method)
{
	static const struct mt_goal plain = {0};
	bool sends[MT_FAMILIES], needed = remedy_is_needed(r);
	const struct mt_own_value *own = options(r);
	if (!r->mta->backend->plan || r->mta->unreadable || (!needed && !own))
		return NULL;
	*r->goal = (struct mt_goal){.method = method, .own = own};
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		sends[f] = mt_mta_sends(r->model, r->mta, &plain, f);
	bool pins = needed && choose_goal(r, sends);
	for (enum mt_family f = MT_V4; !pins && f < MT_FAMILIES; f++)
		r->goal->family[f] = (struct mt_pin_goal){.pin = MT_PIN_KEEP, .given = true};
	if (!pins && !own)
		return NULL;
	const struct mt_plan *plan = mt_plan(r->model, r->mta, r->goal, r->model->backends, false);
	return plan->refused || !plan->changes ? NULL : remedy_command(r, plan, pins);
}

struct mt_remedy *mt_remedy(const struct mt_model *model, const struct mt_check *check,
			    const char *method)
{
	struct mt_remedy *first = NULL, **at = &first;
	const struct mt_mta *mta = model->mtas;
	/* of a tree nothing is known that could choose */
	for (; mta && model->snapshot->facts->addresses == MT_PRESENT; mta = mta->next) {
		struct remedy r = {model, check, mta, MT_NEW(model->arena, struct mt_goal)};
		const struct mt_recipe *recipe = of_mta(&r, method);
		if (!recipe)
			continue;
		*at = MT_NEW(model->arena, struct mt_remedy);
		(*at)->command = recipe;
		at = &(*at)->next;
	}
	return first;
}
