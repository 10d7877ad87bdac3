/* SPDX-License-Identifier: ISC */
/* log_scan.h: finds the few lines of a block that matter by markers, without looking at lines. */
#ifndef MT_LOG_SCAN_H
#define MT_LOG_SCAN_H

#include <mtapin/log.h>

#define MT_LOG_SCAN_MAX MT_LOG_MARKERS

struct mt_log_scan {
	const struct mt_log_marker *marker[MT_LOG_SCAN_MAX];
	size_t length[MT_LOG_SCAN_MAX];
	size_t count;
};

void mt_log_scan_init(struct mt_log_scan *scan, const struct mt_log_marker *markers);
/* The first marker at or behind p, NULL: none. Looks at no byte outside [p, end). */
const char *mt_log_scan_next(const struct mt_log_scan *scan, const char *p, const char *end);

#endif
