/* SPDX-License-Identifier: ISC */
/*
 * route.h: which router takes one mail, and by which transport (specification, 3.12 and 15 to 22). Told by the configuration
 * and the files of the snapshot; where Exim itself has been asked, its answer counts (said.h).
 */
#ifndef EX_ROUTE_H
#define EX_ROUTE_H

#include "match.h"

void ex_route(const struct mt_model *model, const struct mt_mta *mta, const struct mt_mail *mail,
	      struct mt_route *route);

/* ---- for routers.c and asking.c ---- */

#define EX_SEEN_MAX 20

/* A mail on its way through the routers. */
struct ex_routing {
	struct exim *e;
	struct mt_arena *arena;
	const struct mt_mail *asked;
	struct ex_mail mail; /* the recipient as an alias may have changed it */
	struct mt_route *route;
	struct mt_origin **tail; /* of route->chain */
	/* redirections so far: none is taken twice for an address */
	struct {
		const struct ex_driver *router;
		struct mt_str address;
	} seen[EX_SEEN_MAX];
	size_t seen_count;
};

/* By the configuration: route->transport, next_hop, chain; or route->note says why not. */
void ex_walk_routers(struct ex_routing *r);
/* Of the first options of a router, whether it is for this domain at all. */
enum ex_truth ex_router_is_for(struct ex_routing *r, const struct ex_driver *router);
void ex_route_step(struct ex_routing *r, const struct mt_origin *origin);
void ex_route_step_router(struct ex_routing *r, const struct ex_driver *router);
void ex_route_remark(struct ex_routing *r, const char *fmt, ...) MT_PRINTF(2, 3);
/* The transport of this name carries it, or is no SMTP client. */
void ex_route_take(struct ex_routing *r, const char *transport);
/* What Exim itself has said, or is to be asked; and the bindings of the transport for this mail. */
void ex_route_ask(struct ex_routing *r);
void ex_route_bind(struct ex_routing *r);

#endif
