/* SPDX-License-Identifier: ISC */
/*
 * ended_connections.c: connections that the kernel has announced as ended, and whose they were by the MTA's log.
 *
 * A line of the log names the server, not our end of the connection. It proves a source only where all connections
 * to that server left from it: those that have ended, those that are open, and what is left of them.
 */
#include "io/service/observe.h"

#include "core/host/snapshot.h"
#include "core/log/log_reader.h"
#include "io/sys/clock.h"

#define SETTLE_MS                                                                                  \
	200 /* between a line of the log, or the end of a connection, and its announcement */

/* NULL: there is no room for one more. */
static struct mt_ended *entry_of(struct mt_observe *o, struct mt_addr server)
{
	for (size_t i = 0; i < o->ended_count; i++)
		if (mt_addr_eq(o->ended[i].server, server))
			return &o->ended[i];
	if (o->ended_count == MT_OBSERVE_ENDED) {
		o->announce.lost = true;
		return NULL;
	}
	struct mt_ended *e = &o->ended[o->ended_count++];
	*e = (struct mt_ended){.server = server};
	return e;
}

static bool fits(const struct mt_observe *o, const struct mt_socket *s)
{
	const struct mt_addr *pin = &o->pin[s->family];
	return !pin->set || mt_addr_eq(s->local, *pin);
}

enum mt_sight mt_observe_listen(struct mt_observe *o)
{
	enum mt_sight sight = MT_SIGHT_NOTHING;
	for (struct mt_socket s; mt_announce_next(&o->announce, &s);) {
		struct mt_ended *e = mt_observe_minds(o, &s) ? entry_of(o, s.remote) : NULL;
		if (!e)
			continue;
		if (!fits(o, &s)) {
			e->other = true;
			if (!e->fits)
				e->link = mt_link_of(&s);
			continue;
		}
		if (s.opening)
			continue;
		e->fits = true;
		e->link = mt_link_of(&s);
		if (!o->pin[s.family].set)
			continue;
		o->link = e->link;
		o->why = MT_WHY_ENDED;
		sight = MT_SIGHT_HINT;
	}
	return sight;
}

/* All of one kind, so that whichever the log means was of that kind; and not yet known. */
static bool is_still_open(const struct mt_observe *o, const struct mt_ended *e)
{
	bool stray = e->other && !e->fits && !mt_observe_allows(o, e->link.local);
	return ((e->fits && !e->other) || stray) && !e->known && !o->announce.lost;
}

bool mt_observe_asks(const struct mt_observe *o)
{
	for (size_t i = 0; i < o->ended_count; i++)
		if (is_still_open(o, &o->ended[i]))
			return true;
	return false;
}

/* ---- the log ------------------------------------------------------------------------------------ */

/* When the process that wrote a line was started, if it is or was a sender; 0: it is not. One that has ended since (smtp(8)
 * does after 100 deliveries) and was not there at COMMIT was started later. */
static int64_t started(struct mt_owners *owners, const struct mt_observe *o, int64_t pid)
{
	bool sends;
	const struct mt_process_info *p = mt_owner_named(owners, pid, &sends);
	if (p)
		return sends ? p->process.start : 0;
	for (size_t i = 0; i < o->old_count; i++)
		if (o->old[i].pid == pid)
			return o->old[i].start;
	return o->began + 1;
}

struct said {
	struct mt_addr server;
	int64_t start;
};

/* Did a sender write that it had a connection to this server? *said: to which, and when it was started itself. */
static bool tells(struct mt_owners *owners, const struct mt_observe *o, struct mt_str line,
		  struct mt_log_scratch *scratch, struct said *said)
{
	struct mt_log_frame frame;
	struct mt_log_event event = {0};
	unsigned long pid;
	if (!mt_log_frame(line, 0, &frame) || !frame.line.tag.n ||
	    !o->format->claims(frame.line.tag) || !mt_log_pid(&frame, &pid))
		return false;
	o->format->read(scratch, &frame.line, &event);
	if (!event.connected || !event.peer.set)
		return false;
	*said = (struct said){.server = event.peer, .start = started(owners, o, (int64_t)pid)};
	return said->start > 0;
}

/* Another connection to that server, of the other kind, which may be the one that the log means. */
static bool is_doubtful(struct mt_arena *scratch, const struct mt_observe *o,
			const struct mt_ended *e, struct mt_process daemon)
{
	struct mt_str text;
	struct mt_socket s;
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		if (!mt_sockets(scratch, daemon.pid, f, &text))
			return true;
		while (mt_socket_next(&text, &s))
			if (mt_addr_eq(s.remote, e->server) && mt_observe_minds(o, &s) &&
			    fits(o, &s) != e->fits)
				return true;
	}
	return false;
}

static enum mt_sight conclude(struct mt_observe *o, struct mt_ended *e)
{
	e->known = true;
	if (e->other) {
		o->stray = e->link;
		return MT_SIGHT_NOTHING;
	}
	if (!o->pin[e->server.family].set) {
		o->unpinned = e->link;
		return MT_SIGHT_NOTHING;
	}
	o->link = e->link;
	o->why = MT_WHY_LOG;
	return MT_SIGHT_PINNED;
}

/* Of those that the log names the first of a pinned family, else one of a family that is not. */
static struct mt_ended *named(struct mt_arena *scratch, struct mt_observe *o,
			      struct mt_process daemon, const struct mt_watch *watch)
{
	struct mt_owners owners = {.scratch = scratch, .daemon = daemon, .senders = o->senders};
	struct mt_log_scratch *work = MT_NEW(scratch, struct mt_log_scratch);
	struct mt_ended *found = NULL;
	struct mt_str text, line;
	struct said said;
	work->memo = mt_log_memo_new(scratch);
	for (size_t i = 0; mt_watch_new(scratch, watch, i, &text); i++)
		while (mt_str_line(&text, &line)) {
			if (!tells(&owners, o, line, work, &said))
				continue;
			for (struct mt_ended *e = o->ended; e < o->ended + o->ended_count; e++)
				if (is_still_open(o, e) && mt_addr_eq(e->server, said.server) &&
				    said.start > (e->other ? o->since : o->began) &&
				    (!found || (e->fits && o->pin[e->server.family].set)))
					found = e;
		}
	return found;
}

enum mt_sight mt_observe_ask_log(struct mt_arena *scratch, struct mt_observe *o,
				 struct mt_process daemon, const struct mt_watch *watch)
{
	if (!o->format || !daemon.pid || !mt_observe_asks(o))
		return MT_SIGHT_NOTHING;
	struct mt_ended *e = named(scratch, o, daemon, watch);
	if (!e)
		return MT_SIGHT_NOTHING;
	mt_sleep_ms(SETTLE_MS);
	bool doubt = is_doubtful(scratch, o, e, daemon);
	mt_observe_listen(o);
	return doubt || !is_still_open(o, e) ? MT_SIGHT_NOTHING : conclude(o, e);
}
