/* SPDX-License-Identifier: ISC */
/*
 * log_scan.h: the prefilter: finds the few lines of a block that matter by markers, without looking at lines.
 * Every line that holds a marker is found, so what is read is what reading every line would give.
 */
#ifndef MT_LOG_SCAN_H
#define MT_LOG_SCAN_H

#include <mtapin/log.h>

struct mt_log_scan;
typedef const char *mt_log_scan_fn(const struct mt_log_scan *scan, const char *p, const char *end);

struct mt_log_scan {
	const struct mt_log_marker *marker[MT_LOG_MARKERS];
	size_t length[MT_LOG_MARKERS];
	size_t count;
	mt_log_scan_fn *next; /* the first of the ways below */
};

/* Ways to look that this machine has, the fastest first; the last is the plain loop. All find the same. */
struct mt_log_scan_way {
	const char *name;
	mt_log_scan_fn *next;
};
const struct mt_log_scan_way *mt_log_scan_way(size_t index); /* NULL: there are no more */

/* Of `markers` (text NULL ends) the first MT_LOG_MARKERS count. */
void mt_log_scan_init(struct mt_log_scan *scan, const struct mt_log_marker *markers);
/* The marker whose byte at `at` is the first at or behind p, NULL: none. Looks at no byte outside [p, end). */
const char *mt_log_scan_next(const struct mt_log_scan *scan, const char *p, const char *end);

#endif
