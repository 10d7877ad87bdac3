/* SPDX-License-Identifier: ISC */
/*
 * check_reverse_dns.c: PTR and back (iprev, RFC 8601 2.7.3), and the HELO name (RFC 5321 4.1.1.1, 4.1.4).
 *
 * HELO need not be the PTR name: a server must not refuse for that. It must be a fully qualified name, and
 * should lead to the address.
 */
#include "core/check/check_part.h"

#include <string.h>

/* ---- iprev ---- */

static void temporary(struct mt_check *check, struct mt_checked *row, const struct mt_answer *a)
{
	row->iprev = MT_IPREV_TEMPERROR;
	row->why = mt_answer_why(check->arena, a);
}

static void look_back(struct mt_check *check, struct mt_checked *row)
{
	const struct mt_answer *doubt = NULL;
	row->iprev = MT_IPREV_FAIL;
	for (unsigned i = 0; i < row->ptr->count && i < MT_CHECK_NAMES; i++) {
		const char *name = row->ptr->value[i];
		/* What holds a byte that needs an escape is no host name (RFC 1123, 2.1): nobody
		 * resolves it. */
		if (strchr(name, '\\'))
			continue;
		const struct mt_answer *back =
			mt_check_ask(check, mt_check_type(row->addr.family), name);
		enum mt_truth has = mt_answer_has(back, row->addr);
		if (!*row->generic && mt_name_is_generic(check->arena, name, row->addr))
			row->generic = name;
		if (has == MT_UNKNOWN && !doubt)
			doubt = back;
		if (has == MT_YES &&
		    (!*row->confirmed || mt_str_same(mt_str_of(name), mt_str_of(row->helo))))
			row->confirmed = name;
	}
	if (*row->confirmed)
		row->iprev = MT_IPREV_PASS;
	else if (doubt)
		temporary(check, row, doubt);
}

void mt_check_reverse(struct mt_check *check, struct mt_checked *row)
{
	const char *name = mt_dns_reverse(check->arena, row->addr, NULL);
	row->ptr = mt_check_ask(check, MT_DNS_PTR, name);
	if (!mt_answer_known(row->ptr))
		temporary(check, row, row->ptr);
	else if (!row->ptr->count)
		row->iprev = MT_IPREV_PERMERROR;
	else
		look_back(check, row);
}

/* ---- generic names ---- */

static bool is_hex(char c)
{
	return mt_is_digit(c) || (c >= 'a' && c <= 'f');
}

/* All four numbers of the address stand in the name, whatever their order: 10-2-0-192.pool.example. */
static bool has_octets(const char *name, struct mt_addr addr)
{
	bool found[4] = {false};
	for (const char *p = name; *p;) {
		unsigned long n = 0;
		size_t digits = 0;
		while (mt_is_digit(p[digits]))
			n = n < 1000 ? n * 10 + (unsigned long)(p[digits++] - '0') : (digits++, n);
		for (int i = 0; digits && digits <= 3 && i < 4; i++)
			if (!found[i] && addr.b[i] == n) {
				found[i] = true;
				break;
			}
		p += digits ? digits : 1;
	}
	return found[0] && found[1] && found[2] && found[3];
}

/* The hexadecimal digits of the name, others left out where they separate: "2001-0db8-..." */
static bool has_hex(const char *name, const char *hex)
{
	size_t n = strlen(hex);
	for (const char *p = name; *p; p++) {
		size_t i = 0;
		const char *q = p;
		while (i < n && (*q == hex[i] || (i && *q == '-')))
			i += *q++ == hex[i];
		if (i == n && !is_hex(*q) && (p == name || !is_hex(p[-1])))
			return true;
	}
	return false;
}

/* Twelve digits, or hexadecimal ones. */
static bool has_digits(struct mt_arena *arena, const char *name, struct mt_addr addr)
{
	const uint8_t *b = addr.b;
	if (addr.family == MT_V4)
		return has_hex(name,
			       mt_format(arena, "%03u%03u%03u%03u", b[0], b[1], b[2], b[3])) ||
		       has_hex(name, mt_format(arena, "%02x%02x%02x%02x", b[0], b[1], b[2], b[3]));
	struct mt_text all = MT_TEXT_INIT(arena);
	for (int i = 0; i < 16; i++)
		mt_text_addf(&all, "%02x", (unsigned)b[i]);
	if (has_hex(name, mt_text_z(&all)))
		return true;
	char *dashed = mt_strz(arena, mt_str_of(mt_addr_format(arena, addr)));
	for (char *p = dashed; *p; p++)
		*p = *p == ':' ? '-' : *p;
	return strstr(name, dashed) && strlen(dashed) >= 12;
}

bool mt_name_is_generic(struct mt_arena *arena, const char *name, struct mt_addr addr)
{
	const char *lower = mt_dns_name(arena, name);
	return (addr.family == MT_V4 && has_octets(lower, addr)) || has_digits(arena, lower, addr);
}

/* ---- HELO ---- */

bool mt_name_is_private(const char *name)
{
	static const char *const ends[] = {"local", "localdomain", "localhost", "lan",
					   "home",  "internal",	   "intranet",	"corp"};
	struct mt_str end = mt_str_after(mt_str_of(name), '.');
	for (size_t i = 0; i < MT_ARRAY_LEN(ends); i++)
		if (mt_str_same(end, mt_str_of(ends[i])))
			return true;
	return false;
}

void mt_check_helo(struct mt_check *check, struct mt_checked *row)
{
	row->helo_is_ptr =
		*row->confirmed && mt_str_same(mt_str_of(row->helo), mt_str_of(row->confirmed));
	row->helo_resolves = MT_UNKNOWN;
	row->helo_why = "the HELO name is not known";
	if (!*row->helo)
		return;
	row->helo_resolves = MT_NO;
	row->helo_why = "";
	if (!mt_is_fqdn(mt_str_of(row->helo)))
		return;
	const struct mt_answer *answer =
		mt_check_ask(check, mt_check_type(row->addr.family), row->helo);
	row->helo_resolves = mt_answer_has(answer, row->addr);
	if (row->helo_resolves == MT_UNKNOWN)
		row->helo_why = mt_answer_why(check->arena, answer);
}
