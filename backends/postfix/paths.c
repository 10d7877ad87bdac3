/* SPDX-License-Identifier: ISC */
/* paths.c: client services become paths; what feeds them decides their kind. */
#include "paths.h"

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

bool pf_fed_by(const struct mt_path *path, const char *parameter)
{
	return in_feeds(mt_str_of(path->feeds), parameter);
}

static void note_feed(struct uses *uses, const char *feed)
{
	if (!in_feeds(mt_text_str(&uses->feeds), feed))
		mt_text_addf(&uses->feeds, "%s%s", uses->feeds.n ? ", " : "", feed);
}

static void use(struct uses *uses, const struct pf_reference *reference,
		const struct pf_next_hop *relayhost)
{
	static const struct pf_next_hop mx;
	const struct pf_next_hop *next = &reference->next;
	bool by_domain = strcmp(reference->feed, "transport_maps") == 0;
	note_feed(uses, reference->feed);
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

static bool feeds(const struct pf_reference *reference, const struct pf_service *service,
		  struct mt_str fallback)
{
	return mt_str_eq(reference->transport.n || !reference->next.text.n ? reference->transport
									   : fallback,
			 service->name);
}

/* ---- paths ---- */

struct path_maker {
	struct pf_instance *instance;
	struct pf_references references;
	struct pf_next_hop relayhost;
	struct mt_str fallback; /* transport of rows that name only a next hop */
	struct mt_path **tail;
};

static void add_path(struct path_maker *maker, const struct pf_client *client, enum mt_kind kind,
		     const struct pf_next_hop *next)
{
	struct mt_arena *arena = client->scope.arena;
	struct mt_path *path = MT_NEW(arena, struct mt_path);
	path->name = mt_strz(arena, client->service->name);
	path->kind = kind;
	path->helo = mt_strz(
		arena, pf_get(&client->scope, client->lmtp ? "lmtp_lhlo_name" : "smtp_helo_name"));
	path->next_hop = next && next->text.n ? mt_strz(arena, next->text) : "";
	path->feeds = "";
	for (int f = 0; f < MT_FAMILIES; f++) {
		pf_way(maker->instance, client, (enum mt_family)f, next, &path->way[f]);
		if (kind == MT_KIND_LOCAL && path->way[f].how != MT_HOW_BROKEN)
			path->way[f] = (struct mt_way){.how = MT_HOW_OFF, .note = "a UNIX socket"};
	}
	*maker->tail = path;
	maker->tail = &path->next;
}

static enum mt_kind main_kind(const struct path_maker *maker, const struct uses *uses)
{
	if (uses->internet)
		return MT_KIND_INTERNET;
	if (uses->relay)
		return MT_KIND_RELAYHOST;
	if (uses->self)
		return MT_KIND_LOOPBACK;
	if (uses->socket)
		return MT_KIND_LOCAL;
	return maker->references.opaque || maker->instance->unreadable ? MT_KIND_UNKNOWN
								       : MT_KIND_UNUSED;
}

static void service_paths(struct path_maker *maker, const struct pf_service *service)
{
	struct uses uses = {.feeds = MT_TEXT_INIT(maker->instance->model->arena)};
	struct pf_client *client = MT_NEW(maker->instance->model->arena, struct pf_client);
	pf_client(maker->instance, service, client);
	for (const struct pf_reference *r = maker->references.first; r; r = r->following)
		if (feeds(r, service, maker->fallback))
			use(&uses, r, &maker->relayhost);
	enum mt_kind kind = main_kind(maker, &uses);
	const struct pf_next_hop *next = kind == MT_KIND_RELAYHOST  ? uses.relay
					 : kind == MT_KIND_LOOPBACK ? uses.self
					 : kind == MT_KIND_LOCAL    ? uses.socket
								    : NULL;
	struct mt_path **first = maker->tail;
	add_path(maker, client, kind, next);
	if (uses.self && kind != MT_KIND_LOOPBACK)
		add_path(maker, client, MT_KIND_LOOPBACK, uses.self);
	for (struct mt_path *path = *first; path; path = path->next)
		path->feeds = mt_text_z(&uses.feeds);
}

/* master(8) keeps the last of several entries with one name. */
static bool is_last(const struct pf_service *service)
{
	for (const struct pf_service *s = service->next; s; s = s->next)
		if (mt_str_eq(s->name, service->name) && mt_str_eq(s->type, service->type))
			return false;
	return true;
}

void pf_paths(struct pf_instance *instance)
{
	struct path_maker maker = {.instance = instance, .tail = &instance->mta->paths};
	struct mt_str rest;
	pf_references(instance, &maker.references);
	maker.relayhost = pf_next_hop(instance->model->snapshot->facts,
				      pf_get(&instance->scope, "relayhost"));
	pf_split_transport(pf_get(&instance->scope, "default_transport"), &maker.fallback, &rest);
	for (const struct pf_service *s = instance->mastercf.services; s; s = s->next)
		if (pf_service_is_client(s) && is_last(s))
			service_paths(&maker, s);
}
