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

static bool claims_qmail_line(struct mt_str tag)
{
	return mt_str_is(tag, "qmail") || mt_str_is(tag, "qmail-send");
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
	if (mt_str_skip(&rest, ": msg "))
		mt_log_memo_put(scratch->memo, number, rest);
}

static struct mt_str qmail_reply(struct mt_str report)
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
	if (!mt_str_skip(&rest, ": "))
		return;
	e->status = mt_str_skip(&rest, "success: ")    ? MT_LOG_SENT
		    : mt_str_skip(&rest, "deferral: ") ? MT_LOG_DEFERRED
		    : mt_str_skip(&rest, "failure: ")  ? MT_LOG_BOUNCED
						       : MT_LOG_NONE;
	if (e->status == MT_LOG_NONE)
		return;
	struct mt_str known = mt_log_memo_get(scratch->memo, number);
	mt_str_word(&known, " ", &e->id);
	bool local = mt_str_skip(&known, " to local ");
	if (!local && mt_str_skip(&known, " to remote "))
		e->to = known;
	/* The report in words again: "_" is a blank; "./" ends a line. */
	size_t n = rest.n < sizeof scratch->text ? rest.n : sizeof scratch->text;
	for (size_t i = 0; i < n; i++)
		scratch->text[i] = rest.p[i] == '_' ? ' ' : rest.p[i];
	struct mt_str report = {scratch->text, n};
	e->kind = local || mt_str_starts(report, "did ") ? MT_LOG_LOCAL : MT_LOG_OUTBOUND;
	/* "ADDRESS does not like", "Connected to ADDRESS but" */
	struct mt_str text = report, word;
	mt_str_skip(&text, "Connected to ");
	e->peer = (struct mt_addr){0};
	if (mt_str_word(&text, " ", &word))
		mt_addr_parse(word, &e->peer);
	if (e->peer.set && mt_addr_is_loopback(e->peer))
		e->kind = MT_LOG_FILTER;
	e->reply = qmail_reply(report);
}

static void read_qmail_line(struct mt_log_scratch *scratch, const struct mt_log_line *line,
			    struct mt_log_event *e)
{
	/* splogger puts a stamp of its own before the text: digits, a dot, digits. */
	size_t n = 0;
	while (n < line->message.n && ((line->message.p[n] >= '0' && line->message.p[n] <= '9') ||
				       line->message.p[n] == '.'))
		n++;
	struct mt_str rest = n > 10 && n < line->message.n && line->message.p[n] == ' '
				     ? mt_str_part(line->message, n + 1, line->message.n - n - 1)
				     : line->message;
	if (mt_str_skip(&rest, "starting delivery "))
		starting(scratch, rest);
	else if (mt_str_skip(&rest, "delivery "))
		finished(scratch, rest, e);
}

const struct mt_log_format qm_log = {
	.claims = claims_qmail_line, .read = read_qmail_line, .bare = '@', .files = files};
