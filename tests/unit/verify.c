/* SPDX-License-Identifier: ISC */
/* verify.c: what a change brought about, compared with what it was to. */
#include "test.h"

#include "io/apply.h"
#include "io/verify.h"

static struct mt_arena *arena;

static struct mt_way way(enum mt_how how, const char *source)
{
	struct mt_way w = {.how = how, .note = ""};
	if (source)
		assert_true(mt_addr_parse(mt_str_of(source), &w.source));
	return w;
}

static struct mt_path path(const char *name, enum mt_kind kind, struct mt_way v4, struct mt_way v6)
{
	return (struct mt_path){.name = name, .kind = kind, .way = {v4, v6}};
}

/* smtp carries mail to the internet, and to a filter on 127.0.0.1: two paths of one name. */
static void two_of_one_name(void **state)
{
	(void)state;
	struct mt_way kernel = way(MT_HOW_KERNEL, NULL), off = way(MT_HOW_OFF, NULL);
	struct mt_way pinned = way(MT_HOW_ADDRESS, "192.0.2.11");
	struct mt_path shared[] = {path("smtp", MT_KIND_INTERNET, kernel, kernel),
				   path("smtp", MT_KIND_LOOPBACK, kernel, off)};
	struct mt_path split[] = {path("smtp", MT_KIND_INTERNET, pinned, kernel),
				  path("smtp-loopback", MT_KIND_LOOPBACK, kernel, off)};
	struct mt_path moved[] = {path("smtp", MT_KIND_INTERNET, kernel, kernel),
				  path("smtp", MT_KIND_LOOPBACK, pinned, off)};
	shared[0].next = &shared[1];
	split[0].next = &split[1];
	moved[0].next = &moved[1];
	struct mt_mta old = {.paths = shared}, new = {.paths = split}, bare = {.paths = moved};
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
	struct mt_way unknown = way(MT_HOW_UNKNOWN, NULL), kernel = way(MT_HOW_KERNEL, NULL);
	struct mt_way pinned = way(MT_HOW_ADDRESS, "192.0.2.11");
	struct mt_path a = path("smtp", MT_KIND_INTERNET, unknown, kernel);
	struct mt_path b = path("smtp", MT_KIND_INTERNET, pinned, kernel);
	struct mt_path c = path("smtp", MT_KIND_INTERNET, unknown, pinned);
	struct mt_mta wanted = {.paths = &a}, found = {.paths = &b}, other = {.paths = &c};
	assert_null(mt_mta_differs(arena, &wanted, &found));
	assert_null(mt_mta_differs(arena, &found, &wanted));
	assert_string_equal(mt_mta_differs(arena, &wanted, &other),
			    "smtp IPv6 is 192.0.2.11, not kernel");
	/* bound, while inet_interfaces holds a name: without such a host Postfix does not work at all */
	struct mt_path d = path("smtp", MT_KIND_INTERNET, pinned, kernel);
	struct mt_path e = path("smtp", MT_KIND_INTERNET, way(MT_HOW_BROKEN, NULL), kernel);
	struct mt_mta bound = {.paths = &d}, broken = {.paths = &e};
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
