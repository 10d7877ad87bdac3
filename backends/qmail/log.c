/* SPDX-License-Identifier: ISC */
/*
 * log.c: qmail-send's log, by multilog (TAI64N) or splogger (syslog). A delivery's line names no recipient:
 * "starting delivery D: msg M to remote R" does, and D is told apart until qmail-send starts anew.
 *
 * qmail-send.c, logsafe(): LF is written as "/", a byte below 33, above 126 or "%" as "_".
 */
#include "log.h"

#include <stdio.h>
#include <string.h>

static const char *const files[] = {"/var/log/qmail/current",
				    "/var/log/qmail/@*.[su]",
				    "/var/log/qmail/qmail-send/current",
				    "/var/log/qmail/qmail-send/@*.[su]",
				    "/var/log/qmail/send/current",
				    "/var/log/qmail/send/@*.[su]",
				    "/service/qmail-send/log/main/current",
				    "/var/qmail/supervise/qmail-send/log/main/current",
				    NULL};

static bool claims(struct mt_str tag)
{
	return mt_str_is(tag, "qmail") || mt_str_is(tag, "qmail-send");
}

/* splogger puts a stamp of its own before the text: digits, a dot, digits. */
static struct mt_str without_stamp(struct mt_str s)
{
	size_t n = 0;
	while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '.'))
		n++;
	return n > 10 && n < s.n && s.p[n] == ' ' ? mt_str_part(s, n + 1, s.n - n - 1) : s;
}

static bool take(struct mt_str *s, const char *word)
{
	size_t n = strlen(word);
	if (!mt_str_starts(*s, word))
		return false;
	*s = mt_str_part(*s, n, s->n - n);
	return true;
}

static struct mt_str take_number(struct mt_str *s)
{
	size_t n = 0;
	while (n < s->n && n < 20 && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	struct mt_str number = mt_str_part(*s, 0, n);
	*s = mt_str_part(*s, n, s->n - n);
	return number;
}

/* Remember "M remote R" under D. */
static void starting(struct mt_log_scratch *scratch, struct mt_str rest)
{
	struct mt_str number = take_number(&rest);
	if (take(&rest, ": msg "))
		mt_log_memo_put(scratch->memo, number, rest);
}

/* The report in words again: "_" is a blank; "./" ends a line. */
static struct mt_str unsafe(struct mt_log_scratch *scratch, struct mt_str s)
{
	size_t n = s.n < sizeof scratch->text ? s.n : sizeof scratch->text;
	for (size_t i = 0; i < n; i++)
		scratch->text[i] = s.p[i] == '_' ? ' ' : s.p[i];
	return (struct mt_str){scratch->text, n};
}

/* "ADDRESS does not like", "Connected to ADDRESS but" */
static struct mt_addr peer_of(struct mt_str report)
{
	struct mt_addr peer = {0};
	struct mt_str word;
	take(&report, "Connected to ");
	if (mt_str_word(&report, " ", &word))
		mt_addr_parse(word, &peer);
	return peer;
}

static struct mt_str reply_of(struct mt_str report)
{
	static const char said[] = "Remote host said: ";
	const char *at = mt_str_find(report, MT_STR(said));
	if (!at)
		return report;
	size_t skip = (size_t)(at - report.p) + sizeof said - 1;
	struct mt_str reply = mt_str_part(report, skip, report.n - skip);
	const char *end = mt_str_find(reply, MT_STR("/Giving up on "));
	if (end)
		reply.n = (size_t)(end - reply.p);
	while (reply.n && reply.p[reply.n - 1] == '/')
		reply.n--;
	return reply;
}

static void finished(struct mt_log_scratch *scratch, struct mt_str rest, struct mt_log_event *e)
{
	struct mt_str number = take_number(&rest);
	if (!take(&rest, ": "))
		return;
	e->status = take(&rest, "success: ")	? MT_LOG_SENT
		    : take(&rest, "deferral: ") ? MT_LOG_DEFERRED
		    : take(&rest, "failure: ")	? MT_LOG_BOUNCED
						: MT_LOG_NONE;
	if (e->status == MT_LOG_NONE)
		return;
	struct mt_str known = mt_log_memo_get(scratch->memo, number);
	mt_str_word(&known, " ", &e->id);
	bool local = take(&known, " to local ");
	if (!local && take(&known, " to remote "))
		e->to = known;
	struct mt_str report = unsafe(scratch, rest);
	e->class = local || mt_str_starts(report, "did ") ? MT_LOG_LOCAL : MT_LOG_OUTBOUND;
	e->peer = peer_of(report);
	if (e->peer.set && mt_addr_is_loopback(e->peer))
		e->class = MT_LOG_FILTER;
	e->reply = reply_of(report);
}

static void read_line(struct mt_log_scratch *scratch, const struct mt_log_line *line,
		      struct mt_log_event *e)
{
	struct mt_str rest = without_stamp(line->message);
	if (take(&rest, "starting delivery "))
		starting(scratch, rest);
	else if (take(&rest, "delivery "))
		finished(scratch, rest, e);
}

const struct mt_log_format qm_log = {
	.claims = claims, .read = read_line, .bare = '@', .files = files};
