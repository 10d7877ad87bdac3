/* SPDX-License-Identifier: ISC */
/* transports.c: the transports whose driver is smtp, as the rest of mtapin knows them. */
#include <string.h>

#include "exim.h"

/* What most of its mail is: that to anywhere before that to one host. */
static enum mt_kind kind_of(const struct ex_way *ways)
{
	static const enum mt_kind order[] = {MT_KIND_INTERNET, MT_KIND_RELAYHOST, MT_KIND_UNKNOWN,
					     MT_KIND_LOOPBACK};
	for (size_t i = 0; i < MT_ARRAY_LEN(order); i++)
		for (const struct ex_way *way = ways; way; way = way->next)
			if (way->kind == order[i])
				return order[i];
	return MT_KIND_UNUSED;
}

/* Of the routers of that kind. */
static const char *next_hop_of(const struct ex_way *ways, enum mt_kind kind)
{
	for (const struct ex_way *way = ways; way && kind != MT_KIND_INTERNET; way = way->next)
		if (way->kind == kind)
			return way->hosts;
	return "";
}

static const char *feeds_of(struct mt_arena *arena, const struct ex_way *ways)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	for (const struct ex_way *way = ways; way; way = way->next)
		mt_text_addf(&text, "%srouter %s", text.n ? ", " : "", way->router->name);
	return text.n ? mt_text_z(&text) : "";
}

static struct mt_transport *transport_of(struct exim *e, const struct ex_driver *driver)
{
	struct ex_transport *t = MT_NEW(e->arena, struct ex_transport);
	const struct ex_option *protocol = ex_option_get(driver->options, "protocol");
	*t = (struct ex_transport){.driver = driver,
				   .interface = ex_option_get(driver->options, "interface"),
				   .helo_data = ex_option_get(driver->options, "helo_data"),
				   .ways = ex_ways(e, driver),
				   .lmtp = protocol && !strcmp(protocol->value, "lmtp")};
	enum mt_kind kind = kind_of(t->ways);
	t->transport = (struct mt_transport){.name = driver->name,
					     .kind = kind,
					     .helo = "",
					     .next_hop = next_hop_of(t->ways, kind),
					     .feeds = feeds_of(e->arena, t->ways)};
	if (t->interface)
		t->interface_on = ex_inputs(mt_str_of(t->interface->value));
	if (t->helo_data)
		t->helo_on = ex_inputs(mt_str_of(t->helo_data->value));
	ex_bindings(e, t);
	return &t->transport;
}

void ex_transports(struct exim *e)
{
	struct mt_transport **tail = &e->mta->transports;
	for (const struct ex_driver *d = e->config->transports; d; d = d->next) {
		if (!d->driver || strcmp(d->driver, "smtp") != 0)
			continue;
		*tail = transport_of(e, d);
		tail = &(*tail)->next;
	}
}
