/* SPDX-License-Identifier: ISC */
/* finding_rows.c: the findings of the core; their texts are data/findings/host.txt and dns.txt. */
#include "core/model/host_findings.h"

#define ROW(id, severity, title, explanation) {id, severity, title, explanation},

const struct mt_finding_row mt_core_findings[] = {
#include "data/findings/dns.rows"
#include "data/findings/host.rows"
	{0},
};
