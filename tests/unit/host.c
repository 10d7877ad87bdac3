/* SPDX-License-Identifier: ISC */
#include "test.h"

#include <mtapin/snapshot.h>

#define N "0123456789abcdef0123456789abcdef"

static struct mt_arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = mt_arena_new((size_t)64 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mt_arena_free(arena);
	return 0;
}

/* Pairs of probe name and text, ended by NULL. */
static const struct mt_host *host_of(const char *const *probes)
{
	struct mt_text t = MT_TEXT_INIT(arena);
	struct mt_snapshot *s;
	struct mt_error error = {0};
	mt_text_addf(&t, "%s begin mtapin 1\n", N);
	for (; *probes; probes += 2)
		mt_text_addf(&t, "%s probe present %s\n%s data -\n%s\n%s end 0\n", N, probes[0], N,
			     probes[1], N);
	mt_text_addf(&t, "%s done\n", N);
	assert_int_equal(mt_bundle_decode(arena, mt_text_str(&t), &s, &error), 0);
	return s->facts;
}
#define HOST(...) host_of((const char *const[]){__VA_ARGS__, NULL})

static struct mt_addr addr(const char *text)
{
	struct mt_addr a;
	assert_true(mt_addr_parse(mt_str_of(text), &a));
	return a;
}

static const struct mt_ifaddr *at(const struct mt_host *host, const char *text)
{
	const struct mt_ifaddr *a = mt_host_addr(host, addr(text));
	assert_non_null(a);
	return a;
}

#define LO_MARK                                                                                    \
	"1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT \\    "  \
	"link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n"
#define V4_LINE                                                                                    \
	"2: eth0    inet 192.0.2.10/24 brd 192.0.2.255 scope global eth0\\       valid_lft "       \
	"forever preferred_lft forever\n"
#define ASKED                                                                                      \
	"addr show\nlink show dev lo\naddr show up\nlink show dev lo\n"                            \
	"route get 198.41.0.4 uid 107\nlink show dev lo\nroute get 198.41.0.4\nlink show dev lo\n" \
	"route get 2001:503:ba3e::2:30 uid 107\nlink show dev lo\n"                                \
	"route get 127.0.0.1 uid 107\nlink show dev lo\nroute get 127.0.0.1\nlink show dev lo\n"   \
	"rule show\n\n"

static void one_run_of_ip(void **state)
{
	(void)state;
	const struct mt_host *h = HOST(
		"ip", ASKED
		"1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft "
		"forever\n" V4_LINE "2: eth0    inet 192.0.2.11/32 scope global secondary eth0\\   "
		"    valid_lft forever\n"
		"3: tun0    inet 10.8.0.1 peer 10.8.0.2/32 scope global tun0\\       valid_lft "
		"forever\n"
		"4: eth1    inet 203.0.113.9/24 scope global dynamic eth1\\       valid_lft 80sec\n"
		"2: eth0    inet6 2001:db8::10/64 scope global tentative \\       valid_lft "
		"forever\n"
		"2: eth0    inet6 2001:db8::11/64 scope global deprecated dynamic mngtmpaddr \\    "
		"   valid_lft 5sec preferred_lft 0sec\n"
		"2: eth0    inet6 2001:db8::12/64 scope global dadfailed tentative \\       "
		"valid_lft forever\n"
		"2: eth0    inet6 fe80::1/64 scope link \\       valid_lft forever\n" LO_MARK
		"1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft "
		"forever\n" V4_LINE "2: eth0    inet6 2001:db8::10/64 scope global tentative \\    "
		"   valid_lft forever\n" LO_MARK
		"198.41.0.4 via 192.0.2.1 dev eth0 src 192.0.2.11 uid 107 \\    cache \n" LO_MARK
		"198.41.0.4 via 192.0.2.1 dev eth0 src 192.0.2.10 uid 0 \\    cache \n" LO_MARK
			LO_MARK
		"local 127.0.0.1 dev lo src 127.0.0.1 uid 107 \\    cache <local> \n" LO_MARK
		"local 127.0.0.1 dev lo src 127.0.0.1 uid 0 \\    cache <local> \n" LO_MARK
		"0:\tfrom all lookup local\n32766:\tfrom all lookup main\n");
	assert_int_equal(h->addresses, MT_PRESENT);
	assert_int_equal(h->addr_count, 9);
	assert_string_equal(at(h, "192.0.2.10")->iface, "eth0");
	assert_int_equal(at(h, "192.0.2.10")->bits, 24);
	assert_true(at(h, "192.0.2.10")->up);
	assert_false(at(h, "203.0.113.9")->up);
	assert_true(at(h, "203.0.113.9")->dynamic);
	assert_true(at(h, "192.0.2.11")->secondary);
	assert_int_equal(at(h, "10.8.0.1")->bits, 32);
	assert_true(at(h, "127.0.0.1")->host_scope && at(h, "127.0.0.1")->up);
	assert_true(at(h, "2001:db8::10")->tentative && at(h, "2001:db8::10")->up);
	assert_true(at(h, "2001:db8::11")->deprecated && at(h, "2001:db8::11")->dynamic);
	assert_true(at(h, "2001:db8::12")->dadfailed);
	assert_true(at(h, "fe80::1")->link_scope);
	assert_null(mt_host_addr(h, addr("192.0.2.255")));

	const struct mt_source *s = mt_host_default_source(h, MT_V4);
	assert_true(s->reachable && s->asked && s->gateway);
	assert_true(mt_addr_eq(s->source, addr("192.0.2.11"))); /* the uid's answer */
	assert_string_equal(s->iface, "eth0");
	s = mt_host_default_source(h, MT_V6);
	assert_true(s->asked && !s->reachable && !s->source.set);
	s = mt_host_source(h, addr("127.0.0.1"));
	assert_true(s->reachable && s->asked && !s->gateway);
	s = mt_host_source(h, addr("203.0.113.77"));
	assert_true(s->reachable && !s->asked);
	assert_true(mt_addr_eq(s->source, addr("192.0.2.11")));
}

static void an_ip_that_does_not_know_uid(void **state)
{
	(void)state;
	const struct mt_host *h = HOST(
		"ip", ASKED V4_LINE LO_MARK V4_LINE LO_MARK LO_MARK
		"198.41.0.4 via 192.0.2.1 dev eth0 src 192.0.2.10 \\    cache \n" LO_MARK LO_MARK
			LO_MARK "local 127.0.0.1 dev lo src 127.0.0.1 \n" LO_MARK);
	assert_true(mt_addr_eq(mt_host_default_source(h, MT_V4)->source, addr("192.0.2.10")));
	assert_true(mt_host_default_source(h, MT_V4)->asked);
	assert_true(mt_host_source(h, addr("127.0.0.1"))->reachable);
}

static void answers_without_marks_are_not_trusted(void **state)
{
	(void)state;
	const struct mt_host *h = HOST("ip", ASKED V4_LINE);
	assert_int_equal(h->addresses, MT_FAILED);
	assert_int_equal(h->addr_count, 0);
	assert_false(mt_host_default_source(h, MT_V4)->asked);
}

static void single_calls(void **state)
{
	(void)state;
	const struct mt_host *h =
		HOST("addr",
		     "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue\n"
		     "    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft "
		     "forever\n"
		     "2: eth0@if5: <BROADCAST,MULTICAST> mtu 1500 qdisc noqueue\n"
		     "    link/ether 02:42:ac:11:00:02 brd ff:ff:ff:ff:ff:ff\n"
		     "    inet 192.0.2.10/24 brd 192.0.2.255 scope global eth0\n"
		     "    inet6 2001:db8::10/64 scope global \n",
		     "source",
		     "> 198.41.0.4 107\nRTNETLINK answers: Network is unreachable\n> 198.41.0.4 -\n"
		     "unreachable 198.41.0.4 dev lo src 192.0.2.10\n> 192.0.2.7 107\n192.0.2.7 dev "
		     "eth0 src 192.0.2.10 uid 107\n"
		     "> 192.0.2.8 107\n192.0.2.8 via inet6 fe80::1 dev eth0 src 192.0.2.10\n");
	assert_int_equal(h->addr_count, 3);
	assert_string_equal(at(h, "192.0.2.10")->iface, "eth0");
	assert_false(at(h, "192.0.2.10")->up);
	assert_true(at(h, "127.0.0.1")->up);
	assert_false(mt_host_default_source(h, MT_V4)->reachable);
	assert_true(mt_host_default_source(h, MT_V4)->asked);
	assert_false(mt_host_source(h, addr("192.0.2.7"))->gateway);
	assert_string_equal(mt_host_source(h, addr("192.0.2.8"))->iface, "eth0");
}

static void from_proc(void **state)
{
	(void)state;
	const struct mt_host *h = HOST(
		"addr.proc",
		"Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.9.9.9\n        /32 host LOCAL\nLocal:\n"
		"  +-- 0.0.0.0/0 3 0 5\n     +-- 127.0.0.0/8 2 0 2\n        +-- 127.0.0.0/31 1 0 "
		"0\n"
		"           |-- 127.0.0.0\n              /8 host LOCAL\n           |-- 127.0.0.1\n"
		"              /32 host LOCAL\n        |-- 127.255.255.255\n           /32 link "
		"BROADCAST\n"
		"     |-- 192.0.2.10\n        /32 host LOCAL\n",
		"addr6.proc",
		"00000000000000000000000000000001 01 80 10 80       lo\n"
		"20010db8000000000000000000000010 02 40 00 80     eth0\n"
		"fe800000000000000000000000000001 02 40 20 c0     eth0\nbad line\n",
		"route.proc",
		"Iface\tDestination\tGateway "
		"\tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
		"eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
		"eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n",
		"route6.proc",
		"00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
		"fe800000000000000000000000000002 00000400 00000001 00000000 00000003     eth0\n");
	assert_int_equal(h->addresses, MT_PRESENT);
	assert_int_equal(h->addr_count, 5);
	assert_string_equal(at(h, "2001:db8::10")->iface, "eth0");
	assert_true(at(h, "fe80::1")->link_scope && at(h, "fe80::1")->tentative);
	assert_true(at(h, "::1")->host_scope && at(h, "127.0.0.1")->host_scope);
	const struct mt_source *s = mt_host_default_source(h, MT_V4);
	assert_true(s->reachable && !s->asked);
	assert_true(mt_addr_eq(s->source, addr("192.0.2.10")));
	assert_true(mt_addr_eq(mt_host_default_source(h, MT_V6)->source, addr("2001:db8::10")));
}

static void sockets(void **state)
{
	(void)state;
	const struct mt_host *h = HOST(
		"addr", V4_LINE, "tcp",
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid "
		" timeout inode\n"
		"   0: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000   107 "
		"       0 12345 1 0 100\n"
		"   1: 0A0200C0:9C40 04002CC6:0019 01 00000000:00000000 02:00000000 00000000   107 "
		"       0 12346 1 0 100\n"
		"   2: 0A0200C0:9C41 04002CC6:0019 06 00000000:00000000 03:00000000 00000000     0 "
		"       0 0 3 0\n"
		"   0: 00000000000000000000000000000000:0019 00000000000000000000000000000000:0000 "
		"0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n"
		"   1: 0000000000000000FFFF00000A0200C0:9C42 0000000000000000FFFF000004002CC6:024B "
		"01 00000000:00000000 00:00000000 00000000     33        0 1 1\n"
		"   2: B80D0120000000000000000010000000:9C43 B80D0120000000000000000099000000:01D1 "
		"01 00000000:00000000 00:00000000 00000000     0        0 1 1\n"
		"broken\n   9: 0A0200C0:9C40\n   9: 0A0200C0:XX40 04002CC6:0019 01 0:0 0:0 0 107 "
		"0\n");
	assert_int_equal(h->sockets, MT_PRESENT);
	assert_int_equal(h->socket_count, 6);
	const struct mt_socket *s = h->socket;
	assert_true(s[0].listening && !s[1].listening && s[3].listening);
	assert_true(mt_addr_eq(s[0].local, addr("127.0.0.1")));
	assert_int_equal(s[0].local_port, 25);
	assert_int_equal(s[0].uid, 107);
	assert_true(mt_addr_eq(s[1].local, addr("192.0.2.10")));
	assert_true(mt_addr_eq(s[1].remote, addr("198.44.0.4")));
	assert_int_equal(s[1].remote_port, 25);
	assert_true(s[2].time_wait && !s[1].time_wait);
	assert_true(mt_addr_is_any(s[3].local));
	assert_int_equal(s[3].family, MT_V6);
	assert_int_equal(s[4].family, MT_V4);
	assert_true(mt_addr_eq(s[4].local, addr("192.0.2.10")));
	assert_int_equal(s[4].remote_port, 587);
	assert_true(mt_addr_eq(s[5].remote, addr("2001:db8::99")));
}

static void big_endian_host(void **state)
{
	(void)state;
	const struct mt_host *h = HOST("addr", V4_LINE, "tcp",
				       "   0: 00000000:0019 00000000:0000 0A 00000000:00000000 "
				       "00:00000000 00000000   0        0 1\n"
				       "   1: C000020A:9C40 C62C0004:0019 01 00000000:00000000 "
				       "02:00000000 00000000   107        0 2\n");
	assert_true(mt_addr_eq(h->socket[1].local, addr("192.0.2.10")));
	assert_true(mt_addr_eq(h->socket[1].remote, addr("198.44.0.4")));
}

static void small_probes(void **state)
{
	(void)state;
	const struct mt_host *h =
		HOST("names", "mx1 192.0.2.10\nmx1 2001:db8::1\nnope -\n\n", "nat",
		     "\n  oifname eth0 masquerade\nsnat\n", "init",
		     "pid1 systemd\nsystemd /run/systemd/system\ncontainer lxc\ncontainer docker\n",
		     "owner", "plesk /usr/local/psa\n\ncloud-init /etc/cloud\n");
	assert_int_equal(h->resolver, MT_PRESENT);
	assert_int_equal(h->name_count, 3);
	assert_string_equal(h->name[1].name, "mx1");
	assert_true(h->name[1].addr.set && !h->name[2].addr.set);
	assert_int_equal(h->nat, MT_PRESENT);
	assert_string_equal(h->nat_text, "oifname eth0 masquerade");
	assert_string_equal(h->pid1, "systemd");
	assert_string_equal(h->container, "lxc");
	assert_int_equal(h->owner_count, 2);
	assert_string_equal(h->owner[1], "cloud-init /etc/cloud");
	h = HOST("nat", "\n");
	assert_int_equal(h->nat, MT_ABSENT);
}

static void silence_is_unasked(void **state)
{
	(void)state;
	const struct mt_host *h = HOST("x", "y");
	assert_int_equal(h->addresses, MT_UNASKED);
	assert_int_equal(h->sockets, MT_UNASKED);
	assert_int_equal(h->nat, MT_UNASKED);
	assert_int_equal(h->resolver, MT_UNASKED);
	assert_string_equal(h->pid1, "");
	assert_string_equal(mt_host_default_source(h, MT_V6)->iface, "");
	assert_false(mt_host_source(h, addr("192.0.2.1"))->reachable);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_run_of_ip),
		T(an_ip_that_does_not_know_uid),
		T(answers_without_marks_are_not_trusted),
		T(single_calls),
		T(from_proc),
		T(sockets),
		T(big_endian_host),
		T(small_probes),
		T(silence_is_unasked),
	};
	return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
