/* SPDX-License-Identifier: ISC */
/* log_reading.h: logs and mailboxes, read in a child that has nothing, to a tally or to events one by one. */
#ifndef MT_APP_LOG_READING_H
#define MT_APP_LOG_READING_H

#include "app/app.h"
#include "core/log/log_report.h"
#include "core/log/log_row.h"
#include "io/log/logfile.h"

#define MT_LOG_ALWAYS INT64_MIN

struct mt_log_reading {
	struct mt_app *app;
	/* seconds in the log's own time; `now` of that time; ALWAYS: not asked */
	int64_t since, until, around, now;
	long utc_offset; /* of the log's own time */
	/* Told of events, which are then not counted; one alone was just written. NULL: they are counted. */
	void (*events)(void *data, const struct mt_log_row *row, size_t count);
	void *data;
	/* what comes of it: */
	struct mt_log_tally *tally, *before; /* before: of `around`; NULL */
	struct mt_logs logs; /* what became of the files */
	/* in the child that reads, and of what it says: */
	const char *file;
	bool live; /* lines come as they are written: each event is said at once */
	struct mt_log_row *rows;
	size_t row_count;
	struct mt_arena *scratch;
};

/* Nothing asked, and the time now. */
struct mt_log_reading mt_log_reading_new(struct mt_app *app);
/* Before and after the transaction of this id, or the "last" one; returns its id. Errors: NULL, code 2. */
const char *mt_log_reading_around(struct mt_log_reading *reading, const char *id,
				  struct mt_error *error) MT_MUST_CHECK;
/* Read these files (NULL-terminated; none: what this host has), and the journal. What became of each is in `logs`.
 * Errors: code 2. */
int mt_log_reading_run(struct mt_log_reading *reading, const char *const *names, bool journal,
		       struct mt_error *error) MT_MUST_CHECK;
/* The tallies with this host's addresses, where a reply named one of them. */
void mt_log_reading_report(const struct mt_log_reading *reading, struct mt_log_report *report);

#endif
