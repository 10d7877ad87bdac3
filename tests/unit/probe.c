/* SPDX-License-Identifier: ISC */
/* probe.c: far ends of every kind, on loopback: what they say is bounded in time and bytes, and told from no connection. */
#include "test.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/sys/fs.h"
#include "io/service/smtp_probe.h"

static struct mt_arena *arena;
static struct mt_probe probe;

/* What the far end does: these bytes, then the replies to two commands; "" is silence. */
struct far {
	const char *greeting;
	size_t times; /* the greeting is said so often */
	const char *ehlo;
};

static void serve(int listener, const struct far *far)
{
	char heard[512];
	int fd = accept(listener, NULL, NULL);
	for (size_t i = 0; fd >= 0 && i < far->times; i++)
		if (write(fd, far->greeting, strlen(far->greeting)) < 0)
			_exit(0);
	if (far->ehlo && read(fd, heard, sizeof heard) > 0 &&
	    write(fd, far->ehlo, strlen(far->ehlo)) > 0 && read(fd, heard, sizeof heard) > 0)
		(void)!write(fd, "221 bye\r\n", 9);
	pause();
	_exit(0);
}

/* A listener on 127.0.0.1, or a port that nobody listens on. */
static int open_port(bool listens)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	if (listens)
		assert_int_equal(listen(fd, 1), 0);
	probe = (struct mt_probe){.port = ntohs(at.sin_port),
				  .helo = "mail.example.org",
				  .connect_ms = 2000,
				  .talk_ms = 1500};
	assert_true(mt_addr_parse(MT_STR("127.0.0.2"), &probe.from));
	assert_true(mt_addr_parse(MT_STR("127.0.0.1"), &probe.to));
	return fd;
}

static void wanted(enum mt_probe_end end, const char *text)
{
	if (probe.end != end || strncmp(probe.text, text, strlen(text)) != 0)
		fail_msg("%s: '%s', not %s: '%s'", mt_probe_end_name(probe.end), probe.text,
			 mt_probe_end_name(end), text);
}

static void talk(const struct far *far, enum mt_probe_end end, const char *text)
{
	MT_FD fd = open_port(true);
	pid_t pid = fork();
	if (pid == 0)
		serve(fd, far);
	assert_true(pid > 0);
	mt_probe(arena, &probe, 1, (struct mt_waiting){0});
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0)
		;
	wanted(end, text);
}

static void fine(void **state)
{
	(void)state;
	talk(&(struct far){"220 far.example\r\n", 1, "250-far.example\r\n250 SIZE\r\n"},
	     MT_PROBE_FINE, "220 far.example");
	talk(&(struct far){"220-far.example\r\n220-is\r\n220 slow\n", 1, "250 \r\n"}, MT_PROBE_FINE,
	     "220 slow");
}

static void refuses(void **state)
{
	(void)state;
	talk(&(struct far){"554 5.7.1 not from there\r\n", 1, "221 bye\r\n"}, MT_PROBE_REFUSED,
	     "554 5.7.1 not from there");
	talk(&(struct far){"421\r\n", 1, NULL}, MT_PROBE_REFUSED, "421");
	talk(&(struct far){"220 far.example\r\n", 1, "550 your name\r\n"}, MT_PROBE_REFUSED,
	     "550 your name");
	MT_FD fd = open_port(false);
	mt_probe(arena, &probe, 1, (struct mt_waiting){0});
	wanted(MT_PROBE_REFUSED, "connection refused");
}

static void no_smtp(void **state)
{
	(void)state;
	talk(&(struct far){"SSH-2.0-far\r\n", 1, NULL}, MT_PROBE_ODD, "no SMTP: SSH-2.0-far");
	talk(&(struct far){"22\r\n", 1, NULL}, MT_PROBE_ODD, "no SMTP: 22");
	talk(&(struct far){"\r\n", 1, NULL}, MT_PROBE_ODD, "no SMTP: an empty line");
	talk(&(struct far){"220 \033]0;title\a\r\n", 1, "250 \r\n"}, MT_PROBE_FINE,
	     "220 \033]0;title");
}

static void silent(void **state)
{
	(void)state;
	talk(&(struct far){"", 0, NULL}, MT_PROBE_ODD, "connected, but it said nothing in 1 s");
	talk(&(struct far){"220 fa", 1, NULL}, MT_PROBE_ODD,
	     "connected, but no whole answer came in 1 s");
	talk(&(struct far){"220 far.example\r\n", 1, ""}, MT_PROBE_ODD,
	     "connected, but no whole answer came in 1 s");
}

static void count_up(void *data, const char *what)
{
	assert_string_equal(what, "waiting for the far end of --probe");
	++*(unsigned *)data;
}

/* A wait of more than five seconds is told, once. */
static void long_silence(void **state)
{
	(void)state;
	unsigned said = 0;
	MT_FD fd = open_port(true);
	probe.talk_ms = MT_SLOW_MS + 1500;
	mt_probe(arena, &probe, 1, (struct mt_waiting){count_up, &said});
	wanted(MT_PROBE_ODD, "connected, but it said nothing in 6 s");
	assert_int_equal(said, 1);
}

static void endless(void **state)
{
	(void)state;
	talk(&(struct far){"220-and on and on\r\n", 100000, NULL}, MT_PROBE_ODD,
	     "it said more than 8192 bytes");
	talk(&(struct far){"220 and on and on", 1000, NULL}, MT_PROBE_ODD,
	     "a line of more than 1000 bytes: 220 and on");
	assert_true(strlen(probe.text) < 300);
}

static void no_connection(void **state)
{
	(void)state;
	MT_FD fd = open_port(true);
	assert_true(mt_addr_parse(MT_STR("192.0.2.77"), &probe.from));
	mt_probe(arena, &probe, 1, (struct mt_waiting){0});
	wanted(MT_PROBE_NOTHING, "address not available");
	/* from loopback there is no way out */
	assert_true(mt_addr_parse(MT_STR("127.0.0.2"), &probe.from));
	assert_true(mt_addr_parse(MT_STR("192.0.2.1"), &probe.to));
	mt_probe(arena, &probe, 1, (struct mt_waiting){0});
	assert_int_equal(probe.end, MT_PROBE_NOTHING);
}

static void places(void **state)
{
	(void)state;
	struct mt_place place;
	struct mt_addr addr[MT_FAMILIES];
	struct mt_error error = {0};
	assert_true(mt_place_parse(arena, "mail.example", &place));
	assert_string_equal(place.host, "mail.example");
	assert_int_equal(place.port, 25);
	assert_true(mt_place_parse(arena, "mail:587", &place));
	assert_int_equal(place.port, 587);
	assert_true(mt_place_parse(arena, "[2001:db8::1]:465", &place));
	assert_true(place.addr.set && place.addr.family == MT_V6 && place.port == 465);
	assert_true(mt_place_parse(arena, "2001:db8::1", &place));
	assert_int_equal(mt_place_resolve(arena, &place, addr, &error), 0);
	assert_true(addr[MT_V6].set && !addr[MT_V4].set);
	assert_true(mt_place_parse(arena, "localhost", &place));
	assert_int_equal(mt_place_resolve(arena, &place, addr, &error), 0);
	assert_true(addr[MT_V4].set || addr[MT_V6].set);
	assert_true(mt_place_parse(arena, "no-such-host.invalid", &place));
	assert_int_equal(mt_place_resolve(arena, &place, addr, &error), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fine),		 cmocka_unit_test(refuses),
		cmocka_unit_test(no_smtp),	 cmocka_unit_test(silent),
		cmocka_unit_test(long_silence),	 cmocka_unit_test(endless),
		cmocka_unit_test(no_connection), cmocka_unit_test(places),
	};
	arena = mt_arena_new((size_t)64 << 20);
	int failed = cmocka_run_group_tests_name("probe", tests, NULL, NULL);
	mt_arena_free(arena);
	return failed;
}
