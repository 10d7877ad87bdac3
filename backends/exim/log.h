/* SPDX-License-Identifier: ISC */
/* log.h: Exim's log. */
#ifndef EX_LOG_H
#define EX_LOG_H

#include <mtapin/log.h>

extern const struct mt_log_format ex_log;

#endif
