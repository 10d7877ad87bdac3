/* SPDX-License-Identifier: ISC */
/* qmail.h: the qmail backend: reads plain control directories; changes nothing yet. */
#ifndef QM_QMAIL_H
#define QM_QMAIL_H

#include <mtapin/backend.h>

extern const struct mt_finding_row qm_findings[]; /* id NULL ends it */
extern const struct mt_backend MT_BACKEND_SYMBOL(qmail);

#endif
