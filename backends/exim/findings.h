/* SPDX-License-Identifier: ISC */
/* findings.h: the rows behind `mtapin explain EX-...`. */
#ifndef EX_FINDINGS_H
#define EX_FINDINGS_H

#include <mtapin/model.h>

extern const struct mt_finding_row ex_findings[]; /* id NULL ends it */

#endif
