/* SPDX-License-Identifier: ISC */
/* check_findings.c: the findings of the DNS. */
#include <string.h>

#include "core/check/check_part.h"

/* ---- reverse DNS and HELO ---- */

static const char *row_text(struct mt_check *check, const struct mt_checked *row)
{
	return mt_addr_format(check->arena, row->addr);
}

/* `other` NULL: nothing. */
static struct mt_message *record_or(struct mt_check *check, const struct mt_checked *row,
				    const char *other)
{
	const char *record = mt_check_record(check->arena, row);
	return *record ? mt_message(check->arena, "ask the provider: %s", record)
		       : mt_phrase(check->arena, other);
}

static void ptr_findings(struct mt_check *check, const struct mt_checked *row)
{
	const char *text = row_text(check, row);
	if (row->iprev == MT_IPREV_PERMERROR)
		mt_model_find(check->model, NULL, "DNS-PTR-MISSING", NULL,
			      record_or(check, row, "ask the provider for one"),
			      "%s, from which mail leaves, has no PTR record (iprev: permerror)",
			      text);
	else if (row->iprev == MT_IPREV_FAIL)
		mt_model_find(
			check->model, NULL, "DNS-PTR-UNCONFIRMED", NULL,
			record_or(check, row, "let the name lead to the address"),
			"%s has the PTR name %s, which does not lead back to it (iprev: fail)",
			text, row->ptr->value[0]);
	else if (row->iprev == MT_IPREV_TEMPERROR)
		mt_model_find(check->model, NULL, "DNS-UNKNOWN", NULL, NULL,
			      "reverse DNS of %s could not be determined: %s", text, row->why);
	if (*row->generic)
		mt_model_find(check->model, NULL, "DNS-PTR-GENERIC", NULL,
			      record_or(check, row, NULL),
			      "the PTR name %s is made of the address %s, as providers' are",
			      row->generic, text);
	if (row->ptr->count > 1)
		mt_model_find(check->model, NULL, "DNS-PTR-MANY", NULL, NULL,
			      "%s has %u PTR names; receivers look at one or a few", text,
			      row->ptr->count + row->ptr->dropped);
}

static void helo_findings(struct mt_check *check, const struct mt_checked *row)
{
	const char *text = row_text(check, row);
	bool name = mt_is_fqdn(mt_str_of(row->helo));
	if (!*row->helo)
		return;
	if (!name || mt_name_is_private(row->helo))
		mt_model_find(
			check->model, NULL, "DNS-HELO-SYNTAX", NULL,
			mt_message(check->arena, "let it say the name of the address (--helo)"),
			name ? "the HELO name %s is of a private network: the internet does not "
			       "know it"
			     : "the HELO name \"%s\" is no fully qualified host name (RFC 5321)",
			row->helo);
	else if (row->helo_resolves == MT_UNKNOWN)
		mt_model_find(check->model, NULL, "DNS-UNKNOWN", NULL, NULL,
			      "whether HELO leads to it, the name of %s could not be determined: "
			      "%s",
			      text, row->helo_why);
	else if (row->helo_resolves == MT_NO)
		mt_model_find(check->model, NULL, "DNS-HELO-UNRESOLVED", NULL,
			      mt_message(check->arena, "%s. IN %s %s", row->helo,
					 mt_dns_type_name(mt_check_type(row->addr.family)), text),
			      "the HELO name %s does not lead to %s, from which mail leaves",
			      row->helo, text);
	else if (*row->confirmed && !row->helo_is_ptr)
		mt_model_find(check->model, NULL, "DNS-HELO-PTR", NULL, NULL,
			      "HELO says %s, the PTR of %s is %s: allowed, one name is better",
			      row->helo, text, row->confirmed);
}

/* Said once a list: a list that does not work does so for every address. */
static bool list_said_before(const struct mt_check *check, const struct mt_checked *row,
			     const struct mt_listing *listing)
{
	for (const struct mt_checked *r = check->rows; r != row; r = r->next)
		for (const struct mt_listing *l = r->listings; l; l = l->next)
			if (l->list == listing->list && l->listed == MT_LISTED_UNKNOWN &&
			    r->addr.family == row->addr.family)
				return true;
	return false;
}

static void list_findings(struct mt_check *check, const struct mt_checked *row)
{
	static const char *const ids[] = {"DNS-DNSBL-UNKNOWN", NULL, "DNS-LISTED-POLICY",
					  "DNS-LISTED"};
	for (const struct mt_listing *l = row->listings; l; l = l->next) {
		bool unknown = l->listed == MT_LISTED_UNKNOWN;
		if (!ids[l->listed] || (unknown && list_said_before(check, row, l)))
			continue;
		if (unknown)
			mt_model_find(check->model, NULL, ids[l->listed], NULL, NULL,
				      "whether %s lists %s could not be determined: %s",
				      l->list->name, row_text(check, row), l->why);
		else
			mt_model_find(check->model, NULL, ids[l->listed], NULL,
				      mt_message(check->arena, "%s", l->list->url),
				      "%s is listed by %s: %s", row_text(check, row), l->list->name,
				      l->why);
	}
}

void mt_check_dns_findings(struct mt_check *check)
{
	bool said = false;
	for (const struct mt_checked *row = check->rows; row; row = row->next) {
		if (!row->public)
			continue;
		if (row->ptr && row->ptr->status == MT_DNS_NO_RESOLVER) {
			if (!said)
				mt_model_find(check->model, NULL, "DNS-NO-RESOLVER", NULL, NULL,
					      "nothing of the DNS could be determined: %s",
					      row->why);
			said = true;
			continue;
		}
		if (row->sends) {
			ptr_findings(check, row);
			helo_findings(check, row);
		}
		list_findings(check, row);
	}
}
