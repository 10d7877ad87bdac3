/* SPDX-License-Identifier: ISC */
/* evidence.h: what this host's mail logs say of the sending address, for `check` and the wizard. */
#ifndef MT_APP_EVIDENCE_H
#define MT_APP_EVIDENCE_H

#include "app/app.h"

struct mt_log_evidence {
	unsigned days; /* looked at */
	uint64_t sent, refused; /* refused: bounced or deferred; recipients */
	uint64_t address; /* of those, what points at the sending address */
	const char
		*text; /* "last 7 days: 41 refusals point at the sending address"; "" none does */
};

/* Read the logs that this host has of the last days. False: it has none, or another host is looked at (--bundle,
 * --root). Nobody is told anything. */
bool mt_log_evidence(struct mt_app *app, unsigned days, struct mt_log_evidence *evidence);

#endif
