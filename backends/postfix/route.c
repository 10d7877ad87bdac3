/* SPDX-License-Identifier: ISC */
/*
 * route.c: the chain of decisions for one recipient and sender: content_filter, rewriting, transport_maps,
 * address class (local, virtual, relay, default), sender-dependent maps, relayhost, defer_transports.
 *
 * Source: postfix src/trivial-rewrite/resolve.c, transport.c; ADDRESS_CLASS_README; transport(5).
 */
#include "route.h"

#include "router.h"

#include <string.h>

/* ---- tables that recipients are looked up in ---- */

/* The address, without its extension, its domain, the parents, "*", as transport(5) tries them. */
static int look_up_transport(struct pf_router *r, struct mt_str *value)
{
	static const char name[] = "transport_maps";
	struct mt_str bare = pf_without_extension(r, r->to), domain = r->domain;
	size_t skip = pf_parent_style(r->instance, name) == PF_PARENTS_NAME;
	int found = pf_look_up(r, name, r->to, false, value);
	if (!found && bare.n)
		found = pf_look_up(r, name, bare, true, value);
	if (!found)
		found = pf_look_up(r, name, domain, true, value);
	for (size_t i = 1; !found && i < domain.n; i++)
		if (domain.p[i] == '.')
			found = pf_look_up(
				r, name, (struct mt_str){domain.p + i + skip, domain.n - i - skip},
				true, value);
	return found ? found : pf_look_up(r, name, MT_STR("*"), false, value);
}

static void take_transport(struct pf_router *r, const char *parameter, bool relayed)
{
	pf_router_step(r, &r->instance->routing, parameter);
	pf_split_transport(pf_get(&r->instance->routing, parameter), &r->transport, &r->next_hop);
	r->relayed = relayed;
}

/* ---- tables that senders are looked up in ---- */

/* `empty` names the key of the null sender. */
static int look_up_sender(struct pf_router *r, const char *parameter, const char *empty,
			  struct mt_str *value)
{
	struct mt_str extension;
	return pf_look_up_address(r, parameter,
				  r->from.n ? r->from : pf_get(&r->instance->routing, empty), value,
				  &extension);
}

/* An empty result counts as DUNNO does (with a warning in the log). */
static bool says_something(struct mt_str value)
{
	return value.n && !mt_str_same(value, MT_STR("DUNNO"));
}

/* The default class: a sender may have a transport of its own. */
static bool take_default(struct pf_router *r)
{
	static const char name[] = "sender_dependent_default_transport_maps";
	struct mt_str value = {"", 0};
	if (pf_has_tables(r, name) && !r->from_known) {
		r->route->note =
			mt_format(r->arena, "unknown: %s depends on the sender (--from)", name);
		return false;
	}
	int found =
		pf_has_tables(r, name)
			? look_up_sender(r, name, "empty_address_default_transport_maps_lookup_key",
					 &value)
			: 0;
	if (found < 0)
		return false;
	if (found && says_something(value)) {
		pf_split_transport(value, &r->transport, &r->next_hop);
		r->relayed = true;
		return true;
	}
	take_transport(r, "default_transport", true);
	return true;
}

static const struct {
	const char *list, *transport;
	bool relayed;
} classes[] = {
	{"mydestination", "local_transport", false},
	{"virtual_alias_domains", NULL, false},
	{"virtual_mailbox_domains", "virtual_transport", false},
	{"relay_domains", "relay_transport", true},
};

static bool classify_domain(struct pf_router *r)
{
	struct mt_addr own;
	for (size_t i = 0; i < MT_ARRAY_LEN(classes); i++) {
		const char *list = classes[i].list;
		int in = i == 0 ? pf_is_local(r, r->domain) : pf_is_listed(r, list, r->domain);
		if (in < 0)
			return false;
		if (!in)
			continue;
		pf_router_step(r, &r->instance->routing,
			       i == 0 && pf_literal(r->domain, &own) ? r->own_by : list);
		if (classes[i].transport)
			take_transport(r, classes[i].transport, classes[i].relayed);
		else
			r->route->note =
				r->blind ? "goes where its alias leads (ask for that "
					   "address), or bounces where there is none"
					 : "bounces: virtual_alias_maps has no such address";
		return classes[i].transport != NULL;
	}
	return take_default(r);
}

static bool take_relayhost(struct pf_router *r)
{
	static const char name[] = "sender_dependent_relayhost_maps";
	struct mt_str value = {"", 0};
	int found = 0;
	if (!r->relayed || r->next_hop.n)
		return true;
	if (pf_has_tables(r, name) && !r->from_known)
		r->route->note = "the next hop depends on the sender (--from)";
	else if (pf_has_tables(r, name))
		found = look_up_sender(r, name, "empty_address_relayhost_maps_lookup_key", &value);
	if (found < 0)
		return false;
	if (found && says_something(value))
		r->next_hop = value;
	else if ((r->next_hop = pf_get(&r->instance->routing, "relayhost")).n)
		pf_router_step(r, &r->instance->routing, "relayhost");
	return true;
}

static bool decide_route(struct pf_router *r)
{
	struct mt_str value, transport, next_hop;
	if (pf_get(&r->instance->scope, "content_filter").n) {
		take_transport(r, "content_filter", false);
		return true;
	}
	if (!pf_rewrite(r) || !classify_domain(r))
		return false;
	/* measured: resolve_clnt(3) in qmgr(8) asks again every second; transport_maps is not reached */
	if (!r->transport.n) {
		r->route->note =
			"a null transport is not allowed: qmgr asks again for ever, and all "
			"mail waits behind this one";
		return false;
	}
	int found = look_up_transport(r, &value);
	if (found < 0)
		return false;
	if (found) {
		pf_split_transport(value, &transport, &next_hop);
		if (transport.n)
			r->transport = transport;
		if (transport.n || next_hop.n) {
			r->next_hop = next_hop;
			r->relayed = false;
		}
	}
	return take_relayhost(r);
}

static const struct mt_transport *carrier(const struct pf_router *r)
{
	struct pf_next_hop next = pf_next_hop(r->instance->model->snapshot->facts, r->next_hop);
	const struct mt_transport *found = NULL;
	for (const struct mt_transport *transport = r->instance->mta->transports; transport;
	     transport = transport->next) {
		bool self = (next.hop == PF_HOP_SELF) == (transport->kind == MT_KIND_LOOPBACK);
		if (mt_str_is(r->transport, transport->name) && (!found || self))
			found = transport;
	}
	if (!found || !next.addr.set || found->kind == MT_KIND_LOOPBACK)
		return found;
	/* as this next hop sees it: a literal has one family, and may lie behind another route */
	struct mt_transport *copy = MT_NEW(r->arena, struct mt_transport);
	*copy = *found;
	for (int f = 0; f < MT_FAMILIES; f++)
		pf_binding(r->instance, pf_client_of(found), (enum mt_family)f, &next,
			   &copy->binding[f]);
	return copy;
}

/* qmgr(8) looks last, whatever chose the transport. */
static void defer_route(struct pf_router *r)
{
	struct mt_route *route = r->route;
	if (!pf_defers(r->instance, r->transport))
		return;
	pf_router_step(r, &r->instance->queue, "defer_transports");
	route->note = "defer_transports: the mail waits until the queue is flushed (postqueue -f)";
	if (!route->transport)
		return;
	struct mt_transport *transport = MT_NEW(r->arena, struct mt_transport);
	*transport = *route->transport;
	for (int f = 0; f < MT_FAMILIES; f++) {
		/* A way that is taken only when somebody flushes the queue. */
		if (transport->binding[f].how != MT_HOW_ADDRESS &&
		    transport->binding[f].how != MT_HOW_KERNEL)
			continue;
		const char *from = transport->binding[f].source.set
					   ? mt_addr_format(r->arena, transport->binding[f].source)
					   : "?";
		transport->binding[f] = (struct mt_binding){
			.how = MT_HOW_DEFERRED,
			.confidence = transport->binding[f].confidence,
			.note = mt_format(r->arena, "when the queue is flushed it leaves from %s",
					  from),
			.origin = transport->binding[f].origin};
	}
	route->transport = transport;
}

static void answer_route(struct pf_router *r)
{
	struct mt_route *route = r->route;
	if (!decide_route(r))
		return;
	route->next_hop = mt_strz(r->arena, r->next_hop);
	route->transport = carrier(r);
	if (!route->transport) {
		const char *name = mt_strz(r->arena, r->transport);
		route->note = mt_format(r->arena,
					pf_mastercf_get(&r->instance->mastercf, name, "unix")
						? "delivered by %s, which is not an SMTP client"
						: "%s is no service of master.cf: the mail waits",
					name);
	}
	defer_route(r);
}

void pf_route(const struct mt_model *model, const struct mt_mta *mta, const struct mt_mail *mail,
	      struct mt_route *route)
{
	struct pf_instance instance = *(const struct pf_instance *)mta->priv;
	struct pf_router r = {.instance = &instance,
			      .arena = model->arena,
			      .scope = &instance.routing,
			      .to = mt_str_of(mail->to),
			      .route = route,
			      .remarks = MT_TEXT_INIT(model->arena),
			      .from = mt_str_of(mail->from ? mail->from : ""),
			      .from_known = mail->from != NULL};
	*route = (struct mt_route){.next_hop = "", .note = ""};
	r.tail = &route->chain;
	r.domain = mt_str_after(r.to, '@');
	instance.unasked = &route->ask;
	if (instance.unreadable || instance.broken) {
		route->note = instance.broken ? instance.broken
					      : "main.cf or master.cf could not be read";
		return;
	}
	answer_route(&r);
	if (r.remarks.n)
		route->note = mt_format(r.arena, "%s%s%s", route->note, *route->note ? "; " : "",
					mt_text_z(&r.remarks));
}
