/* SPDX-License-Identifier: ISC */
/*
 * log.c: OpenSMTPD's log (mta.c, mta_log(); mta_session.c; queue.c):
 *	SESS mta delivery evpid=.. from=<> to=<R> rcpt=<-> source="IP" relay="IP (host)" delay=1s result="Ok" stat="TEXT"
 * A server that refuses the session leaves only "Network error on destination MXs" on the delivery's line:
 * its words stand on the line "SESS mta error reason=..." before, and the route (source -, relay = the domain)
 * names no session. So the error of a session is kept by the server's name, and the server of a domain is
 * learnt from deliveries that name both; a domain never seen takes the latest error.
 */
#include "log.h"

#include <string.h>

static const char *const files[] = {NULL};

#define LAST "last error"

/* One thing of a kind, as a key of the memo: 'd' domain, 'h' server, 's' session. */
static struct mt_str memo_key(char *buf, char kind, struct mt_str name)
{
	size_t n = name.n < MT_LOG_MEMO_KEY - 1 ? name.n : MT_LOG_MEMO_KEY - 1;
	buf[0] = kind;
	if (n)
		memcpy(buf + 1, name.p, n);
	return (struct mt_str){buf, n + 1};
}

static void remember_session(struct mt_log_scratch *scratch, char kind, struct mt_str name,
			     struct mt_str value)
{
	char buf[MT_LOG_MEMO_KEY];
	mt_log_memo_put(scratch->memo, memo_key(buf, kind, name), value);
}

static struct mt_str recall(const struct mt_log_scratch *scratch, char kind, struct mt_str name)
{
	char buf[MT_LOG_MEMO_KEY];
	return mt_log_memo_get(scratch->memo, memo_key(buf, kind, name));
}

static bool claims_opensmtpd_line(struct mt_str tag)
{
	return mt_str_is(tag, "smtpd") || mt_str_is(tag, "opensmtpd");
}

static struct mt_str quoted(struct mt_str s, const char *key)
{
	return mt_str_between(s, key, "\"");
}

/* stat="..." is the last field, and its text may hold quotes. */
static struct mt_str stat_of(struct mt_str rest)
{
	const char *at = mt_str_find(rest, MT_STR(" stat=\""));
	if (!at)
		return (struct mt_str){0};
	size_t skip = (size_t)(at - rest.p) + 7;
	struct mt_str s = mt_str_part(rest, skip, rest.n - skip);
	if (s.n && s.p[s.n - 1] == '"')
		s.n--;
	return s;
}

/* relay="IP (host)", or the domain where none was reached */
static void relay(struct mt_str text, struct mt_log_event *e)
{
	struct mt_str word = {0};
	mt_str_word(&text, " ", &word);
	if (!mt_addr_parse(word, &e->peer))
		return;
	e->relay = mt_str_between(text, "(", ")");
}

static void delivery(struct mt_log_scratch *scratch, struct mt_str rest, struct mt_log_event *e)
{
	struct mt_str result = quoted(rest, " result=\"");
	e->status = mt_str_is(result, "Ok")	    ? MT_LOG_SENT
		    : mt_str_is(result, "TempFail") ? MT_LOG_DEFERRED
		    : mt_str_is(result, "PermFail") ? MT_LOG_BOUNCED
						    : MT_LOG_NONE;
	if (e->status == MT_LOG_NONE)
		return;
	e->id = mt_str_between(rest, "evpid=", " ");
	e->to = mt_str_between(rest, " to=<", ">");
	mt_addr_parse(quoted(rest, " source=\""), &e->source);
	e->states_source = true;
	relay(quoted(rest, " relay=\""), e);
	e->reply = stat_of(rest);
	e->kind = e->peer.set && mt_addr_is_loopback(e->peer) ? MT_LOG_FILTER : MT_LOG_OUTBOUND;
	struct mt_str domain = mt_str_after(e->to, '@');
	if (e->relay.n)
		remember_session(scratch, 'd', domain, e->relay);
	if (mt_str_starts(e->reply, "Network error on destination MX")) {
		/* What the domain's server said; the latest error where its server is not known. */
		struct mt_str server = recall(scratch, 'd', domain), error = {0};
		if (server.n)
			error = recall(scratch, 'h', server);
		if (!error.n)
			error = mt_log_memo_get(scratch->memo, MT_STR(LAST));
		if (error.n)
			e->reply = error;
	}
}

/* An error of the session, or of the one just connecting. */
static void session_attempt(struct mt_log_scratch *scratch, struct mt_str session,
			    struct mt_str why, struct mt_log_event *e)
{
	struct mt_str server = recall(scratch, 's', session);
	e->kind = MT_LOG_ATTEMPT;
	if (server.n)
		remember_session(scratch, 'h', server, why);
	mt_log_memo_put(scratch->memo, MT_STR(LAST), why);
}

/* "smtp-out: Error on [SRC <-> ]DEST: WHY": the deliveries that fail by it say as much themselves. */
static void route_error(struct mt_log_scratch *scratch, struct mt_str rest, struct mt_log_event *e)
{
	const char *at = mt_str_find(rest, MT_STR(": "));
	struct mt_str why = at ? mt_str_part(rest, (size_t)(at - rest.p) + 2,
					     rest.n - (size_t)(at - rest.p) - 2)
			       : rest;
	e->kind = MT_LOG_ATTEMPT;
	mt_log_memo_put(scratch->memo, MT_STR(LAST), (struct mt_str){0}); /* no server spoke */
	struct mt_str word;
	if (mt_str_has(rest, "Cannot assign requested address") && mt_str_word(&rest, " ", &word) &&
	    mt_addr_parse(word, &e->source)) {
		e->kind = MT_LOG_BIND_ERROR;
		e->reply = why;
	}
}

/* Behind "SESSION mta " or "SESSION mda " and the like. */
static void session(struct mt_log_scratch *scratch, struct mt_str id, struct mt_str rest,
		    struct mt_log_event *e)
{
	if (mt_str_skip(&rest, "mta delivery ")) {
		delivery(scratch, rest, e);
	} else if (mt_str_skip(&rest, "mta error reason=")) {
		mt_str_skip(&rest, "BANNER rejected: ");
		session_attempt(scratch, id, rest, e);
		e->reply = rest;
		e->states_source = true;
	} else if (mt_str_skip(&rest, "mta connecting address=")) {
		remember_session(scratch, 's', id, mt_str_between(rest, " host=", " "));
	} else if (mt_str_skip(&rest, "mda delivery ")) {
		e->kind = MT_LOG_LOCAL;
		e->status = mt_str_has(rest, " result=Ok")	   ? MT_LOG_SENT
			    : mt_str_has(rest, " result=TempFail") ? MT_LOG_DEFERRED
								   : MT_LOG_BOUNCED;
	} else if (mt_str_skip(&rest, "smtp failed-command ")) {
		e->kind = mt_str_has(rest, "\"550 Invalid recipient: ") ? MT_LOG_RELAY_DENIED
									: MT_LOG_INBOUND;
	}
}

static void read_opensmtpd_line(struct mt_log_scratch *scratch, const struct mt_log_line *line,
				struct mt_log_event *e)
{
	struct mt_str rest = line->message;
	if (mt_str_skip(&rest, "smtp-out: Error on "))
		route_error(scratch, rest, e);
	else if (mt_str_starts(rest, "relay: Expire for ")) {
		e->kind = MT_LOG_EXPIRED;
		e->status = MT_LOG_GONE;
	} else if (rest.n > 17 && rest.p[16] == ' ') {
		session(scratch, mt_str_part(rest, 0, 16), mt_str_part(rest, 17, rest.n - 17), e);
	}
}

const struct mt_log_format os_log = {
	.claims = claims_opensmtpd_line, .read = read_opensmtpd_line, .files = files};
