/* SPDX-License-Identifier: ISC */
/*
 * interfaces.h: inet_protocols and inet_interfaces as a Postfix program evaluates them at start-up.
 *
 * Source: postfix src/global/own_inet_addr.c, src/util/inet_proto.c, inet_addr_host.c.
 */
#ifndef PF_OWN_H
#define PF_OWN_H

#include "expand.h"

struct pf_protocols {
	bool family[MT_FAMILIES];
	const char *fatal; /* why every program that sees this value dies; NULL: fine */
};
void pf_protocols(const struct pf_scope *scope, struct pf_protocols *protocols);

struct pf_own {
	bool all, loopback_only; /* the two words; then `addr` is empty */
	/* the list, without duplicates, only families of inet_protocols */
	const struct mt_addr *addr;
	size_t count, of_family[MT_FAMILIES];
	struct mt_addr single[MT_FAMILIES]; /* see pf_own_single() */
	bool named; /* a host name other than localhost is in the list */
	bool unsure; /* such a name was not resolved for us: the list is not known */
	const char *fatal; /* why every program that sees this value dies; NULL: fine */
	struct mt_str culprit; /* the word at fault */
	bool wrong_family; /* it is fatal because inet_protocols excludes the family */
};
void pf_own(const struct pf_scope *scope, const struct pf_protocols *protocols,
	    const struct mt_host *host, struct pf_own *own);

size_t pf_own_count(const struct pf_own *own, enum mt_family family);
bool pf_own_has(const struct pf_own *own, struct mt_addr addr);
/* The only address of the family when it is exactly one and not loopback: Postfix binds to it. */
struct mt_addr pf_own_single(const struct pf_own *own, enum mt_family family);

/* The list as text, with this address in the place of all others of its family. */
const char *pf_own_with(struct mt_arena *arena, const struct pf_own *own, struct mt_addr addr);

/* As getaddrinfo(3) reads numbers: also 10.1, octal and hexadecimal parts. */
bool pf_numeric(struct mt_str text, struct mt_addr *addr);
/* "[192.0.2.1]", "[IPv6:2001:db8::1]": the domain of an address literal. */
bool pf_literal(struct mt_str domain, struct mt_addr *addr);
/* One pair of [] around the text stripped; false when they do not balance. */
bool pf_unbracket(struct mt_str *text);

#endif
