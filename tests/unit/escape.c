/* SPDX-License-Identifier: ISC */
#include "test.h"

#include "core/base/character.h"
#include "ui/escape.h"

static struct mt_arena *arena;

static int start(void **state)
{
	(void)state;
	arena = mt_arena_new(1 << 20);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	mt_arena_free(arena);
	return 0;
}

static void check(const char *in, const char *want)
{
	assert_string_equal(mt_escaped(arena, in), want);
}

static void plain_text_stays(void **state)
{
	(void)state;
	check("", "");
	check("smtp_bind_address = 192.0.2.1", "smtp_bind_address = 192.0.2.1");
	check("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x93\xac \\.x",
	      "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x93\xac \\.x");
}

static void controls(void **state)
{
	(void)state;
	check("a\033]0;x\007b", "a\\x1b]0;x\\x07b");
	check("a\nb\tc\rd\x7f", "a\\x0ab\\x09c\\x0dd\\x7f");
	check("\xc2\x9b"
	      "2J",
	      "\\xc2\\x9b2J"); /* C1 CSI */
	check("\xe2\x80\xae"
	      "abc",
	      "\\xe2\\x80\\xae"
	      "abc"); /* U+202E */
	check("\xe2\x81\xa6x\xe2\x80\xa8", "\\xe2\\x81\\xa6x\\xe2\\x80\\xa8"); /* U+2066, U+2028 */
	check("\xef\xbb\xbf", "\\xef\\xbb\\xbf");
	check("\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"); /* tag characters */
	/* invisible: U+034F, U+115F, U+1160, U+3164, U+FFA0, variation selectors 1, 16 and 17 */
	check("\xcd\x8f", "\\xcd\\x8f");
	check("\xe1\x85\x9f\xe1\x85\xa0", "\\xe1\\x85\\x9f\\xe1\\x85\\xa0");
	check("\xe3\x85\xa4\xef\xbe\xa0", "\\xe3\\x85\\xa4\\xef\\xbe\\xa0");
	check("\xef\xb8\x80\xef\xb8\x8f", "\\xef\\xb8\\x80\\xef\\xb8\\x8f");
	check("\xf3\xa0\x84\x80", "\\xf3\\xa0\\x84\\x80");
	/* and their neighbours, which are seen */
	check("\xe1\x85\x9e\xe3\x85\xa5\xef\xb8\x90", "\xe1\x85\x9e\xe3\x85\xa5\xef\xb8\x90");
}

static void invalid_utf8(void **state)
{
	(void)state;
	check("\xff", "\\xff");
	check("\x80"
	      "a",
	      "\\x80"
	      "a");
	check("\xc0\xaf", "\\xc0\\xaf"); /* overlong */
	check("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	check("\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf");
	check("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* surrogate */
	check("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* over U+10FFFF */
	check("\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80");
	check("\xe2\x82", "\\xe2\\x82"); /* cut off */
	check("\xe2\x82"
	      "a",
	      "\\xe2\\x82"
	      "a");
}

static void nul_and_blocks(void **state)
{
	(void)state;
	struct mt_text text = MT_TEXT_INIT(arena);
	mt_escape(&text, (struct mt_str){"a\0b", 3});
	assert_str(mt_text_str(&text), "a\\x00b");
	text = (struct mt_text)MT_TEXT_INIT(arena);
	mt_escape_block(&text, (struct mt_str){"a\n\tb\0\033\n", 7});
	assert_str(mt_text_str(&text), "a\n\tb\\x00\\x1b\n");
}

/* Whatever goes in: nothing comes out that a terminal acts on. */
static void any_bytes_are_harmless(void **state)
{
	(void)state;
	uint32_t random = 1;
	for (int round = 0; round < 2000; round++) {
		char bytes[40];
		for (size_t i = 0; i < sizeof bytes; i++) {
			random = random * 1664525u + 1013904223u;
			bytes[i] = (char)(random >> 24);
		}
		struct mt_text text = MT_TEXT_INIT(arena);
		mt_escape(&text, (struct mt_str){bytes, sizeof bytes});
		struct mt_str out = mt_text_str(&text);
		while (out.n) {
			size_t n = mt_utf8_length(out);
			assert_true(n > 0);
			assert_true((unsigned char)out.p[0] >= 0x20 && out.p[0] != 0x7f);
			assert_false(n == 2 && out.p[0] == '\xc2' &&
				     (unsigned char)out.p[1] < 0xa0);
			out.p += n;
			out.n -= n;
		}
		mt_arena_reset(arena);
	}
}

static void columns_are_characters(void **state)
{
	(void)state;
	assert_int_equal(mt_columns(MT_STR("gr\xc3\xbc\xc3\x9f")), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_stays),	  cmocka_unit_test(controls),
		cmocka_unit_test(invalid_utf8),		  cmocka_unit_test(nul_and_blocks),
		cmocka_unit_test(any_bytes_are_harmless), cmocka_unit_test(columns_are_characters),
	};
	return cmocka_run_group_tests_name("escape", tests, start, stop);
}
