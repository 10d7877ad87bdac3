/* SPDX-License-Identifier: ISC */
/*
 * message.c: a message is in English what printf(3) prints, for formats drawn at random (MT_SEED repeats a run); a
 * translation has the same arguments in its own order; and one that is wrong, or hostile, neither crashes nor floods.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <mtapin/message.h>

static struct mt_arena *arena;
static unsigned seed;

static unsigned draw(unsigned below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % below;
}

/* Each row has its own call, since the compiler checks the format. `a` to `d` are drawn anew each time. */
#define SAME(fmt, ...)                                                                             \
	do {                                                                                       \
		assert_string_equal(                                                               \
			mt_message_english(arena, mt_message(arena, fmt, __VA_ARGS__)),            \
			mt_format(arena, fmt, __VA_ARGS__));                                       \
		rows++;                                                                            \
	} while (0)

static const char *word(void)
{
	static const char *const words[] = {"",	  "a",	      "192.0.2.10", "smtp_bind_address",
					    "%s", "%1$pM",    "100%",	    "\033[31m\n",
					    "ä",  "\xff\x80", "a b c"};
	return words[draw(MT_ARRAY_LEN(words))];
}

static void as_printf(void **state)
{
	(void)state;
	unsigned rows = 0;
	for (int i = 0; i < 2000; i++) {
		const char *a = word(), *b = word(), *e = word();
		int d = (int)draw(70000) - 35000, n = (int)draw(12);
		unsigned u = draw(65536) << draw(16);
		long long big = (long long)u * d * 65537;
		SAME("%s", a);
		SAME("%s is on %s, and %s", a, b, e);
		SAME("%% %s %%%s 100%%", a, b);
		SAME("%d %i %u %x %X %o", d, -d, u, u, u, u);
		SAME("%04o %4d %-6d| %6s|%-6s|", u & 0777, d, d, a, b);
		SAME("%lld %llu %llx %zu %zd %jd %ld %lu", big, (unsigned long long)big,
		     (unsigned long long)big, (size_t)u, (ptrdiff_t)d, (intmax_t)big, (long)d,
		     (unsigned long)u);
		SAME("%.*s:%u", n, a, u);
		SAME("%*s|%-*s|%.3s", n, a, n, b, a);
		SAME("%*u|%c%c", n, u, 'a' + n, '%');
		mt_arena_reset(arena);
	}
	assert_int_equal(rows, 2000 * 9);
}

static void texts_are_copied(void **state)
{
	(void)state;
	char text[] = "before";
	char *open = malloc(3); /* not terminated: the sanitizer looks */
	memcpy(open, "abc", 3);
	struct mt_message *m = mt_message(arena, "%s %.*s", text, 3, open);
	free(open);
	memset(text, 'x', sizeof text - 1);
	assert_string_equal(mt_message_english(arena, m), "before abc");
	struct mt_message *other = mt_message(arena, "%pM, %s", (void *)m, "c");
	struct mt_message *copy = mt_message_copy(arena, other);
	assert_ptr_not_equal(copy->arg[0].message, m);
	assert_ptr_not_equal(copy->arg[1].text, other->arg[1].text);
	assert_string_equal(mt_message_english(arena, copy), "before abc, c");
	assert_null(mt_message_copy(arena, NULL));
	assert_string_equal(mt_message_english(arena, NULL), "");
}

/* ---- another language ---- */

struct catalogue {
	struct mt_language language;
	const char *(*rows)[3]; /* domain, English, the other */
	size_t count;
	const char *asked; /* the last domain */
};

static const char *find(const struct mt_language *language, const char *domain,
			const struct mt_message *message)
{
	struct catalogue *c = (struct catalogue *)(uintptr_t)language;
	const char *english = mt_message_format(message);
	c->asked = domain;
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->rows[i][0], domain ? domain : "") == 0 &&
		    strcmp(c->rows[i][1], english) == 0)
			return c->rows[i][2];
	return english;
}

static const char *in(const char *(*rows)[3], size_t count, const struct mt_message *m)
{
	struct catalogue c = {{find}, rows, count, NULL};
	return mt_message_text(arena, m, &c.language);
}

static void other_order(void **state)
{
	(void)state;
	const char *rows[][3] = {
		{"", "%s is on %s", "auf %2$s liegt %1$s"},
		{"", "%.*s: %04o", "%3$o ist %2$.*1$s"},
		{"toy", "%s; %pM", "%2$pM (%1$s)"},
		{"toy", "it waits", "sie wartet"},
		{"", "it waits", "(falsch)"},
		{"", "%u file", "%u Datei"},
		{"", "%u files", "%u Dateien"},
	};
	size_t n = MT_ARRAY_LEN(rows);
	assert_string_equal(in(rows, n, mt_message(arena, "%s is on %s", "A", "eth0")),
			    "auf eth0 liegt A");
	assert_string_equal(in(rows, n, mt_message(arena, "%.*s: %04o", 2, "abc", 0644)),
			    "644 ist ab");
	struct mt_message *inner = mt_message(arena, "it waits");
	struct mt_message *outer = mt_message(arena, "%s; %pM", "mail", (void *)inner);
	outer->domain = "toy";
	assert_string_equal(in(rows, n, outer), "sie wartet (mail)");
	assert_string_equal(mt_message_english(arena, outer), "mail; it waits");
	for (unsigned long k = 0; k < 3; k++)
		assert_string_equal(in(rows, n, mt_message_n(arena, k, "%lu file", "%lu files", k)),
				    mt_format(arena, k == 1 ? "%lu file" : "%lu files", k));
	assert_string_equal(in(rows, n, mt_message_n(arena, 1, "%u file", "%u files", 1U)),
			    "1 Datei");
	assert_string_equal(in(rows, n, mt_message_n(arena, 2, "%u file", "%u files", 2U)),
			    "2 Dateien");
}

/* Whatever a translation holds: no argument is read that is not there, none as what it is not. */
static void wrong_translations(void **state)
{
	(void)state;
	static const char letters[] = "%%%%123456789$$$.**-0sduxcpMnlzjS &h";
	struct mt_message *inner = mt_message(arena, "inside %s", "text");
	struct mt_message *m = mt_message(arena, "%s %u %pM %*d", "text", 7U, (void *)inner, 3, 4);
	size_t longest = 0;
	for (int i = 0; i < 100000; i++) {
		char wrong[24] = "";
		size_t n = draw(sizeof wrong);
		for (size_t k = 0; k < n; k++)
			wrong[k] = letters[draw(sizeof letters - 1)];
		const char *rows[][3] = {{"", "%s %u %pM %*d", wrong}};
		size_t length = strlen(in(rows, 1, m));
		longest = length > longest ? length : longest;
		if (i % 1000 == 0) {
			mt_arena_reset(arena);
			inner = mt_message(arena, "inside %s", "text");
			m = mt_message(arena, "%s %u %pM %*d", "text", 7U, (void *)inner, 3, 4);
		}
	}
	assert_in_range(longest, 24, 12 * 128);
	const char *wrong[][3] = {{"", "%s %u %pM %*d", "%2$s %1$d %9$s %3$s %n%"}};
	assert_string_equal(in(wrong, 1, m), "7 text  inside text text");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_printf), cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(other_order), cmocka_unit_test(wrong_translations)};
	const char *given = getenv("MT_SEED");
	seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
	printf("# MT_SEED=%u\n", seed);
	arena = mt_arena_new((size_t)64 << 20);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	mt_arena_free(arena);
	return failed;
}
