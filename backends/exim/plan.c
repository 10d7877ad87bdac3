/* SPDX-License-Identifier: ISC */
/*
 * plan.c: for each transport that is meant, its `interface`: edited where it stands; where nothing does, the macro that the
 * configuration offers (Debian's REMOTE_SMTP_INTERFACE), else a line of the transport. An expression is never replaced: the
 * table that it asks is edited (plan_map.c), or the plan is refused with its place.
 */
#include "plan.h"

#include <string.h>

#include "interface.h"
#include "place.h"

#define OPTION "interface"
#define HELO   "helo_data"
#define IPV4   "dns_ipv4_lookup"

/* ---- what is wanted ----------------------------------------------------------------------------- */

/* The address of this family that the list shall have; unset: none. */
static struct mt_addr wanted(const struct ex_planner *p, const struct mt_transport *transport,
			     enum mt_family family)
{
	const struct mt_pin_goal *goal = &p->plan->goal->family[family];
	const struct mt_binding *now = &transport->binding[family];
	const struct mt_addr none = {.set = false};
	if (goal->pin == MT_PIN_ADDRESS)
		return goal->addr;
	return goal->pin == MT_PIN_KEEP && now->how != MT_HOW_KERNEL ? now->source : none;
}

/* As Exim reads a list: the first address of the family counts. NULL: no address. */
static const char *list_of(const struct ex_planner *p, const struct mt_transport *transport)
{
	struct mt_addr four = wanted(p, transport, MT_V4), six = wanted(p, transport, MT_V6);
	if (six.set)
		return mt_format(p->arena, "<; %s%s%s",
				 four.set ? mt_addr_format(p->arena, four) : "",
				 four.set ? " ; " : "", mt_addr_format(p->arena, six));
	return four.set ? mt_addr_format(p->arena, four) : NULL;
}

/* The list names one all the same: it counts again once IPv6 comes back. */
static bool is_hidden(const struct ex_planner *p, const struct mt_transport *transport,
		      enum mt_family family)
{
	const struct ex_option *now = ex_transport_of(transport)->interface;
	return p->plan->goal->family[family].pin == MT_PIN_ANY &&
	       transport->binding[family].how == MT_HOW_OFF && now &&
	       ex_interface(p->arena, mt_str_of(now->value), family).bind == EX_BIND_ADDRESS;
}

/* Off is a main option, not one of a transport. */
static bool holds(const struct ex_planner *p, const struct mt_transport *transport)
{
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		if (p->plan->goal->family[f].pin != MT_PIN_OFF &&
		    (!mt_way_holds(&p->plan->goal->family[f], transport, f) ||
		     is_hidden(p, transport, f)))
			return false;
	return true;
}

/* ---- one option of a transport ------------------------------------------------------------------- */

static bool asks(const struct ex_planner *p, enum ex_method method)
{
	return p->plan->asked && strcmp(p->plan->asked, ex_methods[method].name) == 0;
}

static bool is_expression(const struct ex_option *option)
{
	return option && strchr(option->value, '$');
}

static const char *where_of(const struct ex_planner *p, const struct mt_origin *origin)
{
	struct ex_place at = ex_place_of(p, origin);
	return at.line ? mt_format(p->arena, "%s:%u", at.file, at.line) : at.file;
}

/* A definition that a shell writes, or that is behind its use, is no place: the macro file's own comes first. */
static void define(struct ex_planner *p, const char *macro, const char *value)
{
	const struct ex_macro *now = ex_macro_get(p->config, macro);
	if (now && !ex_is_shells(p, now->origin)) {
		ex_change(p, now->origin, macro, NULL);
		if (p->plan->refused)
			return;
	}
	ex_add_main(p, macro, value);
	p->used[EX_MACRO] = true;
}

static void refuse_expression(struct ex_planner *p, const struct ex_driver *driver,
			      const struct ex_option *option)
{
	struct ex_map map = ex_map_of(p->arena, option->value);
	const char *where = where_of(p, option->macro ? option->macro->origin : option->origin);
	if (map.file)
		mt_plan_refuse(
			p->plan, "EX-EXPRESSION", where,
			"%s of %s is looked up for each mail in %s: it is never replaced. Edit "
			"that file (--method map), or the expression",
			option->name, driver->name, map.file);
	else
		mt_plan_refuse(p->plan, "EX-EXPRESSION", where,
			       "%s of %s is an expression that Exim evaluates for each mail: it is "
			       "never replaced. Edit what it reads, or the expression itself",
			       option->name, driver->name);
}

static void refuse_macro(struct ex_planner *p, const struct ex_driver *driver, const char *name)
{
	mt_plan_refuse(p->plan, "EX-NO-MACRO", where_of(p, driver->origin),
		       "the transport %s sets %s to no macro: whatever one is defined, it would "
		       "not change. Leave --method away",
		       driver->name, name);
}

static void set_new(struct ex_planner *p, const struct ex_driver *driver, const char *name,
		    const char *value)
{
	const char *macro = asks(p, EX_TRANSPORT) ? NULL : ex_offered_macro(p, driver, name);
	if (macro) {
		define(p, macro, value);
	} else if (asks(p, EX_MACRO)) {
		refuse_macro(p, driver, name);
	} else {
		ex_add_option(p, driver, name, value);
		p->used[EX_TRANSPORT] = true;
	}
}

static void set_macro(struct ex_planner *p, const struct ex_option *option, const char *value)
{
	const struct ex_macro *macro = option->macro;
	if (value && ex_is_shells(p, macro->origin))
		define(p, macro->name, value);
	else
		ex_change(p, macro->origin, macro->name, value);
	p->used[EX_MACRO] = true;
}

/* It stands in an .ifdef of its transport: without that macro it would be gone. */
static bool is_conditional(const struct ex_planner *p, const struct ex_driver *driver,
			   const struct ex_option *option)
{
	struct ex_place head = ex_place_of(p, driver->origin), at = ex_place_of(p, option->origin);
	return strcmp(head.file, at.file) == 0 &&
	       ex_is_conditional(mt_snapshot_file(p->snapshot, at.file)->bytes, head.line, at.line);
}

static void wish(struct ex_planner *p, const char *transport, const char *name, const char *value)
{
	struct ex_wish *w = MT_NEW(p->arena, struct ex_wish);
	*w = (struct ex_wish){transport, name, value, p->wishes};
	p->wishes = w;
}

/* value NULL: it shall not be set. */
static void set_option(struct ex_planner *p, const struct ex_driver *driver, const char *name,
		       const char *value)
{
	const struct ex_option *now = ex_option_get(driver->options, name);
	bool by_macro = now && now->macro && ex_macro_is_of(p, now->macro->name, name);
	if (now && now->unknown)
		mt_plan_refuse(p->plan, "EX-UNKNOWN", where_of(p, now->origin),
			       "the value of %s is hidden here", name);
	else if (is_expression(now))
		refuse_expression(p, driver, now);
	else if (!now && value)
		set_new(p, driver, name, value);
	else if (by_macro && !asks(p, EX_TRANSPORT))
		set_macro(p, now, value);
	else if (now && now->macro && is_conditional(p, driver, now))
		mt_plan_refuse(p->plan, "EX-FIXED", where_of(p, now->origin),
			       "this line counts only as long as the macro %s is defined, and that "
			       "decides. Leave --method away",
			       now->macro->name);
	else if (now && value && asks(p, EX_MACRO))
		refuse_macro(p, driver, name);
	else if (now) {
		ex_change(p, now->origin, mt_format(p->arena, "%s:%s", driver->name, name), value);
		p->used[EX_TRANSPORT] = true;
	}
	if (value && !p->plan->refused)
		wish(p, driver->name, name, value);
}

/* ---- transports --------------------------------------------------------------------------------- */

static bool is_target(const struct ex_planner *p, const struct mt_transport *transport)
{
	bool loopback = transport->kind == MT_KIND_LOOPBACK &&
			!mt_list_has(p->plan->goal->paths, transport->name);
	return mt_goal_wants(p->plan->goal, transport) && !loopback &&
	       transport->kind != MT_KIND_LOCAL &&
	       ex_driver_get(p->config->transports, transport->name);
}

static const struct mt_transport *first_target(const struct ex_planner *p)
{
	const struct mt_transport *t = p->plan->mta->transports;
	while (t && !is_target(p, t))
		t = t->next;
	return t;
}

/* A pool beside the usual way: addresses that work, and are not those of the first transport. */
static bool has_own_pin(const struct ex_planner *p, const struct mt_transport *transport)
{
	const struct mt_transport *first = first_target(p);
	const char *const *paths = p->plan->goal->paths;
	if (transport == first || mt_list_has(paths, transport->name) || mt_list_has(paths, "all"))
		return false;
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		if (p->plan->goal->family[f].pin == MT_PIN_ADDRESS &&
		    (transport->binding[f].how != MT_HOW_ADDRESS ||
		     mt_binding_same(&transport->binding[f], &first->binding[f])))
			return false;
	return !holds(p, transport);
}

static void pin_transport(struct ex_planner *p, const struct mt_transport *transport)
{
	const struct ex_driver *driver = ex_driver_get(p->config->transports, transport->name);
	const struct ex_option *now = ex_option_get(driver->options, OPTION);
	bool map = asks(p, EX_MAP) || (!p->plan->asked && is_expression(now));
	if (map && ex_pin_map(p, transport, now))
		p->used[EX_MAP] = true;
	else if (asks(p, EX_MAP) && !p->plan->refused)
		mt_plan_refuse(p->plan, "EX-NO-MAP", where_of(p, driver->origin),
			       "the transport %s looks its address up in no table by the domain of "
			       "the sender. Leave --method away",
			       transport->name);
	else if (!p->plan->refused && !holds(p, transport))
		set_option(p, driver, OPTION, list_of(p, transport));
}

static void name_transport(struct ex_planner *p, const struct mt_transport *transport,
			   const char *helo)
{
	const struct ex_driver *driver = ex_driver_get(p->config->transports, transport->name);
	const struct ex_option *now = ex_option_get(driver->options, HELO);
	if (is_expression(now) && !asks(p, EX_MACRO) && !asks(p, EX_TRANSPORT) &&
	    ex_helo_map(p, now, helo))
		return;
	if (p->plan->only) {
		mt_plan_refuse(p->plan, "EX-NO-MAP", transport->name,
			       "HELO of one domain's mail takes a table that helo_data asks by it. "
			       "Leave --helo away");
		return;
	}
	if (!p->plan->refused && strcmp(transport->helo, helo) != 0) {
		bool used[MT_ARRAY_LEN(p->used)]; /* the method is that of the address */
		memcpy(used, p->used, sizeof used);
		set_option(p, driver, HELO, helo);
		memcpy(p->used, used, sizeof used);
	}
}

/* The name is looked up by the same key, and stays. */
static void say_name(struct ex_planner *p, const struct mt_transport *transport)
{
	const struct ex_option *now = ex_transport_of(transport)->helo_data;
	struct ex_map map = ex_map_of(p->arena, is_expression(now) ? now->value : "");
	if (map.file && p->drafts && p->drafts->edit.first)
		mt_plan_remark(p->plan,
			       "HELO of that mail is looked up in %s, and stays: --helo NAME "
			       "writes its line",
			       map.file);
}

static void plan_transports(struct ex_planner *p)
{
	const char *helo = p->plan->goal->helo;
	for (const struct mt_transport *t = p->plan->mta->transports; t && !p->plan->refused;
	     t = t->next) {
		if (!is_target(p, t))
			continue;
		if (has_own_pin(p, t)) {
			mt_list_push(p->arena, &p->plan->kept, t->name);
			mt_plan_remark(p->plan, "%s keeps its own working pin (%s changes it)",
				       t->name,
				       mt_recipe_text(p->arena, mt_recipe(p->arena, "--path",
									  t->name, NULL)));
			continue;
		}
		pin_transport(p, t);
		if (helo && !p->plan->refused)
			name_transport(p, t, helo);
		else if (!helo && p->used[EX_MAP])
			say_name(p, t);
	}
}

/* ---- IPv6 as a whole ----------------------------------------------------------------------------- */

/* dns_ipv4_lookup = *: no AAAA is asked for. It leaves the listeners alone, which disable_ipv6 would not. */
static void plan_off(struct ex_planner *p)
{
	const struct ex_option *now = ex_option_get(p->config->main, IPV4);
	const struct ex_option *disabled = ex_option_get(p->config->main, "disable_ipv6");
	enum mt_pin pin = p->plan->goal->family[MT_V6].pin;
	bool off = ex_option_on(p->config->main, "disable_ipv6", false);
	bool star = now && strcmp(now->value, "*") == 0;
	if (pin == MT_PIN_OFF && !off && !star) {
		if (now)
			ex_change(p, now->origin, IPV4, "*");
		else
			ex_add_main(p, IPV4, "*");
		mt_plan_remark(p->plan,
			       "what bounces for want of IPv6 is lost to the queue: no undo and no "
			       "rollback brings it back");
	} else if (pin == MT_PIN_ADDRESS && off) {
		mt_plan_refuse(
			p->plan, "EX-IPV6-OFF", where_of(p, disabled->origin),
			"disable_ipv6 is set: Exim sends and listens over IPv4 alone. Take it "
			"out first, or leave IPv6 as it is: --ip6 keep");
	} else if ((pin == MT_PIN_ADDRESS || pin == MT_PIN_ANY) && star) {
		ex_change(p, now->origin, IPV4, NULL);
	}
}

/* Kept as it is, mail over IPv6 goes on to leave from what the kernel chooses. */
static void say_leak(struct ex_planner *p)
{
	const struct mt_goal *goal = p->plan->goal;
	for (const struct mt_transport *t = p->plan->mta->transports; t; t = t->next) {
		const struct mt_binding *six = &t->binding[MT_V6];
		if (is_target(p, t) && goal->family[MT_V4].pin == MT_PIN_ADDRESS &&
		    goal->family[MT_V6].pin == MT_PIN_KEEP && six->how == MT_HOW_KERNEL &&
		    six->source.set)
			mt_plan_remark(
				p->plan,
				"mail by %s to hosts with IPv6 goes on to leave from %s, which "
				"nothing pins",
				t->name, mt_addr_format(p->arena, six->source));
	}
}

/* ---- the whole ---------------------------------------------------------------------------------- */

static struct ex_planner begin(struct mt_plan *plan)
{
	const struct exim *exim = plan->mta->priv;
	struct ex_planner p = {.plan = plan, .arena = plan->arena, .exim = exim};
	if (!exim)
		return p;
	p.snapshot = exim->snapshot;
	p.debian = ex_debian_read(p.arena, p.snapshot);
	p.config = exim->config;
	return p;
}

/* Of what stands in Debian's generated file and in the sources. */
static void check_generated(struct ex_planner *p)
{
	if (!ex_is_generated(p))
		return;
	if (p->debian->failed)
		mt_plan_refuse(p->plan, "EX-BROKEN", EX_SETTINGS,
			       "update-exim4.conf makes nothing of it: %s. Correct it first",
			       p->debian->failed);
	else if (p->debian->unknown)
		mt_plan_refuse(p->plan, "EX-UNKNOWN", EX_SETTINGS,
			       "%s. What is not known is not edited", p->debian->unknown);
	else if (p->debian->stale && !mt_goal_accepts(p->plan->goal, "EX-STALE"))
		mt_plan_refuse(p->plan, "EX-STALE",
			       mt_format(p->arena, "%s:%u", EX_GENERATED, p->debian->stale_line),
			       "it is not what update-exim4.conf makes of its sources today: "
			       "somebody's edit would go live, or be lost, with this change. Run "
			       "update-exim4.conf first, or undo that edit; all the same: --accept "
			       "EX-STALE");
}

/* A table is the user's own, be the rest of a panel's, unless that writes it too. */
static void ready_map(struct ex_planner *p)
{
	static const char *const panels[] = {"cpanel", "directadmin", "hestia", "vesta", NULL};
	const struct mt_transport *first = first_target(p);
	const struct ex_option *now = first ? ex_transport_of(first)->interface : NULL;
	struct ex_map map = ex_map_of(p->arena, is_expression(now) ? now->value : "");
	const struct mt_owner *owner =
		mt_host_owner(p->plan->model->snapshot->facts, p->plan->mta->backend);
	if (!map.file || (p->plan->asked && !asks(p, EX_MAP)))
		return;
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		p->plan->families[f] = mt_families(p->plan->mta, &ex_methods[EX_MAP]);
	p->plan->not_owned = owner && mt_list_has(panels, owner->id) &&
			     !ex_map_is_rewritten(p->snapshot, map.file);
}

void ex_plan_ready(struct mt_plan *plan)
{
	struct ex_planner p = begin(plan);
	const char *domain = mt_goal_own(plan->goal, EX_SENDER);
	if (!p.exim)
		return; /* the core refuses */
	if (p.config->error)
		mt_plan_refuse(plan, "EX-BROKEN",
			       p.config->error_file
				       ? where_of(&p, mt_origin(p.arena, p.config->error_file,
								p.config->error_line, "", NULL))
				       : p.config->file,
			       "%s. Exim does not accept this configuration: correct it first",
			       p.config->error);
	else if (p.config->unknown || p.exim->differs)
		mt_plan_refuse(plan, "EX-UNKNOWN", p.config->file,
			       "%s. What is not known is not edited",
			       p.config->unknown ? p.config->unknown : p.exim->differs);
	check_generated(&p);
	ready_map(&p);
	if (domain && !mt_is_fqdn(mt_str_of(domain)))
		mt_plan_refuse(plan, "EX-SENDER", domain,
			       "--sender takes the domain of senders: example.org");
	else if (domain)
		plan->only = mt_condition(plan->arena, MT_BY_SENDER_DOMAIN, domain, NULL);
}

/* The one that edits the address; of several the one that changes most. */
static enum ex_method taken(const struct ex_planner *p)
{
	for (enum ex_method m = EX_MAP; m > EX_MACRO; m--)
		if (p->used[m])
			return m;
	return p->used[EX_MACRO] || ex_is_generated(p) ? EX_MACRO : EX_TRANSPORT;
}

/* Mail waits today because of a line that is edited. */
static bool repairs(const struct ex_planner *p)
{
	for (const struct mt_transport *t = p->plan->mta->transports; t; t = t->next)
		for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
			if (is_target(p, t) && t->binding[f].how == MT_HOW_DEFERRED &&
			    p->plan->goal->family[f].pin != MT_PIN_KEEP)
				return true;
	return false;
}

void ex_plan(struct mt_plan *plan)
{
	struct ex_planner p = begin(plan);
	plan_transports(&p);
	if (!plan->refused)
		plan_off(&p);
	if (!plan->method)
		plan->method = &ex_methods[taken(&p)];
	if (plan->refused)
		return;
	say_leak(&p);
	ex_plan_service(&p);
	ex_check_wishes(&p);
	ex_finish_files(&p);
	if (plan->changes && repairs(&p))
		mt_plan_remark(plan,
			       "mail that waits because of the old line is tried again at its "
			       "retry time, which may be hours away; all of it at once: %s",
			       "exim4 -qff");
}

void ex_serve(struct mt_plan *plan)
{
	struct ex_planner p = begin(plan);
	ex_plan_service(&p);
}
