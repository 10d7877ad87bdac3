/* SPDX-License-Identifier: ISC */
/* finding_rows.c: the findings of the core; their texts are data/findings/host.txt, dns.txt and plan.txt. */
#include "core/model/host_findings.h"

#define ROW(id, severity, title, explanation, accept) {id, severity, title, explanation, accept},

const struct mt_finding_row mt_core_findings[] = {
#include "data/findings/dns.rows"
#include "data/findings/host.rows"
#include "data/findings/plan.rows"
	{0},
};
