/* SPDX-License-Identifier: ISC */
/*
 * said.h: what Exim itself has answered for one mail, where `show --to` had it asked (collect.sh, exim_evaluate): the probes
 *	exim.asked	what was asked, a line each: "exim from SENDER", "exim to RECIPIENT", "exim expand EXPRESSION"
 *	exim.route	exim -f SENDER -bt RECIPIENT
 *	exim.value.N	exim -f SENDER -be EXPRESSION, of the Nth one
 */
#ifndef EX_SAID_H
#define EX_SAID_H

#include "exim.h"

/* One address that the recipient leads to. */
struct ex_delivery {
	const char *address, *router, *transport; /* router, transport: "" none */
	const char *trouble; /* "is undeliverable: Unrouteable address"; "" none */
	const char *hosts; /* "a.example:25, b.example:25"; "" none */
	struct mt_addr hop; /* the first one's address */
	struct ex_delivery *next;
};

#define EX_ASK_FROM   "from "
#define EX_ASK_TO     "to "
#define EX_ASK_EXPAND "expand "

/* False: it was not asked, or has not answered. */
bool ex_said_route(const struct exim *e, const char *sender, const char *recipient,
		   struct ex_delivery **deliveries);
bool ex_said_value(const struct exim *e, const char *sender, const char *expression,
		   struct ex_result *result);

#endif
