/* SPDX-License-Identifier: ISC */
/* observe.c: looks at the kernel's tables of what is open; what has ended is ended_connections.c's. */
#include "io/service/observe.h"

#include <unistd.h>

#include "core/host/snapshot.h"
#include "io/sys/clock.h"

struct look {
	struct mt_observe *o;
	struct mt_owners owners;
};

/* ---- links -------------------------------------------------------------------------------------- */

struct mt_link mt_link_of(const struct mt_socket *s)
{
	return (struct mt_link){s->local, s->remote, s->local_port, s->remote_port};
}

static bool link_in_list(const struct mt_link *list, size_t count, const struct mt_link *one)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].local_port == one->local_port &&
		    list[i].remote_port == one->remote_port &&
		    mt_addr_eq(list[i].local, one->local) &&
		    mt_addr_eq(list[i].remote, one->remote))
			return true;
	return false;
}

const char *mt_link_text(struct mt_arena *arena, const struct mt_link *link)
{
	return mt_format(arena, "%s from %s to %s port %u", mt_family_name(link->local.family),
			 mt_addr_format(arena, link->local), mt_addr_format(arena, link->remote),
			 link->remote_port);
}

/* ---- beginning ---------------------------------------------------------------------------------- */

bool mt_observe_minds(const struct mt_observe *o, const struct mt_socket *s)
{
	struct mt_link link = mt_link_of(s);
	return mt_socket_is_mail(s) && !mt_addr_eq(s->local, s->remote) &&
	       !(o->host && mt_host_addr(o->host, s->remote)) &&
	       !link_in_list(o->before, o->before_count, &link);
}

void mt_observe_told(struct mt_observe *o, unsigned ms)
{
	o->since = (mt_boot_ms() - (int64_t)ms) * sysconf(_SC_CLK_TCK) / 1000 + 1;
}

void mt_observe_begin(struct mt_arena *arena, struct mt_observe *o, struct mt_process daemon)
{
	struct mt_str text[MT_FAMILIES] = {{0}};
	size_t lines = 0, n = 0;
	bool pinned = o->pin[MT_V4].set || o->pin[MT_V6].set;
	mt_observe_told(o, 0);
	o->began = o->since;
	o->ended_count = 0;
	if (daemon.pid && pinned) {
		mt_announce_open(&o->announce, daemon.pid);
		o->ended = mt_alloc(arena, MT_OBSERVE_ENDED * sizeof *o->ended);
	}
	for (enum mt_family f = MT_V4; daemon.pid && f < MT_FAMILIES; f++)
		if (mt_sockets(arena, daemon.pid, f, &text[f]))
			lines += mt_count_lines(text[f]);
	struct mt_link *before = mt_alloc(arena, (lines + 1) * sizeof *before);
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++)
		for (struct mt_socket s; mt_socket_next(&text[f], &s);)
			if (mt_socket_is_mail(&s))
				before[n++] = mt_link_of(&s);
	o->before = before;
	o->before_count = n;
	struct mt_owners owners = {.scratch = arena, .daemon = daemon, .senders = o->senders};
	if (o->announce.fd >= 0)
		o->old = mt_owner_all(&owners, arena, &o->old_count);
	for (struct mt_socket s; mt_announce_next(&o->announce, &s);)
		; /* it has ended before */
}

/* ---- judging ------------------------------------------------------------------------------------ */

static bool allows(const struct mt_binding *binding, struct mt_addr source, bool used)
{
	return binding->how == MT_HOW_ADDRESS ? mt_binding_uses(binding, source)
					      : used && binding->how != MT_HOW_OFF;
}

/* May mail leave from it by some transport? Where the kernel chooses, or nobody knows, by any. */
bool mt_observe_allows(const struct mt_observe *o, struct mt_addr source)
{
	const struct mt_mta *wanted = o->wanted;
	for (const struct mt_transport *transport = wanted ? wanted->transports : NULL; transport;
	     transport = transport->next) {
		const struct mt_binding *binding = &transport->binding[source.family];
		bool used = transport->kind == MT_KIND_INTERNET ||
			    transport->kind == MT_KIND_RELAYHOST ||
			    transport->kind == MT_KIND_UNKNOWN;
		if (allows(binding, source, used))
			return true;
		for (binding = transport->conditional[source.family]; binding;
		     binding = binding->next)
			if (allows(binding, source, used))
				return true;
	}
	return !wanted;
}

static void forget(struct mt_observe *o, const struct mt_link *link)
{
	o->judged[o->judged_next] = *link;
	o->judged_next = (o->judged_next + 1) % MT_OBSERVE_JUDGED;
}

static enum mt_sight hint(struct look *look, enum mt_sight_why why)
{
	look->o->why = why;
	return MT_SIGHT_HINT;
}

static enum mt_sight judge_pinned(struct look *look, const struct mt_socket *s,
				  const struct mt_link *link)
{
	if (s->opening)
		return MT_SIGHT_NOTHING; /* it may never be one */
	if (s->time_wait)
		return hint(look, MT_WHY_ENDED);
	look->owners.denied = false;
	const struct mt_process_info *owner = mt_owner_of(&look->owners, s->inode);
	if (owner && owner->process.start <= look->o->began)
		return hint(look, MT_WHY_OLDER);
	if (owner) {
		look->o->why = MT_WHY_OPEN;
		return MT_SIGHT_PINNED;
	}
	if (look->owners.denied)
		return hint(look, MT_WHY_HIDDEN);
	forget(look->o, link);
	return MT_SIGHT_NOTHING;
}

static enum mt_sight judge_socket(struct look *look, const struct mt_socket *s)
{
	struct mt_observe *o = look->o;
	struct mt_link link = mt_link_of(s);
	if (!mt_observe_minds(o, s) || link_in_list(o->judged, MT_OBSERVE_JUDGED, &link))
		return MT_SIGHT_NOTHING;
	if (mt_addr_eq(s->local, o->pin[s->family]))
		return judge_pinned(look, s, &link);
	bool may = mt_observe_allows(o, s->local);
	if (s->time_wait || s->opening || (may && (o->pin[s->family].set || o->unpinned.local.set)))
		return MT_SIGHT_NOTHING;
	const struct mt_process_info *owner = mt_owner_of(&look->owners, s->inode);
	if (owner && !may && owner->process.start > o->since)
		return MT_SIGHT_WRONG;
	if (owner && may && owner->process.start > o->began)
		o->unpinned = link;
	forget(o, &link);
	return MT_SIGHT_NOTHING;
}

enum mt_sight mt_observe_look(struct mt_arena *scratch, struct mt_observe *o,
			      struct mt_process daemon)
{
	struct look look = {
		.o = o, .owners = {.scratch = scratch, .daemon = daemon, .senders = o->senders}};
	struct mt_str text;
	struct mt_socket s;
	if (!daemon.pid)
		return MT_SIGHT_NOTHING;
	enum mt_sight best = mt_observe_listen(o);
	struct mt_link link = o->link;
	enum mt_sight_why why = o->why;
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		if (!mt_sockets(scratch, daemon.pid, f, &text))
			continue;
		while (mt_socket_next(&text, &s)) {
			enum mt_sight sight = judge_socket(&look, &s);
			if (sight <= best)
				continue;
			best = sight; /* the more telling one stays */
			link = mt_link_of(&s);
			why = o->why;
		}
	}
	o->link = link;
	o->why = why;
	return best;
}
