/* SPDX-License-Identifier: ISC */
/* log.h: the result of `mtapin log` as text and as JSON; its events, one a line. */
#ifndef MT_UI_LOG_H
#define MT_UI_LOG_H

#include "core/log/log_report.h"
#include "core/log/log_row.h"
#include "io/log/logfile.h"
#include "ui/output.h"

void mt_text_log(struct mt_text *text, const struct mt_output *out,
		 const struct mt_log_report *report, const struct mt_logfile *files);
void mt_json_log(struct mt_arena *arena, const struct mt_log_report *report,
		 const struct mt_logfile *files);

/* FILE LINE CLASS STATUS DOMAIN PROVIDER CAUSE POINTS SOURCE RECIPIENT DSN, tabs between; "-": none. */
void mt_log_event_line(const struct mt_output *out, const struct mt_log_row *row);

#endif
