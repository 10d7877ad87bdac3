/* SPDX-License-Identifier: ISC */
/*
 * observe.h: the connections that the MTA makes, as the kernel shows them: which of them leave from a pinned address.
 *
 * Two sources, of the daemon's network namespace. The kernel announces every connection that ends (announce.h),
 * however short it was, but not whose it was. A look reads /proc/PID/net/tcp and tcp6 and asks for each new
 * connection to port 25, 465 or 587 of another host who holds it: a process below the daemon that is one of its
 * senders, or below one. What was there before COMMIT does not count, whatever became of it.
 *
 * A connection is the MTA's if one of its senders was seen to hold it; or if it has ended and the MTA's log says that
 * a sender, which was not there at COMMIT yet, had a connection to that server, while every connection to that
 * server that the kernel announced or shows left from the same address: then it is one of these, whoever made the
 * others. That log can be written by local users too: what speaks against a pin by it is said, and takes nothing back.
 *
 * A process that is older than COMMIT may use what it has read before: its connections are no proof. A source that no
 * transport may use counts against the pin only if the process that holds the connection was started after the daemon had
 * been told.
 *
 * Source: proc(5); Linux, Documentation/networking/proc_net_tcp.rst; announce.h.
 *
 * BUGS: a look takes longer the more sockets there are (about 1 ms for 1000). Where announcements cannot be had, a
 * connection that begins and ends between two looks is not seen: what is left of it, TIME-WAIT, is a hint only. Of a log
 * that names no process (qmail's) what has ended is a hint, too.
 */
#ifndef MT_OBSERVE_H
#define MT_OBSERVE_H

#include <mtapin/log.h>
#include <mtapin/model.h>

#include "io/service/announce.h"
#include "io/service/sockets.h"

/* A connection by its two ends. */
struct mt_link {
	struct mt_addr local, remote;
	unsigned local_port, remote_port;
};

enum mt_sight {
	MT_SIGHT_NOTHING,
	MT_SIGHT_HINT, /* from a pinned address, but whose it is or was cannot be told */
	MT_SIGHT_PINNED, /* the MTA's, from a pinned address */
	MT_SIGHT_WRONG, /* the MTA's, open, from an address that no transport may use */
};
/* Why it is a hint, or how it was found out. */
enum mt_sight_why {
	MT_WHY_OPEN, /* a sender held it */
	MT_WHY_LOG, /* it has ended, and the log names the server */
	MT_WHY_ENDED, /* it has ended, and nothing names it */
	MT_WHY_HIDDEN, /* it is open, and we may not look whose it is */
	MT_WHY_OLDER, /* a sender held it that was started before COMMIT */
};

#define MT_OBSERVE_JUDGED 64
#define MT_OBSERVE_ENDED  1024

struct mt_observe {
	struct mt_addr pin[MT_FAMILIES]; /* unset: none of this family */
	const struct mt_mta *wanted; /* what its transports may use; NULL: anything */
	const struct mt_host *host; /* its addresses are no other host */
	const char *const *senders; /* names of programs; NULL: all below the daemon */
	const struct mt_log_format *format; /* of its log; NULL: none is known */
	int64_t began, since; /* COMMIT, and when it was told: clock ticks since boot */
	const struct mt_link *before; /* what was there before COMMIT */
	size_t before_count;
	const struct mt_process *old; /* its senders then */
	size_t old_count;
	struct mt_announce announce;
	/* servers to which connections have ended since COMMIT */
	struct mt_ended {
		struct mt_link
			link; /* one that left from the pin, or of a family without one; else any */
		struct mt_addr server;
		bool fits, other; /* there was such a one; one from another address than the pin */
		bool known; /* whose it was has been found out */
	} * ended;
	size_t ended_count;
	struct mt_link judged[MT_OBSERVE_JUDGED]; /* the last ones that are no business of ours */
	unsigned judged_next;
	/* what was seen: the connection, or the hint */
	struct mt_link link;
	enum mt_sight_why why;
	/* the MTA's, over a family that nothing pins; unset: none */
	struct mt_link unpinned;
	/* it has ended and was the MTA's by its log, from an address that no transport may use; unset: none */
	struct mt_link stray;
};

/* COMMIT is next: listen, remember what is there in the daemon's network, and the time. */
void mt_observe_begin(struct mt_arena *arena, struct mt_observe *observe, struct mt_process daemon);
/* The daemon was told so many milliseconds ago. */
void mt_observe_told(struct mt_observe *observe, unsigned ms);
/* `scratch` holds what the look needs. *observe says what was seen. */
enum mt_sight mt_observe_look(struct mt_arena *scratch, struct mt_observe *observe,
			      struct mt_process daemon);
/* Does the log tell whose one was that has ended? Takes a fifth of a second where it may: PINNED, or NOTHING. */
enum mt_sight mt_observe_ask_log(struct mt_arena *scratch, struct mt_observe *observe,
				 struct mt_process daemon, const struct mt_watch *watch);
/* Is there one for which the log has not been found to tell it? */
bool mt_observe_asks(const struct mt_observe *observe);
/* "IPv4 from 192.0.2.11 to 198.51.100.25 port 25" */
const char *mt_link_text(struct mt_arena *arena, const struct mt_link *link);

/* ---- between observe.c and ended_connections.c ---- */
/* To another host, and not there before COMMIT. */
bool mt_observe_minds(const struct mt_observe *observe, const struct mt_socket *socket);
/* May mail leave from it by some transport? */
bool mt_observe_allows(const struct mt_observe *observe, struct mt_addr source);
struct mt_link mt_link_of(const struct mt_socket *socket);
/* Take in what the kernel has announced. HINT: a new one from a pinned address was among it. */
enum mt_sight mt_observe_listen(struct mt_observe *observe);

#endif
