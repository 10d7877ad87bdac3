/* SPDX-License-Identifier: ISC */
/* log.h: sendmail's log. */
#ifndef SM_LOG_H
#define SM_LOG_H

#include <mtapin/log.h>

extern const struct mt_log_format sm_log;

#endif
