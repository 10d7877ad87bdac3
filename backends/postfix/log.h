/* SPDX-License-Identifier: ISC */
/* log.h: Postfix's log. */
#ifndef PF_LOG_H
#define PF_LOG_H

#include <mtapin/log.h>

extern const struct mt_log_format pf_log;

#endif
