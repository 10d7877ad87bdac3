/* SPDX-License-Identifier: ISC */
/* plan_check.c: can this address be pinned here at all; do both families have an answer; and does
 * the result give what was asked. */
#include "core/plan/plan_check.h"

#include <string.h>

#include <mtapin/backend.h>

/* ---- the goal -------------------------------------------------------------------------------- */

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

/* ---- the result ------------------------------------------------------------------------------ */

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
	mt_plan_families_impact(plan);
	compare_goal(plan, after);
	compare_loopback(plan, after);
	mt_plan_tell_exceptions(plan, after);
}

/* ---- the goal as a command ------------------------------------------------------------------- */

static void add_family(struct mt_arena *arena, struct mt_recipe *recipe,
		       const struct mt_pin_goal *goal, const char *option)
{
	static const char *const words[] = {
		[MT_PIN_KEEP] = "keep", [MT_PIN_OFF] = "off", [MT_PIN_ANY] = "any"};
	if (goal->pin == MT_PIN_ADDRESS)
		mt_recipe_add(arena, recipe, option, mt_addr_format(arena, goal->addr), NULL);
	else if (goal->given)
		mt_recipe_add(arena, recipe, option, words[goal->pin], NULL);
}

static void add_each(struct mt_arena *arena, struct mt_recipe *recipe, const char *option,
		     const char *const *values)
{
	for (; values && *values; values++)
		mt_recipe_add(arena, recipe, option, *values, NULL);
}

struct mt_recipe *mt_goal_command(const struct mt_plan *plan, const struct mt_goal *goal)
{
	struct mt_arena *arena = plan->arena;
	struct mt_recipe *recipe = mt_recipe(arena, "mtapin", "fix", NULL);
	add_family(arena, recipe, &goal->family[MT_V4], "--ip4");
	add_family(arena, recipe, &goal->family[MT_V6], "--ip6");
	if (plan->model->mtas->next)
		mt_recipe_add(arena, recipe, "--mta", mt_mta_word(arena, plan->mta), NULL);
	if (goal->method)
		mt_recipe_add(arena, recipe, "--method", goal->method, NULL);
	for (const struct mt_own_value *own = goal->own; own && own->name; own++)
		mt_recipe_add(arena, recipe, mt_format(arena, "--%s", own->name),
			      *own->value ? own->value : NULL, NULL);
	if (goal->helo)
		mt_recipe_add(arena, recipe, "--helo", goal->helo, NULL);
	add_each(arena, recipe, "--path", goal->paths);
	add_each(arena, recipe, "--accept", goal->accept);
	return recipe;
}
