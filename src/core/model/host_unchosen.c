/* SPDX-License-Identifier: ISC */
/*
 * host_unchosen.c: several addresses, and no line that says from which of them mail leaves (HOST-UNCHOSEN).
 *
 * What counts is what mail could leave from: not what the kernel never takes of itself (link-local, deprecated), what it
 * takes for a while (temporary), what has no way out (bridges of containers, other networks).
 */
#include <string.h>

#include "core/model/host_findings.h"
#include "core/host/snapshot.h"

#define RULES_ASKED 64 /* addresses for which the rules are read through: the list may be long */

/* ---- ways out ---- */

static bool named_by(struct mt_str rules, struct mt_addr addr)
{
	struct mt_str line, word;
	while (mt_str_line(&rules, &line))
		while (mt_field(&line, &word))
			if (mt_str_is(word, "from") && mt_field(&line, &word) &&
			    mt_addr_in_text(addr, word))
				return true;
	return false;
}

bool mt_host_has_rule(const struct mt_snapshot *snapshot, struct mt_addr addr, bool unasked)
{
	const struct mt_item *item =
		mt_snapshot_probe(snapshot, addr.family == MT_V6 ? "rule6" : "rule");
	if (mt_item_readable(item))
		return named_by(item->bytes, addr);
	if (addr.family == MT_V6) /* IPv6 rules are not always asked for */
		return unasked;
	return named_by(mt_ip_text(snapshot, "rule show"), addr);
}

bool mt_host_bridges(const struct mt_host *host, const struct mt_ifaddr *at)
{
	static const char *const names[] = {"docker",  "br-",	 "virbr", "lxcbr", "lxdbr",
					    "incusbr", "podman", "cni",	  "kube",  "flannel"};
	struct mt_str iface = mt_str_of(at->iface);
	if (strcmp(at->iface, mt_host_default_source(host, at->addr.family)->iface) == 0)
		return false;
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++)
		if (mt_str_starts(iface, names[i]))
			return true;
	return false;
}

/* The source that a default route names. */
static bool named_by_route(const struct mt_snapshot *snapshot, struct mt_addr addr)
{
	struct mt_str rest = mt_ip_text(snapshot, "route show table all"), line, word;
	struct mt_addr source;
	if (!rest.n)
		rest = mt_snapshot_probe(snapshot, addr.family == MT_V6 ? "route6" : "route")
			       ->bytes;
	while (mt_str_line(&rest, &line)) {
		if (!mt_str_starts(line, "default "))
			continue;
		while (mt_field(&line, &word))
			if (mt_str_is(word, "src") && mt_field(&line, &word) &&
			    mt_addr_parse(word, &source) && mt_addr_eq(source, addr))
				return true;
	}
	return false;
}

/* ---- what could be chosen ---- */

static bool is_candidate(const struct mt_snapshot *snapshot, const struct mt_ifaddr *at,
			 struct mt_addr today, unsigned *asked)
{
	const struct mt_source *out = mt_host_default_source(snapshot->facts, today.family);
	if (at->addr.family != today.family || !mt_addr_usable(snapshot->facts, at->addr) ||
	    at->link_scope || at->host_scope || at->deprecated ||
	    (at->secondary && at->addr.family == MT_V6) || mt_addr_is_loopback(at->addr) ||
	    mt_addr_is_link_local(at->addr) ||
	    (mt_addr_is_private(at->addr) && !mt_addr_is_private(today)))
		return false;
	if (!*at->iface) /* not known without ip(8): then a private one may be a bridge's */
		return !mt_addr_is_private(at->addr);
	return strcmp(at->iface, out->iface) == 0 || strcmp(at->iface, "lo") == 0 ||
	       ((*asked)++ < RULES_ASKED && mt_host_has_rule(snapshot, at->addr, false));
}

/* Why today's choice may be another one tomorrow; NULL: it stays. */
static const char *unstable_choice(const struct mt_snapshot *snapshot, const struct mt_ifaddr *at)
{
	if (!at)
		return NULL;
	if (at->deprecated)
		return "which is about to go";
	if (at->secondary && at->addr.family == MT_V6)
		return "a temporary one";
	if (at->dynamic)
		return "given by DHCP or a router";
	if (at->addr.family == MT_V4 || named_by_route(snapshot, at->addr))
		return NULL;
	/* Another one of its prefix, that the kernel holds to be as good: of those it takes the one
	 * added last, which is another one after the next boot, or after somebody adds one. (IPv4
	 * has primary addresses: the first.) */
	unsigned asked = RULES_ASKED;
	for (size_t i = 0; i < snapshot->facts->addr_count; i++) {
		const struct mt_ifaddr *other = &snapshot->facts->addr[i];
		if (other != at && strcmp(other->iface, at->iface) == 0 &&
		    is_candidate(snapshot, other, at->addr, &asked) &&
		    mt_addr_in_prefix(other->addr, at->addr, at->bits) && other->bits == at->bits)
			return "the last one added";
	}
	return NULL;
}

/* ---- the finding ---- */

bool mt_mta_pins(const struct mt_mta *mta)
{
	for (const struct mt_transport *transport = mta->transports; transport;
	     transport = transport->next)
		for (int f = 0; f < MT_FAMILIES; f++)
			if (transport->kind == MT_KIND_INTERNET &&
			    transport->binding[f].how == MT_HOW_ADDRESS)
				return true;
	return false;
}

struct mt_addr mt_mta_source(const struct mt_mta *mta, enum mt_family family)
{
	for (const struct mt_transport *transport = mta->transports; transport;
	     transport = transport->next) {
		const struct mt_binding *binding = &transport->binding[family];
		if (transport->kind == MT_KIND_INTERNET && binding->source.set &&
		    (binding->how == MT_HOW_KERNEL || binding->how == MT_HOW_ADDRESS))
			return binding->source;
	}
	return (struct mt_addr){0};
}

static unsigned count(const struct mt_snapshot *snapshot, struct mt_addr today)
{
	unsigned n = 0, asked = 0;
	for (size_t i = 0; i < snapshot->facts->addr_count; i++)
		n += is_candidate(snapshot, &snapshot->facts->addr[i], today, &asked);
	return n;
}

void mt_host_unchosen(struct mt_model *model, const struct mt_mta *mta)
{
	const struct mt_snapshot *snapshot = model->snapshot;
	const struct mt_message *list = NULL;
	bool stays = true;
	if (snapshot->facts->addresses != MT_PRESENT || mta->other_netns || mt_mta_pins(mta))
		return;
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		struct mt_addr today = mt_mta_source(mta, f);
		unsigned n = today.set ? count(snapshot, today) : 0;
		if (n < 2)
			continue;
		const char *why = unstable_choice(snapshot, mt_host_addr(snapshot->facts, today));
		struct mt_message *one = mt_message(
			model->arena, why ? "%s %s of %u, %pM" : "%s %s of %u", mt_family_name(f),
			mt_addr_format(model->arena, today), n, mt_phrase(model->arena, why));
		list = list ? mt_message(model->arena, "%pM; %pM", list, one) : one;
		stays = stays && !why;
	}
	if (!list)
		return;
	struct mt_finding *finding =
		mt_model_find(model, mta, MT_UNCHOSEN, NULL, NULL,
			      "no line says from which of its addresses mail leaves: %pM", list);
	if (!stays)
		mt_finding_raise(model, finding, MT_WARNING);
}
