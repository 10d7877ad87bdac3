/* SPDX-License-Identifier: ISC */
/* client_services.h: the ways out of an instance and the sockets it listens on. */
#ifndef PF_PATHS_H
#define PF_PATHS_H

#include "source.h"

/* Fill mta->transports: one per client service; a service that serves both other hosts and this one gets a
 * second transport of kind loopback. */
void pf_transports(struct pf_instance *instance);
/* Does this parameter (or its tables) send mail to the transport. */
bool pf_fed_by(const struct mt_transport *transport, const char *parameter);
/* Fill mta->listeners. */
void pf_listeners(struct pf_instance *instance);

/* An inet service's host and port: "[::1]:2526", "localhost:10026", "smtp". */
struct pf_endpoint {
	struct mt_str host; /* empty: inet_interfaces decides */
	struct mt_addr addr; /* set when the host is a number */
	unsigned port; /* 0: a service name that is not known */
};
struct pf_endpoint pf_endpoint(const struct pf_service *service);
/* Does master(8) open sockets for it: of type inet, and not disabled. */
bool pf_listens(const struct pf_instance *instance, const struct pf_service *service);
/* Some listener has this address, or any of its family. */
bool pf_listens_at(const struct pf_instance *instance, struct mt_addr addr, unsigned port);

#endif
