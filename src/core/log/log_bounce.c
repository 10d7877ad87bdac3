/* SPDX-License-Identifier: ISC */
/* log_bounce.c: bounces of a mailbox, line by line. */
#include "core/log/log_bounce.h"

#include <string.h>

enum place {
	OUTSIDE, /* a mail that is no report, or the end of one */
	HEADER,
	PART, /* body of a multipart/report, before its delivery-status part */
	STATUS_HEADER, /* the header of that part */
	STATUS, /* its fields */
	BODY, /* of another mail, before its first line */
	QSBMF,
	EXIM,
};

struct buffer {
	size_t n;
	char p[2048];
};

struct mt_log_bounce {
	enum place place;
	bool after_empty; /* the line before was empty: "From " begins a mail */
	bool report, failed_header; /* seen in the header */
	struct buffer boundary, content_type, to, reply, dsn;
	struct buffer *folded; /* the field that a line beginning with a blank continues */
	enum mt_log_status status;
	bool waiting; /* a recipient is being read */
	struct mt_log_stamp stamp;
	size_t number, event_number;
	/* the last event's strings */
	struct buffer said_to, said_reply, said_dsn;
};

struct mt_log_bounce *mt_log_bounce_new(struct mt_arena *arena)
{
	return MT_NEW(arena, struct mt_log_bounce);
}

void mt_log_bounce_begin(struct mt_log_bounce *b)
{
	b->place = OUTSIDE;
	b->after_empty = true;
	b->waiting = false;
	b->number = 0;
}

size_t mt_log_bounce_number(const struct mt_log_bounce *b)
{
	return b->event_number;
}

bool mt_log_bounce_more(const struct mt_log_bounce *b)
{
	return b->waiting;
}

/* ---- buffers ---- */

static void buffer_add(struct buffer *buffer, struct mt_str s)
{
	size_t room = sizeof buffer->p - buffer->n, n = s.n < room ? s.n : room;
	if (n)
		memcpy(buffer->p + buffer->n, s.p, n);
	buffer->n += n;
}

static void set_buffer(struct buffer *buffer, struct mt_str s)
{
	buffer->n = 0;
	buffer_add(buffer, s);
}

/* A further line of text: without indentation, a blank between. */
static void add_folded_line(struct buffer *buffer, struct mt_str s)
{
	if (buffer->n)
		buffer_add(buffer, MT_STR(" "));
	buffer_add(buffer, mt_str_trim(s));
}

static struct mt_str buffer_text(const struct buffer *buffer)
{
	return (struct mt_str){buffer->p, buffer->n};
}

static bool begins(struct mt_str s, const char *word)
{
	size_t n = strlen(word);
	return s.n >= n && mt_str_same(mt_str_part(s, 0, n), (struct mt_str){word, n});
}

static bool header_field(struct mt_str line, const char *name, struct mt_str *value)
{
	size_t n = strlen(name);
	if (!begins(line, name))
		return false;
	*value = mt_str_trim(mt_str_part(line, n, line.n - n));
	return true;
}

/* Behind "rfc822;", "smtp;" and the like. */
static struct mt_str without_type(struct mt_str value)
{
	const char *semicolon = value.n ? memchr(value.p, ';', value.n) : NULL;
	if (!semicolon)
		return value;
	size_t n = (size_t)(semicolon - value.p) + 1;
	return mt_str_trim(mt_str_part(value, n, value.n - n));
}

/* ---- one recipient ---- */

static void start_report(struct mt_log_bounce *b, enum mt_log_status status)
{
	b->to.n = b->reply.n = b->dsn.n = 0;
	b->folded = NULL;
	b->status = status;
}

static struct mt_str enhanced(struct mt_str reply)
{
	for (size_t i = 0; i + 5 <= reply.n && i < 16; i++)
		if ((reply.p[i] == '5' || reply.p[i] == '4') && reply.p[i + 1] == '.') {
			struct mt_str rest = mt_str_part(reply, i, reply.n - i), word = {0};
			mt_str_word(&rest, " )", &word);
			return word;
		}
	return (struct mt_str){0};
}

static bool finish_report(struct mt_log_bounce *b, struct mt_log_event *e)
{
	b->waiting = false;
	b->folded = NULL;
	if (!b->to.n || b->status == MT_LOG_NONE)
		return false;
	set_buffer(&b->said_to, buffer_text(&b->to));
	set_buffer(&b->said_reply, mt_log_words(buffer_text(&b->reply)));
	set_buffer(&b->said_dsn,
		   b->dsn.n ? buffer_text(&b->dsn) : enhanced(buffer_text(&b->said_reply)));
	if (!b->said_dsn.n)
		set_buffer(&b->said_dsn,
			   b->status == MT_LOG_BOUNCED ? MT_STR("5.0.0") : MT_STR("4.0.0"));
	*e = (struct mt_log_event){.kind = MT_LOG_OUTBOUND,
				   .status = b->status,
				   .to = buffer_text(&b->said_to),
				   .reply = buffer_text(&b->said_reply),
				   .dsn = buffer_text(&b->said_dsn)};
	b->event_number = b->number;
	start_report(b, MT_LOG_NONE);
	return true;
}

/* ---- RFC 3464 ---- */

static bool is_boundary(const struct mt_log_bounce *b, struct mt_str line)
{
	struct mt_str name = buffer_text(&b->boundary);
	return name.n && line.n >= name.n + 2 && line.p[0] == '-' && line.p[1] == '-' &&
	       memcmp(line.p + 2, name.p, name.n) == 0;
}

static void status_field(struct mt_log_bounce *b, struct mt_str line)
{
	struct mt_str value;
	b->folded = NULL;
	if (header_field(line, "Final-Recipient:", &value)) {
		set_buffer(&b->to, without_type(value));
		b->waiting = true;
	} else if (header_field(line, "Action:", &value)) {
		b->status = begins(value, "failed")    ? MT_LOG_BOUNCED
			    : begins(value, "delayed") ? MT_LOG_DEFERRED
						       : MT_LOG_NONE;
	} else if (header_field(line, "Status:", &value)) {
		struct mt_str word = {0};
		mt_str_word(&value, " (", &word);
		set_buffer(&b->dsn, word);
	} else if (header_field(line, "Diagnostic-Code:", &value)) {
		set_buffer(&b->reply, without_type(value));
		b->folded = &b->reply;
	}
}

static bool status_line(struct mt_log_bounce *b, struct mt_str line, struct mt_log_event *e)
{
	if (is_boundary(b, line)) {
		b->place = OUTSIDE;
		return finish_report(b, e);
	}
	if (!mt_str_trim(line).n)
		return b->waiting ? finish_report(b, e) : false;
	if ((line.p[0] == ' ' || line.p[0] == '\t') && b->folded)
		add_folded_line(b->folded, line);
	else
		status_field(b, line);
	return false;
}

static void part_header(struct mt_log_bounce *b, struct mt_str line)
{
	struct mt_str value;
	if (!line.n)
		b->place = b->report ? STATUS : PART;
	else if (header_field(line, "Content-Type:", &value))
		b->report = begins(value, "message/delivery-status") ||
			    begins(value, "message/global-delivery-status");
}

/* ---- the plain forms ---- */

static bool qsbmf_line(struct mt_log_bounce *b, struct mt_str line, struct mt_log_event *e)
{
	bool done = false;
	if (mt_str_starts(line, "--- ")) {
		b->place = OUTSIDE;
		return b->waiting ? finish_report(b, e) : false;
	}
	if (line.n > 3 && line.p[0] == '<' && line.p[line.n - 1] == ':' &&
	    line.p[line.n - 2] == '>') {
		done = b->waiting ? finish_report(b, e) : false;
		start_report(b, MT_LOG_BOUNCED);
		set_buffer(&b->to, mt_str_part(line, 1, line.n - 3));
		b->waiting = true;
	} else if (b->waiting && !line.n) {
		return finish_report(b, e);
	} else if (b->waiting && !mt_str_starts(line, "Giving up on ")) {
		add_folded_line(&b->reply, line);
	}
	return done;
}

static bool exim_line(struct mt_log_bounce *b, struct mt_str line, struct mt_log_event *e)
{
	size_t n = 0;
	while (n < line.n && line.p[n] == ' ')
		n++;
	if (mt_str_starts(line, "------")) {
		b->place = OUTSIDE;
		return b->waiting ? finish_report(b, e) : false;
	}
	if (n == 2 && line.n > 2 && memchr(line.p, '@', line.n)) {
		bool done = b->waiting ? finish_report(b, e) : false;
		start_report(b, MT_LOG_BOUNCED);
		set_buffer(&b->to, mt_str_trim(line));
		b->waiting = true;
		return done;
	}
	if (b->waiting && n >= 4)
		add_folded_line(&b->reply, line);
	return b->waiting && !line.n && b->reply.n ? finish_report(b, e) : false;
}

/* ---- the mail ---- */

/* "From SENDER Fri Nov  7 10:00:00 2025": the form of asctime(3) */
static struct mt_log_stamp envelope_time(struct mt_str line)
{
	struct mt_str word, rest = line;
	struct mt_log_stamp stamp = {0};
	mt_str_word(&rest, " ", &word);
	mt_str_word(&rest, " ", &word);
	rest = mt_str_trim(rest);
	unsigned long year;
	struct mt_log_frame frame;
	char text[64];
	if (rest.n < 20 || rest.n > 40)
		return stamp;
	size_t n = 15;
	memcpy(text, rest.p + 4, n);
	memcpy(text + n, " h t: ", 6);
	struct mt_str last = mt_str_after(rest, ' ');
	if (mt_log_frame((struct mt_str){text, n + 6}, 0, &frame) &&
	    mt_str_number(last, 9999, &year) && year >= 1970) {
		stamp = frame.stamp;
		stamp.year = (int)year;
	}
	return stamp;
}

static void boundary_of(struct mt_log_bounce *b)
{
	struct mt_str type = buffer_text(&b->content_type);
	if (!begins(type, "multipart/report"))
		return;
	const char *at = mt_str_find(type, MT_STR("boundary="));
	if (!at)
		return;
	size_t skip = (size_t)(at - type.p) + 9;
	struct mt_str rest = mt_str_part(type, skip, type.n - skip), word = {0};
	if (rest.n && rest.p[0] == '"')
		word = mt_str_between(rest, "\"", "\"");
	else
		mt_str_word(&rest, "; \t", &word);
	set_buffer(&b->boundary, word);
}

static void header_line(struct mt_log_bounce *b, struct mt_str line)
{
	struct mt_str value;
	if (!line.n) {
		boundary_of(b);
		b->folded = NULL;
		b->place = b->boundary.n ? PART : b->failed_header ? EXIM : BODY;
	} else if (line.p[0] == ' ' || line.p[0] == '\t') {
		if (b->folded)
			add_folded_line(b->folded, line);
	} else {
		b->folded = NULL;
		if (header_field(line, "Content-Type:", &value)) {
			set_buffer(&b->content_type, value);
			b->folded = &b->content_type;
		}
		b->failed_header |= begins(line, "X-Failed-Recipients:");
	}
}

static bool in_mail(struct mt_log_bounce *b, struct mt_str line, struct mt_log_event *e)
{
	switch (b->place) {
	case HEADER:
		header_line(b, line);
		return false;
	case PART:
		if (is_boundary(b, line)) {
			b->place = STATUS_HEADER;
			b->report = false;
		}
		return false;
	case STATUS_HEADER:
		part_header(b, line);
		return false;
	case STATUS:
		return status_line(b, line, e);
	case BODY:
		if (line.n)
			b->place = mt_str_starts(line, "Hi. This is the ") ? QSBMF : OUTSIDE;
		return false;
	case QSBMF:
		return qsbmf_line(b, line, e);
	case EXIM:
		return exim_line(b, line, e);
	default:
		return false;
	}
}

bool mt_log_bounce_line(struct mt_log_bounce *b, struct mt_str line, struct mt_log_event *e,
			struct mt_log_stamp *stamp)
{
	bool done = false;
	*stamp = b->stamp;
	if (!line.p)
		return b->waiting ? finish_report(b, e) : false;
	if (b->after_empty && mt_str_starts(line, "From ")) {
		done = b->waiting ? finish_report(b, e) : false;
		start_report(b, MT_LOG_NONE);
		b->place = HEADER;
		b->waiting = b->report = b->failed_header = false;
		b->boundary.n = b->content_type.n = 0;
		b->stamp = envelope_time(line);
		b->number++;
	} else {
		done = in_mail(b, line, e);
	}
	b->after_empty = !line.n;
	return done;
}
