/* SPDX-License-Identifier: ISC */
/*
 * check.h: are these the right addresses? What reverse DNS, HELO, blacklists, MX and SPF say about every address
 * that mail leaves from and every public address that it could leave from, and which of them to pick.
 *
 * Pure. Call mt_check(); while it returns questions, have them answered (mt_ask() of io/dns/check_rounds.h does both) and
 * call it again with the answers, at most MT_CHECK_ROUNDS times. Then mt_check_report() adds the findings to
 * the model. What has no answer is "could not determine", never "no record".
 *
 * Used by: check, `fix --ip auto`, and whoever needs the table (mt_check_best) or only the asking.
 */
#ifndef MT_CHECK_H
#define MT_CHECK_H

#include "core/dns/dns.h"
#include "core/dns/dnsbl.h"
#include <mtapin/plan.h>

#define MT_CHECK_ROUNDS	   12
#define MT_CHECK_ADDRESSES 256 /* rows of the table; more are counted, not asked about */
#define MT_CHECK_NAMES	   10 /* names of one PTR that are resolved back (RFC 8601, 2.7.3 and 6.1) */
#define MT_CHECK_DOMAINS   MT_DOMAINS_MAX /* whose MX is asked for */

/* What the user wants to be looked at. */
struct mt_check_options {
	const struct mt_dnsbl *lists; /* to be asked; NULL none */
	const struct mt_addr *preferred; /* picked first among good ones */
	size_t preferred_count;
	const char *helo; /* the HELO name that is about to be set; NULL: as configured */
};

/* RFC 8601, 2.7.3: pass, fail, temperror (could not tell), permerror (no PTR record). */
enum mt_iprev { MT_IPREV_PASS, MT_IPREV_FAIL, MT_IPREV_TEMPERROR, MT_IPREV_PERMERROR };
const char *mt_iprev_name(enum mt_iprev iprev);

enum mt_truth { MT_NO, MT_YES, MT_UNKNOWN };
const char *mt_truth_name(enum mt_truth truth); /* "no", "yes", "unknown" */

/* One address: a row of the table. */
struct mt_checked {
	struct mt_addr addr;
	const struct mt_ifaddr *at; /* NULL: on no interface, or the interfaces are not known */
	bool sends; /* mail leaves from it today */
	bool listens; /* some MTA takes mail on it */
	bool public; /* it can be seen in the internet */
	const char *paths; /* "smtp, relay": what leaves from it; "" nothing */
	const char *helo; /* said from it, or what would be; "" not known */

	enum mt_iprev iprev; /* meaningless when not public */
	const struct mt_answer *ptr;
	const char *confirmed; /* the PTR name that resolves back; "" none */
	const char *why; /* of temperror: a clause; "" else */
	const char *generic; /* a PTR name that is made of the address; "" none */
	enum mt_truth helo_resolves; /* to this address */
	const char *helo_why; /* of unknown: a clause */
	bool helo_is_ptr; /* the HELO name is the confirmed one */
	bool lacks_helo; /* it would be good if the HELO name were the confirmed one */

	struct mt_listing *listings; /* one a list that has the family */
	enum mt_listed listed; /* the worst of them that is known; NO: of what could be told */

	enum mt_truth good; /* to be picked */
	const char *verdict; /* why, or why not: a clause */
	struct mt_checked *next;
};

struct mt_spf {
	const char *domain;
	const struct mt_answer *txt;
	const char *const *record; /* those that start with v=spf1; NULL-terminated; never NULL */
	struct mt_spf *next;
};

/* An address of this host that the MX of a domain leads to. */
struct mt_mx {
	const char *domain, *host;
	struct mt_addr addr;
	struct mt_mx *next;
};

struct mt_check {
	struct mt_arena *arena;
	struct mt_model *model;
	const struct mt_check_options *options;
	const struct mt_dns *dns;
	struct mt_checked *rows; /* those that send first */
	size_t left_out; /* addresses beyond MT_CHECK_ADDRESSES */
	struct mt_spf *spf;
	struct mt_mx *mx;
	/* to be asked before anything is certain; none: it is complete */
	struct mt_question *missing;
	size_t missing_count, missing_room;
};

/* Never NULL. `options` and `dns` must live as long. The model is not changed. */
struct mt_check *mt_check(struct mt_model *model, const struct mt_check_options *options,
			  const struct mt_dns *dns);
/* Only what MX records say, for mt_check_mx_closed(): a tenth of the questions. */
struct mt_check *mt_check_mx(struct mt_model *model, const struct mt_check_options *options,
			     const struct mt_dns *dns);
/* Add DNS- and HOST- findings to the model. Once. */
void mt_check_report(struct mt_check *check);

/* What was found of this address; NULL: it was not looked at, or there is no check (NULL). */
const struct mt_checked *mt_check_row(const struct mt_check *check, struct mt_addr addr);
/* The address to pin for a family, NULL when none is good: then mt_check_advice() says what to do. */
const struct mt_checked *mt_check_best(const struct mt_check *check, enum mt_family family);
/* What to ask the provider for, with the exact record, or what else is in the way: a sentence. "" when some
 * address is good, or the host has none of this family. */
const char *mt_check_advice(const struct mt_check *check, enum mt_family family);
/* "10.2.0.192.in-addr.arpa. IN PTR mail.example.com." for this row; "" without a HELO name. */
const char *mt_check_record(struct mt_arena *arena, const struct mt_checked *row);

/* DNS-MX-CLOSED for each listener on port 25 that the plan closes and an MX leads to. */
void mt_check_mx_closed(struct mt_check *check, const struct mt_plan *plan);

/* What else knows the old address, once the plan is applied: sentences, NULL-terminated; only those that
 * apply. `check` may be NULL: then what only the DNS knows counts as to be done. */
const char *const *mt_follow_up(struct mt_arena *arena, const struct mt_plan *plan,
				const struct mt_check *check);

#endif
