/* SPDX-License-Identifier: ISC */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io/sys/run.h"

static struct mt_arena *arena;
static struct mt_run_result result;
static struct mt_error error;

static int setup(void **state)
{
	(void)state;
	arena = mt_arena_new((size_t)16 << 20);
	error = (struct mt_error){0};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mt_arena_free(arena);
	return 0;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Runs a line of sh; `run` holds what else is wanted. */
static int sh(const char *line, struct mt_run run)
{
	const char *argv[] = {"/bin/sh", "-c", line, NULL};
	run.argv = argv;
	if (!run.deadline_ms)
		run.deadline_ms = 20000;
	if (!run.max_output)
		run.max_output = 1 << 20;
	return mt_run(arena, &run, &result, &error);
}

static void output_and_status(void **state)
{
	(void)state;
	assert_int_equal(sh("echo out; echo err >&2; exit 7", (struct mt_run){0}), 0);
	assert_int_equal(result.status, 7);
	assert_str(result.out, "out\n");
	assert_str(result.err, "err\n");
	assert_false(result.timed_out || result.overflow);
	assert_int_equal(sh("kill -KILL $$", (struct mt_run){0}), 0);
	assert_int_equal(result.status, 128 + SIGKILL);
}

static void environment_is_fixed(void **state)
{
	(void)state;
	setenv("MT_LEAK", "1", 1);
	setenv("ENV", "/etc/passwd", 1);
	const char *argv[] = {"/usr/bin/env", NULL};
	struct mt_run run = {.argv = argv, .deadline_ms = 20000, .max_output = 4096};
	assert_int_equal(mt_run(arena, &run, &result, &error), 0);
	assert_str(result.out, "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C\n");
}

static void own_session_and_folder(void **state)
{
	(void)state;
	assert_int_equal(sh("read -r x x x x x sid x </proc/self/stat; echo $(pwd) $(($$ == sid))",
			    (struct mt_run){0}),
			 0);
	assert_str(result.out, "/ 1\n");
}

static void no_descriptor_leaks(void **state)
{
	(void)state;
	int leak = open("/dev/null", O_RDONLY), far = fcntl(leak, F_DUPFD, 200);
	assert_true(far >= 200);
	const char *argv[] = {"/bin/ls", "/proc/self/fd", NULL};
	struct mt_run run = {.argv = argv, .deadline_ms = 20000, .max_output = 4096};
	assert_int_equal(mt_run(arena, &run, &result, &error), 0);
	assert_str(result.out, "0\n1\n2\n3\n"); /* 3: ls reads the folder itself */
	close(leak);
	close(far);
}

static void input_is_given_whole(void **state)
{
	(void)state;
	size_t n = 300000;
	char *bytes = mt_alloc(arena, n);
	memset(bytes, 'x', n);
	bytes[n / 2] = '\0';
	assert_int_equal(sh("cat", (struct mt_run){.input = {bytes, n}}), 0);
	assert_int_equal(result.out.n, n);
	assert_memory_equal(result.out.p, bytes, n);
	assert_int_equal(sh("cat; readlink /proc/self/fd/0", (struct mt_run){0}), 0);
	assert_str(result.out, "/dev/null\n");
}

static void unwanted_input_is_no_error(void **state)
{
	(void)state;
	char *bytes = mt_alloc(arena, 1 << 20);
	memset(bytes, 'x', 1 << 20);
	assert_int_equal(sh("exec <&-; echo ok", (struct mt_run){.input = {bytes, 1 << 20}}), 0);
	assert_str(result.out, "ok\n");
}

static void deadline_kills_the_group(void **state)
{
	(void)state;
	double start = now();
	assert_int_equal(sh("echo $$; trap '' TERM; sleep 77 & sleep 77",
			    (struct mt_run){.deadline_ms = 300}),
			 0);
	assert_true(result.timed_out);
	assert_int_equal(result.status, 128 + SIGKILL);
	assert_true(now() - start >= 1.2 && now() - start < 60);
	unsigned long pid;
	assert_true(mt_str_number(mt_str_trim(result.out), 1UL << 30, &pid));
	for (int i = 0; i < 1000 && kill(-(pid_t)pid, 0) == 0; i++)
		usleep(20000);
	assert_int_equal(kill(-(pid_t)pid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static void term_is_enough_for_most(void **state)
{
	(void)state;
	double start = now();
	assert_int_equal(sh("exec sleep 77", (struct mt_run){.deadline_ms = 200}), 0);
	assert_true(result.timed_out);
	assert_int_equal(result.status, 128 + SIGTERM);
	assert_true(now() - start < 60);
}

static void overflow_is_cut_and_killed(void **state)
{
	(void)state;
	double start = now();
	assert_int_equal(sh("while :; do echo flood; done", (struct mt_run){.max_output = 1000}),
			 0);
	assert_true(result.overflow);
	assert_false(result.timed_out);
	assert_int_equal(result.out.n, 1000);
	assert_true(now() - start < 19);
	assert_int_equal(sh("printf 1234567890", (struct mt_run){.max_output = 10}), 0);
	assert_false(result.overflow);
	assert_int_equal(result.out.n, 10);
}

static void daemons_left_behind_are_not_waited_for(void **state)
{
	(void)state;
	double start = now();
	assert_int_equal(sh("sleep 99 & echo $!", (struct mt_run){0}), 0);
	assert_true(now() - start < 60);
	assert_false(result.timed_out);
	unsigned long pid;
	assert_true(mt_str_number(mt_str_trim(result.out), 1UL << 30, &pid));
	assert_int_equal(kill((pid_t)pid, SIGTERM), 0);
}

/* SIGCHLD is not what tells that it ended: whoever started us may have blocked it. */
static void end_without_sigchld(void **state)
{
	(void)state;
	sigset_t set, old;
	double start = now();
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	assert_int_equal(sigprocmask(SIG_BLOCK, &set, &old), 0);
	alarm(60); /* rather than wait for ever */
	assert_int_equal(sh("echo out", (struct mt_run){.deadline_ms = 15000}), 0);
	alarm(0);
	assert_int_equal(sigprocmask(SIG_SETMASK, &old, NULL), 0);
	assert_false(result.timed_out);
	assert_int_equal(result.status, 0);
	assert_str(result.out, "out\n");
	assert_true(now() - start < 14);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* A signal that is held back ends it, where that was asked for. */
static void interrupted(void **state)
{
	(void)state;
	sigset_t set, old;
	double start = now();
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	assert_int_equal(sigprocmask(SIG_BLOCK, &set, &old), 0);
	kill(getpid(), SIGINT);
	assert_int_equal(sh("sleep 0.3; echo out", (struct mt_run){0}), 0);
	assert_str(result.out, "out\n");
	assert_int_equal(sh("exec sleep 77", (struct mt_run){.interruptible = true}), 0);
	assert_int_equal(result.status, 128 + SIGTERM);
	assert_true(now() - start < 60);
	assert_true(sigtimedwait(&set, NULL, &(struct timespec){0}) == SIGINT);
	assert_int_equal(sigprocmask(SIG_SETMASK, &old, NULL), 0);
}

static void missing_program(void **state)
{
	(void)state;
	const char *argv[] = {"/nonexistent/program", NULL};
	struct mt_run run = {.argv = argv, .deadline_ms = 1000, .max_output = 10};
	assert_int_equal(mt_run(arena, &run, &result, &error), -1);
	assert_int_equal(error.code, MT_EXIT_FAILED);
	assert_string_equal(error.where, "/nonexistent/program");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void count_up(void *data, const char *what)
{
	assert_string_equal(what, "waiting for sleep");
	++*(int *)data;
}

/* A long wait is said, once, and a short one is not. */
static void long_waits_are_said(void **state)
{
	int said = 0;
	struct mt_run run = {.waiting = {count_up, &said}, .what = "waiting for sleep"};
	(void)state;
	assert_int_equal(sh("sleep 1", run), 0);
	assert_int_equal(said, 0);
	double begin = now();
	assert_int_equal(sh("sleep 6", run), 0);
	assert_true(now() - begin >= 6);
	assert_int_equal(said, 1);
	run.deadline_ms = 1000;
	assert_int_equal(sh("sleep 6", run), 0);
	assert_true(result.timed_out);
	assert_int_equal(said, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(output_and_status),
		T(environment_is_fixed),
		T(own_session_and_folder),
		T(no_descriptor_leaks),
		T(input_is_given_whole),
		T(unwanted_input_is_no_error),
		T(deadline_kills_the_group),
		T(term_is_enough_for_most),
		T(overflow_is_cut_and_killed),
		T(daemons_left_behind_are_not_waited_for),
		T(end_without_sigchld),
		T(interrupted),
		T(missing_program),
		T(long_waits_are_said),
	};
	return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
