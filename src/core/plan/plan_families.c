/* SPDX-License-Identifier: ISC */
/*
 * plan_families.c: both families are one decision. What may be asked of the one while the other gets an address, what an
 * IPv4-only pin leaves open, and what becomes of mail: one check for all mail servers, by the rule of each (method.h).
 */
#include "core/plan/plan_check.h"

#include <mtapin/backend.h>

#include "core/model/host_findings.h"

static enum mt_family other_of(enum mt_family family)
{
	return family == MT_V4 ? MT_V6 : MT_V4;
}

static const char *option_of(enum mt_family family)
{
	return family == MT_V6 ? "--ip6" : "--ip4";
}

/* Who it is in a sentence. */
static const char *program(const struct mt_plan *plan, const struct mt_families *rule)
{
	if (rule->program)
		return rule->program;
	return plan->mta->title ? plan->mta->title : plan->mta->backend->title;
}

/* ---- how it is today ---- */

/* Does each transport that the goal is for go this way over the family. */
static bool all_transports(const struct mt_plan *plan, enum mt_family family, enum mt_how how,
			   enum mt_how or)
{
	for (const struct mt_transport *transport = plan->mta->transports; transport;
	     transport = transport->next)
		if (mt_goal_wants(plan->goal, transport) && transport->binding[family].how != how &&
			    transport->binding[family].how != or)
			return false;
	return true;
}

static bool is_off(const struct mt_plan *plan, enum mt_family family)
{
	return all_transports(plan, family, MT_HOW_OFF, MT_HOW_OFF);
}

/* It is off after the plan too: asked for, or so today and left. */
static bool stays_off(const struct mt_plan *plan, enum mt_family family)
{
	enum mt_pin pin = plan->goal->family[family].pin;
	return pin == MT_PIN_OFF || (pin == MT_PIN_KEEP && is_off(plan, family));
}

/* A line decides already, and goes on to. */
static bool is_decided(const struct mt_plan *plan, enum mt_family family)
{
	return all_transports(plan, family, MT_HOW_ADDRESS, MT_HOW_OFF);
}

/* ---- what the goal says about the other family ---- */

enum answer { FINE, UNSAID, NOT_BOTH, NOT_KEPT };

static enum answer answer_of(const struct mt_plan *plan, enum mt_family family)
{
	enum mt_family other = other_of(family);
	const struct mt_families *rule = plan->families[family];
	const struct mt_pin_goal *said = &plan->goal->family[other];
	bool stays = said->pin == MT_PIN_KEEP && is_decided(plan, other);
	if (said->pin == MT_PIN_ADDRESS)
		return rule->single ? NOT_BOTH : FINE;
	if (!mt_mta_sends(plan->model, plan->mta, plan->goal, other))
		return FINE;
	if (rule->other == MT_OTHER_LEAKS)
		return said->given || is_decided(plan, other) ? FINE : UNSAID;
	if (said->pin == MT_PIN_OFF && rule->off != MT_OFF_NONE)
		return FINE;
	if (stays && !rule->single)
		return FINE;
	/* nothing is lost where that is so already */
	return all_transports(plan, family, MT_HOW_ADDRESS, MT_HOW_ADDRESS) &&
			       all_transports(plan, other, MT_HOW_DEFERRED, MT_HOW_DEFERRED)
		       ? FINE
		       : NOT_KEPT;
}

/* ---- words ---- */

/* "would wait, and bounce after a week" */
static const struct mt_message *becomes(struct mt_arena *arena, const struct mt_families *rule)
{
	if (rule->other == MT_OTHER_FAILS)
		return mt_message(arena, "would not be sent");
	return rule->expires ? mt_message(arena, "would wait, and bounce after %pM",
					  mt_phrase(arena, rule->expires))
			     : mt_message(arena, "would wait");
}

static const struct mt_message *add_way(struct mt_arena *arena, const struct mt_message *ways,
					const struct mt_message *way)
{
	return ways ? mt_message(arena, "%pM; %pM", ways, way) : way;
}

/* Today's source first, which changes nothing for that mail; `off` loses some, and says so, and is none where this family
 * is off as well. NULL: there is none. */
static const struct mt_message *ways_out(const struct mt_plan *plan, const struct mt_families *rule,
					 enum mt_family other)
{
	struct mt_arena *arena = plan->arena;
	const char *name = mt_family_name(other), *option = option_of(other);
	struct mt_addr today = mt_mta_source(plan->mta, other);
	const struct mt_message *ways = NULL;
	if (!rule->single && today.set)
		ways = mt_message(arena, "%s %s pins what it leaves from today", option,
				  mt_addr_format(arena, today));
	else if (!rule->single)
		ways = mt_message(arena, "%s ADDRESS pins it too", option);
	if (rule->off != MT_OFF_NONE && !stays_off(plan, other_of(other)))
		ways = add_way(arena, ways,
			       mt_message(arena,
					  "%s off stops sending over %s, and mail to hosts that "
					  "have %s alone %pM",
					  option, name, name,
					  mt_phrase(arena, mt_off_name(rule->off))));
	if (rule->ways)
		ways = add_way(arena, ways, mt_phrase(arena, rule->ways));
	if (!ways)
		return NULL;
	/* what leaves that family alone, or what is said about it */
	return rule->single && rule->off == MT_OFF_NONE
		       ? mt_message(arena, ". Ways out that leave %s alone: %pM", name, ways)
		       : mt_message(arena, ". Ways out: %pM", ways);
}

/* ", so --ip6 keep cannot be kept"; NULL: nothing was said of it. */
static const struct mt_message *so(const struct mt_plan *plan, enum mt_family other)
{
	const struct mt_pin_goal *said = &plan->goal->family[other];
	if (!said->given)
		return NULL;
	return mt_message(plan->arena,
			  said->pin == MT_PIN_ANY ? ", so %s any cannot be given"
						  : ", so %s keep cannot be kept",
			  option_of(other));
}

/* Mail of the other family stops with what is set for this one: the address, or, where that is not set, off. */
static void check_kept(struct mt_plan *plan, enum mt_family family, struct mt_addr addr)
{
	const struct mt_families *rule = plan->families[family];
	enum mt_family other = other_of(family);
	const char *name = mt_family_name(other);
	if (rule->stops && mt_goal_accepts(plan->goal, rule->stops)) {
		mt_plan_remark(plan,
			       rule->other == MT_OTHER_FAILS
				       ? "accepted %s: mail to hosts with %s alone is not sent"
				       : "accepted %s: mail to hosts with %s alone waits",
			       rule->stops, name);
		plan->stopped[other] = true;
		return;
	}
	if (rule->ways && plan->mta->backend->ways_out)
		plan->mta->backend->ways_out(plan, family);
	mt_plan_refuse(
		plan, rule->stops ? rule->stops : "PLAN-KEEP-STOPS", plan->mta->instance,
		addr.set ? "%s binds %s for every destination: mail to hosts that have %s alone "
			   "%pM%pM%pM"
			 : "%s has %s off for every destination: mail to hosts that have %s alone "
			   "%pM%pM%pM",
		program(plan, rule),
		addr.set ? mt_addr_format(plan->arena, addr) : mt_family_name(family), name,
		becomes(plan->arena, rule), so(plan, other), ways_out(plan, rule, other));
}

#define CANDIDATES_MAX 20 /* that are named */

/* "192.0.2.10 or 192.0.2.11" */
static const struct mt_message *candidates(const struct mt_plan *plan, enum mt_family family)
{
	const struct mt_host *host = plan->model->snapshot->facts;
	const struct mt_message *list = NULL;
	char text[MT_ADDR_TEXT];
	unsigned n = 0;
	for (size_t i = 0; i < host->addr_count && n < CANDIDATES_MAX; i++) {
		const struct mt_ifaddr *at = &host->addr[i];
		if (at->addr.family != family || mt_addr_misfit(at->addr) || !at->up ||
		    at->tentative)
			continue;
		mt_addr_text(at->addr, text);
		list = list ? mt_message(plan->arena, "%pM or %s", list, text)
			    : mt_message(plan->arena, "%s", text);
		n++;
	}
	return list ? list : mt_message(plan->arena, "%s", "ADDRESS");
}

static void ask_other_family(struct mt_plan *plan, enum mt_family family)
{
	enum mt_family other = other_of(family);
	const char *name = mt_family_name(other), *option = option_of(other);
	const struct mt_message *off = NULL;
	if (plan->families[other]->off != MT_OFF_NONE)
		off = mt_message(plan->arena, "%s off stops sending over %s; ", option, name);
	mt_plan_refuse(
		plan, "PLAN-ONE-FAMILY", plan->mta->instance,
		"this host also sends over %s, and pinning %s alone would leave that to chance. "
		"Say what to do: %s %pM pins it too; %pM%s keep leaves it",
		name, mt_family_name(family), option, candidates(plan, other), off, option);
}

static void check_pinned(struct mt_plan *plan, enum mt_family family)
{
	const struct mt_families *rule = plan->families[family];
	switch (answer_of(plan, family)) {
	case UNSAID:
		ask_other_family(plan, family);
		break;
	case NOT_BOTH:
		mt_plan_refuse(plan, "PLAN-ONE-ADDRESS", plan->mta->instance,
			       "%s binds one address for both families: pin one of them",
			       program(plan, rule));
		break;
	case NOT_KEPT:
		check_kept(plan, family, plan->goal->family[family].addr);
		break;
	case FINE:
		break;
	}
}

/* There may be no setting for it: an absent address in its place would lose mail of both families. */
static void check_off(struct mt_plan *plan, enum mt_family family)
{
	enum mt_family other = other_of(family);
	const struct mt_families *rule = plan->families[family], *pinned = plan->families[other];
	const char *name = mt_family_name(family), *option = option_of(family);
	bool stops = plan->goal->family[other].pin == MT_PIN_ADDRESS &&
		     pinned->other != MT_OTHER_LEAKS && pinned->stops;
	if (rule->off != MT_OFF_NONE || is_off(plan, family))
		return;
	if (stops)
		mt_plan_refuse(
			plan, "PLAN-NO-OFF", plan->mta->instance,
			pinned->other == MT_OTHER_FAILS
				? "%s has no setting that stops sending over %s; with an %s "
				  "address pinned mail to hosts with %s alone is not sent (%s "
				  "keep --accept %s)"
				: "%s has no setting that stops sending over %s; with an %s "
				  "address pinned mail to hosts with %s alone waits (%s keep "
				  "--accept %s)",
			program(plan, pinned), name, mt_family_name(other), name, option,
			pinned->stops);
	else
		mt_plan_refuse(
			plan, "PLAN-NO-OFF", plan->mta->instance,
			"%s has no setting that stops sending over %s: %s keep leaves it as it is",
			program(plan, rule), name, option);
}

void mt_plan_check_families(struct mt_plan *plan)
{
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		if (plan->goal->family[f].pin == MT_PIN_OFF)
			check_off(plan, f);
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		if (plan->goal->family[f].pin == MT_PIN_ADDRESS)
			check_pinned(plan, f);
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		if (plan->goal->family[f].pin == MT_PIN_OFF && stays_off(plan, other_of(f)))
			mt_plan_refuse(plan, "PLAN-NOTHING-SENT", plan->mta->instance,
				       "with IPv4 and IPv6 off no mail would be sent at all: leave "
				       "one of them, or stop the mail server instead");
}

/* The edit takes the line of this family away, or gives the other one its first: what that stops, only the model after it
 * shows. Where an address was asked for it is decided already. */
void mt_plan_check_stopped(struct mt_plan *plan, enum mt_family family,
			   const struct mt_transport *was, const struct mt_transport *now)
{
	enum mt_family other = other_of(family);
	const struct mt_binding *line = &now->binding[other];
	if (plan->goal->family[family].pin == MT_PIN_ADDRESS ||
	    plan->goal->family[other].pin == MT_PIN_ADDRESS ||
	    plan->families[other]->other == MT_OTHER_LEAKS || plan->stopped[family] ||
	    was->binding[family].how == MT_HOW_DEFERRED ||
	    now->binding[family].how != MT_HOW_DEFERRED ||
	    !mt_mta_sends(plan->model, plan->mta, plan->goal, family))
		return;
	if (line->how == MT_HOW_ADDRESS)
		check_kept(plan, other, line->source);
	else if (line->how == MT_HOW_OFF)
		check_kept(plan, other, (struct mt_addr){0});
}

/* ---- what it costs ---- */

static void will(struct mt_plan *plan, enum mt_family family, bool bounce, const char *code)
{
	mt_message_push(bounce ? &plan->impact.will_bounce : &plan->impact.will_wait,
			mt_message(plan->arena,
				   code ? "mail to hosts that have only %s addresses (%s)"
					: "mail to hosts that have only %s addresses",
				   mt_family_name(family), code));
}

void mt_plan_families_impact(struct mt_plan *plan)
{
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		const struct mt_families *rule = plan->families[f];
		/* a way that a literal next hop rules out is off already */
		if (plan->goal->family[f].pin == MT_PIN_OFF && !is_off(plan, f))
			will(plan, f, rule->off == MT_OFF_BOUNCES, rule->bounce);
		else if (plan->stopped[f])
			will(plan, f, plan->families[other_of(f)]->other == MT_OTHER_FAILS, NULL);
	}
}
