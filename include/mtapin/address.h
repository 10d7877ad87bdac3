/* SPDX-License-Identifier: ISC */
/*
 * address.h: IP addresses as values. Text is the strict form of inet_pton(3): no short forms, no
 * octal, no port, no prefix length, no scope.
 */
#ifndef MTAPIN_ADDRESS_H
#define MTAPIN_ADDRESS_H

#include <mtapin/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Index of everything that exists once per family. */
enum mt_family { MT_V4 = 0, MT_V6 = 1, MT_FAMILIES = 2 };

struct mt_addr {
	bool set; /* false: no address; the rest is then zero */
	enum mt_family family;
	uint8_t b[16]; /* network order; IPv4 uses the first four */
};

#define MT_ADDR_TEXT 46 /* INET6_ADDRSTRLEN */

bool mt_addr_parse(struct mt_str text, struct mt_addr *addr); /* no brackets */
/* Writes the canonical text (inet_ntop) into buf[MT_ADDR_TEXT] and returns buf. Unset gives "". */
const char *mt_addr_text(struct mt_addr addr, char *buf);
/* The same, in an arena. */
const char *mt_addr_format(struct mt_arena *arena, struct mt_addr addr);
bool mt_addr_eq(struct mt_addr a, struct mt_addr b);
bool mt_addr_is_any(struct mt_addr a);
bool mt_addr_is_loopback(struct mt_addr a); /* 127/8, ::1 */
bool mt_addr_is_multicast(struct mt_addr a);
bool mt_addr_is_link_local(struct mt_addr a); /* 169.254/16, fe80::/10 */
bool mt_addr_is_mapped(struct mt_addr a); /* ::ffff:0:0/96 */
bool mt_addr_is_broadcast(
	struct mt_addr a); /* 255.255.255.255 only; a subnet's needs the interface */
bool mt_addr_is_private(struct mt_addr a); /* RFC 1918, RFC 6598, fc00::/7 */
bool mt_addr_in_prefix(struct mt_addr a, struct mt_addr net, unsigned bits);
/* The same for "ADDRESS" or "ADDRESS/BITS"; false for any other text. */
bool mt_addr_in_text(struct mt_addr a, struct mt_str net);
/* A fully qualified domain name by the syntax of RFC 5321, 4.1.2: at least two labels of letters, digits
 * and inner hyphens, 255 bytes at most, no final dot. */
bool mt_is_fqdn(struct mt_str name);
/* A host name by the same syntax, also of one label alone. */
bool mt_is_hostname(struct mt_str name);
/* A mailbox by RFC 5321, 4.1.2 whose local part is not quoted: atoms, '@', and a fully qualified domain name or an
 * address literal; no '-' at the start, which a program could take for an option. */
bool mt_is_mailbox(struct mt_str text);
const char *mt_family_name(enum mt_family family); /* "IPv4", "IPv6" */

#ifdef __cplusplus
}
#endif

#endif
