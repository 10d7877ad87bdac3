/* SPDX-License-Identifier: ISC */
/* log_report.h: what `mtapin log` found, for its writers and for `check`. */
#ifndef MT_LOG_REPORT_H
#define MT_LOG_REPORT_H

#include "core/log/log_tally.h"
#include <mtapin/model.h>

struct mt_log_report {
	struct mt_log_tally *tally;
	const struct mt_log_tally
		*before; /* --around: what `tally` counts is after it; NULL: not asked */
	const char *around; /* the transaction's id */
	const struct mt_model *model; /* of this host; NULL: not known */
	bool elsewhere; /* no model was asked for: no address named is one of this host's */
	const char *since, *until; /* as asked; NULL: not */
};

/* "the reply names 192.0.2.12, a secondary address here (eth0); no line pins any"; NULL: nothing is known */
const char *mt_log_named(struct mt_arena *arena, const struct mt_log_report *report,
			 struct mt_addr addr);

#endif
