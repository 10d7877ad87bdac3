/* SPDX-License-Identifier: ISC */
/*
 * log.c: Postfix's log. One function of Postfix writes all deliveries (src/global/log_adhoc.c):
 *	QID: to=<R>[, orig_to=<O>], relay=RELAY[, conn_use=N], delay=D, delays=..[, tls=..], dsn=X, status=WORD (TEXT)
 * They are read from the left, quoted local parts respected: what looks like a status inside an address or a message is
 * none. The last element of the tag is the daemon; what stands before is syslog_name and service.
 */
#include "log.h"

#include <string.h>

static const struct mt_log_marker markers[] = {{"status=", 4}, {"denied", 3}, {"bind ", 0}, {0}};

static const char *const files[] = {NULL};

static struct mt_str daemon_of(struct mt_str tag)
{
	return mt_str_after(tag, '/');
}

static bool is_one_of(struct mt_str word, const struct mt_str *list)
{
	for (; list->n; list++)
		if (word.n == list->n && *word.p == *list->p &&
		    memcmp(word.p, list->p, word.n) == 0)
			return true;
	return false;
}

#define WORD(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}
static const struct mt_str delivers[] = {WORD("smtp"),	  WORD("lmtp"),	   WORD("local"),
					 WORD("virtual"), WORD("pipe"),	   WORD("error"),
					 WORD("retry"),	  WORD("discard"), {0}};
static const struct mt_str others[] = {
	WORD("smtpd"),		WORD("qmgr"),	    WORD("nqmgr"),
	WORD("oqmgr"),		WORD("pickup"),	    WORD("cleanup"),
	WORD("bounce"),		WORD("postscreen"), WORD("defer"),
	WORD("master"),		WORD("trace"),	    WORD("scache"),
	WORD("anvil"),		WORD("verify"),	    WORD("trivial-rewrite"),
	WORD("postfix-script"), WORD("tlsproxy"),   {0}};

static bool claims_postfix_line(struct mt_str tag)
{
	struct mt_str daemon = daemon_of(tag);
	return daemon.n && (is_one_of(daemon, delivers) || is_one_of(daemon, others));
}

/* Behind "<", to the ">" that ends the address: none inside quotes, none behind a backslash. */
static struct mt_str address_at(struct mt_str s)
{
	const char *end = s.n ? memchr(s.p, '>', s.n) : NULL;
	size_t n = end ? (size_t)(end - s.p) : s.n, i = 0;
	bool quoted = false;
	if (!memchr(s.p, '"', n) && !memchr(s.p, '\\', n))
		return mt_str_part(s, 0, n);
	for (; i < s.n && (quoted || s.p[i] != '>'); i++)
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
	return mt_str_part(s, 0, i < s.n ? i : s.n);
}

struct delivery {
	struct mt_str to, relay, status, text;
	bool reused; /* the connection, maybe one of another process: "conn_use=2" */
};

static void split_status(struct mt_str rest, struct delivery *d)
{
	size_t n = 0;
	while (n < rest.n && rest.p[n] != ' ' && rest.p[n] != ',')
		n++;
	d->status = mt_str_part(rest, 0, n);
	struct mt_str text = mt_str_part(rest, n, rest.n - n);
	if (text.n > 2 && text.p[0] == ' ' && text.p[1] == '(') {
		text = mt_str_part(text, 2, text.n - 2);
		if (text.p[text.n - 1] == ')')
			text.n--;
		d->text = text;
	}
}

static bool skip_literal(struct mt_str *rest, const char *literal, size_t n)
{
	if (rest->n < n || memcmp(rest->p, literal, n) != 0)
		return false;
	*rest = (struct mt_str){rest->p + n, rest->n - n};
	return true;
}
#define TAKE(rest, literal) skip_literal(rest, literal, sizeof(literal) - 1)

/* From "to=<..." on. */
static bool read_delivery(struct mt_str rest, const char *marker, struct delivery *d)
{
	TAKE(&rest, "to=<");
	d->to = address_at(rest);
	rest = mt_str_part(rest, d->to.n, rest.n - d->to.n);
	if (TAKE(&rest, ">, orig_to=<")) {
		size_t n = address_at(rest).n;
		rest = mt_str_part(rest, n, rest.n - n);
	}
	if (TAKE(&rest, ">, relay=")) {
		const char *comma = mt_str_find(rest, MT_STR(", "));
		d->relay = mt_str_part(rest, 0, comma ? (size_t)(comma - rest.p) : rest.n);
		rest = mt_str_part(rest, d->relay.n, rest.n - d->relay.n);
		d->reused = MT_LOG_STARTS(rest, ", conn_use=");
	}
	/* ", status=" in what follows the relay: numbers and words of Postfix' own, so the first is
	 * the one. */
	struct mt_str seen = {0};
	if (marker && marker > rest.p + 1)
		seen = (struct mt_str){marker - 2, rest.n - (size_t)(marker - 2 - rest.p)};
	const char *status =
		MT_LOG_STARTS(seen, ", status=") ? seen.p : mt_str_find(rest, MT_STR(", status="));
	if (!status)
		return false;
	size_t skip = (size_t)(status - rest.p) + 9;
	split_status(mt_str_part(rest, skip, rest.n - skip), d);
	return true;
}

/* ---- where it went ---- */

/* Mail that error(8) or retry(8) held back because of what a server said before. */
static bool was_outbound(struct mt_str text)
{
	return MT_LOG_STARTS(text, "delivery temporarily suspended: ") ||
	       MT_LOG_STARTS(text, "host ") || MT_LOG_STARTS(text, "connect to ") ||
	       MT_LOG_STARTS(text, "lost connection with ") ||
	       MT_LOG_STARTS(text, "Host or domain name not found");
}

static enum mt_log_class postfix_class(struct mt_str daemon, const struct mt_log_event *e,
				       const struct delivery *d)
{
	if (MT_LOG_IS(daemon, "error") || MT_LOG_IS(daemon, "retry"))
		return was_outbound(d->text) ? MT_LOG_OUTBOUND : MT_LOG_LOCAL;
	bool lmtp = MT_LOG_IS(daemon, "lmtp");
	if (!lmtp && !MT_LOG_IS(daemon, "smtp"))
		return MT_LOG_LOCAL;
	if (lmtp && (!e->peer.set || mt_addr_is_loopback(e->peer) || mt_addr_is_private(e->peer)))
		return MT_LOG_LOCAL;
	/* a content filter: over loopback, or amavis' own words, or a private address and no port of SMTP */
	if (MT_LOG_IS(e->relay, "localhost") || MT_LOG_STARTS(d->text, "250 2.0.0 from MTA(") ||
	    mt_addr_is_loopback(e->peer))
		return MT_LOG_FILTER;
	unsigned long port = 25;
	mt_str_number(mt_str_after(d->relay, ':'), 65535, &port);
	bool smtp = port == 25 || port == 465 || port == 587 || port == 2525 || port == 24;
	return mt_addr_is_private(e->peer) && !smtp ? MT_LOG_FILTER : MT_LOG_OUTBOUND;
}

static enum mt_log_status postfix_status(struct mt_str word)
{
	if (MT_LOG_IS(word, "sent"))
		return MT_LOG_SENT;
	if (MT_LOG_IS(word, "bounced"))
		return MT_LOG_BOUNCED;
	return MT_LOG_IS(word, "deferred") || MT_LOG_IS(word, "SOFTBOUNCE") ? MT_LOG_DEFERRED
									    : MT_LOG_NONE;
}

/* The server's own words: behind "said: " or "refused to talk to me: ", without the stage. */
static struct mt_str postfix_reply(struct mt_str text)
{
	static const char *const before[] = {"] said: ", "] refused to talk to me: "};
	for (size_t i = 0; i < MT_ARRAY_LEN(before); i++) {
		const char *at = mt_str_find(text, mt_str_of(before[i]));
		if (!at)
			continue;
		size_t skip = (size_t)(at - text.p) + strlen(before[i]);
		text = mt_str_part(text, skip, text.n - skip);
		const char *stage = mt_str_find(text, MT_STR(" (in reply to "));
		if (stage)
			text.n = (size_t)(stage - text.p);
		return text;
	}
	return text;
}

/* "relay=none": the server is named in the text, "host H[IP]" or "connect to H[IP]:25". */
static struct mt_str relay_in(struct mt_str text)
{
	static const char *const before[] = {"host ", "connect to ", "onnection with ",
					     "onversation with "};
	for (size_t i = 0; i < MT_ARRAY_LEN(before); i++) {
		struct mt_str name = mt_str_between(text, before[i], " ");
		if (name.n && memchr(name.p, '[', name.n))
			return name;
	}
	return (struct mt_str){0};
}

static void postfix_delivery(const struct mt_log_line *line, struct mt_str rest,
			     struct mt_log_event *e)
{
	struct delivery d = {0};
	if (!read_delivery(rest, line->marker, &d))
		return;
	bool probe =
		MT_LOG_STARTS(d.status, "deliverable") || MT_LOG_STARTS(d.status, "undeliverable");
	e->status = probe ? MT_LOG_NONE : postfix_status(d.status);
	if (!probe && e->status == MT_LOG_NONE)
		return;
	/* a session that was begun names its server as the relay, smtp_proto.c; else there was none */
	bool session = !MT_LOG_IS(d.relay, "none");
	struct mt_str server = session ? d.relay : relay_in(d.text);
	const char *bracket = server.n ? memchr(server.p, '[', server.n) : NULL;
	size_t n = bracket ? (size_t)(bracket - server.p) : server.n;
	e->relay = mt_str_part(server, 0, n);
	e->peer = mt_addr_bracketed(mt_str_part(server, n, server.n - n));
	e->connected = session && !d.reused && e->peer.set;
	if (probe) {
		e->kind = MT_LOG_PROBE;
		return;
	}
	e->to = d.to;
	e->kind = postfix_class(daemon_of(line->tag), e, &d);
	e->reply = e->status == MT_LOG_SENT ? d.text : postfix_reply(d.text);
}

/* ---- other lines ---- */

static enum mt_log_class server_line(struct mt_str message)
{
	if (!mt_str_has(message, "reject: "))
		return MT_LOG_NOISE;
	return mt_str_has(message, "Relay access denied") || mt_str_has(message, "Relaying denied")
		       ? MT_LOG_RELAY_DENIED
		       : MT_LOG_INBOUND;
}

static bool is_attempt(struct mt_str text)
{
	return MT_LOG_STARTS(text, "host ") || MT_LOG_STARTS(text, "connect to ") ||
	       MT_LOG_STARTS(text, "lost connection with ") ||
	       MT_LOG_STARTS(text, "conversation with ");
}

/* The queue id of "ID: rest"; the rest becomes what follows. */
static struct mt_str take_id(struct mt_str *rest)
{
	const char *colon = rest->n ? memchr(rest->p, ':', rest->n < 24 ? rest->n : 24) : NULL;
	size_t n = colon ? (size_t)(colon - rest->p) : 0;
	if (!n || n + 1 >= rest->n || colon[1] != ' ' || memchr(rest->p, ' ', n))
		return (struct mt_str){0};
	struct mt_str id = mt_str_part(*rest, 0, n);
	*rest = mt_str_part(*rest, n + 2, rest->n - n - 2);
	return id;
}

static void queue_line(struct mt_str rest, struct mt_log_event *e)
{
	if (!MT_LOG_STARTS(rest, "from=<"))
		return;
	struct mt_str from = address_at(mt_str_part(rest, 6, rest.n - 6));
	struct mt_str after = mt_str_part(rest, 6 + from.n, rest.n - 6 - from.n);
	if (MT_LOG_STARTS(after, ">, status=expired") ||
	    MT_LOG_STARTS(after, ">, status=force-expired")) {
		e->kind = MT_LOG_EXPIRED;
		e->status = MT_LOG_GONE;
	}
}

static void read_postfix_line(struct mt_log_scratch *scratch, const struct mt_log_line *line,
			      struct mt_log_event *e)
{
	(void)scratch;
	struct mt_str daemon = daemon_of(line->tag), rest = line->message;
	if (MT_LOG_IS(daemon, "smtpd") || MT_LOG_IS(daemon, "postscreen")) {
		e->kind = server_line(rest);
		return;
	}
	bool delivery = is_one_of(daemon, delivers);
	if (delivery && MT_LOG_STARTS(rest, "warning: ")) {
		/* "warning: smtp_connect_addr: bind ADDRESS: Cannot assign requested address" */
		if (mt_addr_parse(mt_str_between(rest, ": bind ", ": "), &e->source)) {
			e->kind = MT_LOG_BIND_ERROR;
			e->reply = rest;
		}
		return;
	}
	if (!delivery && !MT_LOG_IS(daemon, "qmgr"))
		return;
	e->id = take_id(&rest);
	if (!delivery)
		queue_line(rest, e);
	else if (MT_LOG_STARTS(rest, "to=<"))
		postfix_delivery(line, rest, e);
	else if (is_attempt(rest))
		e->kind = MT_LOG_ATTEMPT;
}

const struct mt_log_format pf_log = {.claims = claims_postfix_line,
				     .read = read_postfix_line,
				     .markers = markers,
				     .files = files};
