/* SPDX-License-Identifier: ISC */
/* lint.h: what is wrong, or worth knowing, about an instance. */
#ifndef PF_LINT_H
#define PF_LINT_H

#include "client_services.h"

extern const struct mt_finding_row pf_findings[]; /* id NULL ends it */

/* Append the findings of an instance whose transports and listeners are known. */
void pf_lint(struct pf_instance *instance);
void pf_lint_tables(struct pf_instance *instance);

/* 127.0.0.1:25 is not listened on although a host-less smtp service exists, because inet_interfaces
 * names addresses without loopback. */
bool pf_loopback_closed(const struct pf_instance *instance);
/* mynetworks is computed, and inet_interfaces makes it lose 127.0.0.0/8. */
bool pf_mynetworks_shrunk(const struct pf_instance *instance);

#endif
