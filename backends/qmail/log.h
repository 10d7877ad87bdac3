/* SPDX-License-Identifier: ISC */
/* log.h: qmail's log. */
#ifndef QM_LOG_H
#define QM_LOG_H

#include <mtapin/log.h>

extern const struct mt_log_format qm_log;

#endif
