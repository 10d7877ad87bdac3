/* SPDX-License-Identifier: ISC */
/* plan_check.c: can this address be pinned here at all; is the method, are the options of this mail server. */
#include "core/plan/plan_check.h"

#include <string.h>

#include <mtapin/backend.h>

const char *mt_addr_misfit(struct mt_addr addr)
{
	if (mt_addr_is_any(addr))
		return "means \"any address\": it pins nothing";
	if (mt_addr_is_loopback(addr))
		return "is a loopback address: no mail leaves the host from it";
	if (mt_addr_is_multicast(addr))
		return "is a multicast address";
	if (mt_addr_is_broadcast(addr))
		return "is the broadcast address";
	if (mt_addr_is_link_local(addr))
		return "is a link-local address: it cannot reach the internet";
	return NULL;
}

/* The last address of an IPv4 subnet that has one. */
static bool is_subnet_broadcast(const struct mt_host *host, struct mt_addr addr)
{
	for (size_t i = 0; addr.family == MT_V4 && i < host->addr_count; i++) {
		const struct mt_ifaddr *at = &host->addr[i];
		if (at->bits >= 31 || !mt_addr_in_prefix(addr, at->addr, at->bits))
			continue;
		bool ones = true;
		for (unsigned bit = at->bits; bit < 32; bit++)
			ones = ones && (addr.b[bit / 8] >> (7 - bit % 8) & 1);
		if (ones)
			return true;
	}
	return false;
}

static void check_presence(struct mt_plan *plan, struct mt_addr addr)
{
	const struct mt_host *host = plan->model->snapshot->facts;
	char text[MT_ADDR_TEXT];
	mt_addr_text(addr, text);
	if (host->addresses != MT_PRESENT) {
		mt_plan_remark(plan,
			       "%s is assumed to be an address of this host: its interfaces were "
			       "not asked",
			       text);
		return;
	}
	const struct mt_ifaddr *at = mt_host_addr(host, addr);
	if (is_subnet_broadcast(host, addr))
		mt_plan_refuse(plan, "PLAN-ADDR-UNUSABLE", text,
			       "is the broadcast address of a subnet of this host");
	else if (!at)
		mt_plan_refuse(
			plan, "HOST-ADDR-ABSENT", text,
			"is on no interface of this host, so nothing can be sent from it. Behind "
			"NAT, or "
			"with a floating or container address, the MTA must use the address on the "
			"interface and the translation decides: there pin with `ip route change "
			"default "
			"... src ADDRESS` or a SNAT rule. Else add it first: %s",
			mt_recipe_text(plan->arena,
				       mt_recipe(plan->arena, "ip", "addr", "add",
						 mt_format(plan->arena, "%s/%d", text,
							   addr.family == MT_V6 ? 128 : 32),
						 "dev", "IFACE", NULL)));
	else if (!at->up)
		mt_plan_refuse(
			plan, "HOST-ADDR-DOWN", text, "is on interface %s, which is down: %s",
			at->iface,
			mt_recipe_text(plan->arena, mt_recipe(plan->arena, "ip", "link", "set",
							      at->iface, "up", NULL)));
	else if (at->dadfailed || at->tentative)
		mt_plan_refuse(
			plan, "HOST-ADDR-TENTATIVE", text,
			at->dadfailed
				? "is tentative on %s (duplicate address detection failed): it "
				  "cannot be used yet"
				: "is tentative on %s (duplicate address detection is running): "
				  "it cannot be used yet",
			at->iface);
	else if (!mt_host_default_source(host, addr.family)->reachable)
		mt_plan_refuse(
			plan, "HOST-NO-ROUTE", text,
			"could not reach the internet: there is no %s default route on this host",
			mt_family_name(addr.family));
}

static void check_address(struct mt_plan *plan, struct mt_addr addr)
{
	char text[MT_ADDR_TEXT];
	const char *why = mt_addr_misfit(addr);
	mt_addr_text(addr, text);
	if (why)
		mt_plan_refuse(plan, "PLAN-ADDR-UNUSABLE", text, "%pM",
			       mt_phrase(plan->arena, why));
	else
		check_presence(plan, addr);
	if (plan->refused && plan->refused->accept &&
	    mt_goal_accepts(plan->goal, plan->refused->id)) {
		mt_plan_remark(plan, "accepted %s: %s %pM", plan->refused->id, text,
			       plan->refused->message);
		plan->refused = NULL;
	}
}

/* The world sees the relay's address then: pinning the hop to it is only done when it is named. */
static void check_wanted(struct mt_plan *plan)
{
	const struct mt_transport *relay = NULL;
	for (const struct mt_transport *transport = plan->mta->transports; transport;
	     transport = transport->next) {
		if (mt_goal_wants(plan->goal, transport))
			return;
		if (transport->kind == MT_KIND_RELAYHOST && !relay)
			relay = transport;
	}
	if (relay)
		mt_plan_refuse(plan, "PLAN-NO-INTERNET-PATH", plan->mta->instance,
			       "no path goes to the internet: mail leaves through the relay %s, "
			       "and the world "
			       "sees the relay's address, not one of this host. To pin the hop to "
			       "the relay "
			       "itself: %s",
			       relay->next_hop,
			       mt_recipe_text(plan->arena,
					      mt_recipe(plan->arena, "--path", relay->name, NULL)));
	else
		mt_plan_refuse(plan, "PLAN-NO-INTERNET-PATH", plan->mta->instance,
			       "no path of it sends mail to the internet");
}

/* "inet_interfaces or service" */
static const char *takers(struct mt_arena *arena, const struct mt_backend *backend,
			  const char *option)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	for (const struct mt_method *m = backend->methods; m && m->name; m++)
		if (mt_list_has(m->options, option))
			mt_text_addf(&text, "%s%s", text.n ? " or " : "", m->name);
	return mt_text_z(&text);
}

static const char *names_of(struct mt_arena *arena, const struct mt_method *const *methods)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	for (; *methods; methods++)
		mt_text_addf(&text, "%s%s", text.n ? ", " : "", (*methods)->name);
	return mt_text_z(&text);
}

void mt_plan_check_method(struct mt_plan *plan)
{
	const struct mt_mta *mta = plan->mta;
	const char *name = plan->goal->method;
	plan->method = name ? mt_method_get(mta->backend, name) : NULL;
	if (name && !plan->method)
		mt_plan_refuse(plan, "PLAN-OTHER-METHOD", mta->instance,
			       "the %s method is one of another mail server; here it is %s", name,
			       names_of(plan->arena, mt_mta_methods(plan->arena, mta)));
}

/* An option that would do nothing is a slip of the pen, and what was meant is not done. */
void mt_plan_check_options(struct mt_plan *plan)
{
	const struct mt_backend *backend = plan->mta->backend;
	for (const struct mt_own_value *own = plan->goal->own; own && own->name; own++) {
		if (!mt_own_option_get(backend, own->name))
			mt_plan_refuse(plan, "PLAN-OTHER-OPTION", plan->mta->instance,
				       "--%s is an option of another mail server: %s has none of "
				       "that name. Leave it away",
				       own->name, backend->title);
		else if (plan->method && !mt_list_has(plan->method->options, own->name))
			mt_plan_refuse(plan, "PLAN-OTHER-OPTION", plan->mta->instance,
				       "the %s method has no option --%s: leave it away, or take "
				       "--method %s",
				       plan->method->name, own->name,
				       takers(plan->arena, backend, own->name));
	}
}

void mt_plan_check_goal(struct mt_plan *plan)
{
	if (!plan->model->snapshot->complete)
		mt_plan_refuse(plan, "HOST-INCOMPLETE", plan->model->snapshot->host,
			       "the collection is incomplete; a change is never planned from it");
	for (int f = 0; f < MT_FAMILIES; f++)
		if (plan->goal->family[f].pin == MT_PIN_ADDRESS)
			check_address(plan, plan->goal->family[f].addr);
	if (plan->mta->other_netns)
		mt_plan_refuse(plan, "HOST-NETNS", plan->mta->instance,
			       "%s runs in another network namespace: run mtapin inside it",
			       plan->mta->backend->title);
	const struct mt_owner *owner =
		mt_host_owner(plan->model->snapshot->facts, plan->mta->backend);
	if (owner && !mt_goal_accepts(plan->goal, "HOST-OWNER"))
		mt_plan_refuse(plan, "HOST-OWNER", plan->mta->instance,
			       "%s regenerates this configuration and would undo the edit. Use its "
			       "own knob: %pM",
			       owner->title, mt_phrase(plan->arena, owner->knob));
	check_wanted(plan);
	mt_plan_check_options(plan);
	mt_plan_check_families(plan);
}
