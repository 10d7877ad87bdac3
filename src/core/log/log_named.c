/* SPDX-License-Identifier: ISC */
/* log_named.c: the address that a reply names, held against those of the host. */
#include "core/log/log_report.h"

#include <string.h>

#define NOT_HERE                                                                                   \
	"the reply names %s, no address of this host: NAT, a relay behind it, or an earlier host " \
	"of the mail"

/* The transport and the binding to this address, of all mail or of some; NULL: none does. */
static const struct mt_transport *bound_to(const struct mt_model *model, struct mt_addr addr,
					   const struct mt_binding **by)
{
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		for (const struct mt_transport *p = mta->transports; p; p = p->next) {
			const struct mt_binding *binding = &p->binding[addr.family];
			for (*by = binding; *by;
			     *by = *by == binding ? p->conditional[addr.family] : (*by)->next)
				if ((*by)->how == MT_HOW_ADDRESS && mt_binding_uses(*by, addr))
					return p;
		}
	return NULL;
}

/* The address some transport is bound to in this family; unset: no line pins any. */
static struct mt_addr any_pin(const struct mt_model *model, enum mt_family family)
{
	for (const struct mt_mta *mta = model->mtas; mta; mta = mta->next)
		for (const struct mt_transport *p = mta->transports; p; p = p->next)
			if (p->kind == MT_KIND_INTERNET && p->binding[family].how == MT_HOW_ADDRESS)
				return p->binding[family].source;
	return (struct mt_addr){0};
}

static const char *place_here(const struct mt_model *model, struct mt_addr addr,
			      const struct mt_ifaddr *here)
{
	const struct mt_source *chosen =
		mt_host_default_source(model->snapshot->facts, addr.family);
	if (chosen->reachable && mt_addr_eq(chosen->source, addr))
		return mt_format(model->arena, "the address of %s that the kernel chooses here",
				 here->iface);
	return mt_format(model->arena, "a secondary address here (%s)", here->iface);
}

static const char *pinned_text(const struct mt_model *model, struct mt_addr addr)
{
	const struct mt_binding *by;
	const struct mt_transport *transport = bound_to(model, addr, &by);
	struct mt_addr pin = any_pin(model, addr.family);
	char text[MT_ADDR_TEXT];
	const char *when = transport ? mt_condition_text(model->arena, by->when) : "";
	const char *blank = *when ? " " : "";
	if (transport && by->origin)
		return mt_format(model->arena, "%s is pinned to it%s%s (%s:%u)", transport->name,
				 blank, when, by->origin->file, by->origin->line);
	if (transport)
		return mt_format(model->arena, "%s is pinned to it%s%s", transport->name, blank,
				 when);
	if (pin.set)
		return mt_format(model->arena, "mail is pinned to %s now", mt_addr_text(pin, text));
	return "no line pins any";
}

const char *mt_log_named(struct mt_arena *arena, const struct mt_log_report *report,
			 struct mt_addr addr)
{
	char text[MT_ADDR_TEXT];
	mt_addr_text(addr, text);
	if (!addr.set)
		return NULL;
	if (report->model) {
		const struct mt_host *host = report->model->snapshot->facts;
		if (host->addresses != MT_PRESENT)
			return mt_format(report->model->arena, "the reply names %s", text);
		const struct mt_ifaddr *here = mt_host_addr(host, addr);
		if (!here)
			return mt_format(report->model->arena, NOT_HERE "; %s", text,
					 pinned_text(report->model, addr));
		return mt_format(report->model->arena, "the reply names %s, %s; %s", text,
				 place_here(report->model, addr, here),
				 pinned_text(report->model, addr));
	}
	return report->elsewhere ? mt_format(arena, NOT_HERE, text) : NULL;
}
