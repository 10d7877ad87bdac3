/* SPDX-License-Identifier: ISC */
/* resolvers.h: who is asked: the resolvers of dns.h, each with a c-ares channel a transport, whose sockets a libuv loop
 * watches. */
#ifndef MT_RESOLVERS_H
#define MT_RESOLVERS_H

#include <ares.h>
#include <uv.h>

#include "io/dns/dns.h"

enum { MT_UDP, MT_TCP, MT_TRANSPORTS };

struct mt_channel {
	struct mt_resolvers *all;
	ares_channel ares;
	bool open;
};

struct mt_resolver {
	char name[MT_ADDR_TEXT + 8]; /* "192.0.2.53", "[2001:db8::53]:5353" */
	struct mt_channel by[MT_TRANSPORTS];
};

struct mt_resolvers {
	struct mt_arena *arena;
	uv_loop_t *loop;
	struct mt_resolver of[MT_DNS_RESOLVERS];
	unsigned count;
	const char *names; /* "192.0.2.53, 192.0.2.54" */
	struct watched *sockets;
};

/* Arena and loop are set, the rest is zero. `wanted` as in mt_asker_open(). A status of c-ares; after an error,
 * too, it is to be closed. */
int mt_resolvers_open(struct mt_resolvers *all, const char *const *wanted) MT_MUST_CHECK;
/* Let c-ares look at its clocks. */
void mt_resolvers_tick(struct mt_resolvers *all);
/* Whatever was asked ends now. */
void mt_resolvers_cancel(struct mt_resolvers *all);
void mt_resolvers_close(struct mt_resolvers *all);

#endif
