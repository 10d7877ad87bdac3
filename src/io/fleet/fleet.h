/* SPDX-License-Identifier: ISC */
/*
 * fleet.h: the collector on many hosts at once, each by one child: the user's ssh, or the command of --via.
 *
 * What a host sends is bounded (MT_FOREIGN_BUNDLE_MAX bytes of stdout and stderr together) and so is its time, over all
 * tries. A connection that does not come about is tried again twice, one and three seconds later. What
 * counts as the host's answer is what stands between `begin` and `done` with the nonce drawn for it, which is
 * in the script and nowhere else: nothing that a login script prints can be taken for it.
 */
#ifndef MT_FLEET_H
#define MT_FLEET_H

#include <uv.h>

#include "core/audit/ssh_error.h"
#include "io/collect/collect.h"

#define MT_FANOUT_MAX 1024

struct mt_reply {
	enum mt_cause cause;
	const char *detail; /* a line of what the transport said; "" none */
	char *bundle; /* from malloc, the callee's to free; NULL unless cause is NONE */
	size_t size;
};

struct mt_ssh {
	const char *const *env; /* of the children; NULL-terminated */
	const char *const *via; /* words, {} stands for the host; NULL: ssh */
	const char *const *ssh_options; /* NULL-terminated; may be NULL */
	bool sudo;
	unsigned connect_s, total_s; /* of one try; of a host altogether */
};

struct mt_slot;
struct mt_fleet {
	uv_loop_t *loop;
	void *data; /* the caller's own, like the two functions */
	/* The next host to ask and its number; NULL: none now (mt_fleet_fill() asks again). */
	const char *(*next)(struct mt_fleet *fleet, size_t *number);
	/* One is finished; answer->bundle changes hands. */
	void (*ended)(struct mt_fleet *fleet, size_t number, struct mt_reply *answer);
	const struct mt_ssh *ssh;
	struct mt_str script; /* of mt_collector_script() for the nonce `mark` */
	char mark[MT_NONCE];
	unsigned fanout, running;
	bool stopped, filling;
	struct mt_slot *slots;
	char *buffer; /* of all children */
};

/* `arena` outlives the fleet. loop, data, next, ended, transport and fanout are set by the caller. */
void mt_fleet_open(struct mt_arena *arena, struct mt_fleet *fleet,
		   const struct mt_collect *collect);
/* Ask as many as may be asked at once. */
void mt_fleet_fill(struct mt_fleet *fleet);
/* End them all: each is reported as interrupted, and no other is asked. */
void mt_fleet_stop(struct mt_fleet *fleet);

#endif
