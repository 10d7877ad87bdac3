/* SPDX-License-Identifier: ISC */
/* see.c: what is seen on a case's host, as text. */
#include "case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/check/check.h"
#include "core/check/remedy.h"

static const char *binding_text(struct host_case *c, const struct mt_binding *binding)
{
	char text[MT_ADDR_TEXT];
	struct mt_text out = MT_TEXT_INIT(c->arena);
	mt_text_addf(&out, "%s%s%s", mt_how_name(binding->how), binding->source.set ? " " : "",
		     mt_addr_text(binding->source, text));
	for (size_t i = 1; i < binding->pool_count; i++)
		mt_text_addf(&out, "%s%s", i == 1 && binding->pick == MT_PICK_ANY ? " or " : ", ",
			     mt_addr_text(binding->pool[i], text));
	mt_text_addf(&out, "%s%s", binding->helo ? " HELO " : "",
		     binding->helo ? binding->helo : "");
	return mt_text_z(&out);
}

void see_transports(struct host_case *c, struct mt_text *out)
{
	for (const struct mt_mta *mta = c->model->mtas; mta; mta = mta->next)
		for (const struct mt_transport *p = mta->transports; p; p = p->next)
			if (p->kind != MT_KIND_UNUSED)
				mt_text_addf(out, "%s %s %s / %s\n", p->name, mt_kind_name(p->kind),
					     binding_text(c, &p->binding[MT_V4]),
					     binding_text(c, &p->binding[MT_V6]));
}

void see_bindings(struct host_case *c, struct mt_text *out)
{
	for (const struct mt_transport *p = c->model->mtas->transports; p; p = p->next)
		for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
			for (const struct mt_binding *w = p->conditional[f]; w; w = w->next)
				mt_text_addf(out, "%s %s: %s%s%s%s%s\n", mt_family_name(f),
					     mt_condition_text(c->arena, w->when),
					     binding_text(c, w), w->origin ? " " : "",
					     w->origin ? strrchr(w->origin->file, '/') + 1 : "",
					     w->origin ? ":" : "",
					     w->origin ? mt_format(c->arena, "%u", w->origin->line)
						       : "");
}

void see_findings(struct host_case *c, struct mt_text *out)
{
	for (const struct mt_finding *f = c->model->findings; f; f = f->next) {
		mt_text_addf(out, "%s %s", mt_severity_name(f->severity), f->id);
		if (f->where)
			mt_text_addf(out, " %s:%u", strrchr(f->where->file, '/') + 1,
				     f->where->line);
		if (strstr(mt_finding_fix(c->arena, f), "mtapin "))
			mt_text_addf(out, " NAMES A COMMAND");
		mt_text_addf(out, "\n");
	}
}

static void see_impact(struct mt_text *out, const struct mt_impact *impact)
{
	char text[MT_ADDR_TEXT];
	for (const struct mt_listener *l = impact->lost; l; l = l->next)
		mt_text_addf(out, "lost %s port %u\n", mt_addr_text(l->addr, text), l->port);
	for (const struct mt_listener *l = impact->opened; l; l = l->next)
		mt_text_addf(out, "opened %s port %u\n", mt_addr_text(l->addr, text), l->port);
	for (const struct mt_message *b = impact->will_bounce; b; b = b->next)
		mt_text_addf(out, "bounce %s\n", mt_message_english(out->arena, b));
	for (const char *const *b = impact->loopback_transports.item; b && *b; b++)
		mt_text_addf(out, "loopback %s\n", *b);
}

static void set_family(struct mt_pin_goal *goal, struct mt_str value)
{
	goal->given = true;
	if (mt_str_is(value, "off"))
		goal->pin = MT_PIN_OFF;
	else if (mt_str_is(value, "any"))
		goal->pin = MT_PIN_ANY;
	else if (mt_addr_parse(value, &goal->addr))
		goal->pin = MT_PIN_ADDRESS;
}

/* A flag of some backend. */
static bool read_own(struct host_case *c, struct mt_str option, struct mt_own_value *own)
{
	const char *name = mt_strz(c->arena, option);
	for (const struct mt_backend *const *b = case_backends; *b; b++)
		if (option.n > 2 && mt_own_option_get(*b, name + 2)) {
			*own = (struct mt_own_value){name + 2, ""};
			return true;
		}
	return false;
}

#define OWN_MAX 8

static void read_goal(struct host_case *c, struct mt_str args, struct mt_goal *goal)
{
	struct mt_own_value *own = mt_alloc(c->arena, (OWN_MAX + 1) * sizeof *own);
	struct mt_str option, value = {0};
	size_t n = 0;
	memset(own, 0, (OWN_MAX + 1) * sizeof *own);
	*goal = (struct mt_goal){0};
	while (mt_str_word(&args, " ", &option)) {
		if (read_own(c, option, &own[n])) {
			n += n < OWN_MAX - 1;
			goal->own = own;
			continue;
		}
		mt_str_word(&args, " ", &value);
		const char *text = mt_strz(c->arena, value);
		if (mt_str_is(option, "--ip4"))
			set_family(&goal->family[MT_V4], value);
		else if (mt_str_is(option, "--ip6"))
			set_family(&goal->family[MT_V6], value);
		else if (mt_str_is(option, "--helo"))
			goal->helo = text;
		else if (mt_str_is(option, "--prove"))
			goal->prove = text;
		else if (mt_str_is(option, "--path"))
			mt_list_add(c->arena, &goal->paths, text);
		else if (mt_str_is(option, "--accept"))
			mt_list_add(c->arena, &goal->accept, text);
		else if (mt_str_is(option, "--method"))
			goal->method = text;
		else {
			fprintf(stderr, "unknown option %.*s\n", MT_STR_FMT(option));
			exit(2);
		}
	}
}

static struct mt_check *checked(struct host_case *c, struct mt_str lists)
{
	struct mt_check_options *options = mt_alloc(c->arena, sizeof *options);
	struct mt_dnsbl *known = mt_dnsbl_known(c->arena), *list = NULL, *first = NULL;
	struct mt_str word;
	while (mt_str_word(&lists, " ", &word)) {
		list = mt_alloc(c->arena, sizeof *list);
		*list = *mt_dnsbl_get(known, word);
		list->next = first;
		options->lists = first = list;
	}
	return mt_check(c->model, options, mt_dns_read(c->snapshot));
}

void see_check(struct host_case *c, struct mt_str args, struct mt_text *out)
{
	struct mt_check *check = checked(c, args);
	char text[MT_ADDR_TEXT];
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		const struct mt_checked *best = mt_check_best(check, f);
		const char *advice = mt_check_advice(check, f);
		if (best)
			mt_text_addf(out, "pick %s %s\n", mt_family_name(f),
				     mt_addr_text(best->addr, text));
		else if (*advice)
			mt_text_addf(out, "pick %s none: %s\n", mt_family_name(f), advice);
	}
	mt_check_report(check);
	see_wire(c, NULL, check);
	see_findings(c, out);
}

void see_remedy(struct host_case *c, struct mt_str args, struct mt_text *out)
{
	struct mt_check *check = mt_str_is(args, "dns") ? checked(c, (struct mt_str){"", 0}) : NULL;
	if (check)
		mt_check_report(check);
	const struct mt_remedy *r = mt_remedy(c->model, check, NULL);
	mt_text_addf(out, r ? "" : "none\n");
	for (; r; r = r->next)
		mt_text_addf(out, "%s\n", mt_recipe_text(c->arena, r->command));
}

void see_mx(struct host_case *c, struct mt_str args, struct mt_text *out)
{
	struct mt_goal *goal = mt_alloc(c->arena, sizeof *goal);
	read_goal(c, args, goal);
	const struct mt_plan *plan = mt_plan(c->model, c->model->mtas, goal, case_backends, true);
	mt_check_mx_closed(checked(c, (struct mt_str){"", 0}), plan);
	for (const struct mt_finding *f = c->model->findings; f; f = f->next)
		if (strcmp(f->id, "DNS-MX-CLOSED") == 0)
			mt_text_addf(out, "%s %s %s\n", mt_severity_name(f->severity), f->id,
				     mt_message_english(c->arena, f->message));
}

/* What is said besides, where the case asks for it. */
static void see_remarks(struct mt_text *out, const struct mt_plan *plan)
{
	for (const struct mt_message *remark = plan->remarks; remark; remark = remark->next)
		mt_text_addf(out, "remark %s\n", mt_message_english(plan->arena, remark));
	for (const struct mt_alternative *a = plan->alternatives; a; a = a->next)
		mt_text_addf(out, "way out %s\n",
			     a->title ? mt_message_english(plan->arena, a->title)
				      : mt_method_name(a->method));
}

void see_plan(struct host_case *c, struct mt_str args, struct mt_text *out)
{
	static const char asked[] = " remarks";
	struct mt_goal *goal = mt_alloc(c->arena, sizeof *goal);
	size_t n = sizeof asked - 1;
	bool remarks = args.n > n && memcmp(args.p + args.n - n, asked, n) == 0;
	args.n -= remarks ? n : 0;
	read_goal(c, args, goal);
	struct mt_plan *plan = mt_plan(c->model, c->model->mtas, goal, case_backends, true);
	see_wire(c, plan, NULL);
	if (remarks)
		see_remarks(out, plan);
	if (plan->refused) {
		mt_text_addf(out, "refused %s: %s: %s\n", plan->refused->id, plan->refused->where,
			     mt_message_english(c->arena, plan->refused->message));
		return;
	}
	if (!plan->changes) {
		mt_text_addf(out, "unchanged\n");
		return;
	}
	mt_text_addf(out, "%s %s\n", mt_plan_method(plan), mt_action_name(plan->action));
	see_impact(out, &plan->impact);
	for (const char *const *k = plan->kept.item; k && *k; k++)
		mt_text_addf(out, "kept %s\n", *k);
	for (const struct mt_change *change = plan->changes; change; change = change->next)
		mt_text_add(out, mt_diff(c->arena, change));
	/* the second run changes nothing, and nothing of warning or worse is new */
	const struct mt_plan *again =
		mt_plan(plan->after, plan->after->mtas, goal, case_backends, false);
	if (again->refused || again->changes)
		mt_text_addf(out, "SECOND RUN CHANGES\n");
	for (const struct mt_finding *f = plan->after->findings; f; f = f->next) {
		bool known = f->severity == MT_NOTE;
		for (const struct mt_finding *g = c->model->findings; g; g = g->next)
			known |= strcmp(f->id, g->id) == 0;
		if (!known)
			mt_text_addf(out, "then %s %s\n", mt_severity_name(f->severity), f->id);
	}
}

void see_route(struct host_case *c, struct mt_str args, struct mt_text *out)
{
	struct mt_str to, from;
	struct mt_route route;
	mt_str_word(&args, " ", &to);
	struct mt_mail mail = {.to = mt_strz(c->arena, to)};
	if (mt_str_word(&args, " ", &from))
		mail.from = mt_str_is(from, "<>") ? "" : mt_strz(c->arena, from);
	const struct mt_mta *mta = c->model->mtas;
	mt_route(c->model, mta, &mail, &route);
	if (route.transport)
		mt_text_addf(out, "%s %s%s\n", route.transport->name,
			     mt_kind_name(route.transport->kind),
			     *route.next_hop ? mt_format(c->arena, " %s", route.next_hop) : "");
	else
		mt_text_addf(out, "%s\n", route.note);
	if (route.transport && *route.note)
		mt_text_addf(out, "  (%s)\n", route.note);
	for (const struct mt_origin *b = route.chain; b; b = b->next)
		mt_text_addf(out, "  %s:%u %s\n", strrchr(b->file, '/') + 1, b->line, b->text);
}

void see_sent(struct host_case *c, struct mt_str args, struct mt_text *out)
{
	struct mt_str to, from;
	struct mt_route route;
	struct mt_addr hop;
	mt_str_word(&args, " ", &to);
	struct mt_mail mail = {.to = mt_strz(c->arena, to)};
	if (mt_str_word(&args, " ", &from))
		mail.from = mt_strz(c->arena, from);
	const struct mt_mta *mta = c->model->mtas;
	mt_route(c->model, mta, &mail, &route);
	enum mt_family family = strstr(mail.to, "@v6") ? MT_V6 : MT_V4;
	struct mt_str literal = mt_str_of(route.next_hop), word;
	if (mt_str_word(&literal, "[]", &word) && mt_addr_parse(word, &hop))
		family = hop.family;
	const struct mt_transport *transport = route.transport;
	if (!transport && !mta->listeners && mta->transports)
		transport = mta->transports; /* broken as a whole */
	if (!transport)
		mt_text_addf(out, "%s\n", route.note);
	else if (transport->binding[family].source.set)
		mt_text_addf(out, "%s\n",
			     mt_addr_format(c->arena, transport->binding[family].source));
	else
		mt_text_addf(out, "%s\n", mt_how_name(transport->binding[family].how));
}
