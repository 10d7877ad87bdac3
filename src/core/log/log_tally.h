/* SPDX-License-Identifier: ISC */
/*
 * log_tally.h: events counted: by class, cause, provider, domain and day, in bounded memory (twenty megabytes at most).
 *
 * A delivery counts once a recipient. `messages` counts a queue id with its recipient once however often it was
 * put off; beyond MT_TALLY_MESSAGES different ones it stands still (`full`). Domains beyond MT_TALLY_DOMAINS are
 * counted together.
 */
#ifndef MT_LOG_TALLY_H
#define MT_LOG_TALLY_H

#include "core/log/log_cause.h"
#include "core/log/log_reader.h"

#define MT_TALLY_DOMAINS   16384
#define MT_TALLY_DAYS	   4096
#define MT_TALLY_MESSAGES  (3u << 18)
#define MT_TALLY_ADDRESSES 64
#define MT_TALLY_SAMPLE	   700

struct mt_log_counts {
	uint64_t sent, deferred, bounced,
		address; /* address: those of the last two that point at it */
};
struct mt_log_domain {
	uint64_t hash; /* 0: free */
	char name[64];
	unsigned provider;
	struct mt_log_counts counts;
};
struct mt_log_days {
	long day;
	struct mt_log_counts counts;
};
struct mt_log_because {
	uint64_t deferred, bounced, messages;
	struct mt_log_counts *provider; /* one each */
	size_t sample_length;
	char sample[MT_TALLY_SAMPLE]; /* the first reply, as it is */
	struct mt_addr named; /* the address it names */
	unsigned sample_provider;
};
struct mt_log_address {
	struct mt_addr addr;
	uint64_t replies; /* that name it and point at the sending address */
};

struct mt_log_tally {
	struct mt_arena *arena;
	const struct mt_log_causes *causes;
	const struct mt_log_providers *providers;
	struct mt_log_counts total, bounces; /* `bounces`: of mailboxes, not in `total` */
	uint64_t kind[MT_LOG_CLASSES];
	uint64_t local_sent;
	struct mt_log_because cause[MT_CAUSES], bounce_cause[MT_CAUSES];
	struct mt_log_counts provider[MT_LOG_PROVIDERS];
	struct mt_log_domain *domain; /* a hash; see mt_log_tally_domains() */
	size_t domain_count, domain_slots;
	struct mt_log_counts more_domains;
	struct mt_log_days *day; /* in the order seen */
	size_t day_count;
	struct mt_log_address address[MT_TALLY_ADDRESSES];
	size_t address_count;
	struct mt_addr bind_error; /* the first address that could not be bound */
	uint64_t *message;
	size_t message_count, message_slots;
	bool full;
};

struct mt_log_tally *mt_log_tally_new(struct mt_arena *arena, const struct mt_log_causes *causes,
				      const struct mt_log_providers *providers);

/* One recipient of an event, understood. */
struct mt_log_item {
	struct mt_str to, domain;
	unsigned provider;
	struct mt_log_verdict verdict;
	struct mt_addr source; /* as stated, else as the reply names it */
};
/* Next recipient of *rest ("<a@x>,<b@y>"); false: none left. An event without one has one, empty. */
bool mt_log_next_recipient(struct mt_str *rest, struct mt_str *to);
struct mt_log_item mt_log_understand(const struct mt_log_tally *tally,
				     const struct mt_log_event *event, struct mt_str to);
void mt_log_tally_add(struct mt_log_tally *tally, const struct mt_log_seen *seen);

/* The most frequent first; NULL-terminated, at most `max`. */
const struct mt_log_domain **mt_log_tally_domains(struct mt_arena *arena,
						  const struct mt_log_tally *tally, size_t max);
/* By date. */
void mt_log_tally_sort_days(struct mt_log_tally *tally);
/* Refusals and deferrals that point at the sending address. */
uint64_t mt_log_tally_address(const struct mt_log_tally *tally);

#endif
