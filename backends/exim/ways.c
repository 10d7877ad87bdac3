/* SPDX-License-Identifier: ISC */
/* ways.c: which routers hand mail to a transport, and to which hosts (specification, 20: manualroute; 30: smtp). */
#include <string.h>

#include "exim.h"
#include "items.h"

/* ---- hosts ---- */

bool ex_is_here(const struct exim *e, struct mt_str host)
{
	struct mt_addr addr;
	if (mt_addr_parse(host, &addr))
		return mt_addr_is_loopback(addr) || mt_host_addr(e->host, addr);
	return mt_str_same(host, MT_STR("localhost"));
}

const char *ex_default_port(const struct ex_driver *transport)
{
	const struct ex_option *port = ex_option_get(transport->options, "port");
	const struct ex_option *protocol = ex_option_get(transport->options, "protocol");
	if (port)
		return port->value;
	if (protocol && !strcmp(protocol->value, "lmtp"))
		return "24";
	return protocol && !strcmp(protocol->value, "smtps") ? "465" : "25";
}

/* "host", "host/mx", "host:port", "[address]:port", "address" */
static const char *with_port(struct mt_arena *arena, struct mt_str item, const char *port,
			     struct mt_str *host)
{
	struct mt_addr addr;
	const char *end = memchr(item.p, *item.p == '[' ? ']' : ':', item.n);
	*host = item;
	if (!mt_addr_parse(item, &addr) && end) {
		size_t n = (size_t)(end - item.p), open = *item.p == '[';
		*host = mt_str_part(item, open, n - open);
		struct mt_str rest = mt_str_part(item, n + open, item.n - n - open);
		if (mt_str_skip(&rest, ":"))
			port = mt_strz(arena, rest);
	}
	const char *slash = host->n ? memchr(host->p, '/', host->n) : NULL;
	if (slash)
		host->n = (size_t)(slash - host->p);
	bool brackets = mt_addr_parse(*host, &addr) && addr.family == MT_V6;
	return mt_format(arena, "%s%.*s%s:%s", brackets ? "[" : "", MT_STR_FMT(*host),
			 brackets ? "]" : "", port);
}

void ex_read_hosts(const struct exim *e, struct mt_str list, const char *port, struct ex_way *way)
{
	struct ex_items items = ex_items(list);
	struct mt_text text = MT_TEXT_INIT(e->arena);
	struct mt_str item, host;
	bool here = false, elsewhere = false;
	if (mt_str_has(list, "$")) {
		bool any = mt_str_is(list, "$domain") || mt_str_is(list, "${domain}");
		bool table = mt_str_starts(list, "${lookup"); /* each domain has its own */
		way->kind = any ? MT_KIND_INTERNET : table ? MT_KIND_RELAYHOST : MT_KIND_UNKNOWN;
		return;
	}
	while (ex_item(e->arena, &items, &item)) {
		if (!item.n || mt_str_is(item, "+")) /* of host_all_ignored */
			continue;
		const char *shown = with_port(e->arena, item, port, &host);
		mt_text_addf(&text, "%s%s", text.n ? ", " : "", shown);
		(*(ex_is_here(e, host) ? &here : &elsewhere)) = true;
	}
	way->kind = elsewhere ? MT_KIND_RELAYHOST : here ? MT_KIND_LOOPBACK : MT_KIND_UNKNOWN;
	way->hosts = text.n ? mt_text_z(&text) : "";
}

/* ---- manualroute ---- */

struct mt_str ex_word_of(struct mt_str *rest)
{
	*rest = ex_skip_blanks(*rest);
	bool quoted = rest->n && *rest->p == '"';
	size_t n = quoted;
	while (n < rest->n && (quoted ? rest->p[n] != '"' : !ex_is_blank(rest->p[n])))
		n++;
	struct mt_str word = mt_str_part(*rest, quoted, n - quoted);
	n += quoted && n < rest->n;
	*rest = mt_str_part(*rest, n, rest->n - n);
	return word;
}

/* "PATTERN HOSTS OPTIONS ; ...": of several rules the hosts of all. */
static struct mt_str hosts_of_rules(struct mt_arena *arena, struct mt_str rules)
{
	struct mt_text hosts = MT_TEXT_INIT(arena);
	struct ex_items items = ex_items(rules);
	struct mt_str rule;
	if (items.separator == ':')
		items.separator = ';';
	while (ex_item(arena, &items, &rule)) {
		ex_word_of(&rule);
		struct mt_str some = ex_word_of(&rule);
		if (some.n)
			mt_text_addf(&hosts, "%s%.*s", hosts.n ? " : " : "", MT_STR_FMT(some));
	}
	return mt_text_str(&hosts);
}

/* ---- routers ---- */

/* Its name stands in the text as a word. */
static bool names(struct mt_str text, const char *name)
{
	size_t n = strlen(name);
	for (const char *at; (at = mt_str_find(text, mt_str_of(name))) != NULL;) {
		size_t before = (size_t)(at - text.p), after = before + n;
		bool begins = !before || !(mt_is_alnum(at[-1]) || at[-1] == '_' || at[-1] == '-');
		bool ends =
			after == text.n || !(mt_is_alnum(at[n]) || at[n] == '_' || at[n] == '-');
		if (begins && ends)
			return true;
		text = mt_str_part(text, before + 1, text.n - before - 1);
	}
	return false;
}

static bool hands_to(const struct ex_driver *router, const char *transport)
{
	const struct ex_option *to = ex_option_get(router->options, "transport");
	if (!to)
		return false;
	if (!strchr(to->value, '$'))
		return strcmp(to->value, transport) == 0;
	return names(mt_str_of(to->value), transport);
}

static struct mt_str value_of(const struct ex_driver *driver, const char *name)
{
	const struct ex_option *option = ex_option_get(driver->options, name);
	return mt_str_of(option ? option->value : "");
}

/* Where this router sends: hosts of the transport count where it gives none, or always, by hosts_override. */
static void read_way(const struct exim *e, const struct ex_driver *transport, struct ex_way *way)
{
	const struct ex_driver *router = way->router;
	const char *port = ex_default_port(transport);
	struct mt_str own = value_of(transport, "hosts"), list = value_of(router, "route_list"),
		      data = value_of(router, "route_data");
	bool overrides = ex_option_on(transport->options, "hosts_override", false);
	bool by_dns = !strcmp(router->driver, "dnslookup") || !strcmp(router->driver, "ipliteral");
	bool manual = !strcmp(router->driver, "manualroute");
	way->hosts = "";
	if (own.n && (overrides || (!by_dns && !manual)))
		ex_read_hosts(e, own, port, way);
	else if (by_dns)
		way->kind = MT_KIND_INTERNET;
	else if (manual && list.n)
		ex_read_hosts(e, hosts_of_rules(e->arena, list), port, way);
	else if (manual)
		ex_read_hosts(e, mt_str_has(data, "$") ? data : ex_word_of(&data), port, way);
	else
		way->kind = MT_KIND_UNKNOWN;
}

/* The first file that an expression names behind `word` is not there. */
static bool lacks_file(const struct exim *e, struct mt_str expression, const char *word)
{
	const char *at = mt_str_find(expression, mt_str_of(word));
	struct mt_str file;
	size_t n = at ? (size_t)(at - expression.p) : expression.n;
	expression = mt_str_part(expression, n, expression.n - n);
	while (mt_str_word(&expression, " {}", &file))
		if (*file.p == '/')
			return mt_snapshot_file(e->snapshot, mt_strz(e->arena, file))->presence ==
			       MT_ABSENT;
	return false;
}

/* Its domains are those of a file, or its hosts, and there is no such file: it hands on no mail. */
static bool is_closed(const struct exim *e, const struct ex_driver *router)
{
	return lacks_file(e, value_of(router, "domains"), "${if exists") ||
	       lacks_file(e, value_of(router, "route_data"), "${lookup");
}

struct ex_way *ex_ways(const struct exim *e, const struct ex_driver *transport)
{
	struct ex_way *first = NULL, **tail = &first;
	for (const struct ex_driver *router = e->config->routers; router; router = router->next) {
		if (!hands_to(router, transport->name) || is_closed(e, router))
			continue;
		*tail = MT_NEW(e->arena, struct ex_way);
		(*tail)->router = router;
		read_way(e, transport, *tail);
		tail = &(*tail)->next;
	}
	return first;
}
