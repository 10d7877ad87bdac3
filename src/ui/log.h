/* SPDX-License-Identifier: ISC */
/* log.h: the result of `mtapin log` as text and as JSON; its events, one a line. */
#ifndef MT_UI_LOG_H
#define MT_UI_LOG_H

#include "core/log_report.h"
#include "core/wire.h"
#include "io/logfile.h"
#include "ui/output.h"

void mt_text_log(struct mt_text *text, const struct mt_output *out,
		 const struct mt_log_report *report, const struct mt_logfile *files);
void mt_json_log(struct mt_arena *arena, const struct mt_log_report *report,
		 const struct mt_logfile *files);

/* FILE LINE CLASS STATUS DOMAIN PROVIDER CAUSE POINTS SOURCE RECIPIENT DSN, tabs between; "-": none. */
/* Two halves: what is known of an event, in the child that read it; and its line. */
struct mt_log_row {
	size_t line;
	const char *file, *class, *status, *domain, *provider, *cause, *points, *source, *to, *dsn;
};
extern const struct mt_wire_type mt_wire_log_row;
struct mt_log_row mt_log_row_of(struct mt_arena *arena, const char *file,
				const struct mt_log_tally *tally, const struct mt_log_seen *seen);
void mt_log_event_line(const struct mt_output *out, const struct mt_log_row *row);

#endif
