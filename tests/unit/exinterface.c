/* SPDX-License-Identifier: ISC */
/*
 * exinterface.c: the rule of `interface`: values and what they bind, as measured with Exim 4.96; drawn lists against a second
 * evaluation, by hand of the specification; and files that linear searches read.
 */
#include "test.h"

#include "draw.h"

#include <mtapin/snapshot.h>

#include "../../backends/exim/interface.h"
#include "../../backends/exim/items.h"
#include "../../backends/exim/lsearch.h"

struct row {
	const char *value;
	const char
		*bound[MT_FAMILIES]; /* an address, "" the kernel's, "!ITEM" is invalid, "?" dies */
};
static const struct row rows[] = {
	{"", {"", ""}},
	{"   ", {"", ""}},
	{"192.0.2.12", {"192.0.2.12", ""}},
	{"  192.0.2.12  ", {"192.0.2.12", ""}},
	{"192.0.2.12 : 2001::db8::1::::12", {"192.0.2.12", "2001:db8:1::12"}},
	{"192.0.2.12 : 2001:db8:1::12", {"192.0.2.12", "!2001"}},
	{"<; 192.0.2.12 ; 2001:db8:1::12", {"192.0.2.12", "2001:db8:1::12"}},
	{"<;192.0.2.12;2001:db8:1::12;", {"192.0.2.12", "2001:db8:1::12"}},
	{"<, 2001:db8:1::12, 192.0.2.12", {"192.0.2.12", "2001:db8:1::12"}},
	{"</2001:db8:1::12/192.0.2.12", {"192.0.2.12", "2001:db8:1::12"}},
	{"<\n 192.0.2.12 \n 2001:db8:1::12", {"192.0.2.12", "2001:db8:1::12"}},
	{"<\x7f 192.0.2.12 \x7f 2001:db8:1::12", {"192.0.2.12", "2001:db8:1::12"}},
	{"192.0.2.12 ; 2001:db8:1::12", {"!192.0.2.12 ; 2001", "!192.0.2.12 ; 2001"}},
	{"192.0.2.12 2001:db8:1::12", {"!192.0.2.12 2001", "!192.0.2.12 2001"}},
	{"<; 192.0.2.12 ; nonsense", {"192.0.2.12", "!nonsense"}},
	{"<; nonsense ; 192.0.2.12", {"!nonsense", "!nonsense"}},
	{"<; ; 192.0.2.12 ; ;", {"!", "!"}},
	{"<; 2001:db8:1::12 ; ; 192.0.2.12", {"!", "2001:db8:1::12"}},
	{"<;", {"", ""}},
	{"<; ;", {"!", "!"}},
	{"<; 192.0.2.12;;x", {"!192.0.2.12;x", "!192.0.2.12;x"}},
	{"<; 192.0.2.13 ; 192.0.2.12", {"192.0.2.13", ""}},
	{"[192.0.2.12]", {"![192.0.2.12]", "![192.0.2.12]"}},
	{"192.0.2.12/24", {"!192.0.2.12/24", "!192.0.2.12/24"}},
	{"192.0.2.012", {"!192.0.2.012", "!192.0.2.012"}},
	{"192.0.2.12 # ours", {"!192.0.2.12 # ours", "!192.0.2.12 # ours"}},
	{"<; 2001:DB8:1:0:0::12", {"", "2001:db8:1::12"}},
	{"<; fe80::1%eth0", {"", "fe80::1"}},
	{"<; 2001:db8::1%eth0", {"", "?"}},
	{"<; 2001:db8::1%", {"", "?"}},
	{"192.0.2.12%eth0", {"!192.0.2.12%eth0", "!192.0.2.12%eth0"}},
	{"<", {"!<", "!<"}},
	{"<a b", {"!<a b", "!<a b"}},
};

static const char *shown(struct mt_arena *arena, const struct ex_interface *found)
{
	if (found->bind == EX_BIND_INVALID)
		return mt_format(arena, "!%.*s", MT_STR_FMT(found->item));
	if (found->bind == EX_BIND_DIES)
		return "?";
	return found->bind == EX_BIND_ADDRESS ? mt_addr_format(arena, found->addr) : "";
}

static void values(void **state)
{
	struct mt_arena *arena = mt_arena_new((size_t)1 << 20);
	(void)state;
	for (size_t i = 0; i < MT_ARRAY_LEN(rows); i++)
		for (int f = 0; f < MT_FAMILIES; f++) {
			struct ex_interface found =
				ex_interface(arena, mt_str_of(rows[i].value), (enum mt_family)f);
			assert_string_equal(shown(arena, &found), rows[i].bound[f]);
		}
	mt_arena_free(arena);
}

/* ---- drawn lists ---- */

#define DOUBLED '\002'

/* Blanks in the locale C; of the separator itself, none. */
static struct mt_str trimmed(struct mt_str s, char separator)
{
	while (s.n && strchr(" \t\n\v\f\r", s.p[0]) && s.p[0] != separator)
		s = mt_str_part(s, 1, s.n - 1);
	while (s.n && strchr(" \t\n\v\f\r", s.p[s.n - 1]))
		s.n--;
	return s;
}

/* All items at once: doubled separators are marked, then the list is cut. */
static const char *by_hand(struct mt_arena *arena, const char *list, enum mt_family family)
{
	char *text = mt_strdup(arena, list), *p = text, separator = ':', *to;
	struct mt_addr addr;
	p += strspn(p, " \t\n\v\f\r");
	if (p[0] == '<' && p[1] && !mt_is_alnum(p[1]) && p[1] != ' ') {
		separator = p[1];
		p += 2;
	}
	to = text;
	for (; *p; p++) {
		bool doubled = p[0] == separator && p[1] == separator && separator >= ' ' &&
			       separator < 127;
		*to++ = doubled ? DOUBLED : *p;
		p += doubled;
	}
	*to = '\0';
	for (bool more = true; more;) {
		to = strchr(text, separator);
		more = to != NULL;
		struct mt_str item = {text, more ? (size_t)(to - text) : strlen(text)};
		text = more ? to + 1 : text;
		item = mt_str_copy(arena, trimmed(item, separator));
		for (size_t i = 0; i < item.n; i++)
			if (item.p[i] == DOUBLED)
				((char *)item.p)[i] = separator;
		if (!more && !item.n)
			break;
		if (!mt_addr_parse(item, &addr))
			return mt_format(arena, "!%.*s", MT_STR_FMT(item));
		if (addr.family == family)
			return mt_addr_format(arena, addr);
	}
	return "";
}

static void drawn(void **state)
{
	static const char *const tokens[] = {"192.0.2.12",
					     "192.0.2.13",
					     "2001:db8:1::12",
					     "2001::db8::1::::12",
					     "::",
					     ":",
					     ":",
					     ";",
					     ";",
					     ",",
					     " ",
					     " ",
					     "\n",
					     "\n",
					     "x",
					     "<"};
	static const char *const begins[] = {"", "", "<;", "<; ", "<,", "<\n", " <;", "<:", "<"};
	struct mt_arena *arena = mt_arena_new((size_t)16 << 20);
	unsigned kinds[3] = {0};
	(void)state;
	draw_begin();
	for (int round = 0; round < 50000; round++) {
		struct mt_text list = MT_TEXT_INIT(arena);
		mt_text_addf(&list, "%s", begins[below(MT_ARRAY_LEN(begins))]);
		for (unsigned n = below(8); n; n--)
			mt_text_addf(&list, "%s", tokens[below(MT_ARRAY_LEN(tokens))]);
		for (int f = 0; f < MT_FAMILIES; f++) {
			struct ex_interface found =
				ex_interface(arena, mt_text_str(&list), (enum mt_family)f);
			const char *got = shown(arena, &found);
			assert_string_equal(got,
					    by_hand(arena, mt_text_z(&list), (enum mt_family)f));
			kinds[*got == '!' ? 0 : *got ? 1 : 2]++;
		}
		mt_arena_reset(arena);
	}
	assert_true(kinds[0] > 1000 && kinds[1] > 1000 && kinds[2] > 1000);
	mt_arena_free(arena);
}

/* ---- files ---- */

static void found(const char *file, const char *key, const char *value)
{
	struct mt_arena *arena = mt_arena_new((size_t)1 << 20);
	const struct ex_lsearch *read = ex_lsearch_read(arena, mt_str_of(file));
	const struct ex_entry *entry = ex_lsearch_find(arena, read, mt_str_of(key));
	assert_int_equal(entry != NULL, value != NULL);
	if (entry)
		assert_str(entry->value, value);
	mt_arena_free(arena);
}

static void lines(void **state)
{
	(void)state;
	found("a: 1\nb: 2\na: 3\n", "a", "1");
	found("a: 1\nb: 2\n", "c", NULL);
	found("A.Test: 1\n", "a.tEST", "1");
	found("a 1\n", "a", "1");
	found("a\t:\t1 2 \r\n", "a", "1 2");
	found("a:1 # text\n", "a", "1 # text");
	found("\"a b\": 1\n", "a b", "1");
	found("\"a\\x62\\\"\" 1\n", "ab\"", "1");
	found("# a: 1\n\na: 2\n", "a", "2");
	found("a: 1\n  2\n\t3\nb: x\n", "a", "1 2 3");
	found("a:\n  2\n", "a", " 2");
	found("a: 1\n# no more\n  2\n", "a", "1");
	found("a: 1\n\n  2\n", "a", "1");
	found("  a: 1\na: 2\n", "a", "2");
	found("a: 1 ", "a", "1 "); /* a last line without LF keeps its blanks */
	found("a\n", "a", "");
	found("*: 1\n", "a", NULL);
	found("*: 1\n", "*", "1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(values), cmocka_unit_test(drawn),
					   cmocka_unit_test(lines)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
