/* SPDX-License-Identifier: ISC */
/* lint_names.c: findings about the name that is said in HELO. */
#include "lint.h"

#include <string.h>

/* The name is known not to lead to the address; not asked is not known. */
static bool leads_elsewhere(const struct exim *e, const char *name, struct mt_addr addr)
{
	bool known = false;
	for (size_t i = 0; i < e->host->name_count; i++) {
		const struct mt_name *n = &e->host->name[i];
		if (!mt_str_same(mt_str_of(n->name), mt_str_of(name)))
			continue;
		known = true;
		if (mt_addr_eq(n->addr, addr))
			return false;
	}
	return known;
}

static const char *helo_of(const struct mt_transport *t, const struct mt_binding *b)
{
	return b->helo ? b->helo : t->helo;
}

static bool is_wrong(const struct exim *e, const struct mt_transport *t, const struct mt_binding *b)
{
	const char *helo = helo_of(t, b);
	return b->how == MT_HOW_ADDRESS && *helo && leads_elsewhere(e, helo, b->source);
}

/* The first binding whose name leads elsewhere: of all mail, else of some senders. */
static const struct mt_binding *wrong_name(const struct exim *e, const struct mt_transport *t)
{
	for (int f = 0; f < MT_FAMILIES; f++)
		if (is_wrong(e, t, &t->binding[f]))
			return &t->binding[f];
	for (int f = 0; f < MT_FAMILIES; f++)
		for (const struct mt_binding *b = t->conditional[f]; b; b = b->next)
			if (is_wrong(e, t, b))
				return b;
	return NULL;
}

static void find_pinned(struct exim *e, const struct mt_transport *t)
{
	const struct mt_binding *wrong = wrong_name(e, t);
	if (wrong) {
		mt_model_find(
			e->model, e->mta, "EX-HELO-MISMATCH", wrong->origin,
			mt_message(e->arena,
				   "let the name lead to it, or set another one by --helo"),
			"%s says HELO %s from %s, and that name does not lead to this address",
			t->name, helo_of(t, wrong), mt_addr_format(e->arena, wrong->source));
		return;
	}
	for (int f = 0; f < MT_FAMILIES; f++) {
		const struct mt_binding *b = &t->binding[f];
		if (b->how != MT_HOW_ADDRESS || !*helo_of(t, b))
			continue;
		mt_model_find(e->model, e->mta, "EX-HELO-PIN", NULL, NULL,
			      "%s says HELO %s from %s: the reverse DNS of that address should be "
			      "this name",
			      t->name, helo_of(t, b), mt_addr_format(e->arena, b->source));
		return;
	}
}

/* Mail waits where helo_data fails: of a forced failure too, which in interface only leaves it to the kernel. */
static void find_option(struct exim *e, const struct mt_transport *t)
{
	const struct ex_option *helo = ex_transport_of(t)->helo_data;
	bool waits = false;
	if (!helo || helo->unknown)
		return;
	for (int f = 0; f < MT_FAMILIES; f++)
		waits = waits || strstr(t->binding[f].note, "failed to expand helo_data");
	if (!*helo->value)
		mt_model_find(e->model, e->mta, "EX-NO-NAME", ex_edited(e, helo),
			      mt_message(e->arena, "take the line out, or write a name"),
			      "helo_data of %s is empty: EHLO is said without a name", t->name);
	else if (!waits && ex_can_fail(mt_str_of(helo->value)))
		mt_model_find(
			e->model, e->mta, "EX-HELO-FAILS", ex_edited(e, helo),
			mt_message(e->arena, "write {$primary_hostname} in the place of \"fail\""),
			"helo_data of %s can fail, and mail waits then", t->name);
}

void ex_lint_names(struct exim *e)
{
	for (const struct mt_transport *t = e->mta->transports; t; t = t->next) {
		if (!ex_is_used(t) || t->kind == MT_KIND_LOOPBACK)
			continue;
		find_option(e, t);
		if (t->kind == MT_KIND_INTERNET)
			find_pinned(e, t);
	}
}
