/* SPDX-License-Identifier: ISC */
/*
 * host_unchosen.c: several addresses, and no line that says from which of them mail leaves (HOST-UNCHOSEN).
 *
 * What counts is what mail could leave from: not what the kernel never takes of itself (link-local, deprecated), what it
 * takes for a while (temporary), what has no way out (bridges of containers, other networks).
 */
#include <string.h>

#include "core/host_findings.h"
#include "core/snapshot.h"

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

/* Another one of its prefix, that the kernel holds to be as good: of those it takes the one added last, which is
 * another one after the next boot, or after somebody adds one. (IPv4 has primary addresses: the first.) */
static bool is_last_added(const struct mt_snapshot *snapshot, const struct mt_ifaddr *at)
{
	unsigned asked = RULES_ASKED;
	if (at->addr.family == MT_V4 || named_by_route(snapshot, at->addr))
		return false;
	for (size_t i = 0; i < snapshot->facts->addr_count; i++) {
		const struct mt_ifaddr *other = &snapshot->facts->addr[i];
		if (other != at && strcmp(other->iface, at->iface) == 0 &&
		    is_candidate(snapshot, other, at->addr, &asked) &&
		    mt_addr_in_prefix(other->addr, at->addr, at->bits) && other->bits == at->bits)
			return true;
	}
	return false;
}

/* Why today's choice may be another one tomorrow; NULL: it stays. */
static const char *unstable(const struct mt_snapshot *snapshot, const struct mt_ifaddr *at)
{
	if (!at)
		return NULL;
	if (at->deprecated)
		return "which is about to go";
	if (at->secondary && at->addr.family == MT_V6)
		return "a temporary one";
	if (at->dynamic)
		return "given by DHCP or a router";
	return is_last_added(snapshot, at) ? "the last one added" : NULL;
}

/* ---- the finding ---- */

bool mt_mta_pins(const struct mt_mta *mta)
{
	for (const struct mt_path *path = mta->paths; path; path = path->next)
		for (int f = 0; f < MT_FAMILIES; f++)
			if (path->kind == MT_KIND_INTERNET && path->way[f].how == MT_HOW_ADDRESS)
				return true;
	return false;
}

struct mt_addr mt_mta_source(const struct mt_mta *mta, enum mt_family family)
{
	for (const struct mt_path *path = mta->paths; path; path = path->next) {
		const struct mt_way *way = &path->way[family];
		if (path->kind == MT_KIND_INTERNET && way->source.set &&
		    (way->how == MT_HOW_KERNEL || way->how == MT_HOW_ADDRESS))
			return way->source;
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
	struct mt_text text = MT_TEXT_INIT(model->arena);
	bool stays = true;
	if (snapshot->facts->addresses != MT_PRESENT || mta->other_netns || mt_mta_pins(mta))
		return;
	for (enum mt_family f = MT_V4; f < MT_FAMILIES; f++) {
		struct mt_addr today = mt_mta_source(mta, f);
		unsigned n = today.set ? count(snapshot, today) : 0;
		if (n < 2)
			continue;
		const char *why = unstable(snapshot, mt_host_addr(snapshot->facts, today));
		mt_text_addf(&text, "%s %s %s of %u%s%s", text.n ? ";" : "", mt_family_name(f),
			     mt_addr_format(model->arena, today), n, why ? ", " : "",
			     why ? why : "");
		stays = stays && !why;
	}
	if (!text.n)
		return;
	struct mt_finding *finding = mt_model_find(
		model, mta, MT_UNCHOSEN, NULL, NULL,
		"no line says from which of its addresses mail leaves:%s", mt_text_z(&text));
	if (!stays)
		mt_finding_raise(model, finding, MT_WARNING);
}
