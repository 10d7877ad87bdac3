/* SPDX-License-Identifier: ISC */
/*
 * dns.h: asking the DNS: all questions of a round at once, through c-ares in a libuv loop.
 *
 * Each question goes to one resolver for 3 seconds, then to the next one (the same, if there is only one),
 * twice at least; a resolver that answered is asked first from then on. SERVFAIL, REFUSED and nonsense
 * are asked again only of another resolver. A truncated answer is asked for by TCP. 15 seconds in all
 * for one asker, plus what its own rate limits cost: what has no answer then is a time-out.
 *
 * Names are asked as they are: no search list, no hosts file, no cache of ours.
 */
#ifndef MT_IO_DNS_H
#define MT_IO_DNS_H

#include "core/dns/dns.h"
#include "io/sys/run.h"

#define MT_DNS_TRY_MS	  3000
#define MT_DNS_ALL_MS	  15000
#define MT_DNS_RESOLVERS  3 /* used of those there are, as libc does */
#define MT_DNS_BURST	  64 /* questions of one pace at once, */
#define MT_DNS_PER_SECOND 10 /* then so many */

struct mt_asker;

/*
 * `resolvers`: "ADDRESS", "ADDRESS:PORT" or "[ADDRESS]:PORT" each, NULL-terminated; NULL: those of this host
 * (/etc/resolv.conf; 127.0.0.1 when it names none, as resolver(3) has it). Memory of answers is `arena`'s.
 * Errors: code 2.
 */
int mt_asker_open(struct mt_arena *arena, const char *const *resolvers, struct mt_asker **asker,
		  struct mt_error *error) MT_MUST_CHECK;
/* One round: ask all of them, add an answer to each to `dns`. */
void mt_asker_ask(struct mt_asker *asker, const struct mt_question *questions, size_t count,
		  struct mt_dns *dns);
/* Not 15 seconds from when it was opened, but so many milliseconds from now. */
void mt_asker_limit(struct mt_asker *asker, unsigned ms);
/* Who is told where the answers take long. */
void mt_asker_waiting(struct mt_asker *asker, struct mt_waiting waiting);
/* "192.0.2.53, 192.0.2.54" */
const char *mt_asker_resolvers(const struct mt_asker *asker);
struct mt_asked {
	size_t questions; /* sent, repeats apart */
	unsigned
		slowest_ms; /* the longest that one took, repeats and waiting for its turn included */
	unsigned total_ms; /* all rounds */
};
struct mt_asked mt_asker_asked(const struct mt_asker *asker);
void mt_asker_close(struct mt_asker *asker); /* NULL is accepted */

/* One message of a server as the answer to a question; `answer` has type and name. */
void mt_dns_message(struct mt_arena *arena, struct mt_str message, struct mt_answer *answer);
/* The TC bit: the answer is longer than what was sent. */
bool mt_dns_truncated(struct mt_str message);

#endif
