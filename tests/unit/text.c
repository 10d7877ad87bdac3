/* SPDX-License-Identifier: ISC */
/* Numbers in texts: what fills the string, up to the very limit and not one above. */
#include "test.h"

#include <limits.h>
#include <stdio.h>

static bool is_number(const char *s, unsigned long max, unsigned long wanted)
{
	unsigned long value = 0;
	return mt_str_number(mt_str_of(s), max, &value) && value == wanted;
}

static bool is_none(const char *s, unsigned long max)
{
	unsigned long value;
	return !mt_str_number(mt_str_of(s), max, &value);
}

static void up_to_the_limit(void **state)
{
	(void)state;
	for (unsigned long max = 0; max < 130; max++)
		for (unsigned long n = 0; n < 1300; n++) {
			char text[8];
			snprintf(text, sizeof text, "%lu", n);
			assert_true(n <= max ? is_number(text, max, n) : is_none(text, max));
		}
	assert_true(is_number("18446744073709551615", ULONG_MAX, ULONG_MAX));
	assert_true(is_none("18446744073709551616", ULONG_MAX));
	assert_true(is_none("99999999999999999999999", ULONG_MAX));
}

static void the_whole_string(void **state)
{
	static const char *const none[] = {"", " 1", "1 ", "+1", "-1", "0x1", "1.0", "one"};
	(void)state;
	for (size_t i = 0; i < MT_ARRAY_LEN(none); i++)
		assert_true(is_none(none[i], 100));
	assert_true(is_number("007", 100, 7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(up_to_the_limit),
		cmocka_unit_test(the_whole_string),
	};
	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
