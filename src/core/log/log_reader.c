/* SPDX-License-Identifier: ISC */
/* log_reader.c: blocks to lines to events; the year of stamps that have none. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr() */
#endif
#include "core/log/log_reader.h"

#include <string.h>

#include "core/log/log_bounce.h"
#include "core/log/log_export.h"
#include "core/log/log_scan.h"

#define FORMATS_MAX 16
#define HEAD_LINES  8 /* of every block, looked at for another format */

/* Whose lines have a tag: there are few tags in a log. */
#define KNOWN 16
struct known {
	const struct mt_log_format *format;
	size_t length; /* 0: free */
	char tag[32];
};

struct mt_log_reader {
	const struct mt_log_format *format[FORMATS_MAX + 1];
	struct mt_log_sink sink;
	struct mt_log_scratch scratch;
	struct mt_log_bounce *bounce;
	struct mt_log_export export;
	/* of the file at hand */
	struct mt_log_input input;
	struct mt_log_facts facts;
	struct mt_log_scan scan;
	bool all_lines; /* a format without markers was seen */
	bool first;
	size_t line;
	struct known known[KNOWN];
	int year; /* of stamps without one; 0: none seen yet */
	int last_place; /* month * 32 + day of the line before */
	long last_day; /* since the epoch, of that line */
};

struct mt_log_reader *mt_log_reader_new(struct mt_arena *arena,
					const struct mt_backend *const *backends,
					struct mt_log_sink sink)
{
	struct mt_log_reader *r = MT_NEW(arena, struct mt_log_reader);
	size_t n = 0;
	for (; *backends && n < FORMATS_MAX; backends++)
		if ((*backends)->log)
			r->format[n++] = (*backends)->log;
	r->sink = sink;
	r->scratch.memo = mt_log_memo_new(arena);
	r->bounce = mt_log_bounce_new(arena);
	return r;
}

void mt_log_reader_begin(struct mt_log_reader *r, const struct mt_log_input *input)
{
	r->input = *input;
	r->facts = (struct mt_log_facts){0};
	r->first = true;
	r->line = 0;
	r->year = r->last_place = 0;
	r->all_lines = false;
	r->export = (struct mt_log_export){0};
}

/* ---- the year ---- */

#define HALF_A_YEAR (6 * 32)

static int place_in_year(const struct mt_log_stamp *s)
{
	return s->month * 32 + s->day;
}

/* A new year began between the two: +1; the later one is late in being written: -1. */
static int roll(int before, int now)
{
	if (!before || (now - before < HALF_A_YEAR && before - now < HALF_A_YEAR))
		return 0;
	return now < before ? 1 : -1;
}

static int first_year(const struct mt_log_reader *r, int place)
{
	int now = place_in_year(&r->input.now);
	if (r->input.rolls > 0)
		return r->input.now.year - r->input.rolls;
	return r->input.now.year - (place > now + 1);
}

static long reader_day(struct mt_log_reader *r, const struct mt_log_stamp *s)
{
	if (!s->month)
		return MT_LOG_NO_DAY;
	if (s->year)
		return mt_log_day(s->year, s->month, s->day);
	int place = place_in_year(s);
	if (place == r->last_place)
		return r->last_day;
	if (!r->year)
		r->year = first_year(r, place);
	else
		r->year += roll(r->last_place, place);
	r->last_place = place;
	r->last_day = mt_log_day(r->year, s->month, s->day);
	return r->last_day;
}

int mt_log_rolls(const struct mt_str *lines, size_t count)
{
	int rolls = 0, before = 0;
	for (size_t i = 0; i < count; i++) {
		struct mt_log_frame frame;
		if (!mt_log_frame(lines[i], 0, &frame) || !frame.stamp.month || frame.stamp.year)
			continue;
		int place = place_in_year(&frame.stamp);
		rolls += roll(before, place);
		before = place;
	}
	return rolls > 0 ? rolls : 0;
}

/* ---- lines ---- */

static const struct mt_log_format *look_up(const struct mt_log_reader *r,
					   const struct mt_log_frame *frame)
{
	for (const struct mt_log_format *const *f = r->format; *f; f++)
		if (frame->bare ? (*f)->bare == frame->bare : (*f)->claims(frame->line.tag))
			return *f;
	return NULL;
}

static const struct mt_log_format *format_of(struct mt_log_reader *r,
					     const struct mt_log_frame *frame)
{
	struct mt_str tag = frame->line.tag;
	if (frame->bare || tag.n > sizeof r->known->tag || tag.n < 4)
		return look_up(r, frame);
	struct known *known = &r->known[(tag.n + (uint8_t)tag.p[tag.n - 4]) % KNOWN];
	if (tag.n != known->length || memcmp(tag.p, known->tag, tag.n) != 0) {
		known->format = look_up(r, frame);
		known->length = tag.n;
		memcpy(known->tag, tag.p, tag.n);
	}
	return known->format;
}

static void event_of(struct mt_log_reader *r, const struct mt_log_format *format,
		     const struct mt_log_frame *frame)
{
	struct mt_log_event event = {0};
	format->read(&r->scratch, &frame->line, &event);
	bool dated = event.kind != MT_LOG_NOISE || !frame->stamp.year;
	long day = dated ? reader_day(r, &frame->stamp) : 0;
	if (event.kind == MT_LOG_NOISE && !r->input.every_line)
		return;
	struct mt_log_seen seen = {.event = &event,
				   .day = day,
				   .second = frame->stamp.second,
				   .line = r->input.every_line ? r->line : 0};
	r->sink.take(r->sink.data, &seen);
}

/* Whose line it is, counted; NULL: nobody's. */
static const struct mt_log_format *claim_frame(struct mt_log_reader *r, struct mt_log_frame *frame)
{
	const struct mt_log_format *format = format_of(r, frame);
	r->facts.framed++;
	r->facts.claimed += format != NULL;
	return format;
}

static void log_line(struct mt_log_reader *r, struct mt_str line, const char *marker)
{
	struct mt_log_frame frame;
	if (!mt_log_frame(line, r->input.utc_offset, &frame))
		return;
	const struct mt_log_format *format = claim_frame(r, &frame);
	if (!format)
		return;
	r->all_lines |= !format->markers;
	frame.line.marker = marker;
	event_of(r, format, &frame);
}

static void export_line(struct mt_log_reader *r, struct mt_str line)
{
	struct mt_log_frame frame;
	if (!mt_log_export_line(&r->export, line, r->line, r->input.utc_offset, &frame))
		return;
	const struct mt_log_format *format = claim_frame(r, &frame);
	if (!format)
		return;
	size_t now = r->line;
	r->line = r->export.line;
	event_of(r, format, &frame);
	r->line = now;
}

static void mailbox_line(struct mt_log_reader *r, struct mt_str line)
{
	struct mt_log_event event = {0};
	struct mt_log_stamp stamp;
	if (!mt_log_bounce_line(r->bounce, line, &event, &stamp))
		return;
	r->facts.claimed++;
	struct mt_log_seen seen = {.event = &event,
				   .day = reader_day(r, &stamp),
				   .second = stamp.second,
				   .line = r->input.every_line ? mt_log_bounce_number(r->bounce)
							       : 0,
				   .bounce = true};
	r->sink.take(r->sink.data, &seen);
}

/* ---- blocks ---- */

static void every_line(struct mt_log_reader *r, struct mt_str block)
{
	struct mt_str line;
	while (mt_str_line(&block, &line)) {
		r->line++;
		/* of a field of bytes each one counts */
		if (r->facts.kind != MT_LOG_EXPORT && line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (r->facts.kind == MT_LOG_MAILBOX)
			mailbox_line(r, line);
		else if (r->facts.kind == MT_LOG_EXPORT)
			export_line(r, line);
		else
			log_line(r, line, NULL);
	}
}

/* Does the head of the block show a format without markers? */
static bool needs_every_line(struct mt_log_reader *r, struct mt_str block)
{
	struct mt_str line;
	struct mt_log_frame frame;
	for (unsigned i = 0; i < HEAD_LINES && mt_str_line(&block, &line); i++) {
		if (!mt_log_frame(line, r->input.utc_offset, &frame))
			continue;
		const struct mt_log_format *format = format_of(r, &frame);
		if (format && !format->markers)
			return true;
	}
	return false;
}

static const struct mt_log_marker *markers_of(const struct mt_log_reader *r)
{
	for (const struct mt_log_format *const *f = r->format; *f; f++)
		if ((*f)->markers)
			return (*f)->markers;
	return NULL;
}

static void begin_file(struct mt_log_reader *r, struct mt_str block)
{
	const struct mt_log_marker *markers = markers_of(r);
	r->first = false;
	r->facts.kind = mt_str_starts(block, "From ") ? MT_LOG_MAILBOX
			: mt_str_starts(block, "__")  ? MT_LOG_EXPORT
						      : MT_LOG_LINES;
	r->facts.nul = memchr(block.p, '\0', block.n) != NULL;
	r->all_lines = r->input.every_line || !markers || r->facts.kind != MT_LOG_LINES;
	if (r->facts.kind == MT_LOG_MAILBOX)
		mt_log_bounce_begin(r->bounce);
	if (markers)
		mt_log_scan_init(&r->scan, markers);
	/* the first lines tell what the file holds */
	struct mt_str head = mt_str_part(block, 0, block.n < 65536 ? block.n : 65536);
	bool framed_by_markers = !r->all_lines && !needs_every_line(r, head);
	if (!r->all_lines && framed_by_markers) {
		struct mt_str line;
		struct mt_log_frame frame;
		while (mt_str_line(&head, &line))
			if (mt_log_frame(line, 0, &frame)) {
				const struct mt_log_format *format = format_of(r, &frame);
				r->facts.framed++;
				r->facts.claimed += format != NULL;
				r->all_lines |= format && !format->markers;
			}
	} else {
		r->all_lines = true;
	}
}

void mt_log_reader_block(struct mt_log_reader *r, struct mt_str block)
{
	if (!block.n)
		return;
	if (r->first)
		begin_file(r, block);
	else if (!r->all_lines)
		r->all_lines = needs_every_line(r, block);
	if (r->all_lines)
		every_line(r, block);
	else {
		const char *p = block.p, *end = block.p + block.n, *hit;
		while (p < end && (hit = mt_log_scan_next(&r->scan, p, end)) != NULL) {
			const char *before = memrchr(p, '\n', (size_t)(hit - p));
			const char *lf = memchr(hit, '\n', (size_t)(end - hit));
			const char *begin = before ? before + 1 : p, *stop = lf ? lf : end;
			log_line(r, (struct mt_str){begin, (size_t)(stop - begin)}, hit);
			p = lf ? lf + 1 : end;
		}
	}
}

void mt_log_reader_end(struct mt_log_reader *r, struct mt_log_facts *facts)
{
	if (r->facts.kind == MT_LOG_EXPORT)
		export_line(r, (struct mt_str){"", 0});
	if (r->facts.kind == MT_LOG_MAILBOX)
		while (mt_log_bounce_more(r->bounce))
			mailbox_line(r, (struct mt_str){NULL, 0});
	*facts = r->facts;
}
