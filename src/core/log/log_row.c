/* SPDX-License-Identifier: ISC */
/* log_row.c: an event as a row of texts. */
#include "core/log/log_row.h"

#include <stddef.h>

static const char *or_dash(struct mt_arena *arena, struct mt_str s)
{
	return s.n ? mt_strz(arena, s) : "-";
}

static void describe_row(struct mt_arena *arena, const struct mt_log_tally *tally,
			 const struct mt_log_event *e, struct mt_log_row *d)
{
	bool out = e->kind == MT_LOG_OUTBOUND;
	struct mt_str rest = e->to, to = {0};
	mt_log_next_recipient(&rest, &to);
	if (!out && e->kind != MT_LOG_ATTEMPT && e->kind != MT_LOG_BIND_ERROR)
		return;
	struct mt_log_item item = mt_log_understand(tally, e, to);
	if (out) {
		d->domain = item.domain.n ? or_dash(arena, item.domain) : "unknown";
		d->provider = mt_log_provider_name(tally->providers, item.provider);
		d->to = or_dash(arena, item.to);
		d->dsn = or_dash(arena, e->dsn);
	}
	if (item.verdict.cause) {
		d->cause = mt_log_cause_name(item.verdict.cause);
		d->points = mt_log_points_name(mt_log_cause_points(item.verdict.cause));
	}
	if (item.source.set)
		d->source = mt_addr_format(arena, item.source);
}

struct mt_log_row mt_log_row_of(struct mt_arena *arena, const char *file,
				const struct mt_log_tally *tally, const struct mt_log_seen *seen)
{
	struct mt_log_row row = {.line = seen->line,
				 .file = file,
				 .class = mt_log_class_name(seen->event->kind),
				 .status = mt_log_status_name(seen->event->status),
				 .domain = "-",
				 .provider = "-",
				 .cause = "-",
				 .points = "-",
				 .source = "-",
				 .to = "-",
				 .dsn = "-"};
	describe_row(arena, tally, seen->event, &row);
	return row;
}

#define CELL(i)                                                                                    \
	{                                                                                          \
		MT_WIRE_TEXT, offsetof(struct mt_log_row, i), 0, NULL, 0                           \
	}
static const struct mt_wire_field row_fields[] = {
	{MT_WIRE_SIZE, offsetof(struct mt_log_row, line), 0, NULL, 0},
	CELL(file),
	CELL(class),
	CELL(status),
	CELL(domain),
	CELL(provider),
	CELL(cause),
	CELL(points),
	CELL(source),
	CELL(to),
	CELL(dsn),
};
const struct mt_wire_type mt_wire_log_row = {sizeof(struct mt_log_row), 0, row_fields,
					     MT_ARRAY_LEN(row_fields)};
