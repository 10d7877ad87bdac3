/* SPDX-License-Identifier: ISC */
/*
 * log.c: Exim's main log (deliver.c: delivery_log, deferral_log, failure_log; spec, "Log files"):
 *	[pid] ID => ADDR [<orig>] R=router T=transport H=host [ip][:port] [I=[local]:port] C="reply"
 *	ID ** ADDR R=.. T=.. H=..: text		ID == ADDR R=.. T=.. defer (errno) H=..: text
 * "->" is a further recipient, "*>" one that -N did not send. A mail that went to another host has H=.
 */
#include "log.h"

#include <string.h>

static const char *const files[] = {"/var/log/exim4/mainlog*",	    "/var/log/exim/main.log*",
				    "/var/log/exim/mainlog*",	    "/var/log/exim_mainlog*",
				    "/var/spool/exim/log/mainlog*", NULL};

static bool claims_exim_line(struct mt_str tag)
{
	return mt_str_starts(tag, "exim");
}

/* Through syslog the text may begin with Exim's own stamp, and with "[pid] ". */
static struct mt_str text_of(struct mt_str s)
{
	if (s.n > 20 && mt_is_digit(s.p[0]) && s.p[4] == '-' && s.p[7] == '-' && s.p[10] == ' ' &&
	    s.p[13] == ':') {
		const char *blank = memchr(s.p + 11, ' ', s.n - 11);
		size_t n = blank ? (size_t)(blank - s.p) + 1 : s.n;
		s = mt_str_part(s, n, s.n - n);
	}
	if (s.n > 6 && (s.p[0] == '+' || s.p[0] == '-') && mt_is_digit(s.p[1]) && s.p[5] == ' ')
		s = mt_str_part(s, 6, s.n - 6);
	if (s.n > 2 && s.p[0] == '[' && mt_is_digit(s.p[1])) {
		const char *end = memchr(s.p, ' ', s.n);
		size_t n = end ? (size_t)(end - s.p) + 1 : s.n;
		s = mt_str_part(s, n, s.n - n);
	}
	return s;
}

/* 6-6-2 letters and digits, or since 4.97 6-11-4. */
static bool is_id(struct mt_str s)
{
	bool old = s.n == 16, new = s.n == 23;
	return (old || new) && s.p[6] == '-' && s.p[s.n - (old ? 3 : 5)] == '-';
}

/* Behind ": ", but not that of an IPv6 literal or an option: the text of a failure. */
static struct mt_str failure_text(struct mt_str rest)
{
	const char *at = mt_str_find(rest, MT_STR(": "));
	if (!at)
		return (struct mt_str){0};
	size_t skip = (size_t)(at - rest.p) + 2;
	return mt_str_part(rest, skip, rest.n - skip);
}

static void host(struct mt_str fields, struct mt_log_event *e)
{
	const char *at = mt_str_find(fields, MT_STR(" H="));
	if (!at)
		return;
	size_t skip = (size_t)(at - fields.p) + 3;
	struct mt_str rest = mt_str_part(fields, skip, fields.n - skip);
	e->relay = rest;
	const char *blank = memchr(rest.p, ' ', rest.n);
	if (blank)
		e->relay.n = (size_t)(blank - rest.p);
	e->peer = mt_addr_bracketed(rest);
	const char *local = mt_str_find(rest, MT_STR(" I=["));
	if (local)
		e->source = mt_addr_bracketed(mt_str_part(rest, (size_t)(local - rest.p),
							  rest.n - (size_t)(local - rest.p)));
}

/* "local <user@domain>": the address in brackets is the one mail was sent to. */
static struct mt_str recipient(struct mt_str rest)
{
	struct mt_str word = {0};
	mt_str_word(&rest, " ", &word);
	while (word.n && word.p[word.n - 1] == ':')
		word.n--;
	return word;
}

static enum mt_log_class exim_class(const struct mt_log_event *e, struct mt_str transport)
{
	static const char *const local[] = {"local",   "spool", "maildir", "mailbox",  "lmtp",
					    "dovecot", "pipe",	"file",	   "procmail", "reply",
					    "virtual", "cyrus", NULL};
	if (e->peer.set)
		return mt_addr_is_loopback(e->peer) ? MT_LOG_FILTER : MT_LOG_OUTBOUND;
	if (e->status == MT_LOG_SENT || !memchr(e->to.p, '@', e->to.n))
		return MT_LOG_LOCAL;
	for (const char *const *w = local; *w; w++)
		if (mt_str_has(transport, *w))
			return MT_LOG_LOCAL;
	return MT_LOG_OUTBOUND;
}

static void exim_delivery(struct mt_str rest, enum mt_log_status status, struct mt_log_event *e)
{
	e->status = status;
	e->to = recipient(rest);
	if (!e->to.n)
		return;
	struct mt_str text = status == MT_LOG_SENT ? (struct mt_str){0} : failure_text(rest);
	struct mt_str fields = text.n ? mt_str_part(rest, 0, rest.n - text.n) : rest;
	host(fields, e);
	e->kind = exim_class(e, mt_str_between(fields, " T=", " "));
	e->reply = mt_log_words(text);
	if (status == MT_LOG_SENT)
		e->reply = mt_str_between(rest, " C=\"", "\"");
	if (status == MT_LOG_DEFERRED && mt_str_starts(e->reply, "retry time not reached")) {
		e->kind = MT_LOG_RETRY_SKIP;
		e->status = MT_LOG_NONE;
	}
}

static void rejected(struct mt_str s, struct mt_log_event *e)
{
	const char *at = mt_str_find(s, MT_STR(" rejected "));
	if (!at)
		return;
	e->kind = mt_str_has(s, ": relay not permitted") || mt_str_has(s, ": Relaying denied")
			  ? MT_LOG_RELAY_DENIED
			  : MT_LOG_INBOUND;
}

static bool exim_bind_error(struct mt_str s, struct mt_log_event *e)
{
	if (!mt_str_starts(s, "bind of ["))
		return false;
	e->kind = MT_LOG_BIND_ERROR;
	e->source = mt_addr_bracketed(s);
	e->reply = s;
	return true;
}

static void with_id(struct mt_str rest, struct mt_log_event *e)
{
	struct mt_str flag = mt_str_part(rest, 0, rest.n < 3 ? rest.n : 3);
	struct mt_str after = mt_str_part(rest, flag.n, rest.n - flag.n);
	if (mt_str_is(flag, "=> ") || mt_str_is(flag, "-> ") || mt_str_is(flag, ">> "))
		exim_delivery(after, MT_LOG_SENT, e);
	else if (mt_str_is(flag, "** "))
		exim_delivery(after, MT_LOG_BOUNCED, e);
	else if (mt_str_is(flag, "== "))
		exim_delivery(after, MT_LOG_DEFERRED, e);
	else if (mt_str_starts(rest, "H=") && !mt_str_has(rest, " rejected "))
		e->kind = MT_LOG_ATTEMPT;
	else if (!exim_bind_error(rest, e))
		rejected(rest, e);
}

static void read_exim_line(struct mt_log_scratch *scratch, const struct mt_log_line *line,
			   struct mt_log_event *e)
{
	(void)scratch;
	struct mt_str rest = text_of(line->message), word = rest;
	const char *blank = rest.n ? memchr(rest.p, ' ', rest.n) : NULL;
	word.n = blank ? (size_t)(blank - rest.p) : rest.n;
	if (is_id(word) && blank) {
		e->id = word;
		with_id(mt_str_part(rest, word.n + 1, rest.n - word.n - 1), e);
	} else if (!exim_bind_error(rest, e)) {
		rejected(rest, e);
	}
}

const struct mt_log_format ex_log = {
	.claims = claims_exim_line, .read = read_exim_line, .bare = 'x', .files = files};
