/* SPDX-License-Identifier: ISC */
/* log_export.c: entries of the journal. */
#include "core/log/log_export.h"

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
}

static void export_field(struct mt_log_export *e, struct mt_str line, size_t number)
{
	const char *equals = memchr(line.p, '=', line.n);
	size_t n = equals ? (size_t)(equals - line.p) : line.n;
	struct mt_str key = mt_str_part(line, 0, n);
	struct mt_str value =
		equals ? mt_str_part(line, n + 1, line.n - n - 1) : (struct mt_str){0};
	unsigned long usec;
	if (!equals) {
		e->bytes = true;
		e->of_message = mt_str_is(key, "MESSAGE");
		e->have = 0;
		e->left = 0;
		if (e->of_message)
			message(e, value, number);
	} else if (mt_str_is(key, "MESSAGE"))
		message(e, value, number);
	else if (mt_str_is(key, "SYSLOG_IDENTIFIER"))
		keep(e->tag, sizeof e->tag, &e->tag_length, value);
	else if (mt_str_is(key, "__REALTIME_TIMESTAMP") && mt_str_number(value, INT64_MAX, &usec))
		e->seconds = (int64_t)(usec / 1000000);
}

/* A line of a field of bytes. Lines end where the bytes happen to hold an LF, even within the length. */
static void bytes(struct mt_log_export *e, struct mt_str line)
{
	size_t i = 0;
	for (; e->have < 8 && i <= line.n; i++) {
		uint8_t byte = i < line.n ? (uint8_t)line.p[i] : '\n';
		e->left |= (uint64_t)byte << 8 * e->have++;
		if (e->have == 8)
			e->left += e->left < UINT64_MAX; /* the LF behind the bytes */
	}
	if (i > line.n)
		return;
	size_t rest = line.n - i;
	if (e->of_message) {
		size_t n = rest < e->left - 1 ? rest : (size_t)e->left - 1;
		keep(e->message, sizeof e->message, &e->message_length, mt_str_part(line, i, n));
		e->of_message = false;
	}
	e->left -= rest + 1 < e->left ? rest + 1 : e->left;
	e->bytes = e->left > 0;
}

bool mt_log_export_line(struct mt_log_export *e, struct mt_str line, size_t number, long utc_offset,
			struct mt_log_frame *frame)
{
	if (e->bytes) {
		bytes(e, line);
		return false;
	}
	if (line.n) {
		export_field(e, line, number);
		return false;
	}
	bool complete = e->message_length > 0;
	*frame = (struct mt_log_frame){.line = {.tag = {e->tag, e->tag_length},
						.message = {e->message, e->message_length}}};
	if (e->seconds)
		frame->stamp = mt_log_stamp_of(e->seconds, utc_offset);
	e->tag_length = e->message_length = 0;
	e->seconds = 0;
	return complete;
}
