/* SPDX-License-Identifier: ISC */
/* log_named.c: the address that a reply names, held against those of the host. */
#include "core/log_report.h"

#include <string.h>

#define NOT_HERE                                                                                   \
	"the reply names %s, no address of this host: NAT, a relay behind it, or an earlier host " \
	"of the mail"

/* The path and the line that bind to this address; NULL: none does. */
static const struct mt_path *bound_to(const struct mt_model *model, struct mt_addr addr)
{
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		for (const struct mt_path *p = mta->paths; p; p = p->next) {
			const struct mt_way *way = &p->way[addr.family];
			if (way->how == MT_HOW_ADDRESS && mt_addr_eq(way->source, addr))
				return p;
		}
	return NULL;
}

/* The address some path is bound to in this family; unset: no line pins any. */
static struct mt_addr any_pin(const struct mt_model *model, enum mt_family family)
{
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		for (const struct mt_path *p = mta->paths; p; p = p->next)
			if (p->kind == MT_KIND_INTERNET && p->way[family].how == MT_HOW_ADDRESS)
				return p->way[family].source;
	return (struct mt_addr){0};
}

static const char *place(const struct mt_model *model, struct mt_addr addr,
			 const struct mt_ifaddr *here)
{
	const struct mt_source *chosen =
		mt_host_default_source(model->snapshot->facts, addr.family);
	if (chosen->reachable && mt_addr_eq(chosen->source, addr))
		return mt_format(model->arena, "the address of %s that the kernel chooses here",
				 here->iface);
	return mt_format(model->arena, "a secondary address here (%s)", here->iface);
}

static const char *pinned(const struct mt_model *model, struct mt_addr addr)
{
	const struct mt_path *path = bound_to(model, addr);
	struct mt_addr pin = any_pin(model, addr.family);
	char text[MT_ADDR_TEXT];
	if (path && path->way[addr.family].because)
		return mt_format(model->arena, "%s is pinned to it (%s:%u)", path->name,
				 path->way[addr.family].because->file,
				 path->way[addr.family].because->line);
	if (path)
		return mt_format(model->arena, "%s is pinned to it", path->name);
	if (pin.set)
		return mt_format(model->arena, "mail is pinned to %s now", mt_addr_text(pin, text));
	return "no line pins any";
}

static const char *held_against(const struct mt_model *model, struct mt_addr addr, const char *text)
{
	const struct mt_host *host = model->snapshot->facts;
	if (host->addresses != MT_PRESENT)
		return mt_format(model->arena, "the reply names %s", text);
	const struct mt_ifaddr *here = mt_host_addr(host, addr);
	if (!here)
		return mt_format(model->arena, NOT_HERE "; %s", text, pinned(model, addr));
	return mt_format(model->arena, "the reply names %s, %s; %s", text, place(model, addr, here),
			 pinned(model, addr));
}

const char *mt_log_named(struct mt_arena *arena, const struct mt_log_report *report,
			 struct mt_addr addr)
{
	char text[MT_ADDR_TEXT];
	mt_addr_text(addr, text);
	if (!addr.set)
		return NULL;
	if (report->model)
		return held_against(report->model, addr, text);
	return report->elsewhere ? mt_format(arena, NOT_HERE, text) : NULL;
}
