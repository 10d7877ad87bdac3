/* SPDX-License-Identifier: ISC */
/* json_check.c: the table of addresses. */
#include "ui/json_part.h"

static json_t *names_of(const struct mt_answer *answer)
{
	json_t *list = json_array();
	for (unsigned i = 0; answer && i < answer->count; i++)
		mt_json_append(list, mt_json_text(mt_str_of(answer->value[i])));
	return list;
}

static json_t *reverse(const struct mt_checked *row)
{
	json_t *one = json_object();
	mt_json_set_text(one, "iprev", mt_iprev_name(row->iprev));
	mt_json_set(one, "names", names_of(row->ptr));
	mt_json_set_text(one, "confirmed", row->confirmed);
	mt_json_set_text(one, "generic", row->generic);
	mt_json_set_text(one, "why", row->why);
	mt_json_set_text(one, "resolver", row->ptr ? row->ptr->resolver : "");
	return one;
}

static json_t *helo(const struct mt_checked *row)
{
	json_t *one = json_object();
	mt_json_set_text(one, "name", row->helo);
	mt_json_set_text(one, "resolves", mt_truth_name(row->helo_resolves));
	mt_json_set(one, "is_ptr", json_boolean(row->helo_is_ptr));
	mt_json_set_text(one, "why", row->helo_why);
	return one;
}

static json_t *listings(const struct mt_listing *listing)
{
	json_t *list = json_array();
	for (; listing; listing = listing->next) {
		json_t *one = json_object();
		mt_json_set_text(one, "list", listing->list->name);
		mt_json_set_text(one, "listed", mt_listed_name(listing->listed));
		mt_json_set_text(one, "why", listing->why);
		mt_json_set_text(one, "url", listing->list->url);
		mt_json_append(list, one);
	}
	return list;
}

static json_t *row_of(const struct mt_check *check, const struct mt_checked *row)
{
	json_t *one = json_object();
	mt_json_set(one, "address", mt_json_address(row->addr));
	mt_json_set_text(one, "paths", row->paths);
	mt_json_set(one, "sends", json_boolean(row->sends));
	mt_json_set(one, "public", json_boolean(row->public));
	mt_json_set(one, "reverse", row->public ? reverse(row) : json_null());
	mt_json_set(one, "helo", row->public ? helo(row) : json_null());
	mt_json_set(one, "lists", listings(row->listings));
	mt_json_set_text(one, "good", mt_truth_name(row->good));
	mt_json_set_text(one, "verdict", row->verdict);
	mt_json_set_text(one, "record", mt_check_record(check->arena, row));
	return one;
}

static json_t *pick(const struct mt_check *check, enum mt_family family)
{
	const struct mt_checked *best = mt_check_best(check, family);
	json_t *one = json_object();
	mt_json_set(one, "address", best ? mt_json_address(best->addr) : json_null());
	mt_json_set_text(one, "advice", mt_check_advice(check, family));
	return one;
}

static json_t *spf_of(const struct mt_check *check)
{
	json_t *list = json_array();
	for (const struct mt_spf *spf = check->spf; spf; spf = spf->next) {
		json_t *one = json_object();
		mt_json_set_text(one, "domain", spf->domain);
		mt_json_set_text(one, "status", mt_dns_status_name(spf->txt->status));
		mt_json_set(one, "records", mt_json_texts(spf->record));
		mt_json_append(list, one);
	}
	return list;
}

static json_t *mx_of(const struct mt_check *check)
{
	json_t *list = json_array();
	for (const struct mt_mx *mx = check->mx; mx; mx = mx->next) {
		json_t *one = json_object();
		mt_json_set_text(one, "domain", mx->domain);
		mt_json_set_text(one, "host", mx->host);
		mt_json_set(one, "address", mt_json_address(mx->addr));
		mt_json_append(list, one);
	}
	return list;
}

json_t *mt_json_check(const struct mt_check *check)
{
	json_t *one = json_object(), *rows = json_array();
	for (const struct mt_checked *row = check->rows; row; row = row->next)
		mt_json_append(rows, row_of(check, row));
	mt_json_set(one, "addresses", rows);
	mt_json_set(one, "left_out", json_integer((json_int_t)check->left_out));
	mt_json_set(one, "ipv4", pick(check, MT_V4));
	mt_json_set(one, "ipv6", pick(check, MT_V6));
	mt_json_set(one, "spf", spf_of(check));
	mt_json_set(one, "mx", mx_of(check));
	return one;
}
