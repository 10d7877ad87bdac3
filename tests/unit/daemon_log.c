/* SPDX-License-Identifier: ISC */
/* daemon_log.c: when what a log says since a change means that the change stops mail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/service/daemon.h"

#define FAILED(n)    "delivery " #n ": deferral: Sorry,_no_connection._(#4.4.1)/\n"
#define DELIVERED(n) "delivery " #n ": success: 192.0.2.1_accepted_message./\n"
#define BEGUN(n)     "starting delivery " #n ": msg 5 to remote a@b.example\n"

static struct mt_arena *arena;
static char name[] = "/tmp/mtapin-log-XXXXXX";

static void append(const char *text)
{
	FILE *f = fopen(name, "a");
	assert_non_null(f);
	assert_true(fputs(text, f) != EOF);
	assert_int_equal(fclose(f), 0);
}

/* What is said of the log when `then` follows on `before`; NULL: nothing. */
static const char *said(const char *before, const char *then)
{
	static const char *const bad[] = {"fatal:", NULL};
	const char *const files[] = {name, NULL};
	const struct mt_daemon daemon = {.burst = 3,
					 .log_burst = "(#4.4.1)",
					 .log_good = "_accepted_message",
					 .log_begun = "starting delivery ",
					 .log_bad = bad,
					 .log_files = files};
	struct mt_watch watch;
	assert_int_equal(truncate(name, 0), 0);
	append(before);
	mt_watch_begin(arena, &daemon, &watch);
	append(then);
	return mt_watch_bad(arena, &watch, true);
}

static void failures_in_a_row(void **state)
{
	(void)state;
	assert_string_equal(said(BEGUN(1) DELIVERED(1),
				 BEGUN(2) FAILED(2) BEGUN(3) FAILED(3) BEGUN(4) FAILED(4)),
			    "3 times (#4.4.1), and nothing was delivered");
	assert_null(said("", BEGUN(2) FAILED(2) BEGUN(3) FAILED(3)));
	/* those of before are not counted */
	assert_null(said(FAILED(1) FAILED(2), FAILED(3)));
	/* one that began since and was delivered: the far ends failed, not the pin */
	assert_null(said("", BEGUN(2) FAILED(2) BEGUN(3) DELIVERED(3) BEGUN(4) FAILED(4) BEGUN(5)
				     FAILED(5)));
}

/* A delivery that was under way before the change, with what it had read, says nothing of the change. */
static void under_way_before(void **state)
{
	(void)state;
	static const char failures[] = BEGUN(8) FAILED(8) BEGUN(9) FAILED(9) BEGUN(10) FAILED(10);
	char text[1000];
	snprintf(text, sizeof text, "%s%s", DELIVERED(7), failures);
	assert_non_null(said(BEGUN(7), text));
	/* 17 began since, 7 did not */
	snprintf(text, sizeof text, "%s%s%s", BEGUN(17), DELIVERED(7), failures);
	assert_non_null(said(BEGUN(7), text));
	/* nor did what syslog's time of day looks like */
	snprintf(text, sizeof text, "%s%s%s", BEGUN(13), "Dec  1 13:07:20 mx qmail: " DELIVERED(7),
		 failures);
	assert_non_null(said(BEGUN(7), text));
	snprintf(text, sizeof text, "%s%s%s%s", BEGUN(17), DELIVERED(7), failures, DELIVERED(17));
	assert_null(said(BEGUN(7), text));
}

static void words_that_are_bad(void **state)
{
	(void)state;
	assert_string_equal(said("fatal: of before\n", "host x[1]: fatal: no memory\n"),
			    "fatal: no memory");
	assert_null(said("fatal: of before\n", BEGUN(1) DELIVERED(1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_in_a_row),
		cmocka_unit_test(under_way_before),
		cmocka_unit_test(words_that_are_bad),
	};
	int fd = mkstemp(name);
	if (fd < 0)
		return 99;
	close(fd);
	arena = mt_arena_new((size_t)64 << 20);
	int failed = cmocka_run_group_tests_name("daemon_log", tests, NULL, NULL);
	mt_arena_free(arena);
	unlink(name);
	return failed;
}
