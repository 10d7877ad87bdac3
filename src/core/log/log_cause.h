/* SPDX-License-Identifier: ISC */
/*
 * log_cause.h: why a server refused or put off a mail, from its words alone. First a table of texts known word by
 * word (data/causes.tsv), then a generic rule over words that such texts are made of (data/words.tsv); what neither
 * knows is unknown.
 *
 * One pass over the text finds all words of both tables. Letters count the same in either size; reply codes that a
 * server repeats in every line of one reply are skipped, so that a phrase broken by one is still that phrase.
 */
#ifndef MT_LOG_CAUSE_H
#define MT_LOG_CAUSE_H

#include <mtapin/log.h>

enum mt_log_cause {
	MT_CAUSE_NONE, /* not refused */
	/* these point at the sending address */
	MT_CAUSE_IP_PTR,
	MT_CAUSE_IP_HELO,
	MT_CAUSE_IP_DNSBL,
	MT_CAUSE_IP_V6,
	MT_CAUSE_IP_SPF,
	MT_CAUSE_IP_REPUTATION,
	MT_CAUSE_IP_RATE,
	MT_CAUSE_NET_V6, /* maybe: no route for IPv6 from here */
	/* these do not */
	MT_CAUSE_RECIPIENT,
	MT_CAUSE_MAILBOX_FULL,
	MT_CAUSE_CONTENT,
	MT_CAUSE_AUTH,
	MT_CAUSE_SENDER,
	MT_CAUSE_SIZE,
	MT_CAUSE_GREYLIST,
	MT_CAUSE_RELAY_DENIED,
	MT_CAUSE_LIMIT,
	MT_CAUSE_RECEIVER,
	MT_CAUSE_NET,
	MT_CAUSE_DNS_DEST,
	MT_CAUSE_UNKNOWN,
	MT_CAUSES
};
/* "ip_ptr", "recipient" */
const char *mt_log_cause_name(enum mt_log_cause cause);
/* A clause: "no reverse name (PTR)" */
const char *mt_log_cause_title(enum mt_log_cause cause);
/* What to do, a sentence. */
const char *mt_log_cause_advice(enum mt_log_cause cause);
enum mt_log_points { MT_POINTS_NO, MT_POINTS_YES, MT_POINTS_MAYBE, MT_POINTS_UNKNOWN };
enum mt_log_points mt_log_cause_points(enum mt_log_cause cause);
/* "no", "yes", "maybe", "unknown" */
const char *mt_log_points_name(enum mt_log_points points);

struct mt_log_verdict {
	enum mt_log_cause cause;
	const char *source; /* of the table's row; NULL: the generic rule, or none */
	struct mt_addr named; /* the sending address as the reply names it */
};

/* The tables, ready for the pass. */
struct mt_log_causes;
struct mt_log_causes *mt_log_causes_new(struct mt_arena *arena,
					bool table); /* false: the generic rule alone */
/* `peer` is the server's address, which the reply may name too; unset: not known. */
struct mt_log_verdict mt_log_classify(const struct mt_log_causes *causes, struct mt_str reply,
				      struct mt_addr peer);

/* ---- providers (data/providers.tsv) ---- */
#define MT_LOG_PROVIDERS 128
enum { MT_PROVIDER_OTHER, MT_PROVIDER_UNKNOWN }; /* nobody we know; not even a domain is known */
struct mt_log_providers;
struct mt_log_providers *mt_log_providers_new(struct mt_arena *arena);
/* Who runs the server of this name, or of this mail domain, or speaks so. */
unsigned mt_log_provider(const struct mt_log_providers *providers, struct mt_str relay,
			 struct mt_str domain, struct mt_str reply);
const char *mt_log_provider_name(const struct mt_log_providers *providers, unsigned number);

#endif
