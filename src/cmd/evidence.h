/* SPDX-License-Identifier: ISC */
/* evidence.h: what this host's mail logs say of the sending address, for `check` and the wizard. */
#ifndef MT_CMD_EVIDENCE_H
#define MT_CMD_EVIDENCE_H

#include "cmd/command.h"

struct mt_log_evidence {
	unsigned days; /* looked at */
	uint64_t sent, refused; /* refused: bounced or deferred; recipients */
	uint64_t address; /* of those, what points at the sending address */
	const char
		*text; /* "last 7 days: 41 refusals point at the sending address"; "" none does */
};

/* Read the logs that this host has of the last days. False: it has none, or another host is looked at (--bundle,
 * --root). Says nothing on stderr. */
bool mt_log_evidence(struct mt_context *context, unsigned days, struct mt_log_evidence *evidence);

#endif
