/* SPDX-License-Identifier: ISC */
/*
 * host_route.c: the kernel's choice of a source address, as `ip route get` says it:
 *
 *	192.0.2.99 via 198.51.100.1 dev eth0 src 198.51.100.7 uid 107 \    cache
 *	local 127.0.0.1 dev lo src 127.0.0.1 uid 0
 *	2001:db8::1 from :: via fe80::1 dev eth0 proto ra src 2001:db8:1::7 metric 1024
 *
 * Every destination is asked twice, with the uid of the MTA and without, because an older `ip` does
 * not know `uid`: the plain answers count only when no question with a uid was answered.
 *
 * Without ip the default route of /proc/net/route or ipv6_route gives the interface, and its first
 * address of global scope the source: a guess, `asked` is false.
 *
 * Source: iproute2 ip/iproute.c print_route(); net/ipv4/fib_trie.c fib_route_seq_show(),
 * net/ipv6/route.c rt6_info_route.
 */
#include "core/host/snapshot.h"

#include <string.h>

struct answers {
	struct mt_arena *arena;
	struct mt_source *list, *plain; /* same destinations, same order */
	size_t count, room;
	bool uid_works;
};

/* One per destination and way of asking; hostile bundles must not make it quadratic. */
#define DESTS_MAX 32

static struct mt_source *place_source(struct answers *a, struct mt_str dest, bool uid)
{
	struct mt_addr addr;
	if (!mt_addr_parse(dest, &addr))
		return NULL;
	size_t i = 0;
	while (i < a->count && !mt_addr_eq(a->list[i].dest, addr))
		i++;
	if (i == DESTS_MAX)
		return NULL;
	if (i == a->count) {
		a->list[i] = a->plain[i] =
			(struct mt_source){.dest = addr, .iface = "", .asked = true};
		a->count++;
	}
	return uid ? &a->list[i] : &a->plain[i];
}

static void on_route_answer(struct answers *a, struct mt_source *s, struct mt_str line)
{
	static const char *const unusable[] = {"unreachable", "blackhole", "prohibit", "throw",
					       "RTNETLINK"};
	struct mt_str key, value;
	for (size_t i = 0; i < MT_ARRAY_LEN(unusable); i++)
		if (mt_str_starts(mt_str_trim(line), unusable[i]))
			return;
	while (mt_field(&line, &key)) {
		bool via = mt_str_is(key, "via"), dev = mt_str_is(key, "dev");
		if (!via && !dev && !mt_str_is(key, "src"))
			continue;
		if (!mt_field(&line, &value))
			break;
		if (via)
			s->gateway = true;
		else if (dev)
			s->iface = mt_is_name(value) ? mt_strz(a->arena, value) : "";
		else
			mt_addr_parse(value, &s->source);
	}
	s->reachable = s->source.set && *s->iface;
}

static void on_answers(struct answers *a, struct mt_source *s, struct mt_str text)
{
	struct mt_str line;
	while (s && !s->reachable && mt_str_line(&text, &line))
		on_route_answer(a, s, line);
	if (s && s->reachable && s >= a->list && s < a->list + a->count)
		a->uid_works = true;
}

/* "route get DEST [uid N]" */
static void read_route_batch(struct answers *a, const struct mt_snapshot *snapshot)
{
	struct mt_ip_answers ip;
	struct mt_str question, answer, dest, uid;
	if (!mt_ip_answers(snapshot, &ip))
		return;
	while (mt_ip_answer(&ip, &question, &answer)) {
		if (mt_str_is(question, "rule show"))
			break; /* what follows may be long, and has no sources */
		if (!mt_str_starts(question, "route get "))
			continue;
		question.p += strlen("route get ");
		question.n -= strlen("route get ");
		mt_field(&question, &dest);
		bool with_uid = mt_field(&question, &uid);
		on_answers(a, place_source(a, dest, with_uid), answer);
	}
}

/* "> DEST UID", then the answer; UID may be "-" */
static void read_probe(struct answers *a, struct mt_str text)
{
	struct mt_str line, word, dest, uid;
	struct mt_source *s = NULL;
	while (mt_str_line(&text, &line)) {
		if (!mt_str_starts(line, "> ")) {
			on_answers(a, s, line);
			continue;
		}
		mt_field(&line, &word);
		mt_field(&line, &dest);
		bool with_uid = mt_field(&line, &uid) && !mt_str_is(uid, "-");
		s = place_source(a, dest, with_uid);
	}
}

/* ---- without ip ---- */

static struct mt_addr first_global(const struct mt_host *host, enum mt_family family,
				   struct mt_str iface)
{
	for (size_t i = 0; i < host->addr_count; i++) {
		const struct mt_ifaddr *a = &host->addr[i];
		bool here = !*a->iface || mt_str_is(iface, a->iface);
		if (a->addr.family == family && here && !a->link_scope && !a->host_scope &&
		    !a->tentative && !a->deprecated)
			return a->addr;
	}
	return (struct mt_addr){0};
}

static void guess(struct mt_host *host, struct mt_arena *arena, enum mt_family family,
		  struct mt_str iface)
{
	struct mt_source *s = &host->default_source[family];
	if (s->reachable || !mt_is_name(iface))
		return;
	s->reachable = true;
	s->gateway = true;
	s->iface = mt_strz(arena, iface);
	s->source = first_global(host, family, iface);
}

/* Iface Destination Gateway Flags RefCnt Use Metric Mask ...; the first default route is the best */
static void read_proc4(struct mt_host *host, const struct mt_snapshot *snapshot)
{
	struct mt_str text = mt_snapshot_probe(snapshot, "route.proc")->bytes, line, iface, dest,
		      skip, mask = {"", 0};
	while (mt_str_line(&text, &line)) {
		mt_field(&line, &iface);
		mt_field(&line, &dest);
		for (int i = 0; i < 5; i++)
			mt_field(&line, &skip);
		mt_field(&line, &mask);
		if (mt_str_is(dest, "00000000") && mt_str_is(mask, "00000000"))
			guess(host, snapshot->arena, MT_V4, iface);
	}
}

/* DEST LEN SRC LEN NEXTHOP METRIC REFCNT USE FLAGS IFACE */
static void read_proc6(struct mt_host *host, const struct mt_snapshot *snapshot)
{
	static const char any[] = "00000000000000000000000000000000";
	struct mt_str text = mt_snapshot_probe(snapshot, "route6.proc")->bytes, line, dest, length,
		      iface;
	while (mt_str_line(&text, &line)) {
		mt_field(&line, &dest);
		mt_field(&line, &length);
		for (int i = 0; i < 8; i++)
			mt_field(&line, &iface);
		if (mt_str_is(dest, any) && mt_str_is(length, "00") && !mt_str_is(iface, "lo"))
			guess(host, snapshot->arena, MT_V6, iface);
	}
}

/* ---- together ---- */

static void set_defaults(struct mt_host *host, const struct mt_snapshot *snapshot)
{
	static const char *const dests[] = {MT_DEFAULT_DEST4, MT_DEFAULT_DEST6};
	for (int f = 0; f < MT_FAMILIES; f++) {
		struct mt_source *s = &host->default_source[f];
		s->iface = "";
		mt_addr_parse(mt_str_of(dests[f]), &s->dest);
		for (size_t i = 0; i < host->source_count; i++)
			if (mt_addr_eq(host->source[i].dest, s->dest))
				*s = host->source[i];
	}
	if (!host->default_source[MT_V4].asked)
		read_proc4(host, snapshot);
	if (!host->default_source[MT_V6].asked)
		read_proc6(host, snapshot);
	for (int f = 0; f < MT_FAMILIES; f++) {
		host->fallback_source[f] = host->default_source[f];
		host->fallback_source[f].asked = false;
	}
}

void mt_host_read_sources(const struct mt_snapshot *snapshot, struct mt_host *host)
{
	struct answers a = {.arena = snapshot->arena};
	a.list = mt_alloc(a.arena, DESTS_MAX * sizeof *a.list);
	a.plain = mt_alloc(a.arena, DESTS_MAX * sizeof *a.plain);
	read_route_batch(&a, snapshot);
	read_probe(&a, mt_snapshot_probe(snapshot, "source")->bytes);
	host->source = a.uid_works ? a.list : a.plain;
	host->source_count = a.count;
	set_defaults(host, snapshot);
}
