/* SPDX-License-Identifier: ISC */
/*
 * asking.c: what Exim itself is asked of one mail. That evaluates expressions, and so is asked of what holds nothing but
 * harmless ones (harmless.h), or where --evaluate says so. Addresses are arguments of their own, never part of an expression.
 */
#include "route.h"

#include <string.h>

#include "evaluate.h"
#include "harmless.h"
#include "said.h"

/* A host that runs, and this one: of it more can be collected. */
static bool is_live(const struct exim *e)
{
	return !e->snapshot->rooted && !e->snapshot->redacted &&
	       mt_snapshot_probe(e->snapshot, "exim.version")->presence == MT_PRESENT;
}

static void ask(struct ex_routing *r, const char *what, const char *of)
{
	mt_list_add(r->arena, &r->route->evaluate, mt_format(r->arena, "%s%s", what, of));
}

/* What Exim is to take for the sender. */
static const char *sender_of(const struct ex_routing *r)
{
	return r->asked->from && *r->asked->from ? r->asked->from : "<>";
}

/* ---- which router ---- */

/* Which router takes it hangs on the sender, and that was not said. */
static bool lacks_sender(const struct ex_routing *r)
{
	if (r->asked->from)
		return false;
	for (const struct ex_driver *d = r->e->config->routers; d; d = d->next)
		for (const struct ex_option *o = d->options; o; o = o->next)
			if (!strcmp(o->name, "senders") ||
			    ex_inputs(mt_str_of(o->value)) & EX_ON_SENDER)
				return true;
	return false;
}

/* NULL: nothing; else what the routers hold that this mail can come to. Of those that are not for its domain only that
 * is evaluated; but what redirects it may send it to any domain. */
static const char *harm_on_the_way(struct ex_routing *r)
{
	struct mt_str whole = r->mail.recipient;
	const char *harm = ex_harm_in_main(r->e);
	bool redirects = false;
	r->mail.recipient = mt_str_of(r->asked->to);
	for (const struct ex_driver *d = r->e->config->routers; d; d = d->next)
		redirects = redirects || (d->driver && !strcmp(d->driver, "redirect") &&
					  ex_router_is_for(r, d) != EX_NO);
	for (const struct ex_driver *d = r->e->config->routers; d && !harm; d = d->next) {
		const struct ex_option *domains = ex_option_get(d->options, "domains");
		if (redirects || ex_router_is_for(r, d) != EX_NO)
			harm = ex_harm_in_router(r->e, d);
		else if (domains)
			harm = ex_harm_in_list(r->e, mt_str_of(domains->value));
		if (harm)
			harm = mt_format(r->arena, "router %s: %s", d->name, harm);
	}
	r->mail.recipient = whole;
	return harm;
}

/* What was found by the configuration is not what Exim says: its way alone counts. */
static void begin_anew(struct ex_routing *r, const struct ex_delivery *d)
{
	const struct ex_driver *router = ex_driver_get(r->e->config->routers, d->router);
	r->route->chain = NULL;
	r->tail = &r->route->chain;
	if (router)
		ex_route_step_router(r, router);
}

static void take_delivery(struct ex_routing *r, const struct ex_delivery *d)
{
	const struct mt_transport *before = r->route->transport;
	r->route->note = "";
	ex_route_take(r, d->transport);
	if (r->route->transport != before || !r->route->transport)
		begin_anew(r, d);
	if (!mt_str_same(mt_str_of(d->address), mt_str_of(r->asked->to)) && *d->address)
		ex_route_remark(r, "the recipient becomes %s", d->address);
	if (!r->route->transport)
		return;
	if (*d->hosts)
		r->route->next_hop = d->hosts;
	r->route->hop = d->hop;
}

static void take_deliveries(struct ex_routing *r, const struct ex_delivery *all)
{
	if (!all->next && !*all->trouble && *all->transport) {
		take_delivery(r, all);
	} else {
		r->route->transport = NULL;
		r->route->next_hop = r->route->note = "";
		begin_anew(r, all);
		for (const struct ex_delivery *d = all; d; d = d->next)
			ex_route_remark(r, "%s %s%s", d->address, *d->trouble ? d->trouble : "by ",
					*d->trouble ? "" : d->transport);
	}
	ex_route_remark(r, "exim -bt says so");
}

void ex_route_ask(struct ex_routing *r)
{
	struct ex_delivery *all;
	if (!is_live(r->e))
		return;
	if (ex_said_route(r->e, sender_of(r), r->asked->to, &all)) {
		take_deliveries(r, all);
		return;
	}
	if (lacks_sender(r))
		return;
	const char *harm = harm_on_the_way(r);
	if (!harm || r->asked->evaluate) {
		ask(r, EX_ASK_FROM, sender_of(r));
		ask(r, EX_ASK_TO, r->asked->to);
	} else if (mt_str_starts(mt_str_of(r->route->note), "unknown:")) {
		ex_route_remark(r, "Exim is not asked (%s); --evaluate has it asked", harm);
	}
}

/* ---- from where ---- */

/* NULL: -be can tell it for this mail; else why not. */
static const char *beyond(const struct ex_option *option, unsigned on)
{
	if (option->unknown)
		return "its value is not shown";
	if (on & (EX_ON_RECIPIENT | EX_ON_HOST | EX_ON_MESSAGE))
		return "exim -be knows neither recipient, host nor message";
	return mt_str_has(mt_str_of(option->value), "return_path")
		       ? "exim -be does not know $return_path"
		       : NULL;
}

/* An answer, into *result; else it is asked, or a remark says why not. */
static bool value_of(struct ex_routing *r, const struct ex_option *option, unsigned on,
		     struct ex_result *result)
{
	const struct exim *e = r->e;
	if (!option || !strchr(option->value, '$') || !is_live(e))
		return false;
	if (ex_said_value(e, sender_of(r), option->value, result))
		return true;
	const char *cannot = beyond(option, on), *harm = NULL;
	if (!cannot && !r->asked->from && on & EX_ON_SENDER)
		cannot = "it depends on the sender (--from)";
	if (!cannot)
		harm = ex_harm_in_main(e);
	if (!cannot && !harm)
		harm = ex_harm_in(e, mt_str_of(option->value));
	if (!cannot && (!harm || r->asked->evaluate)) {
		ask(r, EX_ASK_FROM, sender_of(r));
		ask(r, EX_ASK_EXPAND, option->value);
	} else if (harm) {
		ex_route_remark(r, "%s is not evaluated (%s); --evaluate does it", option->name,
				harm);
	}
	return false;
}

void ex_route_bind(struct ex_routing *r)
{
	struct ex_transport *t = (struct ex_transport *)r->route->transport;
	struct ex_result interface, helo;
	struct ex_mail mail = r->mail;
	struct ex_said said = {
		value_of(r, t->interface, t->interface_on, &interface) ? &interface : NULL,
		value_of(r, t->helo_data, t->helo_on, &helo) ? &helo : NULL};
	if (!r->asked->from && (t->interface_on | t->helo_on) & EX_ON_SENDER)
		return; /* what holds for all senders that no line names */
	if (!mail.sender.p)
		mail.sender = (struct mt_str){"", 0};
	r->route->transport = ex_bindings_of(r->e, t, &mail, &said);
}
