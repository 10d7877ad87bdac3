/* SPDX-License-Identifier: ISC */
/*
 * dnsbl.h: DNS blacklists: which there are (data/dnsbl.tsv, compiled in), and what an answer of one means.
 *
 * Source: RFC 5782 (test entries: section 5); data/dnsbl.tsv names the source of each list.
 */
#ifndef MT_DNSBL_H
#define MT_DNSBL_H

#include "core/dns/dns.h"

struct mt_dnsbl_code {
	unsigned first, last; /* of 127.0.0.N */
	enum { MT_CODE_LISTED, MT_CODE_POLICY, MT_CODE_GOOD } kind;
	const char *word;
	struct mt_dnsbl_code *next;
};

struct mt_dnsbl {
	const char *name; /* as --dnsbl takes it */
	const char *zone;
	bool has[MT_FAMILIES];
	struct mt_dnsbl_code *codes;
	const char *url, *source, *date; /* "" unknown */
	const char *dead; /* why nobody should ask it; NULL: it lives */
	struct mt_dnsbl *next;
};

/* All of the data file, dead ones too. */
struct mt_dnsbl *mt_dnsbl_known(struct mt_arena *arena);
/* By name or zone; NULL: none. */
struct mt_dnsbl *mt_dnsbl_get(struct mt_dnsbl *lists, struct mt_str name);
/* "2=SBL 10-11=!PBL"; "127.0.0.2=SBL" too; without "=WORD": listed. False: something else stands there. */
bool mt_dnsbl_codes(struct mt_arena *arena, struct mt_str text, struct mt_dnsbl_code **codes);

enum mt_listed { MT_LISTED_UNKNOWN, MT_LISTED_NO, MT_LISTED_POLICY, MT_LISTED_YES };
const char *mt_listed_name(enum mt_listed listed);

struct mt_listing {
	const struct mt_dnsbl *list;
	enum mt_listed listed;
	const char *why; /* code and word, "127.0.0.2 SBL"; or why it could not be determined; "" */
	struct mt_listing *next;
};

/* The names whose answers show whether the list works: 127.0.0.2 must be on it, 127.0.0.1 must not. */
const char *mt_dnsbl_test_name(struct mt_arena *arena, const struct mt_dnsbl *list,
			       enum mt_family family, unsigned last);
/* What the list says of the address by these three answers (of A records). */
void mt_dnsbl_judge(struct mt_arena *arena, const struct mt_answer *const answer[3],
		    struct mt_listing *listing);

#endif
