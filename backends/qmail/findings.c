/* SPDX-License-Identifier: ISC */
/* findings.c: the rows behind `mtapin explain QM-...`; their texts are findings.txt. */
#include "qmail.h"

#define ROW(id, severity, title, explanation, accept) {id, severity, title, explanation, accept},

const struct mt_finding_row qm_findings[] = {
#include "backends/qmail/findings.rows"
	{0},
};
