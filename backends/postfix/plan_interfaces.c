/* SPDX-License-Identifier: ISC */
/*
 * plan_interfaces.c: the FAQ's way: inet_interfaces decides, and what keeps local use alive: copies of
 * the listeners on loopback, mynetworks as it is computed today.
 */
#include "plan.h"

#include <string.h>

static const char *const loopback[MT_FAMILIES] = {"127.0.0.1", "::1"};

/* "V4, V6" of the goal; NULL when it names no address. */
static const char *goal_list(const struct pf_planner *planner)
{
	struct mt_text list = MT_TEXT_INIT(planner->arena);
	char text[MT_ADDR_TEXT];
	for (int f = 0; f < MT_FAMILIES; f++)
		if (planner->goal->family[f].pin == MT_PIN_ADDRESS)
			mt_text_addf(&list, "%s%s", list.n ? ", " : "",
				     mt_addr_text(planner->goal->family[f].addr, text));
	return list.n ? mt_text_z(&list) : NULL;
}

/* ---- listeners on loopback ---- */

/* Some service with a host of its own has this socket already. */
static bool has_own_line(const struct pf_planner *planner, struct mt_addr addr, unsigned port)
{
	for (const struct pf_service *s = planner->instance->mastercf.services; s; s = s->next) {
		struct pf_endpoint end = pf_endpoint(s);
		if (!pf_listens(planner->instance, s) || !end.host.n || end.port != port)
			continue;
		if (mt_addr_eq(end.addr, addr) || mt_str_is(end.host, "localhost"))
			return true;
	}
	return false;
}

static void copy_listener(struct pf_planner *planner, const struct pf_service *service,
			  enum mt_family family)
{
	struct pf_endpoint end = pf_endpoint(service);
	const struct mt_host *host = planner->instance->model->snapshot->facts;
	struct mt_addr addr;
	mt_addr_parse(mt_str_of(loopback[family]), &addr);
	if (!mt_addr_usable(host, addr) || !pf_listens_at(planner->instance, addr, end.port) ||
	    has_own_line(planner, addr, end.port))
		return;
	pf_draft_clone(&planner->draft, mt_strz(planner->arena, service->name), "inet",
		       mt_format(planner->arena, family == MT_V6 ? "[%s]:%.*s" : "%s:%.*s",
				 loopback[family], MT_STR_FMT(service->name)));
	planner->copies = true;
}

/* ---- mynetworks ---- */

static void keep_mynetworks(struct pf_planner *planner)
{
	const struct pf_instance *instance = planner->instance;
	if (pf_maincf_get(&instance->maincf, MT_STR("mynetworks")))
		return;
	if (*instance->scope.mynetworks)
		pf_draft_main(&planner->draft, "mynetworks", instance->scope.mynetworks);
	else
		mt_plan_refuse(
			planner->plan, "PF-MYNETWORKS-SHRUNK", instance->main_path,
			"mynetworks is not set: Postfix computes it from inet_interfaces, its "
			"value today is "
			"not known here, and this edit would change it. Set mynetworks first");
}

/* ---- the method ---- */

/* All that is known of it lies on loopback; what a name stands for that was not resolved is not known. */
static bool loopback_only(const struct pf_own *own)
{
	for (size_t i = 0; i < own->count; i++)
		if (!mt_addr_is_loopback(own->addr[i]))
			return false;
	return own->loopback_only || own->count || own->unsure;
}

static bool refused_to_open(struct pf_planner *planner)
{
	if (!loopback_only(&planner->instance->own) ||
	    mt_goal_accepts(planner->goal, "PF-OPENS-LISTENER"))
		return false;
	if (planner->instance->own.unsure) {
		mt_plan_refuse(
			planner->plan, "PF-OPENS-LISTENER",
			pf_where(planner->instance, &planner->instance->scope, "inet_interfaces"),
			"inet_interfaces holds a name that was not resolved, so it is not "
			"known whether this Postfix listens on loopback only; "
			"inet_interfaces = %s would open its ports to the network then. Pin "
			"with --method smtp_bind_address instead",
			goal_list(planner));
		return true;
	}
	mt_plan_refuse(planner->plan, "PF-OPENS-LISTENER",
		       pf_where(planner->instance, &planner->instance->scope, "inet_interfaces"),
		       "this Postfix listens on loopback only; inet_interfaces = %s would open its "
		       "ports to the "
		       "network. Pin with --method smtp_bind_address instead",
		       goal_list(planner));
	return true;
}

/* smtp_bind_address wins over inet_interfaces: where it stands, inet_interfaces would decide nothing. */
static void clear_binds(struct pf_planner *planner, const struct pf_target *targets,
			const char *list)
{
	for (int f = 0; f < MT_FAMILIES; f++) {
		const struct mt_pin_goal *goal = &planner->goal->family[f];
		static const char *const names[] = {"smtp_bind_address", "smtp_bind_address6"};
		if (goal->pin != MT_PIN_ADDRESS)
			continue;
		const struct pf_entry *entry =
			pf_maincf_get(&planner->instance->maincf, mt_str_of(names[f]));
		if (entry && entry->value.n)
			pf_draft_main(&planner->draft, names[f], NULL);
		for (const struct pf_target *t = targets; t; t = t->next)
			if (!t->kept[f] &&
			    pf_raw(&t->client->scope, mt_str_of(t->client->bind_name[f])).from ==
				    'o')
				pf_pin_service(planner, t, (enum mt_family)f,
					       mt_addr_format(planner->arena, goal->addr));
	}
	for (const struct pf_target *t = targets; t; t = t->next)
		if (!t->kept[MT_V4] && !t->kept[MT_V6] &&
		    pf_raw(&t->client->scope, MT_STR("inet_interfaces")).from == 'o')
			pf_set_option(planner, t->name, "inet_interfaces", list);
}

void pf_by_interfaces(struct pf_planner *planner, struct pf_target *targets)
{
	const char *list = goal_list(planner);
	if (!list) {
		mt_plan_refuse(planner->plan, "PF-NEEDS-ADDRESS", planner->instance->main_path,
			       "--method inet_interfaces needs an address to name (--ip)");
		return;
	}
	if (planner->goal->paths && !mt_list_has(planner->goal->paths, "all")) {
		mt_plan_refuse(planner->plan, "PF-ALL-PATHS", planner->instance->main_path,
			       "inet_interfaces pins every path; for %s alone use --method service",
			       planner->goal->paths[0]);
		return;
	}
	if (refused_to_open(planner))
		return;
	planner->interfaces = planner->replaced = true;
	planner->plan->moves_loopback = mt_goal_own(planner->goal, PF_BARE) != NULL;
	if (!planner->plan->moves_loopback) {
		pf_split_mixed(planner, targets, PF_KEEP_SOURCE);
		pf_keep_others(planner, MT_V4, PF_KEEP_SOURCE);
		pf_keep_others(planner, MT_V6, PF_KEEP_SOURCE);
		clear_binds(planner, targets, list);
		/* A socket of loopback is lost exactly when the new list does not name it. */
		for (const struct pf_service *s = planner->instance->mastercf.services; s;
		     s = s->next) {
			if (!pf_listens(planner->instance, s) || pf_endpoint(s).host.n)
				continue;
			copy_listener(planner, s, MT_V6);
			copy_listener(planner, s, MT_V4);
		}
		keep_mynetworks(planner);
		for (int f = 0; f < MT_FAMILIES; f++)
			for (const struct pf_target *t = targets; t; t = t->next)
				if (planner->goal->family[f].pin == MT_PIN_OFF && !t->kept[f] &&
				    !t->holds[f])
					pf_family_off(planner, t, (enum mt_family)f);
	}
	pf_draft_main(&planner->draft, "inet_interfaces", list);
}

/* ---- the line that decides today ---- */

static bool moves_listeners(const struct pf_planner *planner, struct mt_addr old)
{
	for (const struct mt_listener *l = planner->instance->mta->listeners; l; l = l->next)
		if (mt_addr_eq(l->addr, old) && !mt_addr_is_loopback(old))
			return true;
	return false;
}

const char *pf_interfaces_edit(struct pf_planner *planner, enum mt_family family,
			       struct mt_addr addr)
{
	const struct pf_own *own = &planner->instance->own;
	struct mt_addr old = pf_own_single(own, family);
	if (!old.set || own->named || moves_listeners(planner, old))
		return NULL;
	return pf_own_with(planner->arena, own, addr);
}

static bool works(const struct pf_instance *instance, struct mt_str word)
{
	struct mt_str inner = word;
	struct mt_addr addr;
	if (!pf_unbracket(&inner))
		return false;
	if (!pf_numeric(inner, &addr))
		return mt_str_is(inner, "localhost");
	return instance->protocols.family[addr.family] &&
	       mt_addr_usable(instance->model->snapshot->facts, addr);
}

const char *pf_interfaces_repair(const struct pf_instance *instance, const struct mt_goal *goal)
{
	struct mt_arena *arena = instance->model->arena;
	struct mt_text list = MT_TEXT_INIT(arena);
	struct mt_str rest = pf_get(&instance->scope, "inet_interfaces"), word;
	bool has[MT_FAMILIES] = {false, false};
	while (mt_str_word(&rest, " ,\t\r\n", &word)) {
		struct mt_str inner = word;
		struct mt_addr addr;
		if (!works(instance, word))
			continue;
		if (pf_unbracket(&inner) && pf_numeric(inner, &addr))
			has[addr.family] = true;
		mt_text_addf(&list, "%s%.*s", list.n ? ", " : "", MT_STR_FMT(word));
	}
	for (int f = 0; f < MT_FAMILIES; f++)
		if (!has[f] && goal->family[f].pin == MT_PIN_ADDRESS)
			mt_text_addf(&list, "%s%s", list.n ? ", " : "",
				     mt_addr_format(arena, goal->family[f].addr));
	return list.n ? mt_text_z(&list) : "all";
}
