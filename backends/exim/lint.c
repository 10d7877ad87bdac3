/* SPDX-License-Identifier: ISC */
/* lint.c: what is worth knowing of one Exim: from where it sends. The other parts are lint_*.c. */
#include "lint.h"

#include <string.h>

#include "collect.h"

const char *ex_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static const char *line_text(const struct exim *e, const char *file, unsigned line)
{
	struct mt_str rest = mt_snapshot_file(e->snapshot, file)->bytes, text = {"", 0};
	for (unsigned n = 0; n < line && mt_str_line(&rest, &text); n++)
		;
	return mt_strz(e->arena, line ? mt_str_trim(text) : MT_STR(""));
}

/* Lines are quoted that say what their name is known for; of others, which may hold a secret, the place is told. */
static const char *quoted(const struct exim *e, const char *file, const char *line)
{
	size_t n = 0;
	while (mt_is_alnum(line[n]) || line[n] == '_')
		n++;
	bool known = strncmp(line, "REMOTE_SMTP_", 12) == 0 ||
		     ex_leaves(mt_strz(e->arena, (struct mt_str){line, n}));
	return known ? mt_redact_text(e->arena, e->mta->backend, file, line) : "";
}

const struct mt_origin *ex_edited_line(const struct exim *e, const char *file, unsigned line)
{
	struct mt_origin *copy = MT_NEW(e->arena, struct mt_origin);
	*copy = *ex_debian_origin(e->arena, e->snapshot, e->debian,
				  mt_origin(e->arena, file, line, line_text(e, file, line), NULL));
	copy->text = quoted(e, copy->file, copy->text);
	return copy;
}

/* ---- IPv6 beside a pin of IPv4 ---- */

static bool leaks(const struct mt_binding *four, const struct mt_binding *six)
{
	return four->how == MT_HOW_ADDRESS && six->how == MT_HOW_KERNEL && six->source.set;
}

static struct mt_str key_of(const struct exim *e, const struct mt_binding *b)
{
	return mt_str_of(mt_condition_text(e->arena, b->when));
}

/* Of a map: the first of its lines, and how many there are. */
static void find_leak_of_map(struct exim *e, const struct mt_transport *t)
{
	struct mt_map sixes = MT_MAP_INIT(e->arena);
	const struct mt_binding *first = NULL, *leak = NULL;
	unsigned n = 0;
	for (const struct mt_binding *six = t->conditional[MT_V6]; six; six = six->next)
		mt_map_put(&sixes, key_of(e, six), six);
	for (const struct mt_binding *four = t->conditional[MT_V4]; four; four = four->next) {
		const struct mt_binding *six = mt_map_get(&sixes, key_of(e, four));
		six = six ? six : &t->binding[MT_V6];
		if (!leaks(four, six))
			continue;
		leak = first ? leak : six;
		first = first ? first : four;
		n++;
	}
	if (!first)
		return;
	const char *who = mt_condition_text(e->arena, first->when);
	mt_model_find(e->model, e->mta, "EX-IPV6-LEAK", first->origin, NULL,
		      "%pM by %s to hosts with IPv6 leaves from %s, which nothing pins",
		      n == 1 ? mt_message(e->arena, "mail %s", who)
			     : mt_message(e->arena, "mail %s and %u more", who, n - 1),
		      t->name, mt_addr_format(e->arena, leak->source));
}

/* To a relay too: it sees, and may refuse, another address than the one it knows. */
static void find_leaks(struct exim *e, const struct mt_transport *t)
{
	if (t->kind == MT_KIND_LOOPBACK)
		return;
	if (leaks(&t->binding[MT_V4], &t->binding[MT_V6]))
		mt_model_find_leak(e->model, e->mta, t, t->binding[MT_V4].origin);
	else
		find_leak_of_map(e, t);
}

/* ---- IPv6 that is off ---- */

static void find_off(struct exim *e)
{
	for (const struct mt_transport *t = e->mta->transports; t; t = t->next) {
		const struct mt_binding *six = &t->binding[MT_V6];
		if (t->kind != MT_KIND_INTERNET || six->how != MT_HOW_OFF)
			continue;
		mt_model_find(e->model, e->mta, "EX-IPV6-BOUNCES", six->origin, NULL,
			      "mail by %s to hosts with IPv6 alone comes back at once: %s", t->name,
			      six->origin ? six->origin->text : six->note);
		return;
	}
}

/* ---- what is like a pin ---- */

/* Addresses to listen on that mail does not leave from. */
static void find_listeners(struct exim *e)
{
	const struct ex_option *option = ex_option_get(e->config->main, "local_interfaces");
	for (const struct mt_listener *l = option ? e->mta->listeners : NULL; l; l = l->next) {
		if (mt_addr_is_any(l->addr) || mt_addr_is_loopback(l->addr))
			continue;
		for (const struct mt_transport *t = e->mta->transports; t; t = t->next) {
			const struct mt_binding *b = &t->binding[l->addr.family];
			if (!ex_is_used(t) || t->kind == MT_KIND_LOOPBACK ||
			    b->how != MT_HOW_KERNEL || !b->source.set ||
			    mt_addr_eq(b->source, l->addr))
				continue;
			mt_model_find(
				e->model, e->mta, "EX-LISTENS-ONLY", ex_edited(e, option),
				mt_message(e->arena, "pin the address in the transport"),
				"local_interfaces names %s, which is where Exim listens: mail "
				"by %s leaves from %s",
				mt_addr_format(e->arena, l->addr), t->name,
				mt_addr_format(e->arena, b->source));
			return;
		}
	}
}

/* ---- a pin that does harm ---- */

static const char *hop_here(const struct mt_transport *t)
{
	for (const struct ex_way *way = ex_transport_of(t)->ways; way; way = way->next)
		if (way->kind == MT_KIND_LOOPBACK)
			return way->hosts;
	return NULL;
}

static void find_loopback(struct exim *e, const struct mt_transport *t)
{
	const char *hop = hop_here(t);
	for (int f = 0; hop && f < MT_FAMILIES; f++) {
		const struct mt_binding *b = &t->binding[f];
		if (b->how != MT_HOW_ADDRESS || mt_addr_is_loopback(b->source) ||
		    (*hop == '[') != (f == MT_V6))
			continue;
		mt_model_find(e->model, e->mta, "EX-LOOPBACK-SOURCE", b->origin,
			      mt_message(e->arena,
					 "give that router a transport without interface, or allow "
					 "the address there"),
			      "mail by %s to this host itself (%s) arrives there from %s: a filter "
			      "that allows only 127.0.0.1 refuses it",
			      t->name, hop, mt_addr_format(e->arena, b->source));
		return;
	}
}

/* Exim asks before the second mail of a connection whether the sender is the same, and nothing else. */
static void find_reused(struct exim *e, const struct mt_transport *t)
{
	const struct ex_transport *own = ex_transport_of(t);
	const struct ex_option *most =
		ex_option_get(own->driver->options, "connection_max_messages");
	if (!(own->interface_on & (EX_ON_RECIPIENT | EX_ON_MESSAGE)) ||
	    (most && !strcmp(most->value, "1")))
		return;
	mt_model_find(e->model, e->mta, "EX-REUSED", ex_edited(e, own->interface),
		      mt_message(e->arena, "let it depend on the sender alone, or set "
					   "connection_max_messages = 1 in this transport"),
		      own->interface_on & EX_ON_RECIPIENT
			      ? "interface of %s asks for the recipient: the second mail of a "
				"connection leaves from the address of the first"
			      : "interface of %s asks for more of the mail than its sender: the "
				"second mail of a connection leaves from the address of the first",
		      t->name);
}

void ex_lint(struct exim *e)
{
	ex_lint_broken(e);
	if (e->refused)
		return;
	if (e->differs)
		mt_model_find(e->model, e->mta, "EX-DIFFERS",
			      mt_origin(e->arena, e->file, 0, "", NULL), NULL,
			      "Exim says that it reads other transports than stand in its files: "
			      "what it says counts here");
	ex_lint_waiting(e);
	ex_lint_macros(e);
	for (const struct mt_transport *t = e->mta->transports; t; t = t->next) {
		if (!ex_is_used(t))
			continue;
		find_leaks(e, t);
		find_reused(e, t);
		find_loopback(e, t);
	}
	find_off(e);
	find_listeners(e);
	ex_lint_names(e);
}
