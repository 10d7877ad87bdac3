/* SPDX-License-Identifier: ISC */
/* address.c: IP addresses as values. */
#include <mtapin/address.h>

#include <arpa/inet.h>
#include <string.h>

/* One to three digits without a leading zero, up to 255; -1: none. */
static int octet(struct mt_str s, size_t *at)
{
	const char *p = s.p + *at, *end = s.p + s.n;
	if (p >= end || !mt_is_digit(*p))
		return -1;
	int value = *p++ - '0';
	for (; p < end && mt_is_digit(*p); p++) {
		if (value == 0 || value > 25)
			return -1;
		value = value * 10 + (*p - '0');
	}
	*at = (size_t)(p - s.p);
	return value > 255 ? -1 : value;
}

/* "192.0.2.1" as inet_pton() reads it, without a copy: logs hold millions of them. */
static bool parse_v4(struct mt_str text, uint8_t *b)
{
	size_t i = 0;
	for (int k = 0; k < 4; k++) {
		if (k && (i >= text.n || text.p[i++] != '.'))
			return false;
		int value = octet(text, &i);
		if (value < 0)
			return false;
		b[k] = (uint8_t)value;
	}
	return i == text.n;
}

static bool parse_v6(struct mt_str text, uint8_t *b)
{
	char buf[MT_ADDR_TEXT];
	if (text.n >= sizeof buf || memchr(text.p, '\0', text.n))
		return false;
	memcpy(buf, text.p, text.n);
	buf[text.n] = '\0';
	return inet_pton(AF_INET6, buf, b) == 1;
}

bool mt_addr_parse(struct mt_str text, struct mt_addr *addr)
{
	*addr = (struct mt_addr){.set = true, .family = MT_V4};
	if (text.n && parse_v4(text, addr->b))
		return true;
	*addr = (struct mt_addr){.set = true, .family = MT_V6};
	if (text.n && parse_v6(text, addr->b))
		return true;
	*addr = (struct mt_addr){0};
	return false;
}

const char *mt_addr_text(struct mt_addr addr, char *buf)
{
	if (!addr.set ||
	    !inet_ntop(addr.family == MT_V6 ? AF_INET6 : AF_INET, addr.b, buf, MT_ADDR_TEXT))
		buf[0] = '\0';
	return buf;
}

const char *mt_addr_format(struct mt_arena *arena, struct mt_addr addr)
{
	char text[MT_ADDR_TEXT];
	return mt_strdup(arena, mt_addr_text(addr, text));
}

bool mt_addr_eq(struct mt_addr a, struct mt_addr b)
{
	return a.set == b.set && a.family == b.family && memcmp(a.b, b.b, sizeof a.b) == 0;
}

static bool bytes_are(struct mt_addr a, const uint8_t *want)
{
	return a.set && memcmp(a.b, want, a.family == MT_V6 ? 16 : 4) == 0;
}

bool mt_addr_is_any(struct mt_addr a)
{
	static const uint8_t zero[16];
	return bytes_are(a, zero);
}

bool mt_addr_is_loopback(struct mt_addr a)
{
	static const uint8_t one[16] = {[15] = 1};
	return a.set && (a.family == MT_V4 ? a.b[0] == 127 : bytes_are(a, one));
}

bool mt_addr_is_multicast(struct mt_addr a)
{
	return a.set && (a.family == MT_V4 ? (a.b[0] & 0xf0) == 0xe0 : a.b[0] == 0xff);
}

bool mt_addr_is_link_local(struct mt_addr a)
{
	return a.set && (a.family == MT_V4 ? a.b[0] == 169 && a.b[1] == 254
					   : a.b[0] == 0xfe && (a.b[1] & 0xc0) == 0x80);
}

bool mt_addr_is_mapped(struct mt_addr a)
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
	return a.set && a.family == MT_V6 && memcmp(a.b, prefix, sizeof prefix) == 0;
}

bool mt_addr_is_broadcast(struct mt_addr a)
{
	static const uint8_t ones[4] = {255, 255, 255, 255};
	return a.set && a.family == MT_V4 && bytes_are(a, ones);
}

bool mt_addr_is_private(struct mt_addr a)
{
	if (!a.set)
		return false;
	if (a.family == MT_V6)
		return (a.b[0] & 0xfe) == 0xfc;
	return a.b[0] == 10 || (a.b[0] == 172 && (a.b[1] & 0xf0) == 16) ||
	       (a.b[0] == 192 && a.b[1] == 168) || (a.b[0] == 100 && (a.b[1] & 0xc0) == 64);
}

bool mt_addr_in_prefix(struct mt_addr a, struct mt_addr net, unsigned bits)
{
	if (!a.set || !net.set || a.family != net.family || bits > (a.family == MT_V6 ? 128u : 32u))
		return false;
	unsigned whole = bits / 8, rest = bits % 8;
	if (memcmp(a.b, net.b, whole) != 0)
		return false;
	return !rest || ((a.b[whole] ^ net.b[whole]) >> (8 - rest)) == 0;
}

bool mt_addr_in_text(struct mt_addr a, struct mt_str net)
{
	unsigned long bits = a.family == MT_V6 ? 128 : 32;
	const char *slash = net.n ? memchr(net.p, '/', net.n) : NULL;
	size_t n = slash ? (size_t)(slash - net.p) : net.n;
	struct mt_addr first;
	if (slash && !mt_str_number(mt_str_part(net, n + 1, net.n - n - 1), bits, &bits))
		return false;
	return mt_addr_parse(mt_str_part(net, 0, n), &first) &&
	       mt_addr_in_prefix(a, first, (unsigned)bits);
}

const char *mt_family_name(enum mt_family family)
{
	return family == MT_V6 ? "IPv6" : "IPv4";
}
