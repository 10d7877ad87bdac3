/* SPDX-License-Identifier: ISC */
/*
 * bindings.c: from where a transport sends, for each family and for each sender that its expressions tell apart.
 *
 * `interface` and `helo_data` are evaluated for a sender that no file names, then for each that the evaluation came upon.
 * The notes of mail that waits are what Exim logs behind "==" (measured).
 */
#include <stdlib.h>
#include <string.h>

#include "exim.h"
#include "interface.h"
#include "items.h"

#define SENDERS_MAX 20000

/* ---- who ---- */

static const char any[] = {EX_ANY, '\0'};

/* A sender that stands for all of them. */
static const char *sender_text(struct mt_arena *arena, const struct ex_sender *who)
{
	struct mt_str value = who->value;
	if (who->by == MT_BY_SENDER || !value.n)
		return mt_strz(arena, value);
	bool wide = who->by == MT_BY_OTHER || *value.p == '.';
	return mt_format(arena, "%s@%s%.*s", any, wide ? any : "", MT_STR_FMT(value));
}

static const struct mt_condition *condition_of(struct mt_arena *arena, const struct ex_sender *who)
{
	const char *value = mt_strz(arena, who->value);
	if (who->by == MT_BY_OTHER)
		value = mt_format(arena, "the sender's domain ends in %s", value);
	return mt_condition(arena, who->by, value, NULL);
}

/* The most specific ones first: addresses, domains, all below one. */
static unsigned rank_of(const struct ex_sender *who)
{
	bool below = who->value.n && *who->value.p == '.';
	return who->by == MT_BY_SENDER ? 0 : who->by == MT_BY_OTHER ? 3 : below ? 2 : 1;
}

/* What is decided for one of them. */
struct decision {
	const struct ex_sender *who;
	size_t order; /* in which they were come upon */
	struct mt_binding binding[MT_FAMILIES];
	const char *helo[MT_FAMILIES];
};

static int by_rank(const void *a, const void *b)
{
	const struct decision *one = a, *other = b;
	unsigned ranks[] = {rank_of(one->who), rank_of(other->who)};
	size_t lengths[] = {one->who->value.n, other->who->value.n};
	if (ranks[0] != ranks[1])
		return ranks[0] < ranks[1] ? -1 : 1;
	if (ranks[0] > 1 && lengths[0] != lengths[1])
		return lengths[0] > lengths[1] ? -1 : 1;
	return one->order < other->order ? -1 : 1;
}

/* ---- what a value comes to ---- */

struct maker {
	struct exim *e;
	struct ex_transport *t;
	struct mt_arena *arena;
	const struct mt_origin *origin; /* of `interface`; NULL: not set */
	bool conditional;
	const struct ex_said *said; /* NULL: nothing */
	const char *helo[MT_FAMILIES]; /* of the binding made last; NULL not known */
};

/* The lines of files that decided, then the option. That of a conditional one stands at the default already. */
static const struct mt_origin *origin_of(const struct maker *m, const struct mt_origin *lines)
{
	if (!lines || m->conditional)
		return lines ? lines : m->origin;
	struct mt_origin *copy = MT_NEW(m->arena, struct mt_origin);
	*copy = *lines;
	copy->next = (struct mt_origin *)origin_of(m, lines->next);
	return copy;
}

static enum mt_confidence least(enum mt_confidence a, enum mt_confidence b)
{
	return a > b ? a : b;
}

static void wait_for(struct mt_binding *binding, const char *note)
{
	binding->how = MT_HOW_DEFERRED;
	binding->absent = MT_ABSENT_WAITS;
	binding->note = note;
}

/* Of the hosts that it relays to: one that the collector looked up. */
static const struct mt_source *source_for(const struct maker *m, enum mt_family family)
{
	struct mt_str hop = mt_str_of(m->t->transport.next_hop), host = hop;
	const struct mt_host *facts = m->e->host;
	struct mt_addr addr;
	const char *end = hop.n ? memchr(hop.p, *hop.p == '[' ? ']' : ':', hop.n) : NULL;
	if (end)
		host = mt_str_part(hop, *hop.p == '[', (size_t)(end - hop.p) - (*hop.p == '['));
	if (mt_addr_parse(host, &addr) && addr.family == family)
		return mt_host_source(facts, addr);
	for (size_t i = 0; host.n && i < facts->name_count; i++)
		if (mt_str_same(host, mt_str_of(facts->name[i].name)) && facts->name[i].addr.set &&
		    facts->name[i].addr.family == family)
			return mt_host_source(facts, facts->name[i].addr);
	return mt_host_default_source(facts, family);
}

static void kernel_chooses(const struct maker *m, enum mt_family family, struct mt_binding *binding)
{
	const struct mt_host *host = m->e->host;
	const struct mt_source *source = source_for(m, family);
	binding->how = MT_HOW_KERNEL;
	binding->absent = MT_ABSENT_UNKNOWN;
	if (m->t->transport.kind == MT_KIND_LOOPBACK) {
		mt_addr_parse(family == MT_V6 ? MT_STR("::1") : MT_STR("127.0.0.1"),
			      &binding->source);
		binding->note = "kernel's choice on this host";
		return;
	}
	if (host->addresses == MT_UNASKED)
		binding->confidence = least(binding->confidence, MT_CONFIDENCE_ASSUMED);
	else if (!source->asked)
		binding->confidence = MT_CONFIDENCE_NO;
	if (source->reachable) {
		binding->source = source->source;
		binding->note = mt_format(m->arena, "kernel's choice (%s%s%s)",
					  source->gateway ? "default route" : "on link",
					  *source->iface ? ", " : "", source->iface);
	} else {
		binding->note = host->addresses == MT_UNASKED
					? "kernel's choice (this host's routes were not asked)"
					: mt_format(m->arena, "kernel's choice (no %s route)",
						    mt_family_name(family));
	}
}

static void bind_address(const struct maker *m, const struct ex_interface *found,
			 struct mt_binding *binding)
{
	bool here = m->t->transport.kind == MT_KIND_LOOPBACK;
	const char *refused = ex_cannot_bind(m->e->host, found, here);
	if (ex_binds_nothing(m->e->host, found->addr)) {
		kernel_chooses(m, found->addr.family, binding);
		return;
	}
	if (m->e->host->addresses != MT_PRESENT)
		binding->confidence = least(binding->confidence, MT_CONFIDENCE_ASSUMED);
	binding->source = found->addr;
	binding->how = MT_HOW_ADDRESS;
	if (refused)
		wait_for(binding, refused);
	binding->absent = MT_ABSENT_OTHER_FAMILY;
}

static const char *not_expanded(const struct maker *m, const char *why)
{
	return mt_format(m->arena,
			 "defer (-1): failed to expand \"interface\" option for %s transport: %s",
			 m->t->transport.name, why);
}

static void bind_value(const struct maker *m, const struct ex_result *value, enum mt_family family,
		       struct mt_binding *binding)
{
	struct ex_interface found;
	if (value->tainted) {
		wait_for(binding, not_expanded(m, "configuration error"));
		return;
	}
	found = ex_interface(m->arena, value->text, family);
	if (found.bind == EX_BIND_NONE)
		kernel_chooses(m, family, binding);
	else if (found.bind == EX_BIND_ADDRESS)
		bind_address(m, &found, binding);
	else if (found.bind == EX_BIND_DIES)
		wait_for(binding, "defer (-1): smtp transport process returned non-zero status "
				  "0x0100: exit code 1");
	else
		wait_for(binding,
			 mt_format(m->arena,
				   "defer (-1): \"%.*s\" is not a valid IP address for the "
				   "\"interface\" option for %s transport",
				   MT_STR_FMT(found.item), m->t->transport.name));
}

static void bind_result(struct maker *m, const struct ex_result *result, enum mt_family family,
			struct mt_binding *binding)
{
	binding->origin = origin_of(m, result->lines);
	if (result->guessed)
		binding->confidence = least(binding->confidence, MT_CONFIDENCE_ASSUMED);
	if (result->tainted_file)
		m->t->tainted_file = result->tainted_file;
	if (result->end == EX_TEXT)
		bind_value(m, result, family, binding);
	else if (result->end == EX_FORCED)
		kernel_chooses(m, family, binding);
	else if (result->end == EX_FAILED)
		wait_for(binding, not_expanded(m, result->why));
	if (result->end == EX_UNKNOWN) {
		binding->how = MT_HOW_COMPUTED;
		binding->confidence = MT_CONFIDENCE_NO;
		binding->note = result->why;
	}
}

/* What an option comes to; what Exim has said of it counts, as far as it could know. */
static struct ex_result evaluate(const struct maker *m, const struct ex_mail *mail,
				 const struct ex_option *option, const struct ex_result *said)
{
	struct ex_result own =
		ex_expand(&m->e->world, mail, mt_str_of(option ? option->value : ""));
	if (!said || own.end == EX_FAILED)
		return own;
	own.end = said->end;
	own.text = said->text;
	own.why = said->why;
	own.guessed = false;
	return own;
}

/* ---- the name ---- */

/* What is said from this source; mail waits where that cannot be told to Exim itself. */
static const char *read_helo(struct maker *m, struct ex_mail *mail, struct mt_binding *binding)
{
	const struct ex_option *option = m->t->helo_data;
	if (!option)
		return m->e->world.primary_hostname;
	mail->sending = binding->source.set ? mt_addr_format(m->arena, binding->source) : NULL;
	struct ex_result result = evaluate(m, mail, option, m->said ? m->said->helo : NULL);
	if (result.tainted_file)
		m->t->tainted_file = result.tainted_file;
	bool sends = binding->how == MT_HOW_ADDRESS || binding->how == MT_HOW_KERNEL ||
		     binding->how == MT_HOW_COMPUTED;
	if (sends && (result.end == EX_FAILED || result.end == EX_FORCED)) {
		wait_for(binding, mt_format(m->arena, "defer (-27): failed to expand helo_data: %s",
					    result.why));
		binding->origin = ex_edited(m->e, option);
	}
	bool told = result.end == EX_TEXT && !option->unknown &&
		    !memchr(result.text.p ? result.text.p : "", EX_ANY, result.text.n);
	return told ? mt_strz(m->arena, result.text) : NULL;
}

/* ---- one sender, one family ---- */

static bool is_off_by_router(const struct exim *e, const struct ex_transport *t,
			     enum mt_family family, const struct mt_origin **origin)
{
	static const char *const all[MT_FAMILIES] = {"0.0.0.0/0", "::/0"};
	for (const struct ex_way *way = t->ways; way; way = way->next) {
		const struct ex_option *ignored =
			ex_option_get(way->router->options, "ignore_target_hosts");
		struct ex_items items = ex_items(mt_str_of(ignored ? ignored->value : ""));
		struct mt_arena *arena = mt_arena_new((size_t)1 << 20);
		struct mt_str item = {0};
		bool found = false;
		while (!found && ex_item(arena, &items, &item))
			found = mt_str_is(item, all[family]);
		mt_arena_free(arena);
		if (!found)
			return false;
		*origin = ex_edited(e, ignored);
	}
	return t->ways != NULL;
}

/* The settings that stop a family. */
static const char *off_by(const struct maker *m, enum mt_family family,
			  const struct mt_origin **origin)
{
	const struct ex_config *config = m->e->config;
	const struct ex_option *disabled = ex_option_get(config->main, "disable_ipv6"),
			       *lookup = ex_option_get(config->main, "dns_ipv4_lookup");
	if (is_off_by_router(m->e, m->t, family, origin))
		return "ignore_target_hosts";
	if (family == MT_V4)
		return NULL;
	if (disabled && ex_option_on(config->main, "disable_ipv6", false)) {
		*origin = ex_edited(m->e, disabled);
		return "disable_ipv6";
	}
	if (!lookup || strcmp(lookup->value, "*") != 0 ||
	    m->t->transport.kind == MT_KIND_LOOPBACK) /* by its address: nothing is looked up */
		return NULL;
	*origin = ex_edited(m->e, lookup);
	return "dns_ipv4_lookup";
}

static struct mt_binding decide(struct maker *m, const struct ex_mail *about, enum mt_family family)
{
	const struct ex_option *option = m->t->interface;
	const struct ex_option *path = ex_option_get(m->t->driver->options, "return_path");
	struct ex_mail mail = *about;
	mail.family = family;
	mail.sending = "";
	mail.return_path = mt_str_of(path ? path->value : "");
	struct mt_binding binding = {.how = MT_HOW_KERNEL,
				     .confidence = m->e->differs || m->e->config->unknown
							   ? MT_CONFIDENCE_ASSUMED
							   : MT_CONFIDENCE_YES,
				     .note = ""};
	const char *off = off_by(m, family, &binding.origin);
	m->helo[family] = NULL;
	if (m->e->refused) {
		binding.how = MT_HOW_BROKEN;
		binding.note = m->e->refused;
		binding.origin = m->e->refused_at;
		return binding;
	}
	if (off) {
		binding.how = MT_HOW_OFF;
		binding.note = mt_format(m->arena, "%s: mail to hosts with %s alone bounces", off,
					 mt_family_name(family));
		return binding;
	}
	if (option && option->unknown) {
		binding.how = MT_HOW_UNKNOWN;
		binding.confidence = MT_CONFIDENCE_NO;
		binding.note = "its value is not shown";
		binding.origin = m->origin;
		return binding;
	}
	struct ex_result result = evaluate(m, &mail, option, m->said ? m->said->interface : NULL);
	bind_result(m, &result, family, &binding);
	m->helo[family] = read_helo(m, &mail, &binding);
	return binding;
}

/* ---- all senders ---- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The same as for all mail, by the same line: nothing to tell. */
static bool is_default(const struct mt_binding *one, const struct mt_binding *other,
		       const char *helo, const char *other_helo)
{
	const struct mt_origin *a = one->origin, *b = other->origin;
	bool same_line = a == b || (a && b && a->line == b->line && !strcmp(a->file, b->file));
	return mt_binding_same(one, other) && same_text(helo, other_helo) &&
	       !strcmp(one->note, other->note) && (one->how != MT_HOW_ADDRESS || same_line);
}

/* Hosts that are looked up without IPv6: by name, "*.example.org" or "*". */
static struct mt_binding **add_hosts_off(struct maker *m, struct mt_binding **tail)
{
	const struct ex_option *lookup = ex_option_get(m->e->config->main, "dns_ipv4_lookup");
	struct ex_items items = ex_items(mt_str_of(lookup ? lookup->value : ""));
	struct mt_str item;
	while (lookup && !strchr(lookup->value, '$') && ex_item(m->arena, &items, &item)) {
		if (!item.n || strchr("!+@^*", *item.p)) {
			if (!mt_str_starts(item, "*."))
				break;
			item = mt_str_part(item, 1, item.n - 1);
		}
		*tail = MT_NEW(m->arena, struct mt_binding);
		**tail = (struct mt_binding){.when = mt_condition(m->arena, MT_BY_NEXT_HOP,
								  mt_strz(m->arena, item), NULL),
					     .how = MT_HOW_OFF,
					     .confidence = MT_CONFIDENCE_YES,
					     .note = "dns_ipv4_lookup: looked up without IPv6",
					     .origin = ex_edited(m->e, lookup)};
		tail = &(*tail)->next;
	}
	return tail;
}

/* Evaluating for one may come upon others. */
static struct decision *decide_all(struct maker *m, size_t *count)
{
	size_t room = 64, n = 0;
	struct decision *all = mt_alloc(m->arena, room * sizeof *all);
	for (const struct ex_sender *who = m->e->world.senders; who && n < SENDERS_MAX;
	     who = who->next) {
		if (n == room) {
			struct decision *more = mt_alloc(m->arena, 2 * room * sizeof *all);
			memcpy(more, all, n * sizeof *all);
			all = more;
			room *= 2;
		}
		struct ex_mail mail = {.sender = mt_str_of(sender_text(m->arena, who))};
		all[n].who = who;
		all[n].order = n;
		for (int f = 0; f < MT_FAMILIES; f++) {
			all[n].binding[f] = decide(m, &mail, (enum mt_family)f);
			all[n].helo[f] = m->helo[f] ? m->helo[f] : "";
		}
		n++;
	}
	qsort(all, n, sizeof *all, by_rank);
	*count = n;
	return all;
}

static void add_conditional(struct maker *m, enum mt_family family, const struct decision *all,
			    size_t n)
{
	struct mt_transport *t = &m->t->transport;
	struct mt_binding **tail = &t->conditional[family];
	const char *usual = t->binding[family].helo ? t->binding[family].helo : t->helo;
	bool wide = n && rank_of(all[n - 1].who) > 1; /* what is left out could fall to that */
	if (family == MT_V6 && t->binding[family].how != MT_HOW_OFF && !m->e->refused)
		tail = add_hosts_off(m, tail);
	for (size_t i = 0; i < n; i++) {
		const struct mt_binding *one = &all[i].binding[family];
		const char *helo = all[i].helo[family];
		if (!wide && is_default(one, &t->binding[family], helo, usual))
			continue;
		*tail = MT_NEW(m->arena, struct mt_binding);
		**tail = *one;
		(*tail)->when = condition_of(m->arena, all[i].who);
		if (strcmp(helo, t->helo) != 0)
			(*tail)->helo = helo;
		tail = &(*tail)->next;
	}
}

void ex_bindings(struct exim *e, struct ex_transport *t)
{
	struct maker m = {.e = e, .t = t, .arena = e->arena};
	struct mt_transport *made = &t->transport;
	size_t n;
	struct ex_mail stranger = {.sender = mt_str_of(mt_format(e->arena, "%s@%s", any, any))};
	if (t->interface)
		m.origin = ex_edited(e, t->interface);
	ex_world_begin(&e->world);
	for (int f = 0; f < MT_FAMILIES; f++)
		made->binding[f] = decide(&m, &stranger, (enum mt_family)f);
	made->helo = m.helo[MT_V4] ? m.helo[MT_V4] : m.helo[MT_V6] ? m.helo[MT_V6] : "";
	if (m.helo[MT_V6] && strcmp(m.helo[MT_V6], made->helo) != 0)
		made->binding[MT_V6].helo = m.helo[MT_V6];
	if ((t->interface_on | t->helo_on) &
	    EX_ON_SENDER) /* nothing of an empty sender is tainted */
		ex_world_sender(&e->world, MT_BY_SENDER_DOMAIN, MT_STR(""));
	m.conditional = true;
	const struct decision *all = decide_all(&m, &n);
	for (int f = 0; f < MT_FAMILIES; f++)
		add_conditional(&m, (enum mt_family)f, all, n);
}

struct mt_transport *ex_bindings_of(struct exim *e, struct ex_transport *t,
				    const struct ex_mail *mail, const struct ex_said *said)
{
	struct maker m = {.e = e, .t = t, .arena = e->arena, .said = said};
	struct mt_transport *made = MT_NEW(e->arena, struct mt_transport);
	*made = t->transport;
	made->next = NULL;
	if (t->interface)
		m.origin = ex_edited(e, t->interface);
	ex_world_begin(&e->world);
	for (int f = 0; f < MT_FAMILIES; f++) {
		made->conditional[f] = NULL;
		made->binding[f] = decide(&m, mail, (enum mt_family)f);
		made->binding[f].helo = m.helo[f] ? m.helo[f] : "";
	}
	made->helo = made->binding[MT_V4].helo;
	if (made->binding[MT_V6].how != MT_HOW_OFF && !m.e->refused)
		add_hosts_off(&m, &made->conditional[MT_V6]);
	return made;
}
