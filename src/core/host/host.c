/* SPDX-License-Identifier: ISC */
/*
 * host.c: the facts of a host that are no MTA's: what its probes mean. Everything is as the host says;
 * nothing is guessed from silence.
 */
#include "core/base/character.h"
#include "core/host/snapshot.h"

#include <string.h>

size_t mt_count_lines(struct mt_str text)
{
	struct mt_str line;
	size_t n = 0;
	while (mt_str_line(&text, &line))
		n++;
	return n;
}

bool mt_hex(struct mt_str s, uint32_t *value)
{
	uint32_t v = 0;
	if (!s.n || s.n > 8)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = v << 4 | (uint32_t)((c | 32) - 'a' + 10);
		else
			return false;
	}
	*value = v;
	return true;
}

/* ---- the answers of `ip -o -batch` ---- */

#define MARK "link show dev lo"

/* "1: lo: <LOOPBACK,UP,LOWER_UP> mtu ...\    link/loopback ...": nothing else prints it with -o. */
static bool is_mark(struct mt_str line)
{
	const char *blank = line.n > 16 ? memchr(line.p, ' ', 12) : NULL;
	size_t skip = blank ? (size_t)(blank + 1 - line.p) : 0;
	return blank && blank[-1 + (blank == line.p)] == ':' &&
	       mt_str_starts((struct mt_str){line.p + skip, line.n - skip}, "lo: <LOOPBACK");
}

/* False when no mark follows: the answer is then all that is left. */
static bool until_mark(struct mt_str *printed, struct mt_str *answer)
{
	struct mt_str line;
	*answer = (struct mt_str){printed->p, 0};
	while (mt_str_line(printed, &line)) {
		if (is_mark(line))
			return true;
		answer->n = (size_t)(printed->p - answer->p);
	}
	return false;
}

bool mt_ip_answers(const struct mt_snapshot *snapshot, struct mt_ip_answers *answers)
{
	const struct mt_item *item = mt_snapshot_probe(snapshot, "ip");
	struct mt_str rest = item->bytes, line, first;
	while (mt_str_line(&rest, &line) && line.n)
		;
	answers->asked = (struct mt_str){item->bytes.p, item->bytes.n - rest.n};
	answers->printed = rest;
	return mt_item_readable(item) && until_mark(&rest, &first);
}

bool mt_ip_answer(struct mt_ip_answers *answers, struct mt_str *question, struct mt_str *answer)
{
	while (mt_str_line(&answers->asked, question) && question->n) {
		if (mt_str_is(*question, MARK))
			continue;
		until_mark(&answers->printed, answer);
		return true;
	}
	return false;
}

struct mt_str mt_ip_text(const struct mt_snapshot *snapshot, const char *question)
{
	struct mt_ip_answers answers;
	struct mt_str q, a;
	if (mt_ip_answers(snapshot, &answers))
		while (mt_ip_answer(&answers, &q, &a))
			if (mt_str_is(q, question))
				return a;
	return (struct mt_str){"", 0};
}

/* ---- small probes ---- */

static void read_names(const struct mt_snapshot *snapshot, struct mt_host *host)
{
	const struct mt_item *item = mt_snapshot_probe(snapshot, "names");
	struct mt_str rest = item->bytes, line, name, addr;
	struct mt_name *names = mt_alloc(snapshot->arena, mt_count_lines(rest) * sizeof *names + 1);
	host->resolver = item->presence;
	host->name = names;
	while (mt_str_line(&rest, &line)) {
		if (!mt_field(&line, &name) || !mt_field(&line, &addr) || !mt_is_name(name))
			continue;
		struct mt_name *n = &names[host->name_count++];
		n->name = mt_strz(snapshot->arena, name);
		mt_addr_parse(addr, &n->addr);
	}
}

static void read_nat(const struct mt_snapshot *snapshot, struct mt_host *host)
{
	const struct mt_item *item = mt_snapshot_probe(snapshot, "nat");
	struct mt_str rest = item->bytes, line;
	host->nat = item->presence;
	host->nat_text = "";
	if (!mt_item_readable(item))
		return;
	host->nat = MT_ABSENT;
	while (mt_str_line(&rest, &line)) {
		line = mt_str_trim(line);
		if (!line.n)
			continue;
		host->nat = MT_PRESENT;
		host->nat_text = mt_strz(snapshot->arena, line);
		return;
	}
}

static void read_init(const struct mt_snapshot *snapshot, struct mt_host *host)
{
	struct mt_str rest = mt_snapshot_probe(snapshot, "init")->bytes, line, key;
	host->pid1 = host->container = "";
	while (mt_str_line(&rest, &line)) {
		if (!mt_field(&line, &key))
			continue;
		line = mt_str_trim(line);
		if (!mt_is_name(line))
			continue;
		if (mt_str_is(key, "pid1"))
			host->pid1 = mt_strz(snapshot->arena, line);
		else if (mt_str_is(key, "container") && !*host->container)
			host->container = mt_strz(snapshot->arena, line);
	}
}

const struct mt_host *mt_host_read(const struct mt_snapshot *snapshot)
{
	struct mt_host *host = MT_NEW(snapshot->arena, struct mt_host);
	mt_host_read_addresses(snapshot, host);
	mt_host_read_sources(snapshot, host);
	mt_host_read_sockets(snapshot, host);
	read_names(snapshot, host);
	read_nat(snapshot, host);
	read_init(snapshot, host);
	struct mt_str rest = mt_snapshot_probe(snapshot, "owner")->bytes, line;
	const char **owners =
		mt_alloc(snapshot->arena, (mt_count_lines(rest) + 1) * sizeof *owners);
	host->owner = owners;
	while (mt_str_line(&rest, &line)) {
		line = mt_str_trim(line);
		if (line.n && mt_is_visible(line))
			owners[host->owner_count++] = mt_strz(snapshot->arena, line);
	}
	return host;
}

/* ---- look-ups ---- */

const struct mt_ifaddr *mt_host_addr(const struct mt_host *host, struct mt_addr addr)
{
	const struct mt_map *map = &host->by_addr[addr.family];
	if (addr.set && map->count)
		return mt_map_get(map, (struct mt_str){(const char *)addr.b, sizeof addr.b});
	for (size_t i = 0; i < host->addr_count; i++)
		if (mt_addr_eq(host->addr[i].addr, addr))
			return &host->addr[i];
	return NULL;
}

const struct mt_source *mt_host_default_source(const struct mt_host *host, enum mt_family family)
{
	return &host->default_source[family];
}

const struct mt_source *mt_host_source(const struct mt_host *host, struct mt_addr dest)
{
	for (size_t i = 0; i < host->source_count; i++)
		if (mt_addr_eq(host->source[i].dest, dest))
			return &host->source[i];
	return &host->fallback_source[dest.family];
}
