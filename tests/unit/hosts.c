/* SPDX-License-Identifier: ISC */
#include "test.h"

#include <string.h>

#include "core/audit/host_list.h"

static struct mt_arena *arena;
static struct mt_hosts *hosts;
static struct mt_error error;

static int setup(void **state)
{
	(void)state;
	arena = mt_arena_new((size_t)128 << 20);
	hosts = mt_hosts_new(arena);
	error = (struct mt_error){0};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mt_arena_free(arena);
	return 0;
}

static const char *names(void)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	for (size_t i = 0; i < hosts->count; i++)
		mt_text_addf(&text, "%s%s", i ? " " : "", hosts->host[i].name);
	return mt_text_z(&text);
}

static void gives(const char *list, const char *wanted)
{
	hosts = mt_hosts_new(arena);
	assert_int_equal(mt_hosts_add(hosts, mt_str_of(list), "-w", &error), 0);
	assert_string_equal(names(), wanted);
}

static void lists(void **state)
{
	(void)state;
	gives("a", "a");
	gives("web[001-003],user@mail7", "web001 web002 web003 user@mail7");
	gives("h[8-11]", "h8 h9 h10 h11");
	gives("h[08-11]", "h08 h09 h10 h11");
	gives("h[098-101]", "h098 h099 h100 h101");
	gives("[1-2]x[1,3]", "1x1 1x3 2x1 2x3");
	gives("a,b,a", "a b");
	gives("a[1-2],a2,a[2-3]", "a1 a2 a3");
	gives("2001:db8::1,fe80::1%eth0,joe@example.org@h",
	      "2001:db8::1 fe80::1%eth0 joe@example.org@h");
	gives("h[0-0]", "h0");
	gives("h[00]", "h00");
}

static void refuses(struct mt_str list, const char *part)
{
	hosts = mt_hosts_new(arena);
	error = (struct mt_error){0};
	assert_int_equal(mt_hosts_add(hosts, list, "-w", &error), -1);
	assert_int_equal(error.code, MT_EXIT_USAGE);
	assert_string_equal(error.where, "-w");
	if (!strstr(error.message, part))
		fail_msg("\"%s\" has no \"%s\"", error.message, part);
}

static void bad_lists(void **state)
{
	(void)state;
	refuses(MT_STR(""), "no host");
	refuses(MT_STR("a,,b"), "no host");
	refuses(MT_STR("a,"), "no host");
	refuses(MT_STR("-oProxyCommand=x"), "only letters");
	refuses(MT_STR("-v"), "hyphen");
	refuses(MT_STR("a[1-2],-v"), "hyphen");
	refuses(MT_STR("root@-v"), "hyphen");
	refuses(MT_STR("@h"), "side of its @");
	refuses(MT_STR("h@"), "side of its @");
	refuses(MT_STR("a b"), "only letters");
	refuses(MT_STR("a;b"), "only letters");
	refuses(MT_STR("$(x)"), "only letters");
	refuses(MT_STR("h\xc3\xa4"), "only letters");
	refuses(MT_STR("a\nb"), "line feed");
	refuses(MT_STR("a\rb"), "carriage return");
	refuses(MT_STR("a\0b"), "NUL");
	refuses(MT_STR("h[3-1]"), "backwards");
	refuses(MT_STR("h[1-"), "[ without ]");
	refuses(MT_STR("h[1"), "[ without ]");
	refuses(MT_STR("h]"), "only letters");
	refuses(MT_STR("h[]"), "not of numbers");
	refuses(MT_STR("h[a-b]"), "not of numbers");
	refuses(MT_STR("h[1-]"), "not of numbers");
	refuses(MT_STR("h[-1]"), "not of numbers");
	refuses(MT_STR("h[1,]"), "not of numbers");
	refuses(MT_STR("h[1-2-3]"), "not of numbers");
	refuses(MT_STR("h[[1]]"), "not of numbers");
	refuses(MT_STR("h[0000000001-2]"), "not of numbers");
	refuses(MT_STR("h[001-20]"), "padded differently");
	refuses(MT_STR("[1][1][1][1][1]"), "more than 4");
	refuses(MT_STR("h[0-100000]"), "more than 100000");
	refuses(MT_STR("h[0-99999],x"), "more than 100000");
}

static void sizes(void **state)
{
	(void)state;
	char long_name[300];
	memset(long_name, 'a', sizeof long_name);
	struct mt_str name = {long_name, 255};
	assert_int_equal(mt_hosts_add(hosts, name, "-w", &error), 0);
	name.n = 256;
	refuses(name, "longer than 255");
	assert_int_equal(mt_hosts_add(hosts, MT_STR("h[1-99999],x"), "-w", &error), 0);
	assert_int_equal(hosts->count, 100000);
	refuses(MT_STR("h[1,1,1,1,1,1,1,1,1,1,1,1][0-99999]"), "too many");
}

#define FILE_IS(text) mt_hosts_add_file(hosts, MT_STR(text), "fleet", &error)

static void files(void **state)
{
	(void)state;
	assert_int_equal(FILE_IS("# all of them\n"
				 "  hosts (3):\n"
				 "    web1\n"
				 "\n"
				 "web[2-3]\t ip=192.0.2.1 helo=mx.example.org # same for both\n"
				 "m1,m2 ip6=off\n"
				 "web3 ip=192.0.2.1 helo=mx.example.org"),
			 0);
	assert_string_equal(names(), "web1 web2 web3 m1 m2");
	assert_null(hosts->host[0].expect);
	const struct mt_expect *e = hosts->host[1].expect;
	assert_ptr_equal(e, hosts->host[2].expect);
	assert_true(e->family[MT_V4].given && e->family[MT_V4].addr.b[3] == 1);
	assert_false(e->family[MT_V6].given);
	assert_string_equal(e->helo, "mx.example.org");
	e = hosts->host[4].expect;
	assert_true(e->family[MT_V6].pin == MT_PIN_OFF && !e->family[MT_V4].given && !e->helo);
	assert_int_equal(mt_hosts_expect(hosts, MT_STR("web1 ip6=2001:db8::1\n"), "expect", &error),
			 0);
	assert_true(hosts->host[0].expect->family[MT_V6].addr.set);
}

static void refuses_line(int result, const char *where, const char *part)
{
	assert_int_equal(result, -1);
	assert_int_equal(error.code, MT_EXIT_USAGE);
	assert_string_equal(error.where, where);
	if (!strstr(error.message, part))
		fail_msg("\"%s\" has no \"%s\"", error.message, part);
	error = (struct mt_error){0};
	hosts = mt_hosts_new(arena);
}

static void bad_files(void **state)
{
	(void)state;
	refuses_line(FILE_IS("a\n-v\n"), "fleet:2", "hyphen");
	refuses_line(FILE_IS("a\r\n"), "fleet:1", "carriage return");
	refuses_line(FILE_IS("a # x\r\n"), "fleet:1", "carriage return");
	refuses_line(FILE_IS("a\nb\0c\n"), "fleet:2", "NUL");
	refuses_line(FILE_IS("a\n\nb[2-1]"), "fleet:3", "backwards");
	refuses_line(FILE_IS("a b\n"), "fleet:1", "\"b\" is not known");
	refuses_line(FILE_IS("a port=22\n"), "fleet:1", "\"port=22\" is not known");
	refuses_line(FILE_IS("a ip\n"), "fleet:1", "\"ip\" is not known");
	refuses_line(FILE_IS("a ip=\n"), "fleet:1", "not an IPv4 address");
	refuses_line(FILE_IS("a ip=192.0.2\n"), "fleet:1", "not an IPv4 address");
	refuses_line(FILE_IS("a ip=off\n"), "fleet:1", "not an IPv4 address");
	refuses_line(FILE_IS("a ip=2001:db8::1\n"), "fleet:1", "not an IPv4 address");
	refuses_line(FILE_IS("a ip6=192.0.2.1\n"), "fleet:1", "nor off");
	refuses_line(FILE_IS("a ip6=::ffff:192.0.2.1\n"), "fleet:1", "nor off");
	refuses_line(FILE_IS("a helo=mail\n"), "fleet:1", "fully qualified");
	refuses_line(FILE_IS("a ip=192.0.2.1 ip=192.0.2.1\n"), "fleet:1", "two addresses");
	refuses_line(FILE_IS("a helo=a.b helo=a.b\n"), "fleet:1", "two HELO");
	refuses_line(FILE_IS("a ip=192.0.2.1\na ip=192.0.2.2\n"), "fleet:2", "something else");
	refuses_line(FILE_IS("a helo=a.b\na helo=a.c\n"), "fleet:2", "another HELO");
	assert_int_equal(FILE_IS("a\n"), 0);
	refuses_line(mt_hosts_expect(hosts, MT_STR("\nb ip6=off\n"), "expect", &error), "expect:2",
		     "\"b\" is not among");
	refuses_line(mt_hosts_expect(hosts, MT_STR("b ip6=off\n"), "expect", &error), "expect:1",
		     "\"b\" is not among");
}

static void exclusion(void **state)
{
	(void)state;
	assert_int_equal(FILE_IS("a[1-5] ip6=off\n"), 0);
	assert_int_equal(mt_hosts_exclude(hosts, MT_STR("a[2-4],z"), "-x", &error), 0);
	assert_string_equal(names(), "a1 a5");
	assert_non_null(hosts->host[1].expect);
	assert_int_equal(mt_hosts_add(hosts, MT_STR("a5,a2"), "-w", &error), 0);
	assert_string_equal(names(), "a1 a5 a2");
	assert_int_equal(mt_hosts_exclude(hosts, MT_STR("a["), "-x", &error), -1);
	assert_string_equal(error.where, "-x");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(lists), T(bad_lists), T(sizes), T(files), T(bad_files), T(exclusion),
	};
	return cmocka_run_group_tests_name("hosts", tests, NULL, NULL);
}
