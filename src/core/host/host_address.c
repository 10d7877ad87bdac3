/* SPDX-License-Identifier: ISC */
/*
 * host_address.c: addresses on interfaces, from `ip addr` (with or without -o, iproute2 or
 * busybox), else from /proc/net/fib_trie (IPv4: neither interface nor flags) and /proc/net/if_inet6.
 *
 *	2: eth0@if5: <BROADCAST,UP,LOWER_UP> mtu 1500 ...
 *	    inet 192.0.2.10/24 brd 192.0.2.255 scope global secondary dynamic eth0
 *	2: eth0    inet6 2001:db8::10/64 scope global tentative \       valid_lft ...
 *	    inet 10.8.0.1 peer 10.8.0.2/32 scope global tun0
 *
 * Source: iproute2 ip/ipaddress.c print_addrinfo(), net/ipv4/fib_trie.c fib_trie_seq_show(),
 * net/ipv6/addrconf.c if6_seq_show(), include/uapi/linux/if_addr.h.
 */
#include "core/host/snapshot.h"

#include <string.h>

struct reader {
	struct mt_arena *arena;
	struct mt_host *host;
	struct mt_ifaddr *addrs;
	struct mt_str link; /* the interface whose line came last */
	const char *link_name;
	bool link_up;
};

static struct mt_ifaddr *add_address(struct reader *r, struct mt_addr addr)
{
	struct mt_ifaddr *a = &r->addrs[r->host->addr_count++];
	*a = (struct mt_ifaddr){.addr = addr, .iface = "", .label = "", .up = true};
	a->bits = addr.family == MT_V6 ? 128 : 32;
	return a;
}

static void start(struct reader *r, size_t lines)
{
	r->addrs = mt_alloc(r->arena, (lines + 1) * sizeof *r->addrs);
	r->host->addr = r->addrs;
}

static void set_flag(struct mt_ifaddr *a, struct mt_str word)
{
	switch (word.p[0]) {
	case 't':
		a->tentative |= mt_str_is(word, "tentative");
		a->secondary |= mt_str_is(word, "temporary");
		break;
	case 'd':
		a->dadfailed |= mt_str_is(word, "dadfailed");
		a->deprecated |= mt_str_is(word, "deprecated");
		a->dynamic |= mt_str_is(word, "dynamic");
		break;
	case 's':
		a->secondary |= mt_str_is(word, "secondary");
		break;
	}
}

/* "192.0.2.10/24" */
static bool split_prefix(struct mt_str s, struct mt_str *addr, unsigned *bits)
{
	unsigned long n;
	const char *slash = s.n ? memchr(s.p, '/', s.n) : NULL;
	*addr = s;
	if (!slash)
		return false;
	addr->n = (size_t)(slash - s.p);
	if (!mt_str_number((struct mt_str){slash + 1, s.n - addr->n - 1}, 128, &n))
		return false;
	*bits = (unsigned)n;
	return true;
}

/* What stands behind "inet" or "inet6". */
static void on_address(struct reader *r, struct mt_str name, struct mt_str rest)
{
	struct mt_str word, text;
	struct mt_addr addr;
	unsigned bits = 0;
	mt_field(&rest, &word);
	bool prefix = split_prefix(word, &text, &bits);
	if (!mt_addr_parse(text, &addr))
		return;
	struct mt_ifaddr *a = add_address(r, addr);
	if (prefix)
		a->bits = bits;
	bool known = r->link_name && (!name.n || mt_str_eq(name, r->link));
	a->iface = known ? r->link_name : mt_is_name(name) ? mt_strz(r->arena, name) : "";
	a->up = !known || r->link_up;
	struct mt_str last = {"", 0};
	while (mt_field(&rest, &word) && !mt_str_is(word, "valid_lft")) { /* in a line of -o */
		last = word;
		if (mt_str_is(word, "scope") && mt_field(&rest, &word)) {
			a->link_scope = mt_str_is(word, "link");
			a->host_scope = mt_str_is(word, "host");
		}
		set_flag(a, word);
	}
	if (addr.family == MT_V4)
		a->label = mt_is_name(last) ? mt_strz(r->arena, last) : "";
}

static bool is_inet(struct mt_str word)
{
	return mt_str_is(word, "inet") || mt_str_is(word, "inet6");
}

static void on_ip_line(struct reader *r, struct mt_str line)
{
	struct mt_str first, second = {"", 0}, third;
	if (!mt_field(&line, &first))
		return;
	if (is_inet(first)) {
		on_address(r, second, line);
		return;
	}
	if (first.p[first.n - 1] != ':' || !mt_field(&line, &second) || !mt_field(&line, &third))
		return;
	if (is_inet(third))
		on_address(r, second, line);
	else if (third.p[0] == '<') {
		struct mt_str flag;
		const char *at = memchr(second.p, '@', second.n);
		r->link = second; /* "eth0@if5:" is eth0 */
		r->link.n = at ? (size_t)(at - second.p) : second.n - 1;
		r->link_name = mt_is_name(r->link) ? mt_strz(r->arena, r->link) : "";
		r->link_up = false;
		while (mt_str_word(&third, "<,>", &flag))
			r->link_up |= mt_str_is(flag, "UP");
	}
}

static void read_ip(struct reader *r, struct mt_str text)
{
	struct mt_str line;
	start(r, mt_count_lines(text));
	while (mt_str_line(&text, &line))
		on_ip_line(r, line);
}

/* ---- without ip ---- */

/* Inside "Local:", an address line and below it "/32 host LOCAL". */
static void read_fib_trie(struct reader *r, struct mt_str text)
{
	struct mt_str line, word, kind, addr = {"", 0};
	struct mt_addr a;
	bool local = false;
	while (mt_str_line(&text, &line)) {
		if (line.n && line.p[0] != ' ')
			local = mt_str_starts(line, "Local:");
		if (!local || !mt_field(&line, &word))
			continue;
		if (mt_str_is(word, "|--"))
			mt_field(&line, &addr);
		else if (mt_str_is(word, "/32") && mt_field(&line, &kind) &&
			 mt_str_is(kind, "host") && mt_field(&line, &kind) &&
			 mt_str_is(kind, "LOCAL") && mt_addr_parse(addr, &a))
			add_address(r, a)->host_scope = mt_addr_is_loopback(a);
	}
}

static bool hex_addr6(struct mt_str s, struct mt_addr *addr)
{
	*addr = (struct mt_addr){.set = true, .family = MT_V6};
	for (size_t i = 0; i < 16; i++) {
		uint32_t byte;
		if (s.n != 32 || !mt_hex((struct mt_str){s.p + 2 * i, 2}, &byte))
			return false;
		addr->b[i] = (uint8_t)byte;
	}
	return true;
}

/* ADDRESS IFINDEX PREFIX SCOPE FLAGS NAME, numbers in hex */
static void on_inet6_line(struct reader *r, struct mt_str line)
{
	struct mt_str field[6] = {{0}};
	struct mt_addr addr;
	uint32_t bits, scope, flags;
	for (size_t i = 0; i < MT_ARRAY_LEN(field); i++)
		mt_field(&line, &field[i]);
	if (!hex_addr6(field[0], &addr) || !mt_hex(field[2], &bits) || !mt_hex(field[3], &scope) ||
	    !mt_hex(field[4], &flags))
		return;
	struct mt_ifaddr *a = add_address(r, addr);
	a->bits = bits;
	a->iface = mt_is_name(field[5]) ? mt_strz(r->arena, field[5]) : "";
	a->link_scope = scope == 0x20;
	a->host_scope = scope == 0x10;
	a->secondary = flags & 0x01;
	a->dadfailed = flags & 0x08;
	a->deprecated = flags & 0x20;
	a->tentative = flags & 0x40;
	a->dynamic = !(flags & 0x80);
}

static void read_address_batch(struct reader *r, const struct mt_snapshot *snapshot)
{
	struct mt_ip_answers answers;
	if (!mt_ip_answers(snapshot, &answers)) {
		r->host->addresses = MT_FAILED;
		return;
	}
	struct mt_str all = mt_ip_text(snapshot, "addr show");
	struct mt_str up = mt_ip_text(snapshot, "addr show up");
	read_ip(r, all);
	if (!mt_str_eq(all, up)) {
		/* With -o, `ip` tells who is up only by `addr show up`; both lists have one order. */
		struct mt_host host = {0};
		struct reader ups = {.arena = r->arena, .host = &host};
		size_t j = 0;
		read_ip(&ups, up);
		for (size_t i = 0; i < r->host->addr_count; i++) {
			struct mt_ifaddr *a = &r->addrs[i];
			a->up = j < host.addr_count && mt_addr_eq(a->addr, ups.addrs[j].addr) &&
				strcmp(a->iface, ups.addrs[j].iface) == 0;
			j += a->up;
		}
	}
}

/* ---- what follows from all of them ---- */

#define FEW 16 /* not worth a map */

/* The first one counts where an address is on two interfaces. */
static void make_index(struct reader *r)
{
	for (int f = 0; f < MT_FAMILIES; f++)
		r->host->by_addr[f] = (struct mt_map)MT_MAP_INIT(r->arena);
	for (size_t i = 0; r->host->addr_count > FEW && i < r->host->addr_count; i++) {
		const struct mt_addr *addr = &r->addrs[i].addr;
		struct mt_map *map = &r->host->by_addr[addr->family];
		struct mt_str key = {(const char *)addr->b, sizeof addr->b};
		if (!mt_map_get(map, key))
			mt_map_put(map, key, &r->addrs[i]);
	}
}

static bool is_whole(const struct mt_ifaddr *a)
{
	return a->bits == (a->addr.family == MT_V6 ? 128 : 32);
}

static void find_floating(struct reader *r)
{
	struct mt_map prefixed[MT_FAMILIES] = {MT_MAP_INIT(r->arena), MT_MAP_INIT(r->arena)};
	for (size_t i = 0; i < r->host->addr_count; i++) {
		const struct mt_ifaddr *a = &r->addrs[i];
		if (!is_whole(a) && !a->link_scope)
			mt_map_put(&prefixed[a->addr.family], mt_str_of(a->iface), a);
	}
	for (size_t i = 0; i < r->host->addr_count; i++) {
		struct mt_ifaddr *a = &r->addrs[i];
		a->floats = is_whole(a) && strcmp(a->iface, "lo") != 0 &&
			    mt_map_get(&prefixed[a->addr.family], mt_str_of(a->iface));
	}
}

void mt_host_read_addresses(const struct mt_snapshot *snapshot, struct mt_host *host)
{
	struct reader r = {.arena = snapshot->arena, .host = host};
	const struct mt_item *batch = mt_snapshot_probe(snapshot, "ip");
	const struct mt_item *ip = mt_snapshot_probe(snapshot, "addr");
	const struct mt_item *trie = mt_snapshot_probe(snapshot, "addr.proc");
	const struct mt_item *inet6 = mt_snapshot_probe(snapshot, "addr6.proc");
	host->addresses = MT_PRESENT;
	if (mt_item_readable(batch))
		read_address_batch(&r, snapshot);
	else if (mt_item_readable(ip))
		read_ip(&r, ip->bytes);
	else if (mt_item_readable(trie) || mt_item_readable(inet6)) {
		struct mt_str rest = inet6->bytes, line;
		start(&r, mt_count_lines(trie->bytes) + mt_count_lines(rest));
		read_fib_trie(&r, trie->bytes);
		while (mt_str_line(&rest, &line))
			on_inet6_line(&r, line);
	} else
		host->addresses = ip->presence;
	make_index(&r);
	find_floating(&r);
}

bool mt_addr_usable(const struct mt_host *host, struct mt_addr addr)
{
	if (host->addresses != MT_PRESENT)
		return true;
	const struct mt_ifaddr *at = mt_host_addr(host, addr);
	return at && at->up && !at->tentative && !at->dadfailed;
}
