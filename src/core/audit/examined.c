/* SPDX-License-Identifier: ISC */
/* examined.c: tables of what goes through the pipe of a child that examines a host. */
#include "core/audit/examined.h"

#include <stddef.h>
#include <string.h>

#include "core/model/host_findings.h"

#define F(kind, owner, field)                                                                      \
	{                                                                                          \
		MT_WIRE_##kind, offsetof(struct owner, field), UINT32_MAX, NULL, 0                 \
	}
#define UP_TO(max, kind, owner, field)                                                             \
	{                                                                                          \
		MT_WIRE_##kind, offsetof(struct owner, field), max, NULL, 0                        \
	}
#define PART(kind, owner, field, of)                                                               \
	{                                                                                          \
		MT_WIRE_##kind, offsetof(struct owner, field), 0, &of, 0                           \
	}
#define PARTS(n, owner, field, of)                                                                 \
	{                                                                                          \
		MT_WIRE_INSIDE, offsetof(struct owner, field), n, &of, 0                           \
	}
#define COUNTED(owner, field, number, of)                                                          \
	{                                                                                          \
		MT_WIRE_ARRAY, offsetof(struct owner, field), 0, &of,                              \
			offsetof(struct owner, number)                                             \
	}

#define TYPE(name, owner)                                                                          \
	static const struct mt_wire_type name = {sizeof(struct owner), 0, name##_f,                \
						 MT_ARRAY_LEN(name##_f)}
#define LINKED(name, owner)                                                                        \
	static const struct mt_wire_type name = {sizeof(struct owner),                             \
						 offsetof(struct owner, next), name##_f,           \
						 MT_ARRAY_LEN(name##_f)}
#define FIELDS(name) static const struct mt_wire_field name##_f[]

/* ---- messages: a format is no more than a text here, and is never given to printf(3) ---- */

FIELDS(arg) = {
	UP_TO(MT_ARG_MESSAGE + 1, ENUM, mt_arg, kind),
	F(TEXT, mt_arg, text),
	F(INT64, mt_arg, number),
	PART(POINTER, mt_arg, message, mt_wire_message),
};
TYPE(arg, mt_arg);

FIELDS(message) = {
	F(MAYBE, mt_message, domain),
	F(TEXT, mt_message, format),
	F(MAYBE, mt_message, plural),
	F(SIZE, mt_message, n),
	COUNTED(mt_message, arg, arg_count, arg),
};
const struct mt_wire_type mt_wire_message = {sizeof(struct mt_message),
					     offsetof(struct mt_message, next), message_f,
					     MT_ARRAY_LEN(message_f)};

/* ---- the model ---- */

FIELDS(step) = {
	F(BOOL, mt_step, include),
	F(TEXT, mt_step, name),
	F(TEXT, mt_step, file),
	F(UINT, mt_step, line),
};
LINKED(step, mt_step);

FIELDS(origin) = {
	F(TEXT, mt_origin, file),	    F(UINT, mt_origin, line),
	F(TEXT, mt_origin, text),	    F(MAYBE, mt_origin, generated),
	F(UINT, mt_origin, generated_line), PART(LIST, mt_origin, via, step),
	F(BOOL, mt_origin, fixed),
};
LINKED(origin, mt_origin);

FIELDS(condition) = {UP_TO(MT_BYS, ENUM, mt_condition, by), F(TEXT, mt_condition, value)};
LINKED(condition, mt_condition);

static const struct mt_wire_field addr_f[] = {{MT_WIRE_ADDR, 0, 0, NULL, 0}};
TYPE(addr, mt_addr);

FIELDS(binding) = {
	PART(LIST, mt_binding, when, condition),
	UP_TO(MT_HOW_COMPUTED + 1, ENUM, mt_binding, how),
	F(ADDR, mt_binding, source),
	UP_TO(MT_PICK_ANY + 1, ENUM, mt_binding, pick),
	COUNTED(mt_binding, pool, pool_count, addr),
	UP_TO(MT_ABSENT_NEXT + 1, ENUM, mt_binding, absent),
	UP_TO(MT_CONFIDENCE_NO + 1, ENUM, mt_binding, confidence),
	F(TEXT, mt_binding, note),
	F(MAYBE, mt_binding, helo),
	PART(LIST, mt_binding, origin, origin),
};
LINKED(binding, mt_binding);

FIELDS(transport) = {
	F(TEXT, mt_transport, name),
	UP_TO(MT_KIND_UNKNOWN + 1, ENUM, mt_transport, kind),
	F(TEXT, mt_transport, helo),
	F(TEXT, mt_transport, next_hop),
	F(TEXT, mt_transport, feeds),
	PARTS(MT_FAMILIES, mt_transport, binding, binding),
	PART(LIST, mt_transport, conditional[MT_V4], binding),
	PART(LIST, mt_transport, conditional[MT_V6], binding),
};
LINKED(transport, mt_transport);

FIELDS(listener) = {
	F(ADDR, mt_listener, addr), F(UINT, mt_listener, port), F(TEXT, mt_listener, service),
	F(TEXT, mt_listener, file), F(UINT, mt_listener, line),
};
LINKED(listener, mt_listener);

FIELDS(mta) = {
	F(BACKEND, mt_mta, backend),
	F(TEXT, mt_mta, instance),
	F(TEXT, mt_mta, version),
	F(TEXT, mt_mta, helo),
	UP_TO(MT_STATE_RUNNING + 1, ENUM, mt_mta, state),
	F(BOOL, mt_mta, open),
	F(BOOL, mt_mta, other_netns),
	F(MAYBE, mt_mta, unreadable),
	F(LONG, mt_mta, uid),
	F(INT64, mt_mta, changed),
	PART(LIST, mt_mta, transports, transport),
	PART(LIST, mt_mta, listeners, listener),
	F(MAYBE, mt_mta, domain),
	F(TEXTS, mt_mta, domains),
};
LINKED(mta, mt_mta);

/* Which one is meant: what is printed of it beside something else. */
FIELDS(mta_name) = {
	F(BACKEND, mt_mta, backend),
	F(TEXT, mt_mta, instance),
	UP_TO(MT_STATE_RUNNING + 1, ENUM, mt_mta, state),
};
TYPE(mta_name, mt_mta);

FIELDS(recipe) = {F(TEXTS, mt_recipe, words)};
LINKED(recipe, mt_recipe);

FIELDS(finding) = {
	F(ID, mt_finding, id),
	UP_TO(MT_ERROR + 1, ENUM, mt_finding, severity),
	PART(POINTER, mt_finding, message, mt_wire_message),
	PART(LIST, mt_finding, where, origin),
	PART(POINTER, mt_finding, deed, mt_wire_message),
	PART(LIST, mt_finding, command, recipe),
	PART(POINTER, mt_finding, mta, mta_name),
};
LINKED(finding, mt_finding);

FIELDS(observed) = {
	F(ADDR, mt_observed, source),
	F(UINT, mt_observed, port),
	F(UINT, mt_observed, connections),
	F(BOOL, mt_observed, ours),
};
LINKED(observed, mt_observed);

FIELDS(ifaddr) = {
	F(ADDR, mt_ifaddr, addr),	F(UINT, mt_ifaddr, bits),
	F(TEXT, mt_ifaddr, iface),	F(TEXT, mt_ifaddr, label),
	F(BOOL, mt_ifaddr, up),		F(BOOL, mt_ifaddr, tentative),
	F(BOOL, mt_ifaddr, dadfailed),	F(BOOL, mt_ifaddr, deprecated),
	F(BOOL, mt_ifaddr, dynamic),	F(BOOL, mt_ifaddr, secondary),
	F(BOOL, mt_ifaddr, link_scope), F(BOOL, mt_ifaddr, host_scope),
	F(BOOL, mt_ifaddr, floats),
};
TYPE(ifaddr, mt_ifaddr);

FIELDS(source) = {
	F(ADDR, mt_source, dest),  F(BOOL, mt_source, reachable), F(ADDR, mt_source, source),
	F(TEXT, mt_source, iface), F(BOOL, mt_source, gateway),	  F(BOOL, mt_source, asked),
};
TYPE(source, mt_source);

FIELDS(host) = {
	UP_TO(MT_FAILED + 1, ENUM, mt_host, addresses),
	COUNTED(mt_host, addr, addr_count, ifaddr),
	PARTS(MT_FAMILIES, mt_host, default_source, source),
};
TYPE(host, mt_host);

FIELDS(snapshot) = {
	F(TEXT, mt_snapshot, host),	F(INT64, mt_snapshot, time),
	F(BOOL, mt_snapshot, complete), F(BOOL, mt_snapshot, redacted),
	F(BOOL, mt_snapshot, rooted),	PART(POINTER, mt_snapshot, facts, host),
};
TYPE(snapshot, mt_snapshot);

FIELDS(model) = {
	PART(POINTER, mt_model, snapshot, snapshot),
	PART(LIST, mt_model, mtas, mta),
	PART(LIST, mt_model, findings, finding),
	PART(LIST, mt_model, observed, observed),
};
const struct mt_wire_type mt_wire_model = {sizeof(struct mt_model), 0, model_f,
					   MT_ARRAY_LEN(model_f)};

FIELDS(route) = {
	PART(POINTER, mt_route, transport, transport),
	F(TEXT, mt_route, next_hop),
	F(TEXT, mt_route, note),
	PART(LIST, mt_route, chain, origin),
};
TYPE(route, mt_route);

/* ---- the plan ---- */

FIELDS(change) = {F(TEXT, mt_change, path), F(TEXTS, mt_change, settings),
		  F(MAYBE, mt_change, made_by), F(BYTES, mt_change, diff)};
LINKED(change, mt_change);

FIELDS(impact) = {
	PART(LIST, mt_impact, lost, listener),
	PART(LIST, mt_impact, opened, listener),
	F(TEXTS, mt_impact, loopback_transports.item),
	PART(LIST, mt_impact, will_bounce, mt_wire_message),
	PART(LIST, mt_impact, will_wait, mt_wire_message),
};
TYPE(impact, mt_impact);

FIELDS(alternative) = {
	F(METHOD, mt_alternative, method),
	PART(POINTER, mt_alternative, title, mt_wire_message),
	PART(LIST, mt_alternative, command, recipe),
	PARTS(1, mt_alternative, impact, impact),
	PART(POINTER, mt_alternative, refused, mt_wire_message),
};
LINKED(alternative, mt_alternative);

FIELDS(refusal) = {F(ID, mt_refusal, id), F(BOOL, mt_refusal, accept),
		   PART(POINTER, mt_refusal, message, mt_wire_message), F(TEXT, mt_refusal, where)};
TYPE(refusal, mt_refusal);

/* The expectation: which way each transport takes. */
FIELDS(after) = {PART(LIST, mt_model, mtas, mta)};
TYPE(after, mt_model);

FIELDS(plan) = {
	PART(POINTER, mt_plan, mta, mta_name),
	F(METHOD, mt_plan, method),
	F(MAYBE, mt_plan, asked),
	PART(LIST, mt_plan, changes, change),
	F(TEXTS, mt_plan, kept.item),
	UP_TO(MT_ACTION_RESTART + 1, ENUM, mt_plan, action),
	PART(POINTER, mt_plan, action_why, mt_wire_message),
	F(MAYBE, mt_plan, daemon.title),
	PARTS(1, mt_plan, impact, impact),
	PART(POINTER, mt_plan, after, after),
	PART(LIST, mt_plan, alternatives, alternative),
	PART(POINTER, mt_plan, refused, refusal),
	PART(LIST, mt_plan, remarks, mt_wire_message),
};
TYPE(plan, mt_plan);

/* ---- the DNS and the check ---- */

FIELDS(question) = {
	UP_TO(MT_DNS_TYPES, ENUM, mt_question, type),
	F(TEXT, mt_question, name),
	F(MAYBE, mt_question, pace),
};
const struct mt_wire_type mt_wire_question = {sizeof(struct mt_question), 0, question_f,
					      MT_ARRAY_LEN(question_f)};

FIELDS(answer) = {
	UP_TO(MT_DNS_TYPES, ENUM, mt_answer, type),
	F(TEXT, mt_answer, name),
	UP_TO(MT_DNS_STATUSES, ENUM, mt_answer, status),
	F(TEXT, mt_answer, resolver),
	{MT_WIRE_VALUES, offsetof(struct mt_answer, value), MT_DNS_VALUES, NULL,
	 offsetof(struct mt_answer, count)},
	F(UINT, mt_answer, dropped),
};
const struct mt_wire_type mt_wire_answer = {sizeof(struct mt_answer), 0, answer_f,
					    MT_ARRAY_LEN(answer_f)};

FIELDS(dns) = {COUNTED(mt_dns, list, count, mt_wire_answer)};
TYPE(dns, mt_dns);

FIELDS(dnsbl) = {F(TEXT, mt_dnsbl, name), F(TEXT, mt_dnsbl, url)};
TYPE(dnsbl, mt_dnsbl);

FIELDS(listing) = {
	PART(POINTER, mt_listing, list, dnsbl),
	UP_TO(MT_LISTED_YES + 1, ENUM, mt_listing, listed),
	F(TEXT, mt_listing, why),
};
LINKED(listing, mt_listing);

FIELDS(checked) = {
	F(ADDR, mt_checked, addr),
	PART(POINTER, mt_checked, at, ifaddr),
	F(BOOL, mt_checked, sends),
	F(BOOL, mt_checked, listens),
	F(BOOL, mt_checked, public),
	F(TEXT, mt_checked, paths),
	F(TEXT, mt_checked, helo),
	UP_TO(MT_IPREV_PERMERROR + 1, ENUM, mt_checked, iprev),
	PART(POINTER, mt_checked, ptr, mt_wire_answer),
	F(TEXT, mt_checked, confirmed),
	F(TEXT, mt_checked, why),
	F(TEXT, mt_checked, generic),
	UP_TO(MT_UNKNOWN + 1, ENUM, mt_checked, helo_resolves),
	F(TEXT, mt_checked, helo_why),
	F(BOOL, mt_checked, helo_is_ptr),
	F(BOOL, mt_checked, lacks_helo),
	PART(LIST, mt_checked, listings, listing),
	UP_TO(MT_LISTED_YES + 1, ENUM, mt_checked, listed),
	UP_TO(MT_UNKNOWN + 1, ENUM, mt_checked, good),
	F(TEXT, mt_checked, verdict),
};
LINKED(checked, mt_checked);

FIELDS(spf) = {
	F(TEXT, mt_spf, domain),
	PART(POINTER, mt_spf, txt, mt_wire_answer),
	F(TEXTS, mt_spf, record),
};
LINKED(spf, mt_spf);

FIELDS(mx) = {F(TEXT, mt_mx, domain), F(TEXT, mt_mx, host), F(ADDR, mt_mx, addr)};
LINKED(mx, mt_mx);

FIELDS(check) = {
	PART(POINTER, mt_check, dns, dns), PART(LIST, mt_check, rows, checked),
	F(SIZE, mt_check, left_out),	   PART(LIST, mt_check, spf, spf),
	PART(LIST, mt_check, mx, mx),
};
TYPE(check, mt_check);

FIELDS(remedy) = {PART(LIST, mt_remedy, command, recipe)};
LINKED(remedy, mt_remedy);

FIELDS(examined) = {
	PART(POINTER, mt_examined, model, mt_wire_model),
	COUNTED(mt_examined, routes, route_count, route),
	PART(POINTER, mt_examined, plan, plan),
	F(BOOL, mt_examined, advised),
	PART(LIST, mt_examined, remedy, remedy),
	PART(POINTER, mt_examined, check, check),
};
const struct mt_wire_type mt_wire_examined = {sizeof(struct mt_examined), 0, examined_f,
					      MT_ARRAY_LEN(examined_f)};

/* ---- what hangs together ---- */

void mt_examined_finish(struct mt_examined *e)
{
	struct mt_plan *p = e->plan;
	for (struct mt_change *c = p ? p->changes : NULL; c; c = c->next)
		c->diff = mt_diff(p->arena, c);
}

/* Severities are the tables' own or, this time, an error (mt_finding_raise); and a writer takes some pointers for granted. */
static bool model_fits(const struct mt_backend *const *backends, const struct mt_model *m)
{
	if (!m->snapshot || !m->snapshot->facts)
		return false;
	for (const struct mt_finding *f = m->findings; f; f = f->next)
		if (!f->message)
			return false;
		else if (f->severity != MT_ERROR &&
			 (f->severity != MT_WARNING || strcmp(f->id, MT_UNCHOSEN) != 0) &&
			 f->severity != mt_finding_row(backends, f->id)->severity)
			return false;
	return true;
}

static bool refusal_fits(const struct mt_backend *const *backends, const struct mt_refusal *r)
{
	return r->message && r->accept == mt_finding_row(backends, r->id)->accept;
}

static bool check_fits(const struct mt_check *c)
{
	for (const struct mt_checked *row = c->rows; row; row = row->next) {
		if (!row->addr.set)
			return false;
		for (const struct mt_listing *l = row->listings; l; l = l->next)
			if (!l->list)
				return false;
	}
	for (const struct mt_spf *s = c->spf; s; s = s->next)
		if (!s->txt)
			return false;
	return c->dns != NULL;
}

bool mt_examined_tie(struct mt_arena *arena, const struct mt_backend *const *backends,
		     struct mt_examined *e)
{
	size_t mtas = 0;
	if (!e->model)
		return !e->plan && !e->check && !e->route_count;
	e->model->arena = arena;
	e->model->backends = backends;
	for (const struct mt_mta *m = e->model->mtas; m; m = m->next)
		mtas++;
	if (!model_fits(backends, e->model) || (e->route_count && e->route_count != mtas))
		return false;
	if (!e->route_count)
		e->routes = NULL;
	if (e->plan) {
		e->plan->arena = arena;
		e->plan->model = e->model;
		if (!e->plan->mta ||
		    (e->plan->refused && !refusal_fits(backends, e->plan->refused)))
			return false;
	}
	if (e->check) {
		e->check->arena = arena;
		e->check->model = e->model;
		return check_fits(e->check);
	}
	return true;
}
