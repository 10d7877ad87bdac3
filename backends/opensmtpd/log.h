/* SPDX-License-Identifier: ISC */
/* log.h: OpenSMTPD's log. */
#ifndef OS_LOG_H
#define OS_LOG_H

#include <mtapin/log.h>

extern const struct mt_log_format os_log;

#endif
