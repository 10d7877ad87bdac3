/* SPDX-License-Identifier: ISC */
/* interfaces.c: which addresses are "own", and which values kill every program of Postfix. */
#include "interfaces.h"

#include <string.h>

#define SEPARATORS " ,\t" /* own_inet_addr.c: a carriage return inside a continued value is data */
#define BLANKS	   " ,\t\r\n" /* name_mask.c */

/* ---- inet_protocols ---- */

void pf_protocols(const struct pf_scope *scope, struct pf_protocols *protocols)
{
	struct mt_error error = {0};
	struct mt_str value, word;
	*protocols = (struct pf_protocols){0};
	if (pf_expand(scope, MT_STR("inet_protocols"), &value, &error) < 0) {
		protocols->fatal = mt_strdup(scope->arena, error.message);
		return;
	}
	while (mt_str_word(&value, BLANKS, &word)) {
		bool all = mt_str_is(word, "all"), v4 = mt_str_is(word, "ipv4"),
		     v6 = mt_str_is(word, "ipv6");
		if (!all && !v4 && !v6) {
			protocols->fatal =
				mt_format(scope->arena, "unknown inet_protocols value \"%.*s\"",
					  MT_STR_FMT(word));
			return;
		}
		protocols->family[MT_V4] |= all || v4;
		protocols->family[MT_V6] |= all || v6;
	}
}

/* ---- numbers ---- */

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 99;
}

static bool number_part(struct mt_str part, unsigned long long *value)
{
	unsigned base = 10;
	if (part.n > 1 && part.p[0] == '0') {
		base = part.p[1] == 'x' || part.p[1] == 'X' ? 16 : 8;
		size_t skip = base == 16 ? 2 : 1;
		part.p += skip;
		part.n -= skip;
	}
	*value = 0;
	for (size_t i = 0; i < part.n; i++) {
		unsigned digit = digit_of(part.p[i]);
		if (digit >= base || *value > 0xffffffffULL)
			return false;
		*value = *value * base + digit;
	}
	return part.n > 0 && *value <= 0xffffffffULL;
}

static bool short_form(struct mt_str text, struct mt_addr *addr)
{
	unsigned long long part[4], whole = 0;
	unsigned n = 0;
	while (n < 4) {
		const char *dot = memchr(text.p, '.', text.n);
		struct mt_str word = {text.p, dot ? (size_t)(dot - text.p) : text.n};
		if (!number_part(word, &part[n++]))
			return false;
		if (!dot)
			break;
		text.n -= word.n + 1;
		text.p = dot + 1;
		if (n == 4)
			return false;
	}
	for (unsigned i = 0; i + 1 < n; i++) {
		if (part[i] > 255)
			return false;
		whole |= part[i] << (24 - 8 * i);
	}
	if (part[n - 1] >> (32 - 8 * (n - 1)))
		return false;
	whole |= part[n - 1];
	*addr = (struct mt_addr){.set = true, .family = MT_V4};
	for (unsigned i = 0; i < 4; i++)
		addr->b[i] = (uint8_t)(whole >> (24 - 8 * i));
	return true;
}

bool pf_numeric(struct mt_str text, struct mt_addr *addr)
{
	return mt_addr_parse(text, addr) || (text.n && short_form(text, addr));
}

bool pf_unbracket(struct mt_str *text)
{
	bool open = text->n && text->p[0] == '[', close = text->n && text->p[text->n - 1] == ']';
	if (open != close || (open && text->n < 2))
		return false;
	if (open) {
		text->p++;
		text->n -= 2;
	}
	return true;
}

bool pf_literal(struct mt_str domain, struct mt_addr *addr)
{
	if (!domain.n || domain.p[0] != '[' || !pf_unbracket(&domain))
		return false;
	if (domain.n > 5 && mt_str_same((struct mt_str){domain.p, 5}, MT_STR("IPv6:")))
		domain = (struct mt_str){domain.p + 5, domain.n - 5};
	return pf_numeric(domain, addr);
}

/* ---- inet_interfaces ---- */

struct builder {
	const struct pf_scope *scope;
	const struct pf_protocols *protocols;
	const struct mt_host *host;
	struct pf_own *own;
	struct mt_addr *addr;
	size_t cap;
	struct mt_map seen[MT_FAMILIES];
};

static void die(struct builder *b, struct mt_str word, const char *why)
{
	if (b->own->fatal)
		return;
	b->own->fatal = why;
	b->own->culprit = word;
}

static void add_interface(struct builder *b, struct mt_str word, struct mt_addr addr)
{
	const struct mt_ifaddr *at = mt_host_addr(b->host, addr);
	if (b->host->addresses == MT_PRESENT && (!at || !at->up)) {
		die(b, word,
		    mt_format(b->scope->arena, "no local interface found for %.*s",
			      MT_STR_FMT(word)));
		return;
	}
	struct mt_addr *key = MT_NEW(b->scope->arena, struct mt_addr);
	*key = addr;
	struct mt_str bytes = {(const char *)key->b, sizeof key->b};
	if (mt_map_get(&b->seen[addr.family], bytes))
		return;
	mt_map_put(&b->seen[addr.family], bytes, key);
	if (b->own->count == b->cap) {
		struct mt_addr *grown = mt_alloc(b->scope->arena, (b->cap * 2 + 4) * sizeof *grown);
		if (b->own->count)
			memcpy(grown, b->addr, b->own->count * sizeof *grown);
		b->addr = grown;
		b->cap = b->cap * 2 + 4;
	}
	b->addr[b->own->count++] = addr;
	b->own->addr = b->addr;
}

static void add_localhost(struct builder *b, struct mt_str word)
{
	struct mt_addr addr;
	if (b->protocols->family[MT_V4] && mt_addr_parse(MT_STR("127.0.0.1"), &addr))
		add_interface(b, word, addr);
	if (b->protocols->family[MT_V6] && mt_addr_parse(MT_STR("::1"), &addr) &&
	    (b->host->addresses != MT_PRESENT || mt_host_addr(b->host, addr)))
		add_interface(b, word, addr);
}

/* What no resolver and no hosts file answers for: "192.0.2.1/24", "#", "192.0.2.1:25". */
static bool is_host_word(struct mt_str word)
{
	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i];
		bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
		if (!good)
			return false;
	}
	return word.n > 0;
}

static void not_found(struct builder *b, struct mt_str word)
{
	die(b, word,
	    mt_format(b->scope->arena, "config variable inet_interfaces: host not found: %.*s",
		      MT_STR_FMT(word)));
}

/* As the host itself resolved it, if it was asked. */
static void add_host_name(struct builder *b, struct mt_str word)
{
	bool localhost = mt_str_is(word, "localhost"), asked = false, used = false;
	b->own->named |= !localhost;
	for (size_t i = 0; i < b->host->name_count; i++) {
		const struct mt_name *name = &b->host->name[i];
		if (!mt_str_is(word, name->name))
			continue;
		asked = true;
		if (!name->addr.set || !b->protocols->family[name->addr.family])
			continue;
		used = true;
		add_interface(b, word, name->addr);
	}
	if (asked && !used)
		not_found(b, word);
	else if (!asked && localhost)
		add_localhost(b, word);
	else if (!asked)
		b->own->unsure = true;
}

static void add_interfaces_word(struct builder *b, struct mt_str word)
{
	struct mt_str inner = word;
	struct mt_addr addr;
	if (!pf_unbracket(&inner)) {
		die(b, word,
		    mt_format(b->scope->arena, "bad inet_interfaces word %.*s", MT_STR_FMT(word)));
	} else if (!pf_numeric(inner, &addr)) {
		if (is_host_word(inner))
			add_host_name(b, inner);
		else
			not_found(b, word);
	} else if (!b->protocols->family[addr.family]) {
		b->own->wrong_family = true;
		die(b, word,
		    mt_format(b->scope->arena,
			      "%.*s is an %s address, which inet_protocols excludes",
			      MT_STR_FMT(word), mt_family_name(addr.family)));
	} else if (addr.family == MT_V6 && mt_addr_is_link_local(addr)) {
		die(b, word,
		    mt_format(b->scope->arena,
			      "bind %.*s: no service can listen on a link-local address",
			      MT_STR_FMT(word)));
	} else {
		add_interface(b, word, addr);
	}
}

void pf_own(const struct pf_scope *scope, const struct pf_protocols *protocols,
	    const struct mt_host *host, struct pf_own *own)
{
	struct mt_error error = {0};
	struct mt_str value, word;
	*own = (struct pf_own){0};
	if (pf_expand(scope, MT_STR("inet_interfaces"), &value, &error) < 0) {
		own->fatal = mt_strdup(scope->arena, error.message);
		return;
	}
	own->all = mt_str_is(value, "all");
	own->loopback_only = mt_str_is(value, "loopback-only");
	bool used = protocols->family[MT_V4] || protocols->family[MT_V6];
	if (own->all || own->loopback_only || !used)
		return;
	struct builder b = {.scope = scope, .protocols = protocols, .host = host, .own = own};
	for (int f = 0; f < MT_FAMILIES; f++)
		b.seen[f] = (struct mt_map)MT_MAP_INIT(scope->arena);
	while (!own->fatal && mt_str_word(&value, SEPARATORS, &word))
		add_interfaces_word(&b, word);
	if (!own->fatal && !own->count && !own->unsure)
		own->fatal = "no valid IP address found in inet_interfaces";
	for (size_t i = 0; i < own->count; i++) {
		enum mt_family family = own->addr[i].family;
		own->of_family[family]++;
		if (!mt_addr_is_loopback(own->addr[i]))
			own->single[family] = own->addr[i];
	}
	for (int f = 0; f < MT_FAMILIES; f++)
		if (own->of_family[f] != 1)
			own->single[f] = (struct mt_addr){0};
}

size_t pf_own_count(const struct pf_own *own, enum mt_family family)
{
	return own->of_family[family];
}

bool pf_own_has(const struct pf_own *own, struct mt_addr addr)
{
	for (size_t i = 0; i < own->count; i++)
		if (mt_addr_eq(own->addr[i], addr))
			return true;
	return false;
}

struct mt_addr pf_own_single(const struct pf_own *own, enum mt_family family)
{
	return own->single[family];
}

const char *pf_own_with(struct mt_arena *arena, const struct pf_own *own, struct mt_addr addr)
{
	struct mt_text list = MT_TEXT_INIT(arena);
	char text[MT_ADDR_TEXT];
	bool placed = false;
	for (size_t i = 0; i < own->count; i++) {
		bool replaced = own->addr[i].family == addr.family;
		if (!replaced || !placed)
			mt_text_addf(&list, "%s%s", list.n ? ", " : "",
				     mt_addr_text(replaced ? addr : own->addr[i], text));
		placed |= replaced;
	}
	return mt_text_z(&list);
}
