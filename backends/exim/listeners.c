/* SPDX-License-Identifier: ISC */
/* listeners.c: where Exim listens: local_interfaces and daemon_smtp_ports (specification, 13). No pin. */
#include <string.h>

#include "exim.h"
#include "items.h"

#define PORTS_MAX 20

static unsigned port_of(struct mt_str text)
{
	static const struct {
		const char *name;
		unsigned port;
	} names[] = {{"smtp", 25}, {"submission", 587}, {"smtps", 465}, {"submissions", 465}};
	unsigned long number;
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++)
		if (mt_str_is(text, names[i].name))
			return names[i].port;
	return mt_str_number(text, 65535, &number) ? (unsigned)number : 0;
}

/* "address", "address.port", "[address]:port" */
static bool read_interface(struct mt_str item, struct mt_addr *addr, unsigned *port)
{
	struct mt_str text = item, digits = {"", 0};
	size_t dot = item.n;
	if (mt_addr_parse(item, addr))
		return true;
	if (mt_str_skip(&text, "[")) {
		const char *end = text.n ? memchr(text.p, ']', text.n) : NULL;
		size_t n = end ? (size_t)(end - text.p) : text.n;
		struct mt_str rest = mt_str_part(text, n, text.n - n);
		digits = mt_str_skip(&rest, "]:") || mt_str_skip(&rest, "].") ? rest : digits;
		text.n = n;
	} else {
		while (dot && item.p[dot - 1] != '.')
			dot--;
		if (!dot)
			return false;
		text = mt_str_part(item, 0, dot - 1);
		digits = mt_str_part(item, dot, item.n - dot);
	}
	*port = port_of(digits);
	return mt_addr_parse(text, addr) && (!digits.n || *port);
}

static struct mt_str value_of(const struct ex_option *option, const char *otherwise)
{
	return mt_str_of(option && !strchr(option->value, '$') ? option->value : otherwise);
}

static size_t default_ports(const struct exim *e, unsigned *ports)
{
	const struct ex_option *option = ex_option_get(e->config->main, "daemon_smtp_ports");
	if (!option)
		option = ex_option_get(e->config->main, "daemon_smtp_port");
	struct ex_items items = ex_items(value_of(option, "smtp"));
	struct mt_str item;
	size_t n = 0;
	while (n < PORTS_MAX && ex_item(e->arena, &items, &item))
		if (port_of(item))
			ports[n++] = port_of(item);
	return n;
}

void ex_listeners(const struct exim *e)
{
	const struct ex_option *option = ex_option_get(e->config->main, "local_interfaces");
	struct ex_items items = ex_items(value_of(option, "<; ::0 ; 0.0.0.0"));
	struct mt_listener **tail = &e->mta->listeners;
	unsigned ports[PORTS_MAX], own;
	size_t n = default_ports(e, ports);
	bool six = !ex_option_on(e->config->main, "disable_ipv6", false);
	struct mt_str item;
	struct mt_addr addr;
	while (ex_item(e->arena, &items, &item)) {
		own = 0;
		if (!read_interface(item, &addr, &own) || (addr.family == MT_V6 && !six))
			continue;
		for (size_t i = 0; i < (own ? 1 : n); i++) {
			*tail = MT_NEW(e->arena, struct mt_listener);
			**tail = (struct mt_listener){.addr = addr,
						      .port = own ? own : ports[i],
						      .service = "smtp",
						      .file = e->file,
						      .line = 0};
			if (option && option->origin) {
				const struct mt_origin *at = ex_edited(e, option);
				(*tail)->file = at->file;
				(*tail)->line = at->line;
			}
			tail = &(*tail)->next;
		}
	}
}
