/* SPDX-License-Identifier: ISC */
/*
 * fix_options.h: from options and settings to what is wanted of a fix.
 *
 * --ip ADDRESS sets the family of the address and may be given once for each; `--ip auto` sets every
 * family not named otherwise, and over which mail leaves, to the best address (core/check/check.h); `--ip any` removes the pins.
 * --ip4 and --ip6 take an address of their family, off, keep or any. What is not said is taken from the
 * settings.
 */
#ifndef MT_CMD_FIX_OPTIONS_H
#define MT_CMD_FIX_OPTIONS_H

#include "app/fixing.h"
#include "cmd/command.h"

/* Errors: code 64. Nothing is read. */
int mt_fix_options(const struct mt_context *context, struct mt_request *request,
		   struct mt_error *error) MT_MUST_CHECK;

#endif
