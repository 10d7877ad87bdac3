/* SPDX-License-Identifier: ISC */
/*
 * dns.h: questions to the DNS and what came back, as data. Pure: src/io/dns/dns.h asks.
 *
 * An answer keeps apart what must never be mixed up: there is no such name, the name has no such
 * record, and nobody could tell. Only the first two mean "no record". Answers are items of the bundle,
 * all in the probe `dns`, a line a question and below it a line a value, which starts with one blank:
 *
 *	> TYPE NAME STATUS RESOLVER DROPPED
 *	 VALUE
 *
 * TYPE: a aaaa ptr mx txt. STATUS: the words of mt_dns_status_name(). DROPPED: how many values were left
 * out. NAME and VALUE are printable ASCII; any other byte is \DDD (RFC 1035, 5.1). VALUE: an address; a
 * name without final dot; "PREFERENCE NAME"; the strings of a TXT record joined.
 */
#ifndef MT_DNS_H
#define MT_DNS_H

#include <mtapin/snapshot.h>

enum mt_dns_type { MT_DNS_A, MT_DNS_AAAA, MT_DNS_PTR, MT_DNS_MX, MT_DNS_TXT, MT_DNS_TYPES };
enum mt_dns_status {
	MT_DNS_UNASKED, /* nobody asked, or the bundle that is read does not say */
	MT_DNS_ANSWERED,
	MT_DNS_NO_NAME, /* NXDOMAIN */
	MT_DNS_NO_DATA, /* the name is there, a record of this type is not */
	MT_DNS_SERVFAIL,
	MT_DNS_REFUSED,
	MT_DNS_TIMEOUT,
	MT_DNS_LAME, /* a referral to others instead of an answer */
	MT_DNS_MALFORMED, /* cut off, or not to be read */
	MT_DNS_NO_RESOLVER, /* nobody is there to be asked */
	MT_DNS_STATUSES
};
const char *mt_dns_type_name(enum mt_dns_type type); /* "PTR" */
const char *mt_dns_status_name(enum mt_dns_status status); /* "no-name" */

struct mt_question {
	enum mt_dns_type type;
	const char *name; /* lower case, no final dot */
	const char *pace; /* all questions with this word share one rate limit; NULL: none */
};

#define MT_DNS_VALUES 64 /* kept of one answer */
#define MT_DNS_VALUE  4096 /* bytes of one; longer ones are cut */

struct mt_answer {
	enum mt_dns_type type;
	const char *name;
	enum mt_dns_status status;
	const char *resolver; /* who said so: "192.0.2.53", "192.0.2.53:5353"; "" nobody */
	const char *const *value; /* `count` of them */
	unsigned count, dropped;
};

/* Answers by (type, name). Grows in its arena. */
struct mt_dns {
	struct mt_arena *arena;
	struct mt_answer *list;
	size_t count, room;
	size_t *slot, slots; /* private: hash table of index + 1 */
};

/* Of the probe `dns`; what is not understood is skipped. Never NULL; empty when nothing was asked. */
struct mt_dns *mt_dns_read(const struct mt_snapshot *snapshot);
/* Never NULL: what was never asked is *unasked*. The name in any case, with or without final dot. */
const struct mt_answer *mt_dns_get(const struct mt_dns *dns, enum mt_dns_type type,
				   const char *name);
/* Copies the struct, not what it points to. The first answer to a question stays. */
void mt_dns_add(struct mt_dns *dns, const struct mt_answer *answer);
/* All of it, as the probe `dns` holds it. */
struct mt_str mt_dns_text(const struct mt_dns *dns);
/* The bundle with the answers in it, before its `done`; those it had are replaced. Without `done`, or over
 * MT_BUNDLE_MAX: -1, code 2. */
int mt_dns_save(const struct mt_dns *dns, struct mt_str bundle, struct mt_str *with,
		struct mt_error *error) MT_MUST_CHECK;

/* The question was answered: with records, or with the certainty that there are none. */
static inline bool mt_answer_known(const struct mt_answer *answer)
{
	return answer->status >= MT_DNS_ANSWERED && answer->status <= MT_DNS_NO_DATA;
}
/* Why nothing can be said: "192.0.2.53 answered SERVFAIL". A clause that names the resolver. */
const char *mt_answer_why(struct mt_arena *arena, const struct mt_answer *answer);

/* Lower case, without final dot. */
const char *mt_dns_name(struct mt_arena *arena, const char *name);
/* "10.2.0.192.in-addr.arpa"; with another zone the same digits below that (RFC 5782, 2.1 and 2.4). */
const char *mt_dns_reverse(struct mt_arena *arena, struct mt_addr addr, const char *zone);

#endif
