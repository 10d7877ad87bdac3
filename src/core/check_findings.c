/* SPDX-License-Identifier: ISC */
/* check_findings.c: the table of what a check can find, and the findings of the DNS. */
#include <string.h>

#include "core/check_part.h"

const struct mt_finding_row mt_check_findings[] = {
	{"DNS-PTR-MISSING", MT_ERROR, "the address has no PTR record",
	 "Reverse DNS gives no name for the address that mail leaves from (iprev: permerror, RFC "
	 "8601).\n"
	 "Many receivers refuse such mail, the large ones all of it.\n\n"
	 "The PTR record is set by whoever the address belongs to, the provider, not in your own "
	 "zone. The\n"
	 "finding has the exact record. The name must lead back to the address."},
	{"DNS-PTR-UNCONFIRMED", MT_ERROR, "the PTR name does not lead back to the address",
	 "The address has a PTR record, but none of the names in it (the first ten are looked at) "
	 "has this\n"
	 "address (iprev: fail, RFC 8601). Anybody can write any name into a PTR record: receivers "
	 "believe it\n"
	 "only when the name leads back.\n\n"
	 "Either let the name lead to the address (A for IPv4, AAAA for IPv6), or have the "
	 "provider change the\n"
	 "PTR."},
	{"DNS-PTR-GENERIC", MT_WARNING, "the PTR name is made of the address",
	 "The name holds the numbers of the address, as the names do that providers give to all of "
	 "theirs.\n"
	 "Filters take such hosts for home connections.\n\n"
	 "Have the provider set the PTR to the name of the mail server."},
	{"DNS-PTR-MANY", MT_NOTE, "the address has several PTR names",
	 "Receivers look at one of them, or at the first few; which one is chance. One name is "
	 "enough."},
	{"DNS-HELO-SYNTAX", MT_ERROR, "the HELO name is no fully qualified name of the internet",
	 "RFC 5321 (4.1.1.1) wants the fully qualified domain name of the host in HELO. A name "
	 "without a dot, an\n"
	 "address, or a name that only a private network knows (.local, .lan, .home, .internal) is "
	 "refused by\n"
	 "many receivers.\n\n"
	 "mtapin fix --helo NAME sets it beside the address."},
	{"DNS-HELO-UNRESOLVED", MT_WARNING, "the HELO name does not lead to the address",
	 "The server introduces itself by a name that has no A (IPv4) or AAAA (IPv6) record with "
	 "the address it\n"
	 "sends from. RFC 5321 (4.1.4) forbids to refuse mail for that alone; filters count it all "
	 "the same.\n\n"
	 "Add the record, or set another HELO name: mtapin fix --helo NAME."},
	{"DNS-HELO-PTR", MT_NOTE, "the HELO name is not the PTR name",
	 "Both lead to the address, but they are two names. That is allowed; one name for both is "
	 "what most\n"
	 "receivers like best."},
	{"DNS-LISTED", MT_ERROR, "a blacklist lists the address",
	 "The list's own test entries were right in this run, and its answer is in its table of "
	 "codes. Look the\n"
	 "address up on the list's page, end what led to the listing, then ask for removal. Never "
	 "pay for it."},
	{"DNS-LISTED-POLICY", MT_WARNING, "a blacklist says that no mail server should be here",
	 "The list does not say that the address did harm, but that its owner wants no mail to be "
	 "sent from it\n"
	 "directly (dial-up and home networks). For a mail server that is as bad as a listing: the "
	 "page of the\n"
	 "list tells how to take the address out, or send through a relay."},
	{"DNS-DNSBL-UNKNOWN", MT_NOTE, "a blacklist could not be asked",
	 "The list gave no answer that counts: it refuses this resolver (public ones often), lists "
	 "the whole\n"
	 "world, does not list its own test entry, or was silent. The address is then neither "
	 "listed nor clean.\n\n"
	 "Ask through a resolver of your own, on the same machine for example (resolvers in "
	 "mtapin.conf)."},
	{"DNS-UNKNOWN", MT_WARNING, "the DNS gave no answer",
	 "A question was answered with an error, a time-out or nonsense. That is not \"no "
	 "record\": whether it is\n"
	 "right could not be determined. The finding names the resolver and what it did. A "
	 "receiver may have the\n"
	 "same trouble with your zone: SERVFAIL is often the name server of the zone itself."},
	{"DNS-NO-RESOLVER", MT_WARNING, "there is no resolver",
	 "Nobody answers where the questions go, so nothing is said about PTR, HELO, MX, SPF and "
	 "blacklists. See\n"
	 "/etc/resolv.conf, or name one: resolvers in mtapin.conf."},
	{"DNS-SPF-LITERAL", MT_NOTE, "the SPF record does not name the address",
	 "The SPF record of the HELO name or the mail domain is shown, not evaluated: an include, "
	 "a or mx in it may\n"
	 "cover the address. No ip4: or ip6: does. Test with a mail to a mailbox that shows its "
	 "verdict."},
	{"DNS-MX-DEAF", MT_WARNING, "an MX leads to an address of this host that takes no mail",
	 "The MX records of a domain that this server takes mail for lead to an address of this "
	 "host, on which\n"
	 "nothing listens on port 25. Mail to that domain waits at its senders, then bounces."},
	{"DNS-MX-CLOSED", MT_WARNING, "the change closes an address that an MX leads to",
	 "The plan no longer listens on port 25 of an address that the MX records of a domain lead "
	 "to. Another\n"
	 "method (smtp_bind_address, service) pins the source address and leaves the listeners "
	 "alone."},
	{"HOST-PRIVATE", MT_WARNING, "mail leaves from a private address",
	 "The address is private, of a carrier's NAT, or unique local: on the way somebody "
	 "translates it, and the\n"
	 "world sees another one. What reverse DNS says must be asked for that one. Which address "
	 "it is can be\n"
	 "seen in the header of a mail that arrived elsewhere."},
	{"HOST-DOCUMENTATION", MT_WARNING, "mail leaves from an address for examples",
	 "RFC 5737, RFC 3849 and RFC 9637 keep these addresses for examples. Nothing in the "
	 "internet answers to\n"
	 "them: the host is part of a test set-up, or an example was copied."},
	{"HOST-TENTATIVE", MT_WARNING, "an address cannot be used yet, or at all",
	 "Duplicate address detection runs or has failed. Until it ends well, binding to the "
	 "address fails and\n"
	 "mail waits; at boot this hits a mail server that starts too early."},
	{"HOST-DEPRECATED", MT_WARNING, "mail leaves from an address that is about to go",
	 "Its preferred lifetime is over. The kernel takes it for nothing new, only a line of "
	 "configuration still\n"
	 "does. Pin another one."},
	{"HOST-DYNAMIC", MT_NOTE, "mail leaves from an address that may change",
	 "It comes from DHCP or router advertisements, or is temporary. When it changes, PTR and "
	 "SPF are wrong, and\n"
	 "a pin to it stops all mail. With providers that always give the same address this is "
	 "harmless."},
	{"HOST-FLOATING", MT_NOTE, "mail leaves from what looks like a floating address",
	 "An address alone in its prefix (/32, /128) beside one with a prefix is how floating "
	 "addresses (keepalived,\n"
	 "failover addresses of providers) are added. When it moves to another host, mail from "
	 "here waits."},
	{"HOST-CONTAINER", MT_NOTE, "the mail server is in a container",
	 "Inside a bridged container a pin can only name the container's own address. The address "
	 "that the world\n"
	 "sees is chosen by the NAT rules of the machine around it: set it there (SNAT "
	 "--to-source)."},
	{"HOST-RELAYED", MT_NOTE, "all mail goes through a relay",
	 "The relay delivers to the world. Its address is the one that receivers look up, its "
	 "reverse DNS and its\n"
	 "reputation count; a pin here changes only what the relay sees."},
	{"HOST-ASYMMETRIC", MT_WARNING, "answers come back another way than packets leave",
	 "The address is on one interface, the route to the internet leaves by another, and no "
	 "rule sends packets\n"
	 "from this address its own way. Providers drop packets with foreign source addresses; "
	 "connections hang.\n\n"
	 "Add a rule and a table for it: ip rule add from ADDRESS table N; ip route add default "
	 "via GW table N."},
	{0},
};

/* ---- reverse DNS and HELO ---- */

static const char *text_of(struct mt_check *check, const struct mt_checked *row)
{
	return mt_addr_format(check->arena, row->addr);
}

static const char *record_or(struct mt_check *check, const struct mt_checked *row,
			     const char *other)
{
	const char *record = mt_check_record(check->arena, row);
	return *record ? mt_format(check->arena, "ask the provider: %s", record) : other;
}

static void unknown(struct mt_check *check, const struct mt_checked *row, const char *what,
		    const char *why)
{
	mt_model_find(check->model, NULL, "DNS-UNKNOWN", NULL, NULL,
		      "%s of %s could not be determined: %s", what, text_of(check, row), why);
}

static bool no_resolver(const struct mt_answer *answer)
{
	return answer && answer->status == MT_DNS_NO_RESOLVER;
}

static void ptr_findings(struct mt_check *check, const struct mt_checked *row)
{
	const char *text = text_of(check, row);
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
		unknown(check, row, "reverse DNS", row->why);
	if (*row->generic)
		mt_model_find(check->model, NULL, "DNS-PTR-GENERIC", NULL,
			      record_or(check, row, ""),
			      "the PTR name %s is made of the address %s, as providers' are",
			      row->generic, text);
	if (row->ptr->count > 1)
		mt_model_find(check->model, NULL, "DNS-PTR-MANY", NULL, NULL,
			      "%s has %u PTR names; receivers look at one or a few", text,
			      row->ptr->count + row->ptr->dropped);
}

static void helo_findings(struct mt_check *check, const struct mt_checked *row)
{
	const char *text = text_of(check, row);
	bool name = mt_is_fqdn(mt_str_of(row->helo));
	if (!*row->helo)
		return;
	if (!name || mt_name_is_private(row->helo))
		mt_model_find(
			check->model, NULL, "DNS-HELO-SYNTAX", NULL,
			"let it say the name of the address (--helo)",
			name ? "the HELO name %s is of a private network: the internet does not "
			       "know it"
			     : "the HELO name \"%s\" is no fully qualified host name (RFC 5321)",
			row->helo);
	else if (row->helo_resolves == MT_UNKNOWN)
		unknown(check, row, "whether HELO leads to it, the name", row->helo_why);
	else if (row->helo_resolves == MT_NO)
		mt_model_find(check->model, NULL, "DNS-HELO-UNRESOLVED", NULL,
			      mt_format(check->arena, "%s. IN %s %s", row->helo,
					mt_dns_type_name(mt_check_type(row->addr.family)), text),
			      "the HELO name %s does not lead to %s, from which mail leaves",
			      row->helo, text);
	else if (*row->confirmed && !row->helo_is_ptr)
		mt_model_find(check->model, NULL, "DNS-HELO-PTR", NULL, NULL,
			      "HELO says %s, the PTR of %s is %s: allowed, one name is better",
			      row->helo, text, row->confirmed);
}

/* Said once a list: a list that does not work does so for every address. */
static bool said_before(const struct mt_check *check, const struct mt_checked *row,
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
		if (!ids[l->listed] || (unknown && said_before(check, row, l)))
			continue;
		if (unknown)
			mt_model_find(check->model, NULL, ids[l->listed], NULL, NULL,
				      "whether %s lists %s could not be determined: %s",
				      l->list->name, text_of(check, row), l->why);
		else
			mt_model_find(check->model, NULL, ids[l->listed], NULL, l->list->url,
				      "%s is listed by %s: %s", text_of(check, row), l->list->name,
				      l->why);
	}
}

void mt_check_dns_findings(struct mt_check *check)
{
	bool said = false;
	for (const struct mt_checked *row = check->rows; row; row = row->next) {
		if (!row->public)
			continue;
		if (no_resolver(row->ptr)) {
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
