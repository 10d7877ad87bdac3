/* SPDX-License-Identifier: ISC */
/* client_services.c: client services become transports; what feeds them decides their kind. */
#include "client_services.h"

#include <string.h>

/* ---- what feeds a service ---- */

struct uses {
	const struct pf_next_hop *internet, *relay, *self,
		*socket; /* the first of each, NULL none */
	struct mt_text feeds;
};

static bool in_feeds(struct mt_str feeds, const char *parameter)
{
	struct mt_str word;
	while (mt_str_word(&feeds, ", ", &word))
		if (mt_str_is(word, parameter))
			return true;
	return false;
}

bool pf_fed_by(const struct mt_transport *transport, const char *parameter)
{
	return in_feeds(mt_str_of(transport->feeds), parameter);
}

static void note_use(struct uses *uses, const struct pf_reference *reference,
		     const struct pf_next_hop *relayhost)
{
	static const struct pf_next_hop mx;
	const struct pf_next_hop *next = &reference->next;
	bool by_domain = strcmp(reference->feed, "transport_maps") == 0;
	if (!in_feeds(mt_text_str(&uses->feeds), reference->feed))
		mt_text_addf(&uses->feeds, "%s%s", uses->feeds.n ? ", " : "", reference->feed);
	if (next->hop == PF_HOP_MX && reference->relayed && relayhost->text.n) {
		next = relayhost;
		by_domain = false;
	}
	const struct pf_next_hop **slot = &uses->internet;
	if (next->hop == PF_HOP_SELF)
		slot = &uses->self;
	else if (next->hop == PF_HOP_SOCKET)
		slot = &uses->socket;
	else if (next->hop == PF_HOP_HOST && !by_domain)
		slot = &uses->relay;
	if (!*slot)
		*slot = slot == &uses->internet ? &mx : next;
}

/* ---- services by name ---- */

struct seat {
	const struct pf_service *service; /* the last of its name: master(8) keeps that */
	struct uses uses;
};

struct transport_maker {
	struct pf_instance *instance;
	const struct pf_references *references;
	struct pf_next_hop relayhost;
	struct mt_str fallback; /* transport of rows that name only a next hop */
	struct mt_transport **tail;
	struct pf_client **client_tail;
	struct seat *seats; /* in file order of the first of each name */
	size_t count;
	struct mt_map by_name;
};

static void take_seats(struct transport_maker *maker)
{
	struct mt_arena *arena = maker->instance->model->arena;
	size_t clients = 0;
	for (const struct pf_service *s = maker->instance->mastercf.services; s; s = s->next)
		clients += pf_service_is_client(s);
	maker->seats = mt_alloc(arena, (clients + 1) * sizeof *maker->seats);
	mt_map_reserve(&maker->by_name, clients);
	for (const struct pf_service *s = maker->instance->mastercf.services; s; s = s->next) {
		if (!pf_service_is_client(s))
			continue;
		struct seat *seat = (struct seat *)mt_map_get(&maker->by_name, s->name);
		if (!seat) {
			seat = &maker->seats[maker->count++];
			seat->uses.feeds = (struct mt_text)MT_TEXT_INIT(arena);
			mt_map_put(&maker->by_name, s->name, seat);
		}
		seat->service = s;
	}
}

/* ---- transports ---- */

static struct mt_transport *make_transport(struct transport_maker *maker,
					   const struct pf_client *client, enum mt_kind kind,
					   const struct pf_next_hop *next)
{
	struct mt_arena *arena = client->scope.arena;
	struct pf_transport *made = MT_NEW(arena, struct pf_transport);
	struct mt_transport *transport = &made->transport;
	made->client = client;
	transport->name = mt_strz(arena, client->service->name);
	transport->kind = kind;
	transport->helo = mt_strz(
		arena, pf_get(&client->scope, client->lmtp ? "lmtp_lhlo_name" : "smtp_helo_name"));
	transport->next_hop = next && next->text.n ? mt_strz(arena, next->text) : "";
	for (int f = 0; f < MT_FAMILIES; f++) {
		pf_binding(maker->instance, client, (enum mt_family)f, next,
			   &transport->binding[f]);
		if (kind == MT_KIND_LOCAL && transport->binding[f].how != MT_HOW_BROKEN)
			transport->binding[f] =
				(struct mt_binding){.how = MT_HOW_OFF, .note = "a UNIX socket"};
	}
	*maker->tail = transport;
	maker->tail = &transport->next;
	return transport;
}

static enum mt_kind main_kind(const struct transport_maker *maker, const struct uses *uses)
{
	if (uses->internet)
		return MT_KIND_INTERNET;
	if (uses->relay)
		return MT_KIND_RELAYHOST;
	if (uses->self)
		return MT_KIND_LOOPBACK;
	if (uses->socket)
		return MT_KIND_LOCAL;
	return maker->references->opaque || maker->instance->unreadable ? MT_KIND_UNKNOWN
									: MT_KIND_UNUSED;
}

static void service_transports(struct transport_maker *maker, struct seat *seat)
{
	struct uses *uses = &seat->uses;
	struct pf_client *client = MT_NEW(maker->instance->model->arena, struct pf_client);
	client->number = (size_t)(seat - maker->seats);
	pf_client(maker->instance, seat->service, client);
	maker->instance->mta->open |= client->own.unsure;
	enum mt_kind kind = main_kind(maker, uses);
	const struct pf_next_hop *next = kind == MT_KIND_RELAYHOST  ? uses->relay
					 : kind == MT_KIND_LOOPBACK ? uses->self
					 : kind == MT_KIND_LOCAL    ? uses->socket
								    : NULL;
	struct mt_transport *transport = make_transport(maker, client, kind, next),
			    *loopback = NULL;
	transport->feeds = mt_text_z(&uses->feeds);
	if (uses->self && kind != MT_KIND_LOOPBACK) {
		loopback = make_transport(maker, client, MT_KIND_LOOPBACK, uses->self);
		loopback->feeds = transport->feeds;
	}
	client->transport = transport;
	client->loopback = loopback;
	*maker->client_tail = client;
	maker->client_tail = &client->next;
}

void pf_transports(struct pf_instance *instance)
{
	struct transport_maker maker = {.instance = instance,
					.by_name = MT_MAP_INIT(instance->model->arena),
					.tail = &instance->mta->transports,
					.client_tail = &instance->clients};
	struct mt_str rest;
	struct pf_references *references = MT_NEW(instance->model->arena, struct pf_references);
	pf_references(instance, references);
	instance->references = maker.references = references;
	maker.relayhost = pf_next_hop(instance->model->snapshot->facts,
				      pf_get(&instance->routing, "relayhost"));
	pf_split_transport(pf_get(&instance->routing, "default_transport"), &maker.fallback, &rest);
	take_seats(&maker);
	for (const struct pf_reference *r = maker.references->first; r; r = r->following) {
		bool named = r->transport.n || !r->next.text.n || r->null;
		struct seat *seat = (struct seat *)mt_map_get(
			&maker.by_name, named ? r->transport : maker.fallback);
		if (seat)
			note_use(&seat->uses, r, &maker.relayhost);
	}
	for (size_t i = 0; i < maker.count; i++)
		service_transports(&maker, &maker.seats[i]);
}
