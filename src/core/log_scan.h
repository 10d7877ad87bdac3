/* SPDX-License-Identifier: ISC */
/*
 * log_scan.h: the prefilter: finds the few lines of a block that matter by markers, without looking at lines.
 * Every line that holds a marker is found, so what is read is what reading every line would give.
 */
#ifndef MT_LOG_SCAN_H
#define MT_LOG_SCAN_H

#include <mtapin/log.h>

struct mt_log_scan {
	const struct mt_log_marker *marker[MT_LOG_MARKERS];
	size_t length[MT_LOG_MARKERS];
	size_t count;
	/* the widest vectors that this machine has */
	const char *(*next)(const struct mt_log_scan *scan, const char *p, const char *end);
};

void mt_log_scan_init(struct mt_log_scan *scan, const struct mt_log_marker *markers);
/* The first marker at or behind p, NULL: none. Looks at no byte outside [p, end). */
const char *mt_log_scan_next(const struct mt_log_scan *scan, const char *p, const char *end);

#endif
