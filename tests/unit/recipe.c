/* SPDX-License-Identifier: ISC */
/*
 * recipe.c: whatever the words of a command hold, its text is one visible line, and a shell reads the same words back.
 * Words are drawn at random (MT_SEED repeats a run) and read by /bin/sh, and by bash and busybox where they are.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <mtapin/recipe.h>

#include "core/base/character.h"

static struct mt_arena *arena;
static char dir[] = "/tmp/mtapin-recipe.XXXXXX";

static int start(void **state)
{
	(void)state;
	arena = mt_arena_new((size_t)256 << 20);
	return mkdtemp(dir) ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	mt_arena_free(arena);
	return system(mt_format((arena = mt_arena_new(1 << 16)), "rm -rf %s", dir));
}

static void examples(void **state)
{
	(void)state;
	struct mt_recipe *r = mt_recipe(arena, "mtapin", "fix", "--ip", "192.0.2.1", "--helo",
					"it's", "", "$(id)", "a b", NULL);
	assert_string_equal(mt_recipe_text(arena, r),
			    "mtapin fix --ip 192.0.2.1 --helo 'it'\\''s' '' '$(id)' 'a b'");
	r->next = mt_recipe(arena, "ip", "link", "set", "eth\033[0m", "up", NULL);
	assert_string_equal(mt_recipe_text(arena, r->next),
			    "ip link set \"$(printf 'eth\\033[0m')\" up");
	assert_true(strstr(mt_recipe_text(arena, r), "'a b' && ip link") != NULL);
	assert_string_equal(mt_recipe_text(arena, NULL), "");
	assert_null(mt_recipe_copy(arena, NULL));
	assert_string_equal(mt_recipe_text(arena, mt_recipe_copy(arena, r)),
			    mt_recipe_text(arena, r));
}

/* ---- any words ---- */

static const char *const pieces[] = {"$(touch HIT)",
				     "`touch HIT`",
				     ";",
				     "&&",
				     "|",
				     ">HIT",
				     "'",
				     "\"",
				     "\\",
				     "\\'",
				     "%s",
				     "%n",
				     "%",
				     "-n",
				     "#",
				     "~",
				     "*",
				     "?",
				     "[a]",
				     "{a,b}",
				     "!",
				     "$x",
				     "${x}",
				     " ",
				     "  ",
				     "\t",
				     "\n",
				     "\r",
				     "\033[2J",
				     "\x7f",
				     "\xc2\x9b",
				     "\xe2\x80\xae",
				     "\xff",
				     "\xc3",
				     "\xc3\xbc",
				     "=",
				     "a",
				     "eth0",
				     "\\033",
				     "\\n",
				     "\\c",
				     "0",
				     "7",
				     "'$(touch HIT)'",
				     "\x01",
				     "\xf3\xa0\x84\x80"};

static char *any_word(void)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	for (long n = random() % 6; n > 0; n--) {
		char byte = (char)(1 + random() % 255);
		if (random() % 3)
			mt_text_add(&text,
				    mt_str_of(pieces[(size_t)random() % MT_ARRAY_LEN(pieces)]));
		else
			mt_text_add(&text, (struct mt_str){&byte, 1});
	}
	while (text.n && text.p[text.n - 1] == '\n') /* BUGS of recipe.h */
		text.n--;
	return mt_strdup(arena, mt_text_z(&text));
}

/* Each command starts with "show", a function that prints its words; what it must print goes to `want`. */
static struct mt_recipe *any_recipe(FILE *want)
{
	struct mt_recipe *first = NULL, **at = &first;
	for (long n = 1 + random() % 3; n > 0; n--, at = &(*at)->next) {
		*at = mt_recipe(arena, "show", NULL);
		for (long words = random() % 5; words > 0; words--) {
			char *word = any_word();
			mt_recipe_add(arena, *at, word, NULL);
			fwrite(word, 1, strlen(word) + 1, want);
		}
		fwrite("\0", 1, 2, want);
	}
	return first;
}

static FILE *file(const char *name)
{
	FILE *f = fopen(mt_format(arena, "%s/%s", dir, name), "w");
	assert_non_null(f);
	return f;
}

static void read_by(const char *shell)
{
	if (system(mt_format(arena, "%s -c : >/dev/null 2>&1", shell)) != 0)
		return;
	printf("# read by %s\n", shell);
	assert_int_equal(system(mt_format(arena, "cd %s && %s -n script", dir, shell)), 0);
	assert_int_equal(system(mt_format(arena, "cd %s && %s script >got", dir, shell)), 0);
	assert_int_equal(system(mt_format(arena, "cd %s && cmp want got", dir)), 0);
	assert_int_not_equal(access(mt_format(arena, "%s/HIT", dir), F_OK), 0);
}

static void any_words(void **state)
{
	(void)state;
	const char *given = getenv("MT_SEED"), *wide = getenv("MT_LONG");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : 20261201U;
	unsigned count = wide && strcmp(wide, "no") != 0 ? 20000 : 1000;
	FILE *script = file("script"), *want = file("want");
	srandom(seed);
	printf("# seed %u, %u commands\n", seed, count);
	fputs("show() { for w; do printf '%s\\000' \"$w\"; done; printf '\\000\\000'; }\n", script);
	for (unsigned i = 0; i < count; i++) {
		const char *text = mt_recipe_text(arena, any_recipe(want));
		assert_true(mt_is_visible(mt_str_of(text)));
		fprintf(script, "%s\n", text);
	}
	assert_int_equal(fclose(script) | fclose(want), 0);
	read_by("/bin/sh");
	read_by("bash");
	read_by("busybox sh");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(examples), cmocka_unit_test(any_words)};
	return cmocka_run_group_tests(tests, start, stop);
}
