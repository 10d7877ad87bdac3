/* SPDX-License-Identifier: ISC */
/*
 * log_frame.h: the frame of a log line: stamp, host, tag. Known are RFC 3164 (also with one blank before a
 * one-digit day), RFC 5424 with or without <PRI>, RFC 3339 as rsyslog writes it, multilog's TAI64N and the
 * "2025-11-07 09:00:00" of a log that names no host. A tag may be `name[pid]:`, `name<pid>:` or `name:`.
 */
#ifndef MT_LOG_FRAME_H
#define MT_LOG_FRAME_H

#include <mtapin/log.h>

/* As written, in the log's own time zone; TAI64N with the offset given. */
struct mt_log_stamp {
	int year; /* 0: the stamp has none */
	int month, day; /* 1 to 12, 1 to 31; month 0: there is no stamp */
	int second; /* of the day */
};

struct mt_log_frame {
	struct mt_log_stamp stamp;
	struct mt_log_line line;
	char bare; /* see struct mt_log_format */
};

/* False: no frame that is known. `utc_offset` in seconds, for TAI64N. */
bool mt_log_frame(struct mt_str line, long utc_offset, struct mt_log_frame *frame);

/* The number of the process that wrote the line; false: it has none. */
bool mt_log_pid(const struct mt_log_frame *frame, unsigned long *pid);

/* Days since 1970-01-01 of a civil date, and back. */
long mt_log_day(int year, int month, int day);
struct mt_log_stamp mt_log_civil(long day);
/* Seconds since 1970-01-01 in the zone of `utc_offset`, as a stamp. */
struct mt_log_stamp mt_log_stamp_of(int64_t seconds, long utc_offset);
/* "2025-11-07[ T]09:00[:00]" or only its date; false: not that. */
bool mt_log_stamp_parse(struct mt_str text, struct mt_log_stamp *stamp);

#endif
