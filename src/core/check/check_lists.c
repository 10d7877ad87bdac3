/* SPDX-License-Identifier: ISC */
/* check_lists.c: what blacklists say of an address. Each list is tested in each run, by its own test entries. */
#include "core/check/check_part.h"

static struct mt_listing *one(struct mt_check *check, const struct mt_dnsbl *list,
			      const struct mt_checked *row)
{
	struct mt_arena *arena = check->arena;
	enum mt_family family = row->addr.family;
	const char *const name[3] = {mt_dnsbl_test_name(arena, list, family, 2),
				     mt_dnsbl_test_name(arena, list, family, 1),
				     mt_dns_reverse(arena, row->addr, list->zone)};
	const struct mt_answer *answer[3];
	struct mt_listing *listing = MT_NEW(arena, struct mt_listing);
	for (size_t i = 0; i < MT_ARRAY_LEN(name); i++)
		answer[i] = mt_check_ask_paced(check, MT_DNS_A, name[i], list->zone);
	listing->list = list;
	mt_dnsbl_judge(arena, answer, listing);
	return listing;
}

void mt_check_lists(struct mt_check *check, struct mt_checked *row)
{
	struct mt_listing **at = &row->listings;
	row->listed = MT_LISTED_NO;
	for (const struct mt_dnsbl *list = check->options->lists; list; list = list->next) {
		if (!list->has[row->addr.family])
			continue;
		*at = one(check, list, row);
		if ((*at)->listed > row->listed)
			row->listed = (*at)->listed;
		at = &(*at)->next;
	}
}
