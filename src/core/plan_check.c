/* SPDX-License-Identifier: ISC */
/* plan_check.c: can this address be pinned here at all; do both families have an answer; and does
 * the result give what was asked. */
#include "core/plan_check.h"

#include <string.h>

#include <mtapin/backend.h>

/* ---- the goal -------------------------------------------------------------------------------- */

static const char *unusable_by_nature(struct mt_addr addr)
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
		mt_plan_refuse(plan, "", text, "is the broadcast address of a subnet of this host");
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
		mt_plan_refuse(plan, "HOST-ADDR-TENTATIVE", text,
			       "is tentative on %s (duplicate address detection %s): it cannot be "
			       "used yet",
			       at->iface, at->dadfailed ? "failed" : "is running");
	else if (!mt_host_default_source(host, addr.family)->reachable)
		mt_plan_refuse(
			plan, "HOST-NO-ROUTE", text,
			"could not reach the internet: there is no %s default route on this host",
			mt_family_name(addr.family));
}

static void check_address(struct mt_plan *plan, struct mt_addr addr)
{
	char text[MT_ADDR_TEXT];
	const char *why = unusable_by_nature(addr);
	mt_addr_text(addr, text);
	if (why)
		mt_plan_refuse(plan, "", text, "%s", why);
	else
		check_presence(plan, addr);
	if (plan->refused && *plan->refused->id && mt_goal_accepts(plan->goal, plan->refused->id)) {
		mt_plan_remark(plan, "accepted %s: %s %s", plan->refused->id, text,
			       plan->refused->message);
		plan->refused = NULL;
	}
}

/* Every way of this family that the goal is for is bound by a line already. */
static bool decided(const struct mt_plan *plan, enum mt_family family)
{
	for (const struct mt_path *path = plan->mta->paths; path; path = path->next)
		if (mt_goal_wants(plan->goal, path) && path->way[family].how != MT_HOW_ADDRESS &&
		    path->way[family].how != MT_HOW_OFF)
			return false;
	return true;
}

static const char *candidates(struct mt_plan *plan, enum mt_family family)
{
	const struct mt_host *host = plan->model->snapshot->facts;
	struct mt_text list = MT_TEXT_INIT(plan->arena);
	char text[MT_ADDR_TEXT];
	for (size_t i = 0; i < host->addr_count; i++) {
		const struct mt_ifaddr *at = &host->addr[i];
		if (at->addr.family == family && !unusable_by_nature(at->addr) && at->up &&
		    !at->tentative)
			mt_text_addf(&list, "%s%s", list.n ? " or " : "",
				     mt_addr_text(at->addr, text));
	}
	return list.n ? mt_text_z(&list) : "ADDRESS";
}

/* "Both families are one decision": half a pin is what the FAQ leaves behind. */
static void check_families(struct mt_plan *plan)
{
	for (int f = 0; f < MT_FAMILIES && !plan->families_settled; f++) {
		enum mt_family other = f == MT_V4 ? MT_V6 : MT_V4;
		const char *option = other == MT_V6 ? "--ip6" : "--ip4";
		if (plan->goal->family[f].pin != MT_PIN_ADDRESS ||
		    plan->goal->family[other].given ||
		    !mt_mta_sends(plan->model, plan->mta, plan->goal, other) ||
		    decided(plan, other))
			continue;
		mt_plan_refuse(plan, "", plan->mta->instance,
			       "this host also sends over %s, and pinning %s alone would leave "
			       "that to chance. "
			       "Say what to do: %s %s pins it too; %s off stops sending over %s; "
			       "%s keep leaves it",
			       mt_family_name(other), mt_family_name((enum mt_family)f), option,
			       candidates(plan, other), option, mt_family_name(other), option);
	}
}

static void check_owner(struct mt_plan *plan)
{
	const struct mt_owner *owner =
		mt_host_owner(plan->model->snapshot->facts, plan->mta->backend);
	if (owner && !mt_goal_accepts(plan->goal, "HOST-OWNER"))
		mt_plan_refuse(plan, "HOST-OWNER", plan->mta->instance,
			       "%s regenerates this configuration and would undo the edit. Use its "
			       "own knob: %s",
			       owner->title, owner->knob);
}

/* The world sees the relay's address then: pinning the hop to it is only done when it is named. */
static void check_wanted(struct mt_plan *plan)
{
	const struct mt_path *relay = NULL;
	for (const struct mt_path *path = plan->mta->paths; path; path = path->next) {
		if (mt_goal_wants(plan->goal, path))
			return;
		if (path->kind == MT_KIND_RELAYHOST && !relay)
			relay = path;
	}
	if (relay)
		mt_plan_refuse(plan, "", plan->mta->instance,
			       "no path goes to the internet: mail leaves through the relay %s, "
			       "and the world "
			       "sees the relay's address, not one of this host. To pin the hop to "
			       "the relay "
			       "itself: %s",
			       relay->next_hop,
			       mt_recipe_text(plan->arena,
					      mt_recipe(plan->arena, "--path", relay->name, NULL)));
	else
		mt_plan_refuse(plan, "", plan->mta->instance,
			       "no path of it sends mail to the internet");
}

void mt_plan_check_goal(struct mt_plan *plan)
{
	if (!plan->model->snapshot->complete)
		mt_plan_refuse(plan, "", plan->model->snapshot->host,
			       "the collection is incomplete; a change is never planned from it");
	for (int f = 0; f < MT_FAMILIES; f++)
		if (plan->goal->family[f].pin == MT_PIN_ADDRESS)
			check_address(plan, plan->goal->family[f].addr);
	if (plan->mta->other_netns)
		mt_plan_refuse(plan, "", plan->mta->instance,
			       "%s runs in another network namespace: run mtapin inside it",
			       plan->mta->backend->title);
	check_owner(plan);
	check_wanted(plan);
	check_families(plan);
}

/* ---- the result ------------------------------------------------------------------------------ */

/* Sockets that are listened on, by address and port. */
struct socket_key {
	unsigned port;
	uint8_t family, addr[16];
};

static struct socket_key key_of(struct mt_addr addr, unsigned port)
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
	*key = key_of(listener->addr, listener->port);
	mt_map_put(sockets, (struct mt_str){(const char *)key, sizeof *key}, listener);
}

/* By a listener on this very address, or on any. */
static bool covered(const struct mt_map *sockets, struct mt_addr addr, unsigned port)
{
	struct mt_addr any = {.set = true, .family = addr.family};
	struct socket_key keys[] = {key_of(addr, port), key_of(any, port)};
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

/* The far end sees no difference. */
static bool same_way(const struct mt_way *a, const struct mt_way *b)
{
	return a->source.set ? mt_addr_eq(a->source, b->source) : a->how == b->how;
}

static bool leaves(const struct mt_way *way)
{
	return way->how == MT_HOW_ADDRESS || (way->how == MT_HOW_KERNEL && way->source.set);
}

static void compare_loopback(struct mt_plan *plan, const struct mt_mta *after)
{
	const struct mt_path *from = NULL;
	for (const struct mt_path *path = plan->mta->paths; path; path = path->next) {
		if (path->kind != MT_KIND_LOOPBACK || mt_list_has(plan->goal->paths, path->name))
			continue;
		const struct mt_path *now = mt_path_like(after, path, &from);
		if (!now)
			continue;
		if (!same_way(&path->way[MT_V4], &now->way[MT_V4]) ||
		    (leaves(&path->way[MT_V6]) && !same_way(&path->way[MT_V6], &now->way[MT_V6])))
			mt_list_push(plan->arena, &plan->impact.loopback_paths, path->name);
	}
	if (plan->impact.loopback_paths.n && !plan->goal->bare)
		mt_plan_refuse(plan, "", plan->mta->instance,
			       "the loopback path %s would change its source address",
			       plan->impact.loopback_paths.item[0]);
}

/* A way that a literal next hop rules out is off already, and so is one that was switched off before. */
static bool switches_off(const struct mt_plan *plan, enum mt_family family)
{
	for (const struct mt_path *path = plan->mta->paths; path; path = path->next)
		if (mt_goal_wants(plan->goal, path) && path->way[family].how != MT_HOW_OFF)
			return true;
	return false;
}

static void compare_bounces(struct mt_plan *plan)
{
	for (int f = 0; f < MT_FAMILIES; f++)
		if (plan->goal->family[f].pin == MT_PIN_OFF &&
		    switches_off(plan, (enum mt_family)f))
			mt_list_add(plan->arena, &plan->impact.will_bounce,
				    mt_format(plan->arena,
					      "mail to hosts that have only %s addresses (5.4.4)",
					      mt_family_name((enum mt_family)f)));
}

bool mt_way_holds(const struct mt_pin_goal *goal, const struct mt_path *path, enum mt_family family)
{
	const struct mt_way *way = &path->way[family];
	switch (goal->pin) {
	case MT_PIN_ADDRESS: /* a next hop of the other family needs no address of this one */
		return (way->how == MT_HOW_OFF && *path->next_hop) ||
		       (way->how == MT_HOW_ADDRESS && mt_addr_eq(way->source, goal->addr));
	case MT_PIN_OFF:
		return way->how == MT_HOW_OFF;
	case MT_PIN_ANY:
		return way->how != MT_HOW_ADDRESS;
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

static void cannot_give(struct mt_plan *plan, const struct mt_path *path, enum mt_family family)
{
	const struct mt_way *way = &path->way[family];
	const char *name = mt_family_name(family), *note = way->note;
	const char *where =
		way->because && way->because->line
			? mt_format(plan->arena, "%s:%u", way->because->file, way->because->line)
			: plan->mta->instance;
	if (way->how == MT_HOW_BROKEN)
		mt_plan_refuse(plan, "", where, "%s would not work: %s. Correct that first",
			       path->name, note);
	else if (way->how == MT_HOW_OFF)
		mt_plan_refuse(plan, "", where,
			       "%s does not send over %s: %s. Change that first, or leave %s as it "
			       "is: %s keep",
			       path->name, name, note, name, family == MT_V6 ? "--ip6" : "--ip4");
	else
		mt_plan_refuse(plan, "", where,
			       "the %s method cannot give this: %s over %s would be \"%s\"%s%s. "
			       "Try another --method",
			       mt_method_name(plan->method), path->name, name,
			       mt_how_name(way->how), *note ? ", " : "", note);
}

/* Paths that keep a working pin of their own, by name. */
struct kept {
	struct mt_map names;
	const struct mt_path *from;
};

static bool is_kept(const struct mt_plan *plan, struct kept *kept, const struct mt_path *now,
		    enum mt_family family)
{
	if (!mt_map_get(&kept->names, mt_str_of(now->name)))
		return false;
	const struct mt_path *was = mt_path_like(plan->mta, now, &kept->from);
	return was && was->way[family].how == MT_HOW_ADDRESS &&
	       same_way(&was->way[family], &now->way[family]);
}

/* A plan that would not give what was asked is never shown as one that does. */
static void compare_goal(struct mt_plan *plan, const struct mt_mta *after)
{
	struct kept kept = {.names = MT_MAP_INIT(plan->arena)};
	for (size_t i = 0; i < plan->kept.n; i++)
		mt_map_put(&kept.names, mt_str_of(plan->kept.item[i]), plan);
	for (const struct mt_path *path = after->paths; path && !plan->refused; path = path->next) {
		if (!mt_goal_wants(plan->goal, path) || path->kind == MT_KIND_LOOPBACK)
			continue;
		for (int f = 0; f < MT_FAMILIES; f++) {
			if (mt_way_holds(&plan->goal->family[f], path, (enum mt_family)f) ||
			    is_kept(plan, &kept, path, (enum mt_family)f) ||
			    taken_on_trust(plan, (enum mt_family)f))
				continue;
			cannot_give(plan, path, (enum mt_family)f);
		}
	}
}

void mt_plan_compare(struct mt_plan *plan)
{
	const struct mt_mta *after = counterpart(plan->after, plan->mta);
	if (!after) {
		mt_plan_refuse(plan, "", plan->mta->instance,
			       "after the edit there would be no such instance");
		return;
	}
	plan->impact.lost = missing(plan, plan->mta->listeners, after->listeners);
	plan->impact.opened = missing(plan, after->listeners, plan->mta->listeners);
	compare_bounces(plan);
	compare_goal(plan, after);
	compare_loopback(plan, after);
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
	if (goal->method != MT_METHOD_AUTO)
		mt_recipe_add(arena, recipe, "--method", mt_method_name(goal->method), NULL);
	if (goal->bare)
		mt_recipe_add(arena, recipe, "--bare", NULL);
	if (goal->drop_in)
		mt_recipe_add(arena, recipe, "--drop-in", NULL);
	if (goal->helo)
		mt_recipe_add(arena, recipe, "--helo", goal->helo, NULL);
	add_each(arena, recipe, "--path", goal->paths);
	add_each(arena, recipe, "--accept", goal->accept);
	return recipe;
}
