/* SPDX-License-Identifier: ISC */
#include "test.h"

#include <arpa/inet.h>

#include <mtapin/address.h>

static void strict_forms_only(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",	"10.1",	 "010.0.0.1", "192.0.2.1/24", "192.0.2.1:25",
		"eth0", "[::1]", "::1%lo",    "1.2.3.4 ",     "256.1.1.1"};
	struct mt_addr addr;
	for (size_t i = 0; i < MT_ARRAY_LEN(bad); i++)
		assert_false(mt_addr_parse(mt_str_of(bad[i]), &addr));
	assert_false(mt_addr_parse((struct mt_str){"1.2.3.4\0x", 9}, &addr));
}

/* What is read without inet_pton() is read as by it. */
static void as_the_library_reads(void **state)
{
	(void)state;
	static const char *const piece[] = {".",  ".",	"0",  "1",   "9",   "00",  "01",
					    "25", "99", "10", "255", "256", "300", "1000"};
	unsigned seed = 1, right = 0;
	for (int i = 0; i < 200000; i++) {
		char text[64] = "";
		for (unsigned k = 0, n = 5 + i % 5; k < n; k++) {
			seed = seed * 1103515245 + 12345;
			strcat(text, piece[k % 2 ? 0 : (seed >> 16) % MT_ARRAY_LEN(piece)]);
		}
		uint8_t want[16] = {0};
		struct mt_addr addr;
		assert_int_equal(mt_addr_parse(mt_str_of(text), &addr),
				 inet_pton(AF_INET, text, want) == 1);
		assert_memory_equal(addr.b, addr.set ? want : (uint8_t[16]){0}, 16);
		right += addr.set;
	}
	assert_true(right > 1000);
}

static void text_is_canonical(void **state)
{
	(void)state;
	char buf[MT_ADDR_TEXT];
	struct mt_addr a, b;
	assert_true(mt_addr_parse(MT_STR("2001:DB8:0:0::1"), &a));
	assert_true(mt_addr_parse(MT_STR("2001:db8::1"), &b));
	assert_true(mt_addr_eq(a, b));
	assert_string_equal(mt_addr_text(a, buf), "2001:db8::1");
	assert_string_equal(mt_addr_text((struct mt_addr){0}, buf), "");
}

static void prefixes(void **state)
{
	(void)state;
	struct mt_addr a, net;
	assert_true(mt_addr_parse(MT_STR("192.0.2.130"), &a));
	assert_true(mt_addr_parse(MT_STR("192.0.2.128"), &net));
	assert_true(mt_addr_in_prefix(a, net, 25));
	assert_false(mt_addr_in_prefix(a, net, 31));
	assert_true(mt_addr_in_prefix(a, net, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strict_forms_only),
		cmocka_unit_test(as_the_library_reads),
		cmocka_unit_test(text_is_canonical),
		cmocka_unit_test(prefixes),
	};
	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
