/* SPDX-License-Identifier: ISC */
/* log_row.h: an event as a row of texts, as it comes out of the child that read it (wire.h). */
#ifndef MT_LOG_ROW_H
#define MT_LOG_ROW_H

#include "core/log/log_tally.h"
#include "core/model/wire.h"

/* "-": none. The texts are as foreign as the log. */
struct mt_log_row {
	size_t line;
	const char *file, *class, *status, *domain, *provider, *cause, *points, *source, *to, *dsn;
};
extern const struct mt_wire_type mt_wire_log_row;
struct mt_log_row mt_log_row_of(struct mt_arena *arena, const char *file,
				const struct mt_log_tally *tally, const struct mt_log_seen *seen);

#endif
