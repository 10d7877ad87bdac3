/* SPDX-License-Identifier: ISC */
/*
 * match.h: Exim's lists of domains, local parts and senders, for one mail (specification, 10). The first item that matches
 * decides; where none does, a list whose last item is negated matches all the same.
 */
#ifndef EX_MATCH_H
#define EX_MATCH_H

#include "exim.h"

enum ex_truth { EX_NO, EX_UNTOLD, EX_YES };
enum ex_list_of { EX_DOMAINS, EX_LOCAL_PARTS, EX_SENDERS };

struct ex_match {
	struct exim *e;
	const struct ex_mail *mail; /* its recipient is known */
	enum ex_list_of of;
	const char *why; /* of what cannot be told: a clause */
	const struct mt_origin *lines; /* of files that decided, the last one first */
	unsigned depth;
};
/* The value of an option, which is expanded first. */
enum ex_truth ex_match_option(struct ex_match *m, const struct ex_option *option);
/* One item, which may be negated. */
enum ex_truth ex_match_item(struct ex_match *m, struct mt_str item);

#endif
