/* SPDX-License-Identifier: ISC */
/*
 * boot_order.h: a listener on an address that may come late at a boot, when Postfix refuses to start; and the
 * systemd drop-in that lets it try again.
 *
 * Source: measured. Postfix dies of an address in inet_interfaces or master.cf that is on no interface, or
 * tentative; Debian's unit is ordered after network-online.target already, which waits neither for
 * duplicate address detection nor for a floating address. A supervisor starts the service again by itself.
 * Pins by smtp_bind_address do not stop it from starting.
 */
#ifndef PF_BOOT_H
#define PF_BOOT_H

#include "plan.h"

/* Why the address may come late at the next boot: a clause; NULL: nothing says so. */
const char *pf_boot_late(const struct pf_instance *instance, struct mt_addr addr);
/* Will whoever starts Postfix at a boot try again? */
bool pf_boot_tries_again(const struct pf_instance *instance);
/* PF-BOOT-LATE */
void pf_boot_lint(struct pf_instance *instance);
/* The drop-in, when the goal asks for it; else a word about it when the goal's address may come late. */
void pf_boot_plan(struct pf_planner *planner);

#endif
