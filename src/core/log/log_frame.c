/* SPDX-License-Identifier: ISC */
/* log_frame.c: the frame of a log line. */
#include "core/log/log_frame.h"

#include <string.h>

/* ---- dates (the proleptic Gregorian calendar, counted from March) ---- */

long mt_log_day(int year, int month, int day)
{
	long y = month <= 2 ? year - 1 : year;
	long era = (y >= 0 ? y : y - 399) / 400, in_era = y - era * 400;
	long in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

struct mt_log_stamp mt_log_civil(long days)
{
	long z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, e = z - era * 146097;
	long y = (e - e / 1460 + e / 36524 - e / 146096) / 365,
	     doy = e - (365 * y + y / 4 - y / 100);
	long m = (5 * doy + 2) / 153;
	int month = (int)(m < 10 ? m + 3 : m - 9);
	return (struct mt_log_stamp){.year = (int)(y + era * 400 + (month <= 2)),
				     .month = month,
				     .day = (int)(doy - (153 * m + 2) / 5 + 1)};
}

struct mt_log_stamp mt_log_stamp_of(int64_t seconds, long utc_offset)
{
	int64_t t = seconds + utc_offset, days = t / 86400, rest = t % 86400;
	if (rest < 0) {
		rest += 86400;
		days--;
	}
	struct mt_log_stamp stamp = mt_log_civil((long)days);
	stamp.second = (int)rest;
	return stamp;
}

/* ---- pieces of a line ---- */

struct cursor {
	const char *p, *end;
};

static bool left(const struct cursor *c, size_t n)
{
	return (size_t)(c->end - c->p) >= n;
}

/* -1: they are none */
static int two_digits(const char *p)
{
	unsigned tens = (uint8_t)p[0] - (unsigned)'0', ones = (uint8_t)p[1] - (unsigned)'0';
	return tens > 9 || ones > 9 ? -1 : (int)(tens * 10 + ones);
}

/* "09:00:00" */
static bool clock_time(struct cursor *c, int *second)
{
	if (!left(c, 8) || c->p[2] != ':' || c->p[5] != ':')
		return false;
	int h = two_digits(c->p), m = two_digits(c->p + 3), s = two_digits(c->p + 6);
	if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60)
		return false;
	*second = h * 3600 + m * 60 + s;
	c->p += 8;
	return true;
}

/* Up to the next blank, and it. */
static void skip_word(struct cursor *c)
{
	if (c->p < c->end && *c->p == ' ') {
		c->p++;
		return;
	}
	const char *blank = c->p < c->end ? memchr(c->p, ' ', (size_t)(c->end - c->p)) : NULL;
	c->p = blank ? blank + 1 : c->end;
}

#define NAME(a, b, c) ((unsigned)(a) << 16 | (unsigned)(b) << 8 | (unsigned)(c))

/* 0: no month */
static int month_of(const char *p)
{
	static const unsigned names[] = {
		NAME('J', 'a', 'n'), NAME('F', 'e', 'b'), NAME('M', 'a', 'r'), NAME('A', 'p', 'r'),
		NAME('M', 'a', 'y'), NAME('J', 'u', 'n'), NAME('J', 'u', 'l'), NAME('A', 'u', 'g'),
		NAME('S', 'e', 'p'), NAME('O', 'c', 't'), NAME('N', 'o', 'v'), NAME('D', 'e', 'c')};
	unsigned name = NAME((uint8_t)p[0], (uint8_t)p[1], (uint8_t)p[2]);
	int month = 12;
	while (month && names[month - 1] != name)
		month--;
	return month;
}

/* "Nov  7 09:00:00 " or "Nov 7 09:00:00.123 " */
static bool rfc3164(struct cursor *c, struct mt_log_stamp *stamp)
{
	if (!left(c, 15) || c->p[3] != ' ' || (stamp->month = month_of(c->p)) == 0)
		return false;
	c->p += 4;
	if (*c->p == ' ')
		c->p++;
	bool two = mt_is_digit(c->p[1]);
	stamp->day = two ? two_digits(c->p) : mt_is_digit(*c->p) ? *c->p - '0' : 0;
	if (stamp->day < 1 || stamp->day > 31 || c->p[1 + two] != ' ')
		return false;
	c->p += 2 + two;
	if (!clock_time(c, &stamp->second))
		return false;
	skip_word(c);
	return true;
}

/* "2025-11-07", `separator`, "09:00:00" */
static bool iso(struct cursor *c, char separator, struct mt_log_stamp *stamp)
{
	if (!left(c, 19) || c->p[4] != '-' || c->p[7] != '-' || c->p[10] != separator)
		return false;
	stamp->year = two_digits(c->p) * 100 + two_digits(c->p + 2);
	stamp->month = two_digits(c->p + 5);
	stamp->day = two_digits(c->p + 8);
	if (two_digits(c->p + 2) < 0 || stamp->year < 1970 || stamp->month < 1 ||
	    stamp->month > 12 || stamp->day < 1 || stamp->day > 31)
		return false;
	c->p += 11;
	if (!clock_time(c, &stamp->second))
		return false;
	skip_word(c);
	return true;
}

static int hex_value(char c)
{
	if (mt_is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "@" and 24 hex digits: 2^62 + TAI seconds, nanoseconds (cr.yp.to/libtai/tai64.html); ten seconds of leap are what
 * multilog's clock adds. */
static bool tai64n(struct cursor *c, long utc_offset, struct mt_log_stamp *stamp)
{
	if (!left(c, 26) || c->p[25] != ' ')
		return false;
	uint64_t seconds = 0;
	for (int i = 1; i <= 24; i++) {
		int digit = hex_value(c->p[i]);
		if (digit < 0)
			return false;
		if (i <= 16)
			seconds = seconds << 4 | (unsigned)digit;
	}
	int64_t t = (int64_t)(seconds - ((uint64_t)1 << 62)) - 10;
	if (t < 0 || t > (int64_t)1 << 38)
		return false;
	*stamp = mt_log_stamp_of(t, utc_offset);
	c->p += 26;
	return true;
}

/* "name[pid]: ", "name<pid>: ", "name: " */
static bool take_tag(struct cursor *c, struct mt_str *tag)
{
	static const bool ends[256] = {['['] = true, [':'] = true, [' '] = true, ['<'] = true};
	const char *p = c->p;
	while (p < c->end && !ends[(uint8_t)*p])
		p++;
	*tag = (struct mt_str){c->p, (size_t)(p - c->p)};
	if (p < c->end && (*p == '[' || *p == '<')) {
		const char close = *p == '[' ? ']' : '>';
		p = memchr(p, close, (size_t)(c->end - p));
		if (!p)
			return false;
		p++;
	}
	if (p >= c->end || *p != ':')
		return false;
	p++;
	c->p = p < c->end && *p == ' ' ? p + 1 : p;
	return tag->n > 0;
}

static void rest_as_message(const struct cursor *c, struct mt_log_line *line)
{
	line->message = (struct mt_str){c->p, (size_t)(c->end - c->p)};
}

/* Structured data: "-" or "[id name=\"value\"]..." */
static bool skip_data(struct cursor *c)
{
	if (c->p < c->end && *c->p == '-') {
		c->p++;
	} else {
		bool quoted = false, inside = false;
		for (; c->p < c->end && (inside || *c->p == '['); c->p++) {
			if (*c->p == '\\')
				c->p += left(c, 2);
			else if (*c->p == '"')
				quoted = !quoted;
			else if (!quoted && *c->p == '[')
				inside = true;
			else if (!quoted && *c->p == ']')
				inside = false;
		}
	}
	if (c->p < c->end && *c->p == ' ')
		c->p++;
	return true;
}

/* Behind "1 ": STAMP HOST APP PID MSGID DATA TEXT */
static bool rfc5424(struct cursor *c, struct mt_log_frame *frame)
{
	if (!iso(c, 'T', &frame->stamp))
		return false;
	skip_word(c);
	const char *app = c->p;
	skip_word(c);
	frame->line.tag = (struct mt_str){app, (size_t)(c->p - app)};
	if (frame->line.tag.n)
		frame->line.tag.n -= frame->line.tag.p[frame->line.tag.n - 1] == ' ';
	skip_word(c);
	skip_word(c);
	skip_data(c);
	if (left(c, 3) && memcmp(c->p, "\xef\xbb\xbf", 3) == 0)
		c->p += 3;
	rest_as_message(c, &frame->line);
	return true;
}

static bool bare(struct cursor *c, long utc_offset, struct mt_log_frame *frame)
{
	if (*c->p == '@' && tai64n(c, utc_offset, &frame->stamp))
		frame->bare = '@';
	else if (iso(c, ' ', &frame->stamp))
		frame->bare = 'x';
	else
		return false;
	rest_as_message(c, &frame->line);
	return true;
}

bool mt_log_frame(struct mt_str text, long utc_offset, struct mt_log_frame *frame)
{
	struct cursor c = {text.p, text.p + text.n};
	*frame = (struct mt_log_frame){0};
	if (c.p < c.end && *c.p == '<') { /* a priority: "<22>" */
		size_t n = 1;
		while (n < 5 && left(&c, n + 1) && mt_is_digit(c.p[n]))
			n++;
		if (left(&c, n + 1) && c.p[n] == '>')
			c.p += n + 1;
	}
	if (c.p >= c.end)
		return false;
	bool digit = mt_is_digit(*c.p);
	if (left(&c, 2) && c.p[0] == '1' && c.p[1] == ' ') {
		c.p += 2;
		return rfc5424(&c, frame);
	}
	if (*c.p == '@' || (digit && left(&c, 11) && c.p[10] == ' '))
		return bare(&c, utc_offset, frame);
	if (digit ? !iso(&c, 'T', &frame->stamp) : !rfc3164(&c, &frame->stamp))
		return false;
	skip_word(&c); /* the host */
	if (!take_tag(&c, &frame->line.tag))
		return false;
	rest_as_message(&c, &frame->line);
	return true;
}

/* Between the tag and the message, "[123]: ", "<123>: " or " 123 - - ". */
bool mt_log_pid(const struct mt_log_frame *frame, unsigned long *pid)
{
	const char *p = frame->line.tag.p + frame->line.tag.n, *end = frame->line.message.p;
	size_t n = 0;
	if (!frame->line.tag.n || end - p < 2)
		return false;
	for (p++; n < (size_t)(end - p) && mt_is_digit(p[n]); n++)
		;
	return mt_str_number((struct mt_str){p, n}, INT32_MAX, pid);
}

bool mt_log_stamp_parse(struct mt_str text, struct mt_log_stamp *stamp)
{
	char line[20] = "0000-00-00T00:00:00";
	if (text.n != 10 && text.n != 16 && text.n != 19)
		return false;
	memcpy(line, text.p, text.n);
	if (line[10] == ' ')
		line[10] = 'T';
	struct cursor c = {line, line + 19};
	*stamp = (struct mt_log_stamp){0};
	return iso(&c, 'T', stamp);
}
