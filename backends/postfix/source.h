/* SPDX-License-Identifier: ISC */
/*
 * source.h: the decision: from which address a client service leaves, for one family and next hop.
 *
 * Source: postfix src/smtp/smtp_connect.c (smtp_connect_addr), src/global/own_inet_addr.c; checked
 * against the addresses a real Postfix used (tests/vectors, tests/real).
 */
#ifndef PF_SOURCE_H
#define PF_SOURCE_H

#include "transports.h"

/* What a client service sees, evaluated once for both families. */
struct pf_client {
	size_t number; /* 0, 1, ... in file order */
	const struct pf_service *service;
	struct pf_scope scope;
	struct pf_protocols protocols;
	struct pf_own own;
	bool lmtp; /* run as lmtp: parameters are named lmtp_* */
	const char *bind_name[MT_FAMILIES];
	struct mt_str bind[MT_FAMILIES]; /* expanded */
	struct mt_addr bind_addr[MT_FAMILIES]; /* numeric value, set or not */
	struct mt_str bind_zone[MT_FAMILIES]; /* "eth0" of "fe80::1%eth0" */
	/* Why it dies at its first connection of that family, and not before; NULL: it does not. */
	const char *bad_bind[MT_FAMILIES];
	bool enforce;
	const char *fatal; /* why this service dies; NULL: it does not */
	const struct mt_origin *fatal_at;
	const char *fatal_name; /* the parameter at fault; "" main.cf as a whole; NULL the entry */
	const struct mt_transport
		*transport; /* its transport; the one to other hosts when it has two */
	const struct mt_transport *loopback; /* the one to this host when it has two, else NULL */
	struct pf_client *next;
};
void pf_client(const struct pf_instance *instance, const struct pf_service *service,
	       struct pf_client *client);

struct pf_transport {
	struct mt_transport transport;
	const struct pf_client *client;
};

/* Why bind(2) fails for its bind address: pf_absent, or another reason; NULL: it works. */
extern const char pf_absent[];
const char *pf_cannot_bind(const struct mt_host *host, const struct pf_client *client,
			   enum mt_family family);

/* The client service behind a transport of an instance: one that pf_transports() made, no copy of it. */
const struct pf_client *pf_client_of(const struct mt_transport *transport);

/* `next`: where it goes (NULL: the internet). */
void pf_binding(const struct pf_instance *instance, const struct pf_client *client,
		enum mt_family family, const struct pf_next_hop *next, struct mt_binding *binding);

#endif
