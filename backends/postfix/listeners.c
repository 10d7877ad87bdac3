/* SPDX-License-Identifier: ISC */
/* listeners.c: the sockets that master(8) opens. */
#include "client_services.h"

#include <string.h>

/* services(5) as far as mail configurations use it. */
static const struct {
	const char *name;
	unsigned port;
} ports[] = {
	{"smtp", 25},	      {"mail", 25},   {"submission", 587}, {"msa", 587},
	{"submissions", 465}, {"smtps", 465}, {"ssmtp", 465},	   {"urd", 465},
	{"qmqp", 628},	      {"lmtp", 24},   {"imap", 143},	   {"pop3", 110},
};

static unsigned port_of(struct mt_str text)
{
	unsigned long port = 0;
	if (mt_str_number(text, 65535, &port))
		return (unsigned)port;
	for (size_t i = 0; i < MT_ARRAY_LEN(ports); i++)
		if (mt_str_is(text, ports[i].name))
			return ports[i].port;
	return 0;
}

struct pf_endpoint pf_endpoint(const struct pf_service *service)
{
	struct pf_endpoint end = {0};
	struct mt_str text = service->name;
	size_t colon = text.n;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == ':')
			colon = i;
	if (colon == text.n || (text.n && text.p[text.n - 1] == ']')) {
		end.port = port_of(text);
		return end;
	}
	end.host = (struct mt_str){text.p, colon};
	end.port = port_of((struct mt_str){text.p + colon + 1, text.n - colon - 1});
	if (pf_unbracket(&end.host))
		pf_numeric(end.host, &end.addr);
	return end;
}

struct listener_maker {
	struct pf_instance *instance;
	const struct pf_service *service;
	unsigned port;
	struct mt_listener **tail;
};

static void listen_on(struct listener_maker *maker, struct mt_addr addr)
{
	if (!addr.set || !maker->instance->protocols.family[addr.family])
		return;
	struct mt_listener *listener = MT_NEW(maker->instance->model->arena, struct mt_listener);
	*listener = (struct mt_listener){
		.addr = addr,
		.port = maker->port,
		.service = mt_strz(maker->instance->model->arena, maker->service->name),
		.file = maker->instance->master_path,
		.line = maker->service->where.line,
	};
	*maker->tail = listener;
	maker->tail = &listener->next;
}

static void listen_text(struct listener_maker *maker, const char *v4, const char *v6)
{
	struct mt_addr addr;
	const struct mt_host *host = maker->instance->model->snapshot->facts;
	if (mt_addr_parse(mt_str_of(v4), &addr))
		listen_on(maker, addr);
	if (!mt_addr_parse(mt_str_of(v6), &addr))
		return;
	bool has_it = false;
	for (size_t i = 0; i < host->addr_count; i++)
		has_it |= mt_addr_is_any(addr) ? host->addr[i].addr.family == MT_V6
					       : mt_addr_eq(host->addr[i].addr, addr);
	if (has_it || host->addresses != MT_PRESENT)
		listen_on(maker, addr);
}

static void listen_name(struct listener_maker *maker, struct mt_str name)
{
	const struct mt_host *host = maker->instance->model->snapshot->facts;
	bool asked = false;
	for (size_t i = 0; i < host->name_count; i++)
		if (mt_str_is(name, host->name[i].name)) {
			asked = true;
			listen_on(maker, host->name[i].addr);
		}
	if (!asked && mt_str_is(name, "localhost"))
		listen_text(maker, "127.0.0.1", "::1");
}

static void listen_service(struct listener_maker *maker)
{
	const struct pf_own *own = &maker->instance->own;
	struct pf_endpoint end = pf_endpoint(maker->service);
	maker->port = end.port;
	if (end.addr.set)
		listen_on(maker, end.addr);
	else if (end.host.n)
		listen_name(maker, end.host);
	else if (own->all)
		listen_text(maker, "0.0.0.0", "::");
	else if (own->loopback_only)
		listen_text(maker, "127.0.0.1", "::1");
	else
		for (size_t i = 0; i < own->count; i++)
			listen_on(maker, own->addr[i]);
}

bool pf_listens(const struct pf_instance *instance, const struct pf_service *service)
{
	return mt_str_is(service->type, "inet") && !pf_service_disabled(instance, service);
}

void pf_listeners(struct pf_instance *instance)
{
	struct listener_maker maker = {.instance = instance, .tail = &instance->mta->listeners};
	for (const struct pf_service *s = instance->mastercf.services; s; s = s->next) {
		maker.service = s;
		if (pf_listens(instance, s))
			listen_service(&maker);
	}
}

bool pf_listens_at(const struct pf_instance *instance, struct mt_addr addr, unsigned port)
{
	for (const struct mt_listener *l = instance->mta->listeners; l; l = l->next)
		if (l->port == port && l->addr.family == addr.family &&
		    (mt_addr_is_any(l->addr) || mt_addr_eq(l->addr, addr)))
			return true;
	return false;
}
