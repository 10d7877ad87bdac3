/* SPDX-License-Identifier: ISC */
/* plan_compare.c: does the result give what was asked, and what else does it change: the models before and after. */
#include "core/plan/plan_check.h"

#include <string.h>

#include <mtapin/backend.h>

/* Sockets that are listened on, by address and port. */
struct socket_key {
	unsigned port;
	uint8_t family, addr[16];
};

static struct socket_key socket_key_of(struct mt_addr addr, unsigned port)
{
	struct socket_key key;
	memset(&key, 0, sizeof key); /* the gaps are part of the key */
	key.port = port;
	key.family = (uint8_t)addr.family;
	memcpy(key.addr, addr.b, addr.family == MT_V6 ? 16 : 4);
	return key;
}

static void cover(struct mt_map *sockets, const struct mt_listener *listener)
{
	struct socket_key *key = MT_NEW(sockets->arena, struct socket_key);
	*key = socket_key_of(listener->addr, listener->port);
	mt_map_put(sockets, (struct mt_str){(const char *)key, sizeof *key}, listener);
}

/* By a listener on this very address, or on any. */
static bool covered(const struct mt_map *sockets, struct mt_addr addr, unsigned port)
{
	struct mt_addr any = {.set = true, .family = addr.family};
	struct socket_key keys[] = {socket_key_of(addr, port), socket_key_of(any, port)};
	for (size_t i = 0; i < MT_ARRAY_LEN(keys); i++)
		if (mt_map_get(sockets, (struct mt_str){(const char *)&keys[i], sizeof keys[i]}))
			return true;
	return false;
}

struct missing {
	struct mt_arena *arena;
	struct mt_map sockets; /* there, or in the list already */
	struct mt_listener *first, **tail;
};

static void miss(struct missing *m, const struct mt_listener *was, struct mt_addr addr)
{
	if (covered(&m->sockets, addr, was->port))
		return;
	*m->tail = MT_NEW(m->arena, struct mt_listener);
	**m->tail = *was;
	(*m->tail)->addr = addr;
	(*m->tail)->next = NULL;
	cover(&m->sockets, *m->tail);
	m->tail = &(*m->tail)->next;
}

/* The sockets of `was` that `now` does not have. */
static struct mt_listener *missing(struct mt_plan *plan, const struct mt_listener *was,
				   const struct mt_listener *now)
{
	const struct mt_host *host = plan->model->snapshot->facts;
	struct missing m = {.arena = plan->arena, .sockets = MT_MAP_INIT(plan->arena)};
	m.tail = &m.first;
	for (; now; now = now->next)
		cover(&m.sockets, now);
	for (; was; was = was->next) {
		bool spelled = mt_addr_is_any(was->addr) && host->addresses == MT_PRESENT;
		for (size_t i = 0; spelled && i < host->addr_count; i++)
			if (host->addr[i].addr.family == was->addr.family &&
			    !mt_addr_is_link_local(host->addr[i].addr))
				miss(&m, was, host->addr[i].addr);
		if (!spelled)
			miss(&m, was, was->addr);
	}
	return m.first;
}

static const struct mt_mta *counterpart(const struct mt_model *after, const struct mt_mta *mta)
{
	for (const struct mt_mta *m = after->mtas; m; m = m->next)
		if (m->backend == mta->backend && strcmp(m->instance, mta->instance) == 0)
			return m;
	return NULL;
}

/* The far end sees no difference: what was pinned to the address that the kernel chooses anyway may be let go of. */
static bool same_source(const struct mt_binding *a, const struct mt_binding *b)
{
	return a->source.set ? mt_addr_eq(a->source, b->source) : a->how == b->how;
}

static bool has_source(const struct mt_binding *binding)
{
	return binding->how == MT_HOW_ADDRESS ||
	       (binding->how == MT_HOW_KERNEL && binding->source.set);
}

static void compare_loopback(struct mt_plan *plan, const struct mt_mta *after)
{
	const struct mt_transport *from = NULL;
	for (const struct mt_transport *transport = plan->mta->transports; transport;
	     transport = transport->next) {
		if (transport->kind != MT_KIND_LOOPBACK ||
		    mt_list_has(plan->goal->paths, transport->name))
			continue;
		const struct mt_transport *now = mt_transport_like(after, transport, &from);
		if (!now)
			continue;
		if (!same_source(&transport->binding[MT_V4], &now->binding[MT_V4]) ||
		    (has_source(&transport->binding[MT_V6]) &&
		     !same_source(&transport->binding[MT_V6], &now->binding[MT_V6])))
			mt_list_push(plan->arena, &plan->impact.loopback_transports,
				     transport->name);
	}
	if (plan->impact.loopback_transports.n && !plan->moves_loopback)
		mt_plan_refuse(plan, "PLAN-LOOPBACK-SOURCE", plan->mta->instance,
			       "the loopback path %s would change its source address",
			       plan->impact.loopback_transports.item[0]);
}

bool mt_way_holds(const struct mt_pin_goal *goal, const struct mt_transport *transport,
		  enum mt_family family)
{
	const struct mt_binding *binding = &transport->binding[family];
	switch (goal->pin) {
	case MT_PIN_ADDRESS: /* a next hop of the other family needs no address of this one */
		return (binding->how == MT_HOW_OFF && *transport->next_hop) ||
		       (binding->how == MT_HOW_ADDRESS && mt_addr_eq(binding->source, goal->addr) &&
			(binding->pick != MT_PICK_ANY || binding->pool_count < 2));
	case MT_PIN_OFF:
		return binding->how == MT_HOW_OFF;
	case MT_PIN_ANY:
		return binding->how != MT_HOW_ADDRESS;
	case MT_PIN_KEEP:
		break;
	}
	return true;
}

/* The user said with --accept that the address will be there: then the model cannot show it yet. */
static bool taken_on_trust(const struct mt_plan *plan, enum mt_family family)
{
	const struct mt_pin_goal *goal = &plan->goal->family[family];
	if (plan->on_trust[family])
		return true;
	return goal->pin == MT_PIN_ADDRESS &&
	       !mt_addr_usable(plan->model->snapshot->facts, goal->addr);
}

static void cannot_give(struct mt_plan *plan, const struct mt_transport *transport,
			enum mt_family family)
{
	const struct mt_binding *binding = &transport->binding[family];
	const char *name = mt_family_name(family), *note = binding->note;
	const char *where = binding->origin && binding->origin->line
				    ? mt_format(plan->arena, "%s:%u", binding->origin->file,
						binding->origin->line)
				    : plan->mta->instance;
	if (binding->how == MT_HOW_BROKEN)
		mt_plan_refuse(plan, "PLAN-PATH-BROKEN", where,
			       "%s would not work: %s. Correct that first", transport->name, note);
	else if (binding->how == MT_HOW_OFF)
		mt_plan_refuse(plan, "PLAN-FAMILY-OFF", where,
			       "%s does not send over %s: %s. Change that first, or leave %s as it "
			       "is: %s keep",
			       transport->name, name, note, name,
			       family == MT_V6 ? "--ip6" : "--ip4");
	else
		mt_plan_refuse(plan, "PLAN-METHOD-CANNOT", where,
			       "the %s method cannot give this: %s over %s would be \"%s\"%s%s. "
			       "Try another --method",
			       mt_plan_method(plan), transport->name, name,
			       mt_how_name(binding->how), *note ? ", " : "", note);
}

/* Paths that keep a working pin of their own, by name. */
struct kept {
	struct mt_map names;
	const struct mt_transport *from;
};

static bool is_kept_transport(const struct mt_plan *plan, struct kept *kept,
			      const struct mt_transport *now, enum mt_family family)
{
	if (!mt_map_get(&kept->names, mt_str_of(now->name)))
		return false;
	const struct mt_transport *was = mt_transport_like(plan->mta, now, &kept->from);
	return was && was->binding[family].how == MT_HOW_ADDRESS &&
	       same_source(&was->binding[family], &now->binding[family]);
}

/* A plan that would not give what was asked is never shown as one that does. */
static void compare_goal(struct mt_plan *plan, const struct mt_mta *after)
{
	struct kept kept = {.names = MT_MAP_INIT(plan->arena)};
	for (size_t i = 0; i < plan->kept.n; i++)
		mt_map_put(&kept.names, mt_str_of(plan->kept.item[i]), plan);
	for (const struct mt_transport *transport = after->transports; transport && !plan->refused;
	     transport = transport->next) {
		if (!mt_goal_wants(plan->goal, transport) || transport->kind == MT_KIND_LOOPBACK)
			continue;
		for (int f = 0; f < MT_FAMILIES; f++) {
			if (mt_way_holds(&plan->goal->family[f], transport, (enum mt_family)f) ||
			    is_kept_transport(plan, &kept, transport, (enum mt_family)f) ||
			    taken_on_trust(plan, (enum mt_family)f))
				continue;
			cannot_give(plan, transport, (enum mt_family)f);
		}
	}
}

/* Before the impact, which tells what was accepted. */
static void compare_families(struct mt_plan *plan, const struct mt_mta *after)
{
	const struct mt_transport *from = NULL;
	for (const struct mt_transport *was = plan->mta->transports; was; was = was->next) {
		const struct mt_transport *now = mt_goal_wants(plan->goal, was)
							 ? mt_transport_like(after, was, &from)
							 : NULL;
		for (enum mt_family f = MT_V4; now && f < MT_FAMILIES; f++)
			mt_plan_check_stopped(plan, f, was, now);
	}
}

void mt_plan_compare(struct mt_plan *plan)
{
	const struct mt_mta *after = counterpart(plan->after, plan->mta);
	if (!after) {
		mt_plan_refuse(plan, "PLAN-INSTANCE-GONE", plan->mta->instance,
			       "after the edit there would be no such instance");
		return;
	}
	plan->impact.lost = missing(plan, plan->mta->listeners, after->listeners);
	plan->impact.opened = missing(plan, after->listeners, plan->mta->listeners);
	compare_families(plan, after);
	mt_plan_families_impact(plan);
	compare_goal(plan, after);
	compare_loopback(plan, after);
	mt_plan_tell_exceptions(plan, after);
}
