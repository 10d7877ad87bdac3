/* SPDX-License-Identifier: ISC */
/* checking.h: what check, `fix --ip auto` and the wizard share: options and settings to a finished check. */
#ifndef MT_CMD_CHECKING_H
#define MT_CMD_CHECKING_H

#include "cmd/command.h"
#include "io/ask.h"

/* The lists and preferences of command line and settings. Errors: code 64, a list that is unknown or dead. */
int mt_checking_options(const struct mt_context *context, struct mt_check_options *options,
			struct mt_error *error) MT_MUST_CHECK;

struct mt_checking {
	struct mt_check_options options;
	mt_check_fn *check; /* mt_check, or mt_check_mx */
	unsigned limit_ms; /* instead of 15 seconds; 0: those */
	struct mt_check *result;
	struct mt_dns *dns; /* all answers */
};

/*
 * Ask what it takes (in a child that has nothing: have it asked outside; nothing, when the bundle that was read has answers of its own) and check the model; options
 * are filled in before. Findings are not added: mt_check_report() does. Errors: code 2.
 */
int mt_checking_run(const struct mt_context *context, struct mt_model *model,
		    struct mt_checking *checking, struct mt_error *error) MT_MUST_CHECK;
/* How many questions that took, and how long. */
void mt_checking_remark(const struct mt_context *context, struct mt_asked asked);

#endif
