/* SPDX-License-Identifier: ISC */
/*
 * observe.h: the connections that the MTA makes, as the kernel shows them: which of them leave from a pinned address.
 *
 * A look reads /proc/PID/net/tcp and tcp6 of the daemon (so it is the daemon's network namespace that counts) and
 * asks for each new connection to port 25, 465 or 587 of another host who holds it: a process below the daemon that
 * is one of its senders, or below one. What was there before COMMIT does not count, whatever became of it.
 *
 * A source that no path may use counts against the pin only if the process that holds the connection was started
 * after the daemon had been told: older ones may finish what they do with what they have read.
 *
 * Source: proc(5); Linux, Documentation/networking/proc_net_tcp.rst.
 *
 * BUGS: a look takes longer the more sockets there are (about 1 ms for 1000), and a connection that begins and ends
 * between two looks is not seen: what is left of it, TIME-WAIT, names no process and is a hint only.
 */
#ifndef MT_OBSERVE_H
#define MT_OBSERVE_H

#include <mtapin/model.h>

#include "io/daemon.h"

/* A connection by its two ends. */
struct mt_link {
	struct mt_addr local, remote;
	unsigned local_port, remote_port;
};

enum mt_sight {
	MT_SIGHT_NOTHING,
	MT_SIGHT_HINT, /* from a pinned address, but whose it is or was cannot be told */
	MT_SIGHT_PINNED, /* the MTA's, open, from a pinned address */
	MT_SIGHT_WRONG, /* the MTA's, from an address that no path may use */
};

#define MT_OBSERVE_JUDGED 64

struct mt_observe {
	struct mt_addr pin[MT_FAMILIES]; /* unset: none of this family */
	const struct mt_mta *wanted; /* what its paths may use; NULL: anything */
	const struct mt_host *host; /* its addresses are no other host */
	const char *const *senders; /* names of programs; NULL: all below the daemon */
	int64_t since; /* clock ticks since boot */
	const struct mt_link *before; /* what was there before COMMIT */
	size_t before_count;
	struct mt_link judged[MT_OBSERVE_JUDGED]; /* the last ones that are no business of ours */
	unsigned judged_next;
	/* what was seen: the connection, or the hint */
	struct mt_link link;
	bool hidden; /* the hint is an open connection, and we may not look whose it is */
};

/* COMMIT is next: remember what is there in the daemon's network, and the time. */
void mt_observe_begin(struct mt_arena *arena, struct mt_observe *observe, struct mt_process daemon);
/* The daemon was told so many milliseconds ago. */
void mt_observe_told(struct mt_observe *observe, unsigned ms);
/* `scratch` holds what the look needs. *observe says what was seen. */
enum mt_sight mt_observe_look(struct mt_arena *scratch, struct mt_observe *observe,
			      struct mt_process daemon);
/* "IPv4 from 192.0.2.11 to 198.51.100.25 port 25" */
const char *mt_link_text(struct mt_arena *arena, const struct mt_link *link);

#endif
