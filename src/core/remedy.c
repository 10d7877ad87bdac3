/* SPDX-License-Identifier: ISC */
/* remedy.c: is there something to mend, and by which addresses; the plan for it is tried before it is advised. */
#include "core/remedy.h"

#include <string.h>

#include "core/host_findings.h"
#include "core/plan_check.h"

struct remedy {
	const struct mt_model *model;
	const struct mt_check *check; /* NULL: the DNS was not asked */
	const struct mt_mta *mta;
	struct mt_goal *goal;
};

/* ---- is there something to mend ---- */

static const struct mt_checked *row_of(const struct remedy *r, struct mt_addr addr)
{
	const struct mt_checked *row = r->check ? r->check->rows : NULL;
	while (row && !mt_addr_eq(row->addr, addr))
		row = row->next;
	return row;
}

/* The DNS speaks against it, and for another one. */
static bool is_worse(const struct remedy *r, struct mt_addr addr)
{
	const struct mt_checked *row = addr.set ? row_of(r, addr) : NULL;
	return row && row->good == MT_NO && mt_check_best(r->check, addr.family);
}

static bool is_said(const struct remedy *r, const char *id)
{
	const struct mt_finding *f = r->model->findings;
	while (f && (f->mta != r->mta || strcmp(f->id, id) != 0))
		f = f->next;
	return f != NULL;
}

static bool is_wrong(const struct remedy *r, const struct mt_way *way)
{
	switch (way->how) {
	case MT_HOW_DEFERRED:
	case MT_HOW_BROKEN:
		return true;
	case MT_HOW_KERNEL: /* beside what is pinned, or one of several */
		return way->source.set && (mt_mta_pins(r->mta) || is_said(r, MT_UNCHOSEN));
	case MT_HOW_ADDRESS:
		return is_worse(r, way->source) ||
		       !mt_addr_usable(r->model->snapshot->facts, way->source);
	default:
		return false;
	}
}

static bool is_needed(const struct remedy *r)
{
	for (const struct mt_path *path = r->mta->paths; path; path = path->next)
		for (int f = 0; f < MT_FAMILIES; f++)
			if (path->kind == MT_KIND_INTERNET && is_wrong(r, &path->way[f]))
				return true;
	return false;
}

/* An address comes late at a boot, and the init can be told to try again. */
static bool comes_late(const struct remedy *r)
{
	for (const struct mt_finding *f = r->model->findings; f; f = f->next)
		if (f->mta == r->mta && f->drop_in)
			return true;
	return false;
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

/* Right but for the HELO name, where no address is right as it is; `name`: what it is to be, NULL whatever its PTR is. */
static const struct mt_checked *with_helo(const struct remedy *r, enum mt_family family,
					  const char *name)
{
	const struct mt_checked *row = r->check->rows;
	while (row && (row->addr.family != family || !row->lacks_helo ||
		       (name && strcmp(row->confirmed, name) != 0)))
		row = row->next;
	return row;
}

static const struct mt_checked *pick(const struct remedy *r, enum mt_family family)
{
	const struct mt_checked *best = mt_check_best(r->check, family), *row = best;
	bool other = mt_check_best(r->check, family == MT_V4 ? MT_V6 : MT_V4) != NULL;
	if (!best && !other)
		row = with_helo(r, family, r->goal->helo);
	if (row && !best)
		r->goal->helo = row->confirmed;
	return row;
}

/* False: there is no address to pin. */
static bool choose(struct remedy *r, bool sends[MT_FAMILIES])
{
	bool some = false;
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		if (!sends[f])
			continue;
		const struct mt_checked *row = r->check ? pick(r, f) : NULL;
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

static struct mt_recipe *command(const struct remedy *r, const struct mt_plan *plan, bool pins)
{
	struct mt_goal said = *r->goal;
	said.method = MT_METHOD_AUTO; /* as fix has it by itself */
	if (r->check || !pins)
		return mt_goal_command(plan, &said);
	said.family[MT_V4] = said.family[MT_V6] = (struct mt_pin_goal){.pin = MT_PIN_KEEP};
	struct mt_recipe *recipe = mt_recipe(plan->arena, "mtapin", "fix", "--ip", "auto", NULL);
	for (const char *const *word = mt_goal_command(plan, &said)->words + 2; *word; word++)
		mt_recipe_add(plan->arena, recipe, *word, NULL);
	return recipe;
}

static struct mt_recipe *of_mta(struct remedy *r, enum mt_method method)
{
	static const struct mt_goal plain = {0};
	bool sends[MT_FAMILIES], needed = is_needed(r), late = comes_late(r);
	if (!r->mta->backend->plan || r->mta->unreadable || (!needed && !late))
		return NULL;
	*r->goal = (struct mt_goal){.method = method, .drop_in = late};
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		sends[f] = mt_mta_sends(r->model, r->mta, &plain, f);
	bool pins = needed && choose(r, sends);
	for (enum mt_family f = MT_V4; !pins && f < MT_FAMILIES; f++)
		r->goal->family[f] = (struct mt_pin_goal){.pin = MT_PIN_KEEP, .given = true};
	if (!pins && !late)
		return NULL;
	const struct mt_plan *plan = mt_plan(r->model, r->mta, r->goal, r->model->backends, false);
	return plan->refused || !plan->changes ? NULL : command(r, plan, pins);
}

struct mt_remedy *mt_remedy(const struct mt_model *model, const struct mt_check *check,
			    enum mt_method method)
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
