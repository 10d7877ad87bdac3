/* SPDX-License-Identifier: ISC */
/*
 * log.h: what a mail log says, line by line. A log format is a pure value that belongs to its MTA's
 * backend: bytes of a line in, one event out. The frame of a line (stamp, host, tag) is read by the core.
 */
#ifndef MTAPIN_LOG_H
#define MTAPIN_LOG_H

#include <string.h>

#include <mtapin/address.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a line is about. Only `outbound` is mail that this host tried to give to another one. */
enum mt_log_class {
	MT_LOG_NOISE,
	MT_LOG_OUTBOUND,
	MT_LOG_LOCAL, /* delivered, or not, on this host */
	MT_LOG_FILTER, /* a hop over loopback: the same mail is logged again */
	MT_LOG_INBOUND, /* this host refused somebody else */
	MT_LOG_RELAY_DENIED, /* this host refused to relay: a client that did not log in */
	MT_LOG_ATTEMPT, /* one server of several tried; the delivery has a line of its own */
	MT_LOG_BIND_ERROR, /* the local address could not be bound */
	MT_LOG_EXPIRED, /* too long in the queue: returned to its sender */
	MT_LOG_PROBE, /* an address was verified, nothing sent */
	MT_LOG_RETRY_SKIP, /* not tried: it is not time yet */
	MT_LOG_CLASSES
};
enum mt_log_status { MT_LOG_NONE, MT_LOG_SENT, MT_LOG_DEFERRED, MT_LOG_BOUNCED, MT_LOG_GONE };
const char *mt_log_class_name(enum mt_log_class kind);
const char *mt_log_status_name(enum mt_log_status status);

/* All strings are parts of the line, or of the reader's scratch; valid until the next line. */
struct mt_log_event {
	enum mt_log_class kind;
	enum mt_log_status status;
	struct mt_str id; /* queue id; empty: none known */
	struct mt_str
		to; /* recipients, separated by commas, with or without <>; empty: not known */
	struct mt_str relay; /* name (or address) of the server; empty: none */
	struct mt_addr peer; /* its address */
	bool connected; /* the process that wrote the line had a connection of its own to it */
	struct mt_str reply; /* what it said, or why none was reached */
	struct mt_str dsn; /* "5.7.25" where the line or the report states it; empty: not */
	struct mt_addr source; /* our address, where the log states it */
	bool states_source; /* this MTA always states it: one that is unset was not bound yet */
};

/* A line without its frame. */
struct mt_log_line {
	struct mt_str tag; /* program, "postfix/smtp"; empty: the format has none */
	struct mt_str message;
	const char *marker; /* the first in it; NULL: they were not looked for */
};

/* Small facts that a line needs of an earlier one: a bounded store, the oldest are forgotten. */
struct mt_log_memo;
#define MT_LOG_MEMO_KEY	  48
#define MT_LOG_MEMO_VALUE 400 /* longer values are cut */
void mt_log_memo_put(struct mt_log_memo *memo, struct mt_str key, struct mt_str value);
struct mt_str mt_log_memo_get(const struct mt_log_memo *memo,
			      struct mt_str key); /* empty: unknown */

/* What a format works with besides the line. */
struct mt_log_scratch {
	struct mt_log_memo *memo;
	char text[2048]; /* for a reply that must be put together */
};

/* Bytes that every line worth reading has: `text`, found by its bytes at `at` and `at + MT_LOG_GAP`. */
struct mt_log_marker {
	const char *text;
	unsigned at;
};
#define MT_LOG_MARKERS 3
#define MT_LOG_GAP     2

struct mt_log_format {
	/* Whether lines with this tag are its own. `bare`: without a tag, the frame says so (below). */
	bool (*claims)(struct mt_str tag);
	/* Fill *event (zeroed before) for a line it claims. */
	void (*read)(struct mt_log_scratch *scratch, const struct mt_log_line *line,
		     struct mt_log_event *event);
	/* At most MT_LOG_MARKERS, text NULL ends; NULL: every line must be read. */
	const struct mt_log_marker *markers;
	/* Frames without a tag that are its own: '@' TAI64N, 'x' "2025-11-07 09:00:00"; 0 none. */
	char bare;
	/* Where it logs by default, as globs; NULL ends. A file that syslog writes is known to all. */
	const char *const *files;
};

/* mt_str_starts() and mt_str_is() for a literal, without a call: for what is asked of every line. */
#define MT_LOG_STARTS(s, literal)                                                                  \
	((s).n >= sizeof(literal) - 1 && memcmp((s).p, literal, sizeof(literal) - 1) == 0)
#define MT_LOG_IS(s, literal) ((s).n == sizeof(literal) - 1 && memcmp((s).p, literal, (s).n) == 0)

/* What follows the first `key` up to `end` (or the rest where that is missing); empty: no key. */
struct mt_str mt_str_between(struct mt_str s, const char *key, const char *end);
/* From the reply code that follows ": ", "said: 550 5.7.1 ..."; the whole text where there is none. */
struct mt_str mt_log_words(struct mt_str text);
/* The address in the first [brackets] of s, without "IPv6:"; unset: none. */
struct mt_addr mt_addr_bracketed(struct mt_str s);

#ifdef __cplusplus
}
#endif

#endif
