/* SPDX-License-Identifier: ISC */
/* verify.c: what a change brought about, compared with what it was to. */
#include "test.h"

#include "io/txn/apply.h"
#include "io/txn/verify.h"

static struct mt_arena *arena;

static struct mt_binding binding(enum mt_how how, const char *source)
{
	struct mt_binding w = {.how = how, .note = ""};
	if (source)
		assert_true(mt_addr_parse(mt_str_of(source), &w.source));
	return w;
}

static struct mt_transport transport(const char *name, enum mt_kind kind, struct mt_binding v4,
				     struct mt_binding v6)
{
	return (struct mt_transport){.name = name, .kind = kind, .binding = {v4, v6}};
}

/* smtp carries mail to the internet, and to a filter on 127.0.0.1: two transports of one name. */
static void two_of_one_name(void **state)
{
	(void)state;
	struct mt_binding kernel = binding(MT_HOW_KERNEL, NULL), off = binding(MT_HOW_OFF, NULL);
	struct mt_binding pinned = binding(MT_HOW_ADDRESS, "192.0.2.11");
	struct mt_transport shared[] = {transport("smtp", MT_KIND_INTERNET, kernel, kernel),
					transport("smtp", MT_KIND_LOOPBACK, kernel, off)};
	struct mt_transport split[] = {transport("smtp", MT_KIND_INTERNET, pinned, kernel),
				       transport("smtp-loopback", MT_KIND_LOOPBACK, kernel, off)};
	struct mt_transport moved[] = {transport("smtp", MT_KIND_INTERNET, kernel, kernel),
				       transport("smtp", MT_KIND_LOOPBACK, pinned, off)};
	shared[0].next = &shared[1];
	split[0].next = &split[1];
	moved[0].next = &moved[1];
	struct mt_mta old = {.transports = shared}, new = {.transports = split},
		      bare = {.transports = moved};
	assert_null(mt_mta_differs(arena, &old, &old));
	assert_string_equal(mt_mta_differs(arena, &old, &bare),
			    "smtp (loopback) IPv4 is 192.0.2.11, not kernel");
	assert_string_equal(mt_mta_differs(arena, &old, &new),
			    "smtp IPv4 is 192.0.2.11, not kernel");
	assert_string_equal(mt_mta_summary(arena, &old, &new),
			    "smtp IPv4 kernel -> 192.0.2.11; smtp-loopback IPv4 none -> kernel; "
			    "smtp-loopback IPv6 none -> off");
	assert_string_equal(mt_mta_summary(arena, &new, &old),
			    "smtp IPv4 192.0.2.11 -> kernel; smtp (loopback) IPv4 none -> kernel; "
			    "smtp (loopback) IPv6 none -> off");
	assert_string_equal(mt_mta_summary(arena, &old, &bare),
			    "smtp (loopback) IPv4 kernel -> 192.0.2.11");
}

/* The old value held a name that nobody resolved. */
static void unknown_contradicts_nothing(void **state)
{
	(void)state;
	struct mt_binding unknown = binding(MT_HOW_UNKNOWN, NULL),
			  kernel = binding(MT_HOW_KERNEL, NULL);
	struct mt_binding pinned = binding(MT_HOW_ADDRESS, "192.0.2.11");
	struct mt_transport a = transport("smtp", MT_KIND_INTERNET, unknown, kernel);
	struct mt_transport b = transport("smtp", MT_KIND_INTERNET, pinned, kernel);
	struct mt_transport c = transport("smtp", MT_KIND_INTERNET, unknown, pinned);
	struct mt_mta wanted = {.transports = &a}, found = {.transports = &b},
		      other = {.transports = &c};
	assert_null(mt_mta_differs(arena, &wanted, &found));
	assert_null(mt_mta_differs(arena, &found, &wanted));
	assert_string_equal(mt_mta_differs(arena, &wanted, &other),
			    "smtp IPv6 is 192.0.2.11, not kernel");
	/* bound, while inet_interfaces holds a name: without such a host Postfix does not work at all */
	struct mt_transport d = transport("smtp", MT_KIND_INTERNET, pinned, kernel);
	struct mt_transport e =
		transport("smtp", MT_KIND_INTERNET, binding(MT_HOW_BROKEN, NULL), kernel);
	struct mt_mta bound = {.transports = &d}, broken = {.transports = &e};
	assert_string_equal(mt_mta_differs(arena, &bound, &broken),
			    "smtp IPv4 is broken, not 192.0.2.11");
	bound.open = true;
	assert_null(mt_mta_differs(arena, &bound, &broken));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_of_one_name),
		cmocka_unit_test(unknown_contradicts_nothing),
	};
	arena = mt_arena_new((size_t)4 << 20);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	mt_arena_free(arena);
	return failed;
}
