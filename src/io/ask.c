/* SPDX-License-Identifier: ISC */
/* ask.c: a check and the DNS, round by round. */
#include "io/ask.h"

struct mt_check *mt_ask(const struct mt_ask *ask, struct mt_model *model)
{
	struct mt_check *check = ask->check(model, ask->options, ask->dns);
	for (unsigned round = 0; ask->asker && check->missing_count && round < MT_CHECK_ROUNDS;
	     round++) {
		mt_asker_ask(ask->asker, check->missing, check->missing_count, ask->dns);
		check = ask->check(model, ask->options, ask->dns);
	}
	return check;
}
