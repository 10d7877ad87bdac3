/* SPDX-License-Identifier: ISC */
/* interface.c: the value of `interface`, for one host. */
#include "interface.h"

#include <string.h>

#include "items.h"

/* What inet_pton(3) takes; an IPv6 address may name an interface. */
static bool read_address(struct mt_str item, struct ex_interface *found)
{
	const char *percent = item.n ? memchr(item.p, '%', item.n) : NULL;
	size_t n = percent ? (size_t)(percent - item.p) : item.n;
	if (!mt_addr_parse(mt_str_part(item, 0, n), &found->addr))
		return false;
	found->scoped = percent != NULL;
	return !percent || found->addr.family == MT_V6;
}

struct ex_interface ex_interface(struct mt_arena *arena, struct mt_str value, enum mt_family family)
{
	struct ex_items items = ex_items(value);
	struct mt_str item;
	while (ex_item(arena, &items, &item)) {
		struct ex_interface found = {.bind = EX_BIND_ADDRESS, .item = item};
		if (!read_address(item, &found))
			return (struct ex_interface){.bind = EX_BIND_INVALID, .item = item};
		if (found.addr.family != family)
			continue;
		if (found.scoped && !mt_addr_is_link_local(found.addr))
			found.bind = EX_BIND_DIES;
		return found;
	}
	return (struct ex_interface){.bind = EX_BIND_NONE};
}

static bool is_subnet_broadcast(const struct mt_host *host, struct mt_addr addr)
{
	for (size_t i = 0; i < host->addr_count; i++) {
		const struct mt_ifaddr *at = &host->addr[i];
		bool ones = at->addr.family == MT_V4 && at->bits < 31 &&
			    mt_addr_in_prefix(addr, at->addr, at->bits);
		for (unsigned bit = at->bits; ones && bit < 32; bit++)
			ones = addr.b[bit / 8] >> (7 - bit % 8) & 1;
		if (ones)
			return true;
	}
	return false;
}

bool ex_binds_nothing(const struct mt_host *host, struct mt_addr addr)
{
	if (addr.family == MT_V6)
		return mt_addr_is_any(addr);
	return mt_addr_is_any(addr) || mt_addr_is_multicast(addr) || mt_addr_is_broadcast(addr) ||
	       (!mt_host_addr(host, addr) && is_subnet_broadcast(host, addr));
}

static bool is_absent(const struct mt_host *host, struct mt_addr addr)
{
	return !mt_addr_is_loopback(addr) && !mt_addr_usable(host, addr);
}

const char *ex_cannot_bind(const struct mt_host *host, const struct ex_interface *interface,
			   bool here)
{
	static const char invalid[] = "defer (22): Invalid argument",
			  absent[] = "defer (99): Cannot assign requested address",
			  no_answer[] = "defer (110): Connection timed out";
	struct mt_addr addr = interface->addr;
	bool v6 = addr.family == MT_V6;
	struct mt_addr inner = {.set = true, .family = MT_V4};
	if (v6 && mt_addr_is_mapped(addr)) {
		memcpy(inner.b, addr.b + 12, 4);
		return !mt_addr_is_any(inner) && is_absent(host, inner)
			       ? absent
			       : "defer (97): Address family not supported by "
				 "protocol";
	}
	if (v6 && mt_addr_is_multicast(addr))
		return invalid;
	if (v6 && mt_addr_is_link_local(addr) && !interface->scoped)
		return invalid;
	if (is_absent(host, addr))
		return absent;
	if (v6 && mt_addr_is_link_local(addr))
		return no_answer;
	/* IPv4 refuses it, IPv6 sends what nobody answers */
	if (mt_addr_is_loopback(addr) && !here)
		return v6 ? no_answer : invalid;
	return NULL;
}
