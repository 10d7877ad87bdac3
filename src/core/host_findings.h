/* SPDX-License-Identifier: ISC */
/*
 * host_findings.h: findings about the host, whatever MTA it runs, and who else writes its files.
 */
#ifndef MT_HOST_FINDINGS_H
#define MT_HOST_FINDINGS_H

#include <mtapin/backend.h>

extern const struct mt_finding_row mt_host_findings[]; /* id NULL ends it */

/* Append them. */
void mt_host_examine(struct mt_model *model);

#endif
