/* SPDX-License-Identifier: ISC */
/* methods.c: how Exim can be pinned, as data. */
#include "methods.h"

#include <stddef.h>

/*
 * Measured: a list without an address of the family leaves it to the kernel. An address that is on no interface makes
 * Exim try the next host: of one that has both families, over the other one. dns_ipv4_lookup and disable_ipv6 bounce mail
 * to hosts with IPv6 alone ("all relevant MX records point to non-existent hosts"), at once and for good. Each
 * delivery process reads the configuration: Debian's when it is generated, a map when it is written.
 */
const struct mt_families ex_families = {
	.other = MT_OTHER_LEAKS,
	.off = MT_OFF_BOUNCES,
	.off_by = "dns_ipv4_lookup",
	.absent = {MT_ABSENT_OTHER_FAMILY, MT_ABSENT_OTHER_FAMILY},
	.live = MT_LIVE_BUILT,
	.leaks = "EX-IPV6-LEAK",
};

static const struct mt_families of_map = {
	.other = MT_OTHER_LEAKS,
	.off = MT_OFF_BOUNCES,
	.off_by = "dns_ipv4_lookup",
	.absent = {MT_ABSENT_OTHER_FAMILY, MT_ABSENT_OTHER_FAMILY},
	.live = MT_LIVE_DELIVERY,
	.leaks = "EX-IPV6-LEAK",
};

const struct mt_own_option ex_options[] = {
	{EX_SENDER, "DOMAIN", "only mail from this domain, by its line in the map"},
	{0},
};

static const char *const map_options[] = {EX_SENDER, NULL};

const struct mt_method ex_methods[] = {
	[EX_MACRO] = {.name = "macro",
		      .title = "the macro that Debian's configuration offers: no line of the "
			       "package's files changes",
		      .starts = "REMOTE_SMTP_INTERFACE"},
	[EX_TRANSPORT] = {.name = "transport",
			  .title = "a line in each transport that sends mail",
			  .starts = "interface"},
	[EX_MAP] = {.name = "map",
		    .title = "the table that the transports look the address up in: its line for "
			     "all mail, or for one domain's",
		    .options = map_options,
		    .families = &of_map},
	{0},
};
