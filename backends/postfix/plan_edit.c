/* SPDX-License-Identifier: ISC */
/* plan_edit.c: single edits: a pin on a service, a family off, everything else as it was. */
#include "plan.h"

#include <string.h>

void pf_set_option(struct pf_planner *planner, const char *service, const char *name,
		   const char *value)
{
	planner->options |= pf_draft_option(&planner->draft, service, name, value);
}

/* ---- targets ---- */

/* A pool member or a customer's transport: pinned by its own -o to an address that works. What carries
 * the default and the relay class is never one. */
static bool own_pin(const struct pf_planner *planner, const struct pf_target *target,
		    enum mt_family family)
{
	struct pf_raw bind =
		pf_raw(&target->client->scope, mt_str_of(target->client->bind_name[family]));
	struct pf_raw interfaces = pf_raw(&target->client->scope, MT_STR("inet_interfaces"));
	return target->transport->binding[family].how == MT_HOW_ADDRESS &&
	       !(mt_list_has(planner->goal->paths, target->transport->name) ||
		 mt_list_has(planner->goal->paths, "all")) &&
	       (bind.from == 'o' || (interfaces.from == 'o' && !target->client->bind[family].n)) &&
	       !pf_fed_by(target->transport, "default_transport") &&
	       !pf_fed_by(target->transport, "relay_transport");
}

static bool is_kept(const struct pf_target *target)
{
	return target->kept[MT_V4] || target->kept[MT_V6];
}

static struct pf_target *make_target(struct pf_planner *planner,
				     const struct mt_transport *transport)
{
	struct pf_target *target = MT_NEW(planner->arena, struct pf_target);
	target->transport = transport;
	target->name = transport->name;
	target->client = pf_client_of(transport);
	for (int f = 0; f < MT_FAMILIES; f++) {
		target->holds[f] =
			mt_way_holds(&planner->goal->family[f], transport, (enum mt_family)f);
		target->kept[f] = !target->holds[f] &&
				  planner->goal->family[f].pin != MT_PIN_KEEP &&
				  own_pin(planner, target, (enum mt_family)f);
	}
	if (is_kept(target))
		mt_list_push(planner->arena, &planner->plan->kept, transport->name);
	if (!planner->target_of[target->client->number])
		planner->target_of[target->client->number] = target;
	return target;
}

struct pf_target *pf_targets(struct pf_planner *planner)
{
	struct pf_target *first = NULL, **tail = &first;
	size_t clients = 0;
	for (const struct pf_client *c = planner->instance->clients; c; c = c->next)
		clients++;
	planner->target_of = mt_alloc(planner->arena, (clients + 1) * sizeof *planner->target_of);
	for (const struct mt_transport *transport = planner->instance->mta->transports; transport;
	     transport = transport->next) {
		bool extra = transport->kind == MT_KIND_LOOPBACK &&
			     !mt_list_has(planner->goal->paths, transport->name);
		if (!mt_goal_wants(planner->goal, transport) || extra ||
		    transport->kind == MT_KIND_LOCAL)
			continue;
		*tail = make_target(planner, transport);
		tail = &(*tail)->next;
	}
	return first;
}

/* ---- one service ---- */

void pf_pin_service(struct pf_planner *planner, const struct pf_target *target,
		    enum mt_family family, const char *address)
{
	struct pf_raw protocols = pf_raw(&target->client->scope, MT_STR("inet_protocols"));
	if (protocols.from == 'o' && !target->client->protocols.family[family])
		pf_set_option(planner, target->name, "inet_protocols", NULL);
	pf_set_option(planner, target->name, target->client->bind_name[family], address);
}

/* What remains of inet_interfaces when the family's numbers are taken out. */
static const char *interfaces_without(const struct pf_client *client, enum mt_family family)
{
	struct mt_text list = MT_TEXT_INIT(client->scope.arena);
	struct mt_str rest = pf_get(&client->scope, "inet_interfaces"), word;
	bool dropped = false;
	while (mt_str_word(&rest, " ,\t\r\n", &word)) {
		struct mt_str inner = word;
		struct mt_addr addr;
		if (pf_unbracket(&inner) && pf_numeric(inner, &addr) && addr.family == family)
			dropped = true;
		else
			mt_text_addf(&list, "%s%.*s", list.n ? ", " : "", MT_STR_FMT(word));
	}
	if (!dropped)
		return NULL;
	return list.n ? mt_text_z(&list) : "all";
}

void pf_family_off(struct pf_planner *planner, const struct pf_target *target,
		   enum mt_family family)
{
	bool replaced = planner->replaced &&
			pf_raw(&target->client->scope, MT_STR("inet_interfaces")).from != 'o';
	const char *interfaces = replaced ? NULL : interfaces_without(target->client, family);
	pf_set_option(planner, target->name, "inet_protocols", family == MT_V6 ? "ipv4" : "ipv6");
	pf_set_option(planner, target->name, target->client->bind_name[family], "");
	if (interfaces)
		pf_set_option(planner, target->name, "inet_interfaces", interfaces);
}

/* ---- everything else as it was ---- */

/* Of the transport's service, be it for the other of its transports. */
static const struct pf_target *target_of(const struct pf_planner *planner,
					 const struct mt_transport *transport)
{
	return planner->target_of[pf_client_of(transport)->number];
}

static void keep_one(struct pf_planner *planner, const char *service,
		     const struct mt_transport *transport, const struct pf_client *client,
		     enum mt_family family, enum pf_keep_by by)
{
	const struct mt_binding *binding = &transport->binding[family];
	const char *name = client->bind_name[family];
	if (binding->how == MT_HOW_OFF || binding->how == MT_HOW_BROKEN ||
	    pf_raw(&client->scope, mt_str_of(name)).from == 'o')
		return;
	if (by == PF_KEEP_PARAMETER && !client->lmtp)
		pf_set_option(planner, service, name,
			      mt_strz(planner->arena, client->bind[family]));
	else if (by == PF_KEEP_SOURCE && !client->bind[family].n && binding->source.set)
		pf_set_option(planner, service, name,
			      mt_addr_format(planner->arena, binding->source));
}

void pf_keep_others(struct pf_planner *planner, enum mt_family family, enum pf_keep_by by)
{
	for (const struct mt_transport *transport = planner->instance->mta->transports; transport;
	     transport = transport->next) {
		bool relay = transport->kind == MT_KIND_RELAYHOST && by == PF_KEEP_PARAMETER;
		if ((transport->kind != MT_KIND_LOOPBACK && !relay) ||
		    target_of(planner, transport))
			continue;
		const struct pf_client *client = pf_client_of(transport);
		keep_one(planner, transport->name, transport, client, family, by);
	}
}

/* Point every setting that sends to this host through the service at the clone. */
static bool redirect(struct pf_planner *planner, const struct pf_target *target, const char *clone)
{
	const struct pf_reference *r = planner->instance->references->first;
	for (; r; r = r->following) {
		if (r->next.hop != PF_HOP_SELF || !mt_str_is(r->transport, target->name))
			continue;
		struct pf_raw raw = pf_raw(&planner->instance->scope, mt_str_of(r->feed));
		bool literal = !r->service && raw.from == 'm' &&
			       !memchr(raw.text.p, '$', raw.text.n) && r->origin &&
			       strcmp(r->origin->file, planner->instance->main_path) == 0 &&
			       mt_str_starts(raw.text, target->name);
		if (!literal) {
			mt_plan_refuse(planner->plan, "PF-SHARED-SERVICE",
				       r->origin ? mt_format(planner->arena, "%s:%u",
							     r->origin->file, r->origin->line)
						 : planner->instance->main_path,
				       "%s carries mail to the internet and to %.*s on this host; "
				       "a pin would change "
				       "what the latter sees. Give the hop to this host a service "
				       "of its own in "
				       "master.cf and name that here",
				       target->name, MT_STR_FMT(r->next.text));
			return false;
		}
		pf_draft_main(
			&planner->draft, r->feed,
			mt_format(planner->arena, "%s:%.*s", clone, MT_STR_FMT(r->next.text)));
	}
	return true;
}

static void split_one(struct pf_planner *planner, struct pf_target *target, enum pf_keep_by by)
{
	const struct mt_transport *side =
		target->transport == target->client->transport ? target->client->loopback : NULL;
	if (!side)
		return;
	const char *clone = mt_format(planner->arena, "%s-loopback", target->name);
	for (unsigned n = 2; pf_draft_has_service(&planner->draft, clone, "unix"); n++)
		clone = mt_format(planner->arena, "%s-loopback%u", target->name, n);
	if (!redirect(planner, target, clone))
		return;
	pf_draft_clone(&planner->draft, target->name, "unix", clone);
	for (int f = 0; f < MT_FAMILIES; f++)
		keep_one(planner, clone, side, target->client, (enum mt_family)f, by);
	planner->options = true;
	target->clone = clone;
}

void pf_split_mixed(struct pf_planner *planner, struct pf_target *targets, enum pf_keep_by by)
{
	for (struct pf_target *t = targets; t && !planner->plan->refused; t = t->next) {
		bool changes = false;
		for (int f = 0; f < MT_FAMILIES; f++)
			changes |= !t->holds[f] && !t->kept[f] &&
				   planner->goal->family[f].pin != MT_PIN_KEEP;
		if (changes)
			split_one(planner, t, by);
	}
}

/* ---- HELO ---- */

static bool own_helo(const struct pf_client *client)
{
	return pf_raw(&client->scope, MT_STR("smtp_helo_name")).from == 'o';
}

/* What gives the new name already is left alone: on the second run that is what main.cf says. */
static void keep_name(struct pf_planner *planner, const char *service,
		      const struct mt_transport *transport)
{
	const struct pf_client *client = pf_client_of(transport);
	if (!client->lmtp && !own_helo(client) && strcmp(transport->helo, planner->goal->helo) != 0)
		pf_set_option(planner, service, "smtp_helo_name", transport->helo);
}

/* Transports the goal is not for, and pools, keep the name they give today; so does the hop to this host of a
 * service that is being split. */
static void keep_helo(struct pf_planner *planner, const struct pf_target *targets)
{
	for (const struct pf_target *t = targets; t; t = t->next)
		if (t->clone)
			keep_name(planner, t->clone, t->client->loopback);
	for (const struct mt_transport *transport = planner->instance->mta->transports; transport;
	     transport = transport->next) {
		const struct pf_target *target = target_of(planner, transport);
		bool other = !target && (transport->kind == MT_KIND_LOOPBACK ||
					 transport->kind == MT_KIND_RELAYHOST);
		if (!other && !(target && is_kept(target)))
			continue;
		keep_name(planner, transport->name, transport);
	}
}

/* Wherever it stands: a first run that edited services alone put it there, and must not be followed by one
 * that puts it into main.cf. */
static bool says_helo(const struct pf_planner *planner, const struct pf_target *targets)
{
	for (const struct pf_target *t = targets; t; t = t->next)
		if (!is_kept(t) && strcmp(t->transport->helo, planner->goal->helo) != 0)
			return false;
	return true;
}

void pf_set_helo(struct pf_planner *planner, const struct pf_target *targets)
{
	const char *helo = planner->goal->helo;
	bool by_main = planner->plan->method != &pf_methods[PF_SERVICE];
	if (!helo || says_helo(planner, targets))
		return;
	if (by_main) {
		keep_helo(planner, targets);
		pf_draft_main(&planner->draft, "smtp_helo_name", helo);
	}
	for (const struct pf_target *t = targets; t; t = t->next) {
		if (is_kept(t))
			continue;
		if (t->client->lmtp)
			pf_set_option(planner, t->name, "lmtp_lhlo_name", helo);
		else if (!by_main || own_helo(t->client))
			pf_set_option(planner, t->name, "smtp_helo_name", helo);
	}
}
