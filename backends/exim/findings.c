/* SPDX-License-Identifier: ISC */
/* findings.c: the rows behind `mtapin explain EX-...`; their texts are findings.txt. */
#include <mtapin/backend.h>

#include "findings.h"

#define ROW(id, severity, title, explanation, accept) {id, severity, title, explanation, accept},

const struct mt_finding_row ex_findings[] = {
#include "backends/exim/findings.rows"
	{0},
};
