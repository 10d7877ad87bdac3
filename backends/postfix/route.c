/* SPDX-License-Identifier: ISC */
/*
 * route.c: the chain of decisions for one recipient and sender: content_filter, transport_maps,
 * address class (local, virtual, relay, default), sender-dependent maps, relayhost.
 *
 * Source: postfix src/trivial-rewrite/resolve.c, transport.c; ADDRESS_CLASS_README; transport(5).
 */
#include "route.h"

#include <string.h>

struct router {
	const struct pf_instance *instance;
	struct mt_arena *arena;
	struct mt_str to, domain; /* recipient and its domain */
	struct mt_str from; /* "" the null sender */
	bool from_known;
	struct mt_str transport, next_hop;
	bool relayed; /* an empty next hop means relayhost */
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

static void step_parameter(struct router *r, const char *name)
{
	const struct mt_because *because = pf_because(r->instance, &r->instance->scope, name);
	if (!because)
		because = mt_because(r->arena, r->instance->main_path, 0,
				     mt_format(r->arena, "%s = %.*s (built in)", name,
					       MT_STR_FMT(pf_get(&r->instance->scope, name))),
				     NULL);
	step(r, because);
}

static void cannot_tell(struct router *r, const struct pf_table *table)
{
	if (!*r->route->note)
		r->route->note = mt_format(r->arena, "unknown: %s", table->title);
}

/* 1 found, 0 not found, -1 cannot tell (noted). */
static int look_in(struct router *r, const struct pf_table *table, struct mt_str key,
		   struct mt_str *value)
{
	struct pf_row row;
	int found = pf_table_get(r->instance, table, key, &row);
	if (found < 0)
		cannot_tell(r, table);
	if (found <= 0)
		return found;
	*value = row.value;
	step(r, mt_because(r->arena, table->path, row.line ? row.line : table->line,
			   mt_format(r->arena, "%s: %.*s %.*s", table->title, MT_STR_FMT(row.key),
				     MT_STR_FMT(row.value)),
			   NULL));
	return 1;
}

static int look_up(struct router *r, const char *parameter, struct mt_str key, struct mt_str *value)
{
	const struct pf_table *table = pf_tables(r->instance, &r->instance->scope, parameter);
	int found = 0;
	for (; table && !found; table = table->next)
		found = look_in(r, table, key, value);
	return found;
}

/* user+extension@domain, user@domain, domain, .parents, "*" as transport(5) tries them. */
static int look_up_transport(struct router *r, struct mt_str *value)
{
	int found = look_up(r, "transport_maps", r->to, value);
	const char *plus = memchr(r->to.p, '+', r->to.n - r->domain.n);
	if (!found && plus)
		found = look_up(r, "transport_maps",
				mt_str_of(mt_format(r->arena, "%.*s@%.*s", (int)(plus - r->to.p),
						    r->to.p, MT_STR_FMT(r->domain))),
				value);
	if (!found)
		found = look_up(r, "transport_maps", r->domain, value);
	for (size_t i = 1; !found && i < r->domain.n; i++)
		if (r->domain.p[i] == '.')
			found = look_up(r, "transport_maps",
					(struct mt_str){r->domain.p + i, r->domain.n - i}, value);
	if (!found)
		found = look_up(r, "transport_maps", MT_STR("*"), value);
	return found;
}

/* ---- address classes ---- */

static bool below(struct mt_str name, struct mt_str parent)
{
	return name.n > parent.n && name.p[name.n - parent.n - 1] == '.' &&
	       pf_same_word((struct mt_str){name.p + name.n - parent.n, parent.n}, parent);
}

/* Is the domain in a list of names, !names and tables ("mydestination")? -1: cannot tell (noted). */
static int listed(struct router *r, const char *parameter, bool parents)
{
	struct mt_str rest = pf_get(&r->instance->scope, parameter), word, value;
	while (mt_str_word(&rest, " ,\t\r\n", &word)) {
		bool not = word.p[0] == '!';
		if (not )
			word = (struct mt_str){word.p + 1, word.n - 1};
		bool table = word.n && (memchr(word.p, ':', word.n) || word.p[0] == '/');
		int found = table ? look_in(r, pf_table_named(r->instance, word), r->domain, &value)
				  : pf_same_word(word, r->domain) ||
					    (parents && below(r->domain, word));
		if (found)
			return found > 0 && not ? 0 : found;
	}
	return 0;
}

static void take(struct router *r, const char *parameter, bool relayed)
{
	step_parameter(r, parameter);
	pf_split_transport(pf_get(&r->instance->scope, parameter), &r->transport, &r->next_hop);
	r->relayed = relayed;
}

/* The default class: a sender may have a transport of its own. */
static bool take_default(struct router *r)
{
	struct mt_str value = {"", 0};
	int found = 0;
	const char *at = r->from.n ? memchr(r->from.p, '@', r->from.n) : NULL;
	const char *parameter = "sender_dependent_default_transport_maps";
	if (pf_tables(r->instance, &r->instance->scope, parameter)) {
		if (!r->from_known) {
			r->route->note = mt_format(
				r->arena, "unknown: %s depends on the sender (--from)", parameter);
			return false;
		}
		found = look_up(r, parameter, r->from.n ? r->from : MT_STR("<>"), &value);
		if (!found && at)
			found = look_up(r, parameter,
					(struct mt_str){at, (size_t)(r->from.p + r->from.n - at)},
					&value);
		if (found < 0)
			return false;
	}
	if (found && !mt_str_is(value, "DUNNO")) {
		pf_split_transport(value, &r->transport, &r->next_hop);
		r->relayed = true;
		if (r->transport.n)
			return true;
	}
	take(r, "default_transport", true);
	return true;
}

static const struct {
	const char *list, *transport;
	bool parents, relayed;
} classes[] = {
	{"mydestination", "local_transport", false, false},
	{"virtual_mailbox_domains", "virtual_transport", false, false},
	{"relay_domains", "relay_transport", true, true},
};

static bool classify(struct router *r)
{
	for (size_t i = 0; i < MT_ARRAY_LEN(classes); i++) {
		int in = listed(r, classes[i].list, classes[i].parents);
		if (in < 0)
			return false;
		if (in) {
			step_parameter(r, classes[i].list);
			take(r, classes[i].transport, classes[i].relayed);
			return true;
		}
	}
	return take_default(r);
}

static bool take_relayhost(struct router *r)
{
	struct mt_str value = {"", 0};
	const char *parameter = "sender_dependent_relayhost_maps";
	if (!r->relayed || r->next_hop.n)
		return true;
	const char *at = r->from.n ? memchr(r->from.p, '@', r->from.n) : NULL;
	int found = 0;
	if (r->from_known && r->from.n)
		found = look_up(r, parameter, r->from, &value);
	if (!found && r->from_known && at)
		found = look_up(r, parameter,
				(struct mt_str){at, (size_t)(r->from.p + r->from.n - at)}, &value);
	if (found < 0)
		return false;
	if (found && !mt_str_is(value, "DUNNO"))
		r->next_hop = value;
	else if ((r->next_hop = pf_get(&r->instance->scope, "relayhost")).n)
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

static const struct mt_path *carrier(const struct router *r)
{
	struct pf_next_hop next = pf_next_hop(r->instance->model->snapshot->facts, r->next_hop);
	const struct mt_path *first = NULL;
	for (const struct mt_path *path = r->instance->mta->paths; path; path = path->next) {
		if (!mt_str_is(r->transport, path->name))
			continue;
		if ((next.hop == PF_HOP_SELF) == (path->kind == MT_KIND_LOOPBACK))
			return path;
		first = first ? first : path;
	}
	return first;
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
	for (size_t i = 0; i < r.to.n; i++)
		if (r.to.p[i] == '@')
			r.domain = (struct mt_str){r.to.p + i + 1, r.to.n - i - 1};
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
		route->note = mt_format(r.arena, "delivered by %.*s, which is not an SMTP client",
					MT_STR_FMT(r.transport));
}
