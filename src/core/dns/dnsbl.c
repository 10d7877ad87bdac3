/* SPDX-License-Identifier: ISC */
/* dnsbl.c: blacklists as data, and their answers. */
#include "core/dns/dnsbl.h"

#include <string.h>

static const char data[] =
#include "data/dnsbl.inc"
	;

/* ---- the table ---- */

static bool last_octet(struct mt_str s, unsigned *last)
{
	unsigned long n;
	if (mt_str_starts(s, "127.0.0."))
		s = mt_str_part(s, 8, s.n - 8);
	if (!mt_str_number(s, 255, &n))
		return false;
	*last = (unsigned)n;
	return true;
}

/* "10-11=!PBL" */
static bool read_code_range(struct mt_arena *arena, struct mt_str text, struct mt_dnsbl_code *code)
{
	const char *equals = memchr(text.p, '=', text.n);
	struct mt_str range = {text.p, equals ? (size_t)(equals - text.p) : text.n};
	struct mt_str word =
		equals ? mt_str_part(text, range.n + 1, text.n - range.n - 1) : MT_STR("listed");
	const char *dash = memchr(range.p, '-', range.n);
	struct mt_str first = {range.p, dash ? (size_t)(dash - range.p) : range.n};
	struct mt_str last = dash ? mt_str_part(range, first.n + 1, range.n - first.n - 1) : first;
	if (!last_octet(first, &code->first) || !last_octet(last, &code->last) ||
	    code->first > code->last || !word.n)
		return false;
	if (word.p[0] == '!' || word.p[0] == '+') {
		code->kind = word.p[0] == '!' ? MT_CODE_POLICY : MT_CODE_GOOD;
		word = mt_str_part(word, 1, word.n - 1);
	}
	code->word = mt_strz(arena, word);
	return true;
}

bool mt_dnsbl_codes(struct mt_arena *arena, struct mt_str text, struct mt_dnsbl_code **codes)
{
	struct mt_str word;
	struct mt_dnsbl_code **at = codes;
	while (mt_str_word(&text, " ", &word)) {
		*at = MT_NEW(arena, struct mt_dnsbl_code);
		if (!read_code_range(arena, word, *at))
			return false;
		at = &(*at)->next;
	}
	*at = NULL;
	return *codes != NULL;
}

static struct mt_dnsbl *read_list_line(struct mt_arena *arena, struct mt_str line)
{
	struct mt_str kind, zone, field[5] = {{0}};
	struct mt_dnsbl *list = MT_NEW(arena, struct mt_dnsbl);
	mt_str_word(&line, "\t", &kind);
	mt_str_word(&line, "\t", &zone);
	for (size_t i = 0; i < MT_ARRAY_LEN(field); i++)
		if (!mt_str_word(&line, "\t", &field[i]))
			field[i] = MT_STR("");
	list->name = list->zone = mt_strz(arena, zone);
	list->url = list->source = list->date = "";
	if (mt_str_is(kind, "dead")) {
		list->dead = mt_strz(arena, field[0]);
		return list;
	}
	list->has[MT_V4] = memchr(field[0].p, '4', field[0].n) != NULL;
	list->has[MT_V6] = memchr(field[0].p, '6', field[0].n) != NULL;
	mt_dnsbl_codes(arena, field[1], &list->codes);
	list->url = mt_strz(arena, field[2]);
	list->source = mt_strz(arena, field[3]);
	list->date = mt_strz(arena, field[4]);
	return list;
}

struct mt_dnsbl *mt_dnsbl_known(struct mt_arena *arena)
{
	struct mt_dnsbl *first = NULL, **at = &first;
	struct mt_str rest = mt_str_of(data), line;
	while (mt_str_line(&rest, &line)) {
		if (!line.n || line.p[0] == '#')
			continue;
		*at = read_list_line(arena, line);
		at = &(*at)->next;
	}
	return first;
}

struct mt_dnsbl *mt_dnsbl_get(struct mt_dnsbl *lists, struct mt_str name)
{
	for (; lists; lists = lists->next)
		if (mt_str_same(name, mt_str_of(lists->name)) ||
		    mt_str_same(name, mt_str_of(lists->zone)))
			return lists;
	return NULL;
}

/* ---- answers ---- */

const char *mt_listed_name(enum mt_listed listed)
{
	static const char *const names[] = {"unknown", "no", "policy", "yes"};
	return (unsigned)listed < MT_ARRAY_LEN(names) ? names[listed] : "unknown";
}

const char *mt_dnsbl_test_name(struct mt_arena *arena, const struct mt_dnsbl *list,
			       enum mt_family family, unsigned last)
{
	struct mt_addr addr = {.set = true, .family = family, .b = {127, 0, 0, (uint8_t)last}};
	if (family == MT_V6)
		addr = (struct mt_addr){.set = true,
					.family = MT_V6,
					.b = {[10] = 0xff, 0xff, 0x7f, 0, 0, (uint8_t)last}};
	return mt_dns_reverse(arena, addr, list->zone);
}

/* Why this value is no word of a list about an address; NULL: it may be one. */
static const char *refusal_by_list(struct mt_addr code)
{
	static const uint8_t never[3] = {127, 255, 255};
	if (code.b[0] != 127)
		return "it is not in 127.0.0.0/8: no blacklist speaks like that";
	if (memcmp(code.b, never, sizeof never) != 0)
		return code.b[1] || code.b[2] || (code.b[3] != 1 && code.b[3] != 255)
			       ? NULL
			       : "the list refuses to answer this resolver";
	switch (code.b[3]) {
	case 252:
		return "the list says: typing error in its name";
	case 254:
		return "the list does not answer public or unnamed resolvers";
	case 255:
		return "the list says: too many queries from this resolver";
	default:
		return "the list refuses to answer this resolver";
	}
}

static const struct mt_dnsbl_code *code_of(const struct mt_dnsbl *list, struct mt_addr addr)
{
	const struct mt_dnsbl_code *code = list->codes;
	if (addr.b[1] || addr.b[2])
		return NULL;
	while (code && (addr.b[3] < code->first || addr.b[3] > code->last))
		code = code->next;
	return code;
}

static void unknown_listing(struct mt_listing *listing, const char *why)
{
	listing->listed = MT_LISTED_UNKNOWN;
	listing->why = why;
}

/* One value: worse ones win; one that means nothing spoils the whole answer (false). */
static bool judge_value(struct mt_arena *arena, const char *value, struct mt_listing *listing)
{
	static const enum mt_listed means[] = {MT_LISTED_YES, MT_LISTED_POLICY, MT_LISTED_NO};
	struct mt_addr addr;
	if (!mt_addr_parse(mt_str_of(value), &addr) || addr.family != MT_V4)
		return false;
	const char *why = refusal_by_list(addr);
	const struct mt_dnsbl_code *code = code_of(listing->list, addr);
	if (why || !code) {
		unknown_listing(listing, mt_format(arena, "it answered %s: %s", value,
						   why ? why : "a code that is not in its table"));
		return false;
	}
	if (means[code->kind] >= listing->listed) {
		listing->listed = means[code->kind];
		listing->why = mt_format(arena, "%s %s", value, code->word);
	}
	return true;
}

static void judge_answer(struct mt_arena *arena, const struct mt_answer *answer,
			 struct mt_listing *listing)
{
	listing->listed = MT_LISTED_NO;
	listing->why = "";
	if (!mt_answer_known(answer))
		unknown_listing(listing, mt_answer_why(arena, answer));
	for (unsigned i = 0; i < answer->count; i++)
		if (!judge_value(arena, answer->value[i], listing))
			return;
}

void mt_dnsbl_judge(struct mt_arena *arena, const struct mt_answer *const answer[3],
		    struct mt_listing *listing)
{
	enum { LISTED, CLEAN, ADDRESS };
	judge_answer(arena, answer[LISTED], listing);
	if (listing->listed == MT_LISTED_NO)
		unknown_listing(listing,
				"it does not list its own test entry 127.0.0.2: it is dead, or "
				"does not answer this resolver");
	if (listing->listed == MT_LISTED_UNKNOWN)
		return;
	judge_answer(arena, answer[CLEAN], listing);
	if (listing->listed == MT_LISTED_UNKNOWN && !answer[CLEAN]->count)
		return;
	if (listing->listed != MT_LISTED_NO)
		unknown_listing(listing,
				"it lists 127.0.0.1 too, which must never be listed: it lists "
				"the whole world");
	else
		judge_answer(arena, answer[ADDRESS], listing);
}
