/* SPDX-License-Identifier: ISC */
/*
 * goal.h: from options and settings to a goal.
 *
 * --ip ADDRESS sets the family of the address and may be given once for each; `--ip auto` sets every
 * family not named otherwise to the address that the kernel chooses today; `--ip any` removes the pins.
 * --ip4 and --ip6 take an address of their family, off, keep or any. What is not said is taken from the
 * settings.
 */
#ifndef MT_CMD_GOAL_H
#define MT_CMD_GOAL_H

#include "cmd/command.h"

struct mt_wish {
	struct mt_goal goal;
	bool automatic[MT_FAMILIES]; /* still to be found out on the host */
};

/* Errors: code 64. Nothing is read. */
int mt_wish_parse(const struct mt_options *options, const struct mt_settings *settings,
		  struct mt_wish *wish, struct mt_error *error) MT_MUST_CHECK;
/* Fill in what `auto` means on this host. Errors: code 2. */
int mt_wish_resolve(struct mt_wish *wish, const struct mt_host *host,
		    struct mt_error *error) MT_MUST_CHECK;

#endif
