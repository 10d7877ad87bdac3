/* SPDX-License-Identifier: ISC */
/*
 * remedy.h: the one command that mends how a host chooses its addresses. Findings say what is wrong; none of them names
 * a command of mtapin, this does.
 */
#ifndef MT_REMEDY_H
#define MT_REMEDY_H

#include "core/check/check.h"

struct mt_remedy {
	const struct mt_recipe *command;
	struct mt_remedy *next; /* of the next mail server */
};

/*
 * One an MTA for which something is to be done: `mtapin fix` with the addresses that the check picks, or with
 * `--ip auto` where the DNS was not asked (`check` NULL). What a plan would refuse is not advised. NULL: none.
 * `method` is the one that fix takes by itself (mtapin.conf); NULL: auto.
 */
struct mt_remedy *mt_remedy(const struct mt_model *model, const struct mt_check *check,
			    const char *method);

#endif
