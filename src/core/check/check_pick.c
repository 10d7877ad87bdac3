/* SPDX-License-Identifier: ISC */
/*
 * check_pick.c: which address to send from. A good one: its PTR confirms and is the HELO name, no list that
 * was asked lists it, and it stays. Of several: the preferred one, one that sends today, one that listens.
 */
#include "core/check/check_part.h"

#include <string.h>

/* ---- one row ---- */

/* Why an address of this host is not one to build on; NULL: it is. */
static const char *unstable_address(const struct mt_checked *row)
{
	const struct mt_ifaddr *at = row->at;
	if (!at)
		return "it is on no interface of this host";
	if (!at->up)
		return "its interface is down";
	if (at->dadfailed)
		return "another host has it too (duplicate address detection failed)";
	if (at->tentative)
		return "it is tentative: it cannot be used yet";
	if (at->deprecated)
		return "it is deprecated: it is about to go";
	if (at->secondary && row->addr.family == MT_V6)
		return "it is a temporary address";
	if (at->dynamic)
		return "it is given by DHCP or a router: it may change";
	return NULL;
}

static void is_not(struct mt_checked *row, const char *why)
{
	row->good = MT_NO;
	row->verdict = why;
}

static void may_be(struct mt_checked *row, const char *why)
{
	row->good = MT_UNKNOWN;
	row->verdict = why;
}

/* What is wrong with the names; false: nothing. */
static bool bad_names(struct mt_check *check, struct mt_checked *row)
{
	if (row->iprev == MT_IPREV_PERMERROR)
		is_not(row, "it has no PTR record");
	else if (row->iprev == MT_IPREV_FAIL)
		is_not(row, mt_format(check->arena, "its PTR name %s does not lead back to it",
				      row->ptr->value[0]));
	else if (row->iprev == MT_IPREV_TEMPERROR)
		may_be(row, mt_format(check->arena, "could not determine: %s", row->why));
	else if (!*row->helo)
		may_be(row, "could not determine: the HELO name is not known");
	else if (!row->helo_is_ptr)
		is_not(row, mt_format(check->arena, "its PTR name is %s, HELO says %s",
				      row->confirmed, row->helo));
	else
		return false;
	row->lacks_helo = row->good == MT_NO && *row->confirmed;
	return true;
}

static const char *listed_by(struct mt_check *check, const struct mt_checked *row)
{
	for (const struct mt_listing *l = row->listings; l; l = l->next)
		if (l->listed == row->listed)
			return mt_format(check->arena, "%s lists it (%s)", l->list->name, l->why);
	return "it is listed";
}

void mt_check_judge(struct mt_check *check, struct mt_checked *row)
{
	const char *why = check->model->snapshot->facts->addresses == MT_PRESENT
				  ? unstable_address(row)
				  : NULL;
	if (!row->public)
		is_not(row, "the internet does not see it");
	else if (why)
		is_not(row, why);
	else if (row->listed >= MT_LISTED_POLICY)
		is_not(row, listed_by(check, row));
	else if (!bad_names(check, row)) {
		row->good = MT_YES;
		const char *today = row->sends ? "; mail leaves from it today" : "";
		const char *lists = row->listings ? "; not known to be listed" : "";
		row->verdict = mt_format(check->arena, "PTR and HELO are %s, both ways%s%s",
					 row->confirmed, lists, today);
	}
}

/* ---- all of them ---- */

static bool is_preferred(const struct mt_check *check, struct mt_addr addr)
{
	for (size_t i = 0; i < check->options->preferred_count; i++)
		if (mt_addr_eq(check->options->preferred[i], addr))
			return true;
	return false;
}

static int rank(const struct mt_check *check, const struct mt_checked *row)
{
	return (is_preferred(check, row->addr) ? 4 : 0) + (row->sends ? 2 : 0) +
	       (row->listens ? 1 : 0);
}

/* The one that ranks first; of those that are good, or of all that could be made good. */
static const struct mt_checked *first(const struct mt_check *check, enum mt_family family,
				      bool good)
{
	const struct mt_checked *best = NULL;
	for (const struct mt_checked *row = check->rows; row; row = row->next) {
		bool fits = good ? row->good == MT_YES
				 : row->public && !unstable_address(row) &&
					    row->listed < MT_LISTED_POLICY;
		if (row->addr.family == family && fits &&
		    (!best || rank(check, row) > rank(check, best)))
			best = row;
	}
	return best;
}

const struct mt_checked *mt_check_best(const struct mt_check *check, enum mt_family family)
{
	return first(check, family, true);
}

const char *mt_check_record(struct mt_arena *arena, const struct mt_checked *row)
{
	if (!mt_is_fqdn(mt_str_of(row->helo)) || mt_name_is_private(row->helo))
		return "";
	return mt_format(arena, "%s. IN PTR %s.", mt_dns_reverse(arena, row->addr, NULL),
			 row->helo);
}

static const char *ask_provider(const struct mt_check *check, const struct mt_checked *row)
{
	char text[MT_ADDR_TEXT];
	const char *record = mt_check_record(check->arena, row);
	mt_addr_text(row->addr, text);
	if (!*record)
		return mt_format(check->arena,
				 "first give the mail server a fully qualified HELO name, then "
				 "have the provider of %s set its PTR to that name",
				 text);
	return mt_format(
		check->arena, "ask the provider of %s to set its PTR: %s%s%s", text, record,
		row->helo_resolves == MT_YES ? "" : " -- and let this name lead to it: ",
		row->helo_resolves == MT_YES
			? ""
			: mt_format(check->arena, "%s. IN %s %s", row->helo,
				    mt_dns_type_name(mt_check_type(row->addr.family)), text));
}

static bool has_family(const struct mt_check *check, enum mt_family family)
{
	const struct mt_checked *row = check->rows;
	while (row && row->addr.family != family)
		row = row->next;
	return row != NULL;
}

const char *mt_check_advice(const struct mt_check *check, enum mt_family family)
{
	if (mt_check_best(check, family) || !has_family(check, family))
		return "";
	const struct mt_checked *row = first(check, family, false);
	if (!row)
		return "no address of this host is one to send from: each is private, about to go, "
		       "or listed; see the reasons in mtapin check";
	if (row->good == MT_UNKNOWN)
		return mt_format(check->arena, "%s: %s", mt_addr_format(check->arena, row->addr),
				 row->verdict);
	return ask_provider(check, row);
}
