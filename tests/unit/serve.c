/* SPDX-License-Identifier: ISC */
/* service.c and the engine around it, on a toy daemon: what is observed counts. */
#include "test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply/toy.h"
#include "io/service/daemon.h"
#include "io/sys/fs.h"

static struct mt_arena *arena;
static struct toy toy;
static struct mt_outcome outcome;
static struct mt_error error;
static struct mt_process before;

static void put(const char *name)
{
	assert_int_equal(toy_put(&toy, name, ""), 0);
}

static const char *text(const char *name)
{
	return mt_strz(arena, toy_text(&toy, name));
}

static struct mt_process now(void)
{
	return mt_daemon_find(&toy.plan.daemon);
}

static void start(void)
{
	assert_int_equal(system(toy_path(&toy, "bin/start")), 0);
	assert_int_equal(unlink(toy_path(&toy, "said")), 0);
	for (int i = 0; i < 6000 && !now().pid; i++)
		usleep(10000);
	before = now();
	assert_true(before.pid > 0);
	usleep(20000); /* a clock tick, so that a new one starts later */
}

static int setup(void **state)
{
	(void)state;
	error = (struct mt_error){0};
	return toy_begin(&toy, arena) || toy_plan(&toy, MT_ACTION_RESTART, &error) ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	if (now().pid)
		kill((pid_t)now().pid, SIGKILL);
	return toy_end(&toy);
}

static void apply(enum mt_end end, int exit_code)
{
	if (mt_apply(&toy.plan, &toy.options, &outcome, &error))
		fail_msg("%s: %s", error.where, error.message);
	if (outcome.end != end)
		fail_msg("%s, not %s: %s", mt_end_name(outcome.end), mt_end_name(end), outcome.why);
	assert_int_equal(outcome.exit_code, exit_code);
	assert_string_equal(text("etc/a.cf"), end == MT_END_APPLIED ? TOY_A_NEW : TOY_A_OLD);
	assert_string_equal(text("etc/b.cf"), end == MT_END_APPLIED ? TOY_B_NEW : TOY_B_OLD);
}

static void says(const char *part)
{
	if (!strstr(outcome.why, part))
		fail_msg("'%s' lacks '%s'", outcome.why, part);
}

static void restarted(void **state)
{
	(void)state;
	start();
	apply(MT_END_APPLIED, 0);
	assert_true(outcome.service && outcome.config);
	assert_string_equal(outcome.action, "restarted by its own commands");
	assert_string_equal(text("said"), "stop\nstart\n");
	assert_true(now().pid && now().pid != before.pid);
	/* undo restarts it once more */
	before = now();
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_UNDONE);
	assert_true(outcome.service);
	assert_true(now().pid && now().pid != before.pid);
	assert_string_equal(text("etc/a.cf"), TOY_A_OLD);
}

static void failing_start_is_rolled_back(void **state)
{
	(void)state;
	start();
	put("fail-once");
	apply(MT_END_ROLLED_BACK, MT_EXIT_FAILED);
	says("it does not run after the restart");
	says("cannot start");
	assert_true(now().pid);
	assert_true(outcome.service && outcome.config);
}

static void daemon_that_stays_down_needs_a_person(void **state)
{
	(void)state;
	start();
	put("fail-start");
	apply(MT_END_STUCK, MT_EXIT_PERSON);
	says("the old files are back, but");
	says("cannot start");
	assert_false(outcome.service);
}

/* It finishes what it does, and is waited for; nobody but itself is told. */
static void one_that_takes_its_time_is_waited_for(void **state)
{
	(void)state;
	put("slow");
	toy.plan.daemon.program = "";
	start();
	toy.plan.daemon.restart = (struct mt_drive){.by = MT_DRIVE_WAIT, .seconds = 20};
	apply(MT_END_APPLIED, 0);
	assert_true(outcome.service);
	assert_string_equal(text("said"), "start\n");
	assert_true(now().pid && now().pid != before.pid);
}

static void one_that_does_not_end_is_never_killed(void **state)
{
	(void)state;
	put("deaf");
	start();
	toy.plan.daemon.restart = (struct mt_drive){.by = MT_DRIVE_WAIT, .seconds = 1};
	apply(MT_END_STUCK, MT_EXIT_PERSON);
	says("has not finished its work after 1 s. It is not killed and ends by itself; then start "
	     "it: ");
	says("bin/start");
	assert_true(mt_process_same(now(), before));
	assert_int_equal(access(toy_path(&toy, "said"), F_OK), -1);
}

/* A broken configuration makes the MTA's own stop refuse to run. */
static void refusing_stop_is_overcome(void **state)
{
	(void)state;
	start();
	put("fail-stop");
	apply(MT_END_APPLIED, 0);
	assert_true(now().pid && now().pid != before.pid);
}

static void reloaded(void **state)
{
	(void)state;
	assert_int_equal(toy_plan(&toy, MT_ACTION_RELOAD, &error), 0);
	start();
	apply(MT_END_APPLIED, 0);
	assert_true(outcome.service);
	assert_string_equal(text("said"), "reload\n");
	assert_true(mt_process_same(now(), before));
}

/* ---- other ways to make it read its files ---- */

static void driven_by(struct mt_drive drive)
{
	assert_int_equal(toy_plan(&toy, MT_ACTION_RELOAD, &error), 0);
	toy.plan.daemon.program = "";
	toy.plan.daemon.reload = drive;
	put("script");
	start();
}

static void signal_and_the_same_process(void **state)
{
	(void)state;
	driven_by((struct mt_drive){.by = MT_DRIVE_SIGNAL, .signal = SIGUSR1});
	apply(MT_END_APPLIED, 0);
	assert_true(outcome.service);
	assert_string_equal(text("said"), "usr1\n");
	assert_string_equal(outcome.action, "reloaded by signal 10 (User defined signal 1)");
	assert_true(mt_process_same(now(), before));
}

static void dying_of_a_signal_is_rolled_back(void **state)
{
	(void)state;
	driven_by((struct mt_drive){.by = MT_DRIVE_SIGNAL, .signal = SIGALRM});
	apply(MT_END_ROLLED_BACK, MT_EXIT_FAILED);
	says("(signal 14 (Alarm clock))");
	assert_string_equal(text("said"), "start\n");
	assert_true(now().pid && now().pid != before.pid);
}

static void signal_and_another_process(void **state)
{
	(void)state;
	driven_by((struct mt_drive){.by = MT_DRIVE_REEXEC, .signal = SIGHUP});
	apply(MT_END_APPLIED, 0);
	assert_true(outcome.service);
	assert_true(now().pid && now().pid != before.pid);
	assert_string_equal(text("said"), "");
}

/* With broken files the old one has ended and no other came: nobody but its process says so. */
static void no_other_process_is_rolled_back(void **state)
{
	(void)state;
	put("fail-reexec");
	driven_by((struct mt_drive){.by = MT_DRIVE_REEXEC, .signal = SIGHUP});
	apply(MT_END_ROLLED_BACK, MT_EXIT_FAILED);
	says("it does not run after the restart (signal 1 (Hangup))");
	assert_string_equal(text("said"), "start\n");
	assert_true(now().pid && now().pid != before.pid);
	assert_true(outcome.service);
}

static struct mt_drive update(void)
{
	return (struct mt_drive){.by = MT_DRIVE_OWN,
				 .command = {.argv = {toy_path(&toy, "bin/reload")}},
				 .proof = "table updated"};
}

static void own_command_with_its_own_word(void **state)
{
	(void)state;
	put("updates");
	driven_by(update());
	apply(MT_END_APPLIED, 0);
	assert_true(outcome.service);
	assert_string_equal(outcome.action, "reloaded by its own command");
	assert_string_equal(text("said"), "reload\n");
	assert_true(mt_process_same(now(), before));
}

/* It ends with 0 all the same. */
static void own_command_without_its_word_is_rolled_back(void **state)
{
	(void)state;
	driven_by(update());
	assert_int_equal(toy_put(&toy, "log", "x toyd[1]: table updated\n"), 0); /* long ago */
	apply(MT_END_STUCK, MT_EXIT_PERSON); /* nor does it say so of the old files */
	says("its log does not say \"table updated\"");
	assert_true(mt_process_same(now(), before));
}

static void own_command_is_looked_for_first(void **state)
{
	(void)state;
	struct mt_drive drive = update();
	drive.command.argv[0] = toy_path(&toy, "bin/nothing");
	driven_by(drive);
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), -1);
	assert_non_null(strstr(error.message, "bin/nothing cannot be run"));
	assert_string_equal(text("etc/a.cf"), TOY_A_OLD);
}

static void dying_at_reload_is_rolled_back(void **state)
{
	(void)state;
	assert_int_equal(toy_plan(&toy, MT_ACTION_RELOAD, &error), 0);
	start();
	put("fail-reload");
	apply(MT_END_ROLLED_BACK, MT_EXIT_FAILED);
	assert_true(now().pid && now().pid != before.pid);
}

static void complaint_in_the_log_is_rolled_back(void **state)
{
	(void)state;
	start();
	put("fail-log");
	apply(MT_END_ROLLED_BACK, MT_EXIT_FAILED);
	says("its log says: fatal: a new complaint");
}

/* A child that complains in the daemon's log after so long. */
static pid_t complain_after(unsigned milliseconds)
{
	const char *log = toy_path(&toy, "log");
	pid_t pid = fork();
	if (pid == 0) {
		usleep(milliseconds * 1000);
		FILE *file = fopen(log, "a");
		_exit(!file || fputs("x toyd[9]: fatal: a late complaint\n", file) < 0 ||
		      fclose(file));
	}
	assert_true(pid > 0);
	return pid;
}

static void observed(unsigned seconds, unsigned complaint_ms, enum mt_end end)
{
	assert_int_equal(toy_plan(&toy, MT_ACTION_RELOAD, &error), 0);
	toy.goal.observes = true;
	toy.goal.observe = seconds;
	toy.plan.daemon.watch = 30; /* what its backend would have */
	start();
	pid_t pid = complain_after(complaint_ms);
	apply(end, end == MT_END_APPLIED ? 0 : MT_EXIT_FAILED);
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0)
		;
}

/* Nobody complained when the daemon was looked at, but a little later. */
static void observed_long_enough(void **state)
{
	(void)state;
	observed(7, 4500, MT_END_ROLLED_BACK);
	says("its log says: fatal: a late complaint");
}

static void not_observed(void **state)
{
	(void)state;
	observed(0, 20000, MT_END_APPLIED);
}

static void taken_on_trust(void **state)
{
	(void)state;
	start();
	toy.plan.on_trust[MT_V4] = true;
	apply(MT_END_APPLIED, 0);
	assert_false(outcome.service);
}

static void down_stays_down(void **state)
{
	(void)state;
	apply(MT_END_APPLIED, 0);
	assert_false(outcome.service);
	assert_string_equal(text("said"), "");
	assert_int_equal(now().pid, 0);
}

static void no_service_touches_none(void **state)
{
	(void)state;
	start();
	toy.goal.no_service = true;
	apply(MT_END_APPLIED, 0);
	assert_false(outcome.service);
	assert_string_equal(text("said"), "");
	assert_true(mt_process_same(now(), before));
}

static void unchanged_restarts_only_when_told(void **state)
{
	(void)state;
	start();
	toy.plan.changes = NULL;
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_UNCHANGED);
	assert_true(outcome.service);
	assert_string_equal(text("said"), "");
	toy.goal.restart = true;
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_UNCHANGED);
	assert_true(outcome.service);
	assert_string_equal(text("said"), "stop\nstart\n");
}

/* ---- what is looked at -------------------------------------------------------------------------- */

static void process_by_pid_file(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "x\n", "-5\n", "1\n", "99999999999\n", "12 13\n"};
	start();
	for (size_t i = 0; i < MT_ARRAY_LEN(bad); i++) {
		FILE *f = fopen(toy_path(&toy, "run/other"), "w");
		assert_non_null(f);
		fputs(bad[i], f);
		fclose(f);
		struct mt_daemon daemon = {.pid_file = toy_path(&toy, "run/other")};
		assert_int_equal(mt_daemon_find(&daemon).pid, 0);
	}
	/* another program under the same number is not it */
	struct mt_daemon daemon = toy.plan.daemon;
	daemon.program = "master";
	assert_int_equal(mt_daemon_find(&daemon).pid, 0);
}

static void listeners(void **state)
{
	(void)state;
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr = in6addr_any};
	socklen_t n = sizeof in;
	struct mt_addr loopback, other, six;
	struct mt_process self = {getpid(), 1};
	assert_true(mt_addr_parse(MT_STR("127.0.0.1"), &loopback));
	assert_true(mt_addr_parse(MT_STR("127.0.0.2"), &other));
	assert_true(mt_addr_parse(MT_STR("::1"), &six));
	MT_FD fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &n), 0);
	unsigned port = ntohs(in.sin_port);
	assert_false(mt_listening(arena, self, loopback, port)); /* bound is not listening */
	assert_int_equal(listen(fd, 1), 0);
	assert_true(mt_listening(arena, self, loopback, port));
	assert_false(mt_listening(arena, self, other, port));
	MT_FD fd6 = socket(AF_INET6, SOCK_STREAM, 0);
	n = sizeof in6;
	if (fd6 < 0 || bind(fd6, (struct sockaddr *)&in6, sizeof in6) < 0)
		return;
	assert_int_equal(getsockname(fd6, (struct sockaddr *)&in6, &n), 0);
	assert_int_equal(listen(fd6, 1), 0);
	assert_true(mt_listening(arena, self, six, ntohs(in6.sin6_port))); /* by the any-address */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(restarted),
		TEST(failing_start_is_rolled_back),
		TEST(daemon_that_stays_down_needs_a_person),
		TEST(one_that_takes_its_time_is_waited_for),
		TEST(one_that_does_not_end_is_never_killed),
		TEST(refusing_stop_is_overcome),
		TEST(reloaded),
		TEST(signal_and_the_same_process),
		TEST(dying_of_a_signal_is_rolled_back),
		TEST(signal_and_another_process),
		TEST(no_other_process_is_rolled_back),
		TEST(own_command_with_its_own_word),
		TEST(own_command_without_its_word_is_rolled_back),
		TEST(own_command_is_looked_for_first),
		TEST(dying_at_reload_is_rolled_back),
		TEST(complaint_in_the_log_is_rolled_back),
		TEST(observed_long_enough),
		TEST(not_observed),
		TEST(taken_on_trust),
		TEST(down_stays_down),
		TEST(no_service_touches_none),
		TEST(unchanged_restarts_only_when_told),
		TEST(process_by_pid_file),
		TEST(listeners),
	};
	signal(SIGHUP, SIG_DFL); /* below nohup(1) the daemon, a script, could not trap it */
	arena = mt_arena_new((size_t)256 << 20);
	int failed = cmocka_run_group_tests_name("serve", tests, NULL, NULL);
	mt_arena_free(arena);
	return failed;
}
