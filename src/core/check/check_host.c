/* SPDX-License-Identifier: ISC */
/* check_host.c: what the host itself shows about the addresses that mail leaves from. */
#include <string.h>

#include "core/check/check_part.h"
#include "core/model/host_findings.h"
#include "core/host/snapshot.h"

static const char *private_kind(struct mt_addr addr)
{
	if (addr.family == MT_V6)
		return "a unique local address (RFC 4193)";
	return addr.b[0] == 100 ? "an address of a carrier's NAT (RFC 6598)"
				: "a private address (RFC 1918)";
}

static void raise_finding(struct mt_check *check, const struct mt_checked *row, const char *id,
			  const struct mt_message *what)
{
	char text[MT_ADDR_TEXT];
	mt_model_find(check->model, NULL, id, NULL, NULL, "%s, from which mail leaves, %pM",
		      mt_addr_text(row->addr, text), what);
}

static void nature(struct mt_check *check, const struct mt_checked *row)
{
	const char *container = check->model->snapshot->facts->container;
	if (mt_addr_is_private(row->addr))
		raise_finding(
			check, row, "HOST-PRIVATE",
			mt_message(
				check->arena,
				"is %pM: the world sees another one, that of the NAT, which mtapin "
				"cannot see from here",
				mt_phrase(check->arena, private_kind(row->addr))));
	if (mt_addr_is_documentation(row->addr))
		raise_finding(check, row, "HOST-DOCUMENTATION",
			      mt_message(check->arena,
					 "is for examples only (RFC 5737, RFC 3849): nothing "
					 "of the internet answers "
					 "to it"));
	if (*container && mt_addr_is_private(row->addr))
		raise_finding(
			check, row, "HOST-CONTAINER",
			mt_message(check->arena,
				   "is inside a container (%s): the NAT of the machine around it "
				   "decides what the world sees",
				   container));
}

/* Whether it sends or not: while it is like this, no line can make it send. */
static void tentative(struct mt_check *check, const struct mt_checked *row)
{
	const struct mt_ifaddr *at = row->at;
	char text[MT_ADDR_TEXT];
	if (at->dadfailed || at->tentative)
		mt_model_find(check->model, NULL, "HOST-TENTATIVE", NULL, NULL,
			      at->dadfailed
				      ? "%s on %s cannot be used: duplicate address detection "
					"failed, another host has it"
				      : "%s on %s cannot be used before duplicate address "
					"detection ends",
			      mt_addr_text(row->addr, text), at->iface);
}

static void state(struct mt_check *check, const struct mt_checked *row)
{
	const struct mt_ifaddr *at = row->at;
	if (at->deprecated)
		raise_finding(
			check, row, "HOST-DEPRECATED",
			mt_message(
				check->arena,
				"is deprecated: the kernel no longer chooses it, and it will go"));
	if (at->secondary && row->addr.family == MT_V6)
		raise_finding(check, row, "HOST-DYNAMIC",
			      mt_message(check->arena,
					 "is a temporary address (RFC 8981): the next one has "
					 "another PTR, or none"));
	else if (at->dynamic)
		raise_finding(
			check, row, "HOST-DYNAMIC",
			mt_message(check->arena,
				   "is given by DHCP or a router: it changes when they say so"));
}

/* ---- routes ---- */

static void route(struct mt_check *check, const struct mt_checked *row)
{
	const struct mt_snapshot *snapshot = check->model->snapshot;
	const struct mt_source *out = mt_host_default_source(snapshot->facts, row->addr.family);
	if (!out->reachable || !*out->iface || !*row->at->iface ||
	    strcmp(out->iface, row->at->iface) == 0 || strcmp(row->at->iface, "lo") == 0 ||
	    mt_host_has_rule(snapshot, row->addr, true))
		return;
	raise_finding(check, row, "HOST-ASYMMETRIC",
		      mt_message(check->arena,
				 "is on %s, but its packets leave by %s and the answers come in by "
				 "the other "
				 "way: networks drop that",
				 row->at->iface, out->iface));
}

/* ---- nothing chosen ---- */

/* It matters once today's address does not fit, and another one does. */
static void unchosen(struct mt_check *check, const struct mt_mta *mta)
{
	struct mt_finding *f = check->model->findings;
	while (f && (f->mta != mta || strcmp(f->id, MT_UNCHOSEN) != 0))
		f = f->next;
	for (enum mt_family family = MT_V4; f && family < MT_FAMILIES; family++) {
		const struct mt_checked *today = mt_check_row(check, mt_mta_source(mta, family));
		const struct mt_checked *best = mt_check_best(check, family);
		if (!today || today->good != MT_NO || !best)
			continue;
		mt_finding_raise(check->model, f, MT_WARNING);
		f->message = mt_message(check->arena, "%pM; %s fits, %s does not", f->message,
					mt_addr_format(check->arena, best->addr),
					mt_addr_format(check->arena, today->addr));
	}
}

/* ---- relays ---- */

static bool only_relays(const struct mt_mta *mta, const struct mt_transport **relay)
{
	*relay = NULL;
	for (const struct mt_transport *transport = mta->transports; transport;
	     transport = transport->next) {
		if (transport->kind == MT_KIND_INTERNET)
			return false;
		if (transport->kind == MT_KIND_RELAYHOST && !*relay)
			*relay = transport;
	}
	return *relay != NULL;
}

static void relays(struct mt_check *check)
{
	const struct mt_transport *relay;
	for (const struct mt_mta *mta = check->model->mtas; mta; mta = mta->next)
		if (only_relays(mta, &relay))
			mt_model_find(
				check->model, mta, "HOST-RELAYED", NULL, NULL,
				"all mail goes through %s: the world sees the relay's address, "
				"and nothing below is about that one",
				*relay->next_hop ? relay->next_hop : "a relay");
}

void mt_check_host_findings(struct mt_check *check)
{
	relays(check);
	for (const struct mt_mta *mta = check->model->mtas; mta; mta = mta->next)
		unchosen(check, mta);
	for (const struct mt_checked *row = check->rows; row; row = row->next) {
		if (row->at)
			tentative(check, row);
		if (!row->sends)
			continue;
		nature(check, row);
		if (!row->at)
			continue;
		state(check, row);
		if (mt_host_floats(row->at))
			raise_finding(check, row, "HOST-FLOATING",
				      mt_message(check->arena, "stands alone in its prefix beside "
							       "another address: if it is "
							       "a "
							       "floating one it may move to "
							       "another host, and mail waits"));
		route(check, row);
	}
}
