/* SPDX-License-Identifier: ISC */
/* findings.c: the rows behind `mtapin explain PF-...`; their texts are findings.txt. */
#include "lint.h"

#define ROW(id, severity, title, explanation, accept) {id, severity, title, explanation, accept},

const struct mt_finding_row pf_findings[] = {
#include "backends/postfix/findings.rows"
	{0},
};
