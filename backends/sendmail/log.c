/* SPDX-License-Identifier: ISC */
/*
 * log.c: sendmail's log (deliver.c, logdelivery()):
 *	QID: to=LIST[, ctladdr=..], delay=.., mailer=M, pri=N[, relay=H. [IP]][, dsn=..][, reply=TEXT], stat=TEXT
 * stat= and dsn= lie about refusals (a missing reverse name is "dsn=5.1.1, stat=User unknown"): the server's
 * words are in reply=, or behind "Deferred: ". BUGS: sendmail cuts them in the middle, at some 200 bytes.
 */
#include <mtapin/log.h>

#include <string.h>

#include "log.h"

static const char *const files[] = {NULL};

static bool claims_sendmail_line(struct mt_str tag)
{
	return mt_str_is(tag, "sendmail") || mt_str_starts(tag, "sm-") ||
	       mt_str_is(tag, "sendmail-mta");
}

static bool local_mailer(struct mt_str mailer)
{
	static const char *const names[] = {"local",	 "lmtp",     "prog",  "*file*",
					    "*include*", "procmail", "cyrus", "cyrusv2",
					    "dovecot",	 "uucp",     NULL};
	for (const char *const *n = names; *n; n++)
		if (mt_str_is(mailer, *n))
			return true;
	return false;
}

/* What stat= says, in the order that matters. */
static enum mt_log_status sendmail_status(struct mt_str stat)
{
	if (mt_str_starts(stat, "Sent"))
		return MT_LOG_SENT;
	if (mt_str_starts(stat, "Deferred"))
		return MT_LOG_DEFERRED;
	return mt_str_starts(stat, "queued") ? MT_LOG_NONE : MT_LOG_BOUNCED;
}

static struct mt_str from(struct mt_str s, const char *at)
{
	return at ? mt_str_part(s, (size_t)(at - s.p), s.n - (size_t)(at - s.p))
		  : (struct mt_str){0};
}

/* The field at the end may hold commas itself: a value runs to the key that can follow it. */
static struct mt_str sendmail_reply(struct mt_str rest, struct mt_str stat)
{
	const char *at = mt_str_find(rest, MT_STR(", reply="));
	struct mt_str reply = from(rest, at);
	if (reply.n) {
		reply = mt_str_part(reply, 8, reply.n - 8);
		const char *end = mt_str_find(reply, MT_STR(", stat="));
		reply.n = end ? (size_t)(end - reply.p) : reply.n;
	}
	/* "Deferred: 421 ..." has the server's words even where reply= is that of QUIT */
	if (mt_str_starts(stat, "Deferred: ") &&
	    (!reply.n || reply.p[0] == '2' || stat.n > reply.n + 10))
		return mt_str_part(stat, 10, stat.n - 10);
	return reply.n && reply.p[0] != '2' ? reply : stat;
}

static void sendmail_delivery(struct mt_str rest, struct mt_log_event *e)
{
	const char *at = mt_str_find(rest, MT_STR(", stat="));
	if (!at)
		return;
	/* the last one: what a server said may hold any words, but stands before */
	struct mt_str stat = from(rest, at + 7), head = mt_str_part(rest, 0, (size_t)(at - rest.p));
	e->status = sendmail_status(stat);
	if (e->status == MT_LOG_NONE)
		return;
	const char *to_end = mt_str_find(rest, MT_STR(", "));
	e->to = mt_str_part(rest, 3, (size_t)(to_end - rest.p) - 3);
	struct mt_str mailer = mt_str_between(head, ", mailer=", ",");
	struct mt_str relay = mt_str_between(head, ", relay=", ",");
	e->peer = mt_addr_bracketed(relay);
	mt_str_word(&relay, " ", &e->relay);
	while (e->relay.n && e->relay.p[e->relay.n - 1] == '.')
		e->relay.n--;
	struct mt_str reply = sendmail_reply(rest, stat);
	/* "Service unavailable" is sendmail's own word for any refusal: it says nothing of the cause. */
	e->reply = mt_str_is(reply, "Service unavailable") ? (struct mt_str){0} : reply;
	if (local_mailer(mailer))
		e->kind = mt_str_has(stat, "Relaying denied") ? MT_LOG_RELAY_DENIED : MT_LOG_LOCAL;
	else
		e->kind = (e->peer.set && mt_addr_is_loopback(e->peer)) ||
					  mt_str_starts(e->relay, "localhost") ||
					  mt_str_starts(e->relay, "[127.")
				  ? MT_LOG_FILTER
				  : MT_LOG_OUTBOUND;
}

static void ruleset(struct mt_str rest, struct mt_log_event *e)
{
	if (!mt_str_has(rest, "reject="))
		return;
	e->kind = mt_str_has(rest, "Relaying denied") ? MT_LOG_RELAY_DENIED : MT_LOG_INBOUND;
}

/* "SYSERR(root): makeconnection: cannot bind socket [ADDRESS]: Cannot assign requested address" */
static bool sendmail_bind_error(struct mt_str rest, struct mt_log_event *e)
{
	const char *at = mt_str_find(rest, MT_STR("cannot bind socket ["));
	if (!at)
		return false;
	e->source = mt_addr_bracketed(from(rest, at));
	e->kind = MT_LOG_BIND_ERROR;
	e->reply = rest;
	return true;
}

static void read_sendmail_line(struct mt_log_scratch *scratch, const struct mt_log_line *line,
			       struct mt_log_event *e)
{
	(void)scratch;
	struct mt_str rest = line->message;
	if (mt_str_starts(rest, "ruleset=")) {
		ruleset(rest, e);
		return;
	}
	const char *colon = mt_str_find(rest, MT_STR(": "));
	if (!colon || sendmail_bind_error(rest, e))
		return;
	e->id = mt_str_part(rest, 0, (size_t)(colon - rest.p));
	rest = from(rest, colon + 2);
	if (mt_str_starts(rest, "to="))
		sendmail_delivery(rest, e);
	else if (mt_str_starts(rest, "ruleset="))
		ruleset(rest, e);
	else if (mt_str_has(rest, "return to sender: Cannot send message for")) {
		e->kind = MT_LOG_EXPIRED;
		e->status = MT_LOG_GONE;
	}
}

const struct mt_log_format sm_log = {
	.claims = claims_sendmail_line, .read = read_sendmail_line, .files = files};
