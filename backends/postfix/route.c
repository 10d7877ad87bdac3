/* SPDX-License-Identifier: ISC */
/*
 * route.c: the chain of decisions for one recipient and sender: content_filter, transport_maps,
 * address class (local, virtual, relay, default), sender-dependent maps, relayhost.
 *
 * Source: postfix src/trivial-rewrite/resolve.c, transport.c; ADDRESS_CLASS_README; transport(5).
 */
#include "route.h"

#include "match.h"

#include <string.h>

struct router {
	const struct pf_instance *instance;
	struct mt_arena *arena;
	struct mt_str to, domain; /* recipient and its domain */
	struct mt_str from; /* "" the null sender */
	bool from_known;
	struct mt_str transport, next_hop;
	bool relayed; /* an empty next hop means relayhost */
	const char *own_by; /* the parameter that makes an address literal our own */
	struct mt_route *route;
	struct mt_because **tail;
};

static void step(struct router *r, const struct mt_because *because)
{
	for (; because; because = because->next) {
		*r->tail = mt_because(r->arena, because->file, because->line, because->text, NULL);
		r->tail = &(*r->tail)->next;
	}
}

static void step_parameter_of(struct router *r, const struct pf_scope *scope, const char *name)
{
	const struct mt_because *because = pf_because(r->instance, scope, name);
	if (!because)
		because = mt_because(r->arena, r->instance->main_path, 0,
				     mt_format(r->arena, "%s = %.*s (built in)", name,
					       MT_STR_FMT(pf_get(scope, name))),
				     NULL);
	step(r, because);
}

static void step_parameter(struct router *r, const char *name)
{
	step_parameter_of(r, &r->instance->routing, name);
}

static void cannot_tell(struct router *r, const char *what)
{
	if (!*r->route->note)
		r->route->note = mt_format(r->arena, "unknown: %s", what);
}

static void step_row(struct router *r, const struct pf_table *table, const struct pf_row *row)
{
	step(r, mt_because(r->arena, table->path, row->line ? row->line : table->line,
			   mt_format(r->arena, "%s: %.*s %.*s", table->title, MT_STR_FMT(row->key),
				     MT_STR_FMT(row->value)),
			   NULL));
}

/* 1 found, 0 not found, -1 cannot tell (noted). `part`: the key is not the whole address. */
static int look_up(struct router *r, const char *parameter, struct mt_str key, bool part,
		   struct mt_str *value)
{
	const struct pf_table *table = pf_tables(r->instance, &r->instance->routing, parameter);
	struct pf_row row;
	int found = 0;
	for (; table && !found; table = table->next) {
		if (part && pf_table_is_pattern(table))
			continue;
		found = pf_table_get(r->instance, table, key, &row);
		if (found < 0)
			cannot_tell(r, table->title);
		if (found <= 0)
			continue;
		*value = row.value;
		step_row(r, table, &row);
	}
	return found;
}

/* ---- addresses ---- */

static struct mt_str at_domain(struct mt_str address)
{
	struct mt_str domain = mt_str_after(address, '@');
	return domain.n ? (struct mt_str){domain.p - 1, domain.n + 1} : domain;
}

static bool has_owner_form(struct mt_str local)
{
	return (local.n >= 6 && mt_str_same((struct mt_str){local.p, 6}, MT_STR("owner-"))) ||
	       (local.n > 8 &&
		mt_str_same((struct mt_str){local.p + local.n - 8, 8}, MT_STR("-request")));
}

/* user+extension@domain without the extension (split_addr(3)); "" when it has none. */
static struct mt_str without_extension(const struct router *r, struct mt_str address)
{
	struct mt_str set = pf_get(&r->instance->routing, "recipient_delimiter");
	struct mt_str domain = at_domain(address), local = {address.p, address.n - domain.n};
	size_t n = 0;
	while (n < local.n && !(set.n && memchr(set.p, local.p[n], set.n)))
		n++;
	bool dash = set.n && memchr(set.p, '-', set.n);
	if (n == 0 || n == local.n || (dash && has_owner_form(local)))
		return MT_STR("");
	return mt_str_of(mt_format(r->arena, "%.*s%.*s", (int)n, local.p, MT_STR_FMT(domain)));
}

/* ---- tables that recipients are looked up in ---- */

/* The address, without its extension, its domain, the parents, "*", as transport(5) tries them. */
static int look_up_transport(struct router *r, struct mt_str *value)
{
	static const char name[] = "transport_maps";
	struct mt_str bare = without_extension(r, r->to), domain = r->domain;
	size_t skip = pf_parent_style(r->instance, name) == PF_PARENTS_NAME;
	int found = look_up(r, name, r->to, false, value);
	if (!found && bare.n)
		found = look_up(r, name, bare, true, value);
	if (!found)
		found = look_up(r, name, domain, true, value);
	for (size_t i = 1; !found && i < domain.n; i++)
		if (domain.p[i] == '.')
			found = look_up(r, name,
					(struct mt_str){domain.p + i + skip, domain.n - i - skip},
					true, value);
	return found ? found : look_up(r, name, MT_STR("*"), false, value);
}

/* ---- address classes ---- */

/* Is the domain in the list of a parameter? -1: cannot tell (noted). */
static int listed(struct router *r, const char *parameter, struct mt_str domain)
{
	struct pf_hit hit;
	enum pf_parents parents = strcmp(parameter, "relay_domains") == 0
					  ? pf_parent_style(r->instance, parameter)
					  : PF_PARENTS_NONE;
	int in = pf_match(r->instance, parameter, domain, parents, &hit);
	if (in < 0)
		cannot_tell(r, hit.table->title);
	else if (in && hit.table)
		step_row(r, hit.table, &hit.row);
	return in;
}

/* "[192.0.2.1]": is it an address that Postfix takes for its own? -1: cannot tell (noted). */
static int own_literal(struct router *r, struct mt_str domain)
{
	const struct pf_own *own = &r->instance->own;
	const struct mt_host *host = r->instance->model->snapshot->facts;
	struct mt_str rest = pf_get(&r->instance->routing, "proxy_interfaces"), word;
	struct mt_addr addr, proxy;
	if (!pf_literal(domain, &addr))
		return 0;
	while (mt_str_word(&rest, " ,\t\r\n", &word))
		if (pf_unbracket(&word) && pf_numeric(word, &proxy) && mt_addr_eq(proxy, addr)) {
			r->own_by = "proxy_interfaces";
			return 1;
		}
	r->own_by = "inet_interfaces";
	if (own->loopback_only || mt_addr_is_loopback(addr))
		return mt_addr_is_loopback(addr) &&
		       (own->all || own->loopback_only || pf_own_has(own, addr));
	if (!own->all && own->unsure && !pf_own_has(own, addr)) {
		cannot_tell(r, "inet_interfaces holds a name that was not resolved");
		return -1;
	}
	if (!own->all)
		return pf_own_has(own, addr);
	if (host->addresses != MT_PRESENT)
		cannot_tell(r, "which addresses this host has");
	return host->addresses != MT_PRESENT ? -1 : mt_host_addr(host, addr) != NULL;
}

static int is_local(struct router *r, struct mt_str domain)
{
	int own = own_literal(r, domain);
	return own ? own : listed(r, "mydestination", domain);
}

static void take(struct router *r, const char *parameter, bool relayed)
{
	step_parameter(r, parameter);
	pf_split_transport(pf_get(&r->instance->routing, parameter), &r->transport, &r->next_hop);
	r->relayed = relayed;
}

/* ---- tables that senders are looked up in ---- */

/* The address, without its extension, the local part where the domain is ours, "@domain"
 * (mail_addr_find(3)); `empty` names the key of the null sender. */
static int look_up_sender(struct router *r, const char *parameter, const char *empty,
			  struct mt_str *value)
{
	struct mt_str sender = r->from.n ? r->from : pf_get(&r->instance->routing, empty);
	struct mt_str at = at_domain(sender), bare = without_extension(r, sender);
	int found = look_up(r, parameter, sender, false, value);
	if (!found && bare.n)
		found = look_up(r, parameter, bare, true, value);
	if (found || !at.n)
		return found;
	int local = is_local(r, mt_str_after(sender, '@'));
	if (local < 0)
		return -1;
	if (local)
		found = look_up(r, parameter, (struct mt_str){sender.p, sender.n - at.n}, true,
				value);
	if (!found && local && bare.n)
		found = look_up(r, parameter, (struct mt_str){bare.p, bare.n - at.n}, true, value);
	return found ? found : look_up(r, parameter, at, true, value);
}

static bool has_tables(const struct router *r, const char *parameter)
{
	return pf_tables(r->instance, &r->instance->routing, parameter) != NULL;
}

/* An empty result counts as DUNNO does (with a warning in the log). */
static bool says_something(struct mt_str value)
{
	return value.n && !mt_str_same(value, MT_STR("DUNNO"));
}

/* The default class: a sender may have a transport of its own. */
static bool take_default(struct router *r)
{
	static const char name[] = "sender_dependent_default_transport_maps";
	struct mt_str value = {"", 0};
	if (has_tables(r, name) && !r->from_known) {
		r->route->note =
			mt_format(r->arena, "unknown: %s depends on the sender (--from)", name);
		return false;
	}
	int found =
		has_tables(r, name)
			? look_up_sender(r, name, "empty_address_default_transport_maps_lookup_key",
					 &value)
			: 0;
	if (found < 0)
		return false;
	if (found && says_something(value)) {
		pf_split_transport(value, &r->transport, &r->next_hop);
		r->relayed = true;
		return true;
	}
	take(r, "default_transport", true);
	return true;
}

static const struct {
	const char *list, *transport;
	bool relayed;
} classes[] = {
	{"mydestination", "local_transport", false},
	{"virtual_alias_domains", NULL, false},
	{"virtual_mailbox_domains", "virtual_transport", false},
	{"relay_domains", "relay_transport", true},
};

static bool classify(struct router *r)
{
	struct mt_addr own;
	for (size_t i = 0; i < MT_ARRAY_LEN(classes); i++) {
		const char *list = classes[i].list;
		int in = i == 0 ? is_local(r, r->domain) : listed(r, list, r->domain);
		if (in < 0)
			return false;
		if (!in)
			continue;
		step_parameter(r, i == 0 && pf_literal(r->domain, &own) ? r->own_by : list);
		if (classes[i].transport)
			take(r, classes[i].transport, classes[i].relayed);
		else
			r->route->note = "goes where its alias leads (ask for that address), or "
					 "bounces where there is none";
		return classes[i].transport != NULL;
	}
	return take_default(r);
}

static bool take_relayhost(struct router *r)
{
	static const char name[] = "sender_dependent_relayhost_maps";
	struct mt_str value = {"", 0};
	int found = 0;
	if (!r->relayed || r->next_hop.n)
		return true;
	if (has_tables(r, name) && !r->from_known)
		r->route->note = "the next hop depends on the sender (--from)";
	else if (has_tables(r, name))
		found = look_up_sender(r, name, "empty_address_relayhost_maps_lookup_key", &value);
	if (found < 0)
		return false;
	if (found && says_something(value))
		r->next_hop = value;
	else if ((r->next_hop = pf_get(&r->instance->routing, "relayhost")).n)
		step_parameter(r, "relayhost");
	return true;
}

static bool decide(struct router *r)
{
	struct mt_str value, transport, next_hop;
	if (pf_get(&r->instance->scope, "content_filter").n) {
		take(r, "content_filter", false);
		return true;
	}
	if (!classify(r))
		return false;
	if (!r->transport
		     .n) { /* measured: resolve_clnt(3) in qmgr asks again every second, before transport_maps */
		r->route->note =
			"a null transport is not allowed: qmgr asks again for ever, and all "
			"mail waits behind this one";
		return false;
	}
	int found = look_up_transport(r, &value);
	if (found < 0)
		return false;
	if (found) {
		pf_split_transport(value, &transport, &next_hop);
		if (transport.n)
			r->transport = transport;
		if (transport.n || next_hop.n) {
			r->next_hop = next_hop;
			r->relayed = false;
		}
	}
	return take_relayhost(r);
}

/* The path as this next hop sees it: a literal has one family, and may lie behind another route. */
static const struct mt_path *towards(const struct router *r, const struct mt_path *path,
				     const struct pf_next_hop *next)
{
	struct mt_path *copy = MT_NEW(r->arena, struct mt_path);
	const struct pf_client *client = pf_client_of(path);
	*copy = *path;
	if (!next->addr.set || path->kind == MT_KIND_LOOPBACK)
		return path;
	for (int f = 0; f < MT_FAMILIES; f++)
		pf_way(r->instance, client, (enum mt_family)f, next, &copy->way[f]);
	return copy;
}

static const struct mt_path *carrier(const struct router *r)
{
	struct pf_next_hop next = pf_next_hop(r->instance->model->snapshot->facts, r->next_hop);
	const struct mt_path *found = NULL;
	for (const struct mt_path *path = r->instance->mta->paths; path; path = path->next) {
		bool self = (next.hop == PF_HOP_SELF) == (path->kind == MT_KIND_LOOPBACK);
		if (mt_str_is(r->transport, path->name) && (!found || self))
			found = path;
	}
	return found ? towards(r, found, &next) : NULL;
}

static const char *not_by_smtp(const struct router *r)
{
	const char *name = mt_strz(r->arena, r->transport);
	return mt_format(r->arena,
			 pf_mastercf_get(&r->instance->mastercf, name, "unix")
				 ? "delivered by %s, which is not an SMTP client"
				 : "%s is no service of master.cf: the mail waits",
			 name);
}

/* A way that is taken only when somebody flushes the queue. */
static void postpone(const struct router *r, struct mt_way *way)
{
	if (way->how != MT_HOW_ADDRESS && way->how != MT_HOW_KERNEL)
		return;
	const char *from = way->source.set ? mt_addr_format(r->arena, way->source) : "?";
	*way = (struct mt_way){
		.how = MT_HOW_DEFERRED,
		.sure = way->sure,
		.note = mt_format(r->arena, "when the queue is flushed it leaves from %s", from),
		.because = way->because};
}

/* qmgr(8) looks last, whatever chose the transport. */
static void defer(struct router *r)
{
	struct mt_route *route = r->route;
	if (!pf_defers(r->instance, r->transport))
		return;
	step_parameter_of(r, &r->instance->queue, "defer_transports");
	route->note = "defer_transports: the mail waits until the queue is flushed (postqueue -f)";
	if (!route->path)
		return;
	struct mt_path *path = MT_NEW(r->arena, struct mt_path);
	*path = *route->path;
	for (int f = 0; f < MT_FAMILIES; f++)
		postpone(r, &path->way[f]);
	route->path = path;
}

void pf_route(const struct mt_model *model, const struct mt_mta *mta, const struct mt_mail *mail,
	      struct mt_route *route)
{
	const struct pf_instance *instance = mta->priv;
	struct router r = {.instance = instance,
			   .arena = model->arena,
			   .to = mt_str_of(mail->to),
			   .route = route,
			   .from = mt_str_of(mail->from ? mail->from : ""),
			   .from_known = mail->from != NULL};
	*route = (struct mt_route){.next_hop = "", .note = ""};
	r.tail = &route->chain;
	r.domain = mt_str_after(r.to, '@');
	if (instance->unreadable || instance->broken) {
		route->note = instance->broken ? instance->broken
					       : "main.cf or master.cf could not be read";
		return;
	}
	if (!decide(&r))
		return;
	route->next_hop = mt_strz(r.arena, r.next_hop);
	route->path = carrier(&r);
	if (!route->path)
		route->note = not_by_smtp(&r);
	defer(&r);
}
