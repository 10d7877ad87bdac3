/* SPDX-License-Identifier: ISC */
/*
 * transports.h: which parameters and tables send mail to which client service, and over which next hop.
 *
 * Source: postfix src/trivial-rewrite/resolve.c, transport.c; postconf(5) relay_transport,
 * default_transport, relayhost, content_filter; qmgr/qmgr_message.c.
 */
#ifndef PF_TRANSPORTS_H
#define PF_TRANSPORTS_H

#include "tables.h"

enum pf_hop { /* where a next hop lies */
	      PF_HOP_MX, /* empty: the MX of the recipient's domain */
	      PF_HOP_HOST, /* a named host or a literal address elsewhere */
	      PF_HOP_SELF, /* this host: loopback, localhost or an own address */
	      PF_HOP_SOCKET, /* a UNIX socket */
};

struct pf_next_hop {
	enum pf_hop hop;
	struct mt_str text; /* as written, "[127.0.0.1]:10024" */
	struct mt_str host; /* without brackets and port */
	struct mt_addr addr; /* set when the host is a literal */
};
struct pf_next_hop pf_next_hop(const struct mt_host *host, struct mt_str text);

struct pf_reference {
	struct mt_str transport;
	struct pf_next_hop next;
	const char *feed; /* the parameter that names it */
	bool relayed; /* an empty next hop means relayhost (default and relay class) */
	bool null; /* ":nexthop" where a transport is wanted: the queue stands still at such a mail */
	/* the -o that holds it; NULL: main.cf or a built-in default */
	const struct pf_service *service;
	const struct mt_origin *origin;
	struct pf_reference *following;
};
struct pf_references {
	struct pf_reference *first;
	bool opaque; /* a table that chooses transports could not be read: a service may have unknown users */
	const char *opaque_title;
	const char *const *files; /* those that its tables are in, ended by NULL */
};
void pf_references(const struct pf_instance *instance, struct pf_references *references);

/* Split "transport:nexthop" (transport(5)); an empty transport stays empty. */
void pf_split_transport(struct mt_str text, struct mt_str *transport, struct mt_str *next_hop);

#endif
