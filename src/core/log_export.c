/* SPDX-License-Identifier: ISC */
/* log_export.c: entries of the journal. */
#include "core/log_export.h"

#include <string.h>

static void keep(char *buf, size_t size, size_t *length, struct mt_str s)
{
	*length = s.n < size ? s.n : size;
	if (*length)
		memcpy(buf, s.p, *length);
}

static void message(struct mt_log_export *e, struct mt_str text, size_t number)
{
	keep(e->message, sizeof e->message, &e->message_length, text);
	e->line = number;
	e->binary = false;
}

static void field(struct mt_log_export *e, struct mt_str line, size_t number)
{
	const char *equals = memchr(line.p, '=', line.n);
	size_t n = equals ? (size_t)(equals - line.p) : line.n;
	struct mt_str key = mt_str_part(line, 0, n);
	struct mt_str value =
		equals ? mt_str_part(line, n + 1, line.n - n - 1) : (struct mt_str){0};
	unsigned long usec;
	if (mt_str_is(key, "MESSAGE") && equals)
		message(e, value, number);
	else if (mt_str_is(key, "MESSAGE"))
		e->binary = true;
	else if (mt_str_is(key, "SYSLOG_IDENTIFIER"))
		keep(e->tag, sizeof e->tag, &e->tag_length, value);
	else if (mt_str_is(key, "__REALTIME_TIMESTAMP") && mt_str_number(value, INT64_MAX, &usec))
		e->seconds = (int64_t)(usec / 1000000);
}

static void begin(struct mt_log_export *e)
{
	e->tag_length = e->message_length = 0;
	e->seconds = 0;
	e->binary = false;
}

bool mt_log_export_line(struct mt_log_export *e, struct mt_str line, size_t number, long utc_offset,
			struct mt_log_frame *frame)
{
	if (e->binary) {
		message(e, line.n > 8 ? mt_str_part(line, 8, line.n - 8) : (struct mt_str){0},
			number);
		return false;
	}
	if (line.n) {
		field(e, line, number);
		return false;
	}
	bool complete = e->message_length > 0;
	*frame = (struct mt_log_frame){.line = {.tag = {e->tag, e->tag_length},
						.message = {e->message, e->message_length}}};
	if (e->seconds)
		frame->stamp = mt_log_stamp_of(e->seconds, utc_offset);
	begin(e);
	return complete;
}
