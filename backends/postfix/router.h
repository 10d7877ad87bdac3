/* SPDX-License-Identifier: ISC */
/*
 * router.h: one mail on its way through cleanup(8), trivial-rewrite(8) and qmgr(8): what is known of it, and how a
 * table is asked about an address. Private to route.c, lookup.c and rewrite.c.
 *
 * Source: postfix src/global/mail_addr_find.c, mail_addr_map.c, split_addr.c, resolve_local.c.
 */
#ifndef PF_ROUTER_H
#define PF_ROUTER_H

#include "match_list.h"

struct pf_router {
	const struct pf_instance *instance;
	struct mt_arena *arena;
	const struct pf_scope *scope; /* whose parameters name the tables: routing, or cleanup */
	struct mt_str to, domain; /* recipient and its domain */
	struct mt_str from; /* "" the null sender */
	bool from_known;
	struct mt_str transport, next_hop;
	bool relayed; /* an empty next hop means relayhost */
	const char *own_by; /* the parameter that makes an address literal our own */
	bool blind; /* a table that rewrites addresses could not be asked */
	struct mt_route *route;
	struct mt_text remarks; /* what is said behind the answer, "a; b" */
	struct mt_origin **tail;
};

/* A link more in the chain: the line of a parameter ("(built in)" where there is none), as a program sees it. */
void pf_router_step(struct pf_router *r, const struct pf_scope *scope, const char *name);
void pf_router_step_row(struct pf_router *r, const struct pf_table *table,
			const struct pf_row *row);
void pf_router_cannot_tell(struct pf_router *r, const char *what);
void pf_router_remark(struct pf_router *r, const char *fmt, ...) MT_PRINTF(2, 3);
/* This table gave no answer. */
void pf_router_no_answer(struct pf_router *r, const struct pf_table *table);

/* 1 found, 0 not found, -1 cannot tell (noted). `part`: the key is not the whole address. */
int pf_look_up(struct pf_router *r, const char *parameter, struct mt_str key, bool part,
	       struct mt_str *value);
/* The address, without its extension, the local part where the domain is ours, "@domain". *extension: what the key
 * that was found is shorter by, "+news"; "" where it is not. */
int pf_look_up_address(struct pf_router *r, const char *parameter, struct mt_str address,
		       struct mt_str *value, struct mt_str *extension);
/* user+extension@domain without the extension; "" when it has none. */
struct mt_str pf_without_extension(const struct pf_router *r, struct mt_str address);
struct mt_str pf_at_domain(struct mt_str address); /* "@example.org"; "" none */
int pf_is_listed(struct pf_router *r, const char *parameter, struct mt_str domain);
int pf_is_local(struct pf_router *r, struct mt_str domain);
bool pf_has_tables(const struct pf_router *r, const char *parameter);

/* What cleanup(8) makes of sender and recipient, in r->from and r->to. False: the route ends there (noted). */
bool pf_rewrite(struct pf_router *r);

#endif
