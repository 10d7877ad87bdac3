/* SPDX-License-Identifier: ISC */
/*
 * smtp_probe.h: does a connection to a mail server come about from an address of ours? Binds it, connects, reads the
 * greeting, says EHLO and QUIT; nothing else is sent, and what is read is bounded in time and bytes.
 *
 * Source: RFC 5321, 3.1, 4.1.1.1, 4.2.1; bind(2), connect(2).
 */
#ifndef MT_PROBE_H
#define MT_PROBE_H

#include <mtapin/address.h>

#include "io/sys/run.h"

/* HOST, HOST:PORT, [IPv6], [IPv6]:PORT, IPv6. */
struct mt_place {
	const char *host; /* as typed, without brackets and port */
	struct mt_addr addr; /* unset: a name */
	unsigned port;
};
/* False: it is none. */
bool mt_place_parse(struct mt_arena *arena, const char *text, struct mt_place *place);

/* Addresses of the place, one a family, unset where it has none. A name is resolved by getent(1), that is as the
 * host resolves it, within ten seconds. Errors: code 2. */
int mt_place_resolve(struct mt_arena *arena, const struct mt_place *place,
		     struct mt_addr addr[MT_FAMILIES], struct mt_error *error) MT_MUST_CHECK;

enum mt_probe_end {
	MT_PROBE_NOTHING, /* no connection */
	MT_PROBE_REFUSED, /* the far end answered, and does not want us: no listener, 4xx, 5xx */
	MT_PROBE_ODD, /* connected, but what came is no greeting of SMTP, or nothing came in time */
	MT_PROBE_FINE,
};
const char *
mt_probe_end_name(enum mt_probe_end end); /* "no-connection", "refused", "odd", "fine" */

struct mt_probe {
	struct mt_addr from, to;
	unsigned port;
	const char *helo;
	unsigned connect_ms, talk_ms; /* deadlines, one after the other */
	enum mt_probe_end end;
	const char *greeting; /* the first reply; NULL: none of 220 */
	const char *text; /* what came, or why not: one line, foreign bytes in it */
};
/* All of them at the same time. */
void mt_probe(struct mt_arena *arena, struct mt_probe *probes, size_t count,
	      struct mt_waiting waiting);

#endif
