/* SPDX-License-Identifier: ISC */
/*
 * goal.h: from options and settings to a goal.
 *
 * --ip ADDRESS sets the family of the address and may be given once for each; `--ip auto` sets every
 * family not named otherwise, and over which mail leaves, to the best address (core/check.h); `--ip any` removes the pins.
 * --ip4 and --ip6 take an address of their family, off, keep or any. What is not said is taken from the
 * settings.
 */
#ifndef MT_CMD_GOAL_H
#define MT_CMD_GOAL_H

#include "cmd/command.h"
#include "core/check.h"

struct mt_wish {
	struct mt_goal goal;
	bool automatic[MT_FAMILIES]; /* still to be found out on the host */
};

/* Errors: code 64. Nothing is read. */
int mt_wish_parse(const struct mt_options *options, const struct mt_settings *settings,
		  struct mt_wish *wish, struct mt_error *error) MT_MUST_CHECK;
bool mt_wish_is_automatic(const struct mt_wish *wish);
/* Fill in what `auto` means on this host. Errors: code 2, no address of a family is good: what to do. */
int mt_wish_resolve(struct mt_wish *wish, const struct mt_check *check, const struct mt_mta *mta,
		    struct mt_error *error) MT_MUST_CHECK;

#endif
