/* SPDX-License-Identifier: ISC */
/* transports.c: who sends mail to which service. */
#include "transports.h"

#include "parameters.h"

#include <string.h>

/* ---- next hops ---- */

static struct mt_str host_part(struct mt_str text)
{
	if (text.n && text.p[0] == '[') {
		const char *close = memchr(text.p, ']', text.n);
		return close ? (struct mt_str){text.p + 1, (size_t)(close - text.p - 1)}
			     : (struct mt_str){text.p + 1, text.n - 1};
	}
	const char *colon = memchr(text.p ? text.p : "", ':', text.n);
	if (colon && !memchr(colon + 1, ':', (size_t)(text.p + text.n - colon - 1)))
		return (struct mt_str){text.p, (size_t)(colon - text.p)};
	return text;
}

static bool is_self(const struct mt_host *host, const struct pf_next_hop *next)
{
	if (next->addr.set)
		return mt_addr_is_loopback(next->addr) || mt_host_addr(host, next->addr);
	return mt_str_is(next->host, "localhost") ||
	       mt_str_is(next->host, "localhost.localdomain") ||
	       mt_str_is(next->host, "ip6-localhost");
}

struct pf_next_hop pf_next_hop(const struct mt_host *host, struct mt_str text)
{
	text = mt_str_trim(text);
	struct pf_next_hop next = {.text = text};
	if (!text.n)
		return next;
	if (mt_str_starts(text, "unix:")) {
		next.hop = PF_HOP_SOCKET;
		return next;
	}
	if (mt_str_starts(text, "inet:"))
		text = (struct mt_str){text.p + 5, text.n - 5};
	next.host = host_part(text);
	if (next.host.n > 5 && mt_str_same((struct mt_str){next.host.p, 5}, MT_STR("IPv6:")))
		next.host = (struct mt_str){next.host.p + 5, next.host.n - 5};
	pf_numeric(next.host, &next.addr);
	next.hop = is_self(host, &next) ? PF_HOP_SELF : PF_HOP_HOST;
	return next;
}

void pf_split_transport(struct mt_str text, struct mt_str *transport, struct mt_str *next_hop)
{
	text = mt_str_trim(text);
	const char *colon = text.n ? memchr(text.p, ':', text.n) : NULL;
	size_t n = colon ? (size_t)(colon - text.p) : text.n;
	*transport = (struct mt_str){text.p, n};
	*next_hop = colon ? mt_str_trim((struct mt_str){colon + 1, text.n - n - 1})
			  : (struct mt_str){"", 0};
}

/* ---- references ---- */

struct collector {
	const struct pf_instance *instance;
	struct pf_references *references;
	struct pf_reference **tail;
};

static struct pf_reference *refer(struct collector *c, struct mt_str text, const char *feed)
{
	struct mt_str transport, next_hop;
	struct mt_arena *arena = c->instance->model->arena;
	pf_split_transport(text, &transport, &next_hop);
	struct pf_reference *reference = MT_NEW(arena, struct pf_reference);
	reference->transport = transport;
	reference->next = pf_next_hop(c->instance->model->snapshot->facts, next_hop);
	reference->feed = feed;
	*c->tail = reference;
	c->tail = &reference->following;
	return reference;
}

static void refer_parameter(struct collector *c, const struct pf_service *service, const char *name)
{
	struct pf_scope scope = pf_scope_of(c->instance, service);
	struct mt_str value = pf_get(&scope, name);
	if (!value.n)
		return;
	struct pf_reference *reference = refer(c, value, name);
	reference->service =
		service && pf_service_option(service, mt_str_of(name)) ? service : NULL;
	reference->origin = pf_origin(c->instance, &scope, name);
}

/* Main.cf's value, and each that a service has of its own. */
static void refer_everywhere(struct collector *c, const char *name)
{
	refer_parameter(c, NULL, name);
	for (const struct pf_service *s = c->instance->mastercf.services; s; s = s->next)
		if (pf_service_option(s, mt_str_of(name)))
			refer_parameter(c, s, name);
}

static void note_table(struct collector *c, const struct pf_table *table)
{
	if (strcmp(table->path, c->instance->main_path) != 0 &&
	    strcmp(table->path, c->instance->master_path) != 0)
		mt_list_add(c->instance->model->arena, &c->references->files, table->path);
	if (table->kind != PF_TABLE_OPAQUE)
		return;
	c->references->opaque = true;
	c->references->opaque_title = table->title;
}

static void refer_row(struct collector *c, const struct pf_table *table, const struct pf_row *row,
		      struct mt_str text, const char *feed)
{
	struct pf_reference *reference = refer(c, text, feed);
	struct mt_arena *arena = c->instance->model->arena;
	const char *line =
		mt_format(arena, "%.*s %.*s", MT_STR_FMT(row->key), MT_STR_FMT(row->value));
	reference->origin = mt_origin(
		arena, table->path, row->line ? row->line : table->line,
		mt_redact_text(arena, c->instance->mta->backend, table->path, line), NULL);
}

/* ---- FILTER transport:nexthop, in access(5) and header_checks(5) ---- */

static bool holds_actions(const struct pf_instance *instance, struct mt_str name)
{
	struct mt_str classes = pf_get(&instance->scope, "smtpd_restriction_classes"), word;
	while (pf_list_word(&classes, &word))
		if (mt_str_eq(word, name))
			return true;
	/* smtp_header_checks and the like are the client's own: they cannot say FILTER */
	if (mt_str_starts(name, "smtp_") || mt_str_starts(name, "lmtp_"))
		return false;
	for (const struct pf_parameter *p = pf_parameters; p->name; p++) {
		struct mt_str end = mt_str_of(p->name + 1);
		if ((p->roles & PF_ACTIONS) && name.n > end.n &&
		    mt_str_eq((struct mt_str){name.p + name.n - end.n, end.n}, end))
			return true;
	}
	return false;
}

static bool is_table(struct mt_str word)
{
	return word.p[0] != '[' && memchr(word.p, ':', word.n) && !mt_str_starts(word, "unix:") &&
	       !mt_str_starts(word, "inet:");
}

static void refer_actions(struct collector *c, struct mt_str words)
{
	struct mt_str word;
	struct pf_row row;
	while (pf_list_word(&words, &word)) {
		size_t at = 0;
		unsigned line = 0;
		if (!is_table(word))
			continue;
		const struct pf_table *table = pf_table_named(c->instance, word);
		note_table(c, table);
		while (pf_table_row(c->instance, table, &at, &line, &row)) {
			struct mt_str text = row.value, action;
			if (mt_str_word(&text, " \t", &action) &&
			    mt_str_same(action, MT_STR("FILTER")))
				refer_row(c, table, &row, text, "FILTER");
		}
	}
}

static void refer_actions_of(struct collector *c, const struct pf_service *service,
			     struct mt_str name)
{
	struct pf_scope scope = pf_scope_of(c->instance, service);
	if (holds_actions(c->instance, name))
		refer_actions(c, pf_get(&scope, mt_strz(c->instance->model->arena, name)));
}

static void refer_names(struct collector *c)
{
	const struct pf_service *router = c->instance->routing.service;
	for (const struct pf_parameter *p = pf_parameters; p->name; p++) {
		struct pf_reference **before = c->tail;
		if ((p->roles & (PF_SENDS | PF_WORDS)) != (PF_SENDS | PF_WORDS))
			continue;
		if (p->roles & PF_SERVICES)
			refer_everywhere(c, p->name);
		else
			refer_parameter(c, router, p->name);
		for (struct pf_reference *r = *before; r; r = r->following)
			r->relayed = p->roles & PF_RELAYED;
	}
}

static void refer_rows(struct collector *c)
{
	for (const struct pf_parameter *p = pf_parameters; p->name; p++) {
		struct pf_reference **before = c->tail;
		if ((p->roles & (PF_SENDS | PF_TABLES)) != (PF_SENDS | PF_TABLES))
			continue;
		struct pf_row row;
		for (const struct pf_table *t =
			     pf_tables(c->instance, &c->instance->routing, p->name);
		     t; t = t->next) {
			size_t at = 0;
			unsigned line = 0;
			note_table(c, t);
			while (pf_table_row(c->instance, t, &at, &line, &row))
				refer_row(c, t, &row, row.value, p->name);
		}
		for (struct pf_reference *r = *before; r && (p->roles & PF_RELAYED);
		     r = r->following) {
			r->relayed = true;
			r->null = !r->transport.n && r->next.text.n;
		}
	}
}

void pf_references(const struct pf_instance *instance, struct pf_references *references)
{
	*references = (struct pf_references){0};
	struct collector c = {instance, references, &references->first};
	refer_names(&c);
	for (const struct pf_entry *e = c.instance->maincf.entries; e; e = e->next)
		refer_actions_of(&c, NULL, e->name);
	for (const struct pf_service *s = c.instance->mastercf.services; s; s = s->next)
		for (const struct pf_option *o = s->options; o; o = o->next)
			refer_actions_of(&c, s, o->name);
	refer_rows(&c);
}
