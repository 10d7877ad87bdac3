/* SPDX-License-Identifier: ISC */
/* paths.h: the ways out of an instance and the sockets it listens on. */
#ifndef PF_PATHS_H
#define PF_PATHS_H

#include "source.h"

/* Fill mta->paths: one per client service; a service that serves both other hosts and this one gets a
 * second path of kind loopback. */
void pf_paths(struct pf_instance *instance);
/* Does this parameter (or its tables) send mail to the path. */
bool pf_fed_by(const struct mt_path *path, const char *parameter);
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

#endif
