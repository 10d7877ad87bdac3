/* SPDX-License-Identifier: ISC */
/* confirm.c: an unconfirmed transaction is kept by confirm or rolled back, and never both. */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply/toy.h"
#include "io/service/daemon.h"
#include "io/sys/clock.h"
#include "io/sys/fs.h"
#include "io/txn/journal.h"

#define LONG_MS 600000
/* Long enough that a machine which others load gets done what comes before it. */
#define SHORT_MS 2500
#define ROUNDS	 50

static struct mt_arena *arena;
static struct toy toy;
static struct mt_outcome outcome;
static struct mt_error error;

/* ---- the waiter: a child of ours once its parent is gone ------------------------------------------ */

static pid_t parent_of(const char *pid)
{
	char path[300];
	int parent = 0;
	snprintf(path, sizeof path, "/proc/%s/stat", pid);
	FILE *f = fopen(path, "r");
	if (f && fscanf(f, "%*d (%*[^)]) %*c %d", &parent) != 1)
		parent = 0;
	if (f)
		fclose(f);
	return parent;
}

/* 0: there is none. */
static pid_t waiter(void)
{
	pid_t found = 0;
	DIR *proc = opendir("/proc");
	assert_non_null(proc);
	for (struct dirent *d; (d = readdir(proc));)
		if (d->d_name[0] >= '1' && d->d_name[0] <= '9' && parent_of(d->d_name) == getpid())
			found = (pid_t)atoi(d->d_name);
	closedir(proc);
	return found;
}

/* It has ended, by itself, within so many milliseconds. */
static void gone(int ms)
{
	int status = 0;
	pid_t pid = 0;
	for (int64_t end = mt_now_ms() + ms; (pid = waitpid(-1, &status, WNOHANG)) == 0;) {
		if (mt_now_ms() > end)
			fail_msg("the waiter is still there after %d ms", ms);
		mt_sleep_ms(5);
	}
	assert_true(pid > 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void end_waiter(int signal)
{
	pid_t pid = waiter();
	if (pid > 0) {
		kill(pid, signal);
		waitpid(pid, NULL, 0);
	}
}

/* ---- set-up ------------------------------------------------------------------------------------- */

static int setup(void **state)
{
	(void)state;
	error = (struct mt_error){0};
	return toy_begin(&toy, arena) || toy_plan(&toy, MT_ACTION_NONE, &error) ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	end_waiter(SIGKILL);
	return toy_end(&toy);
}

static void put(const char *name, const char *bytes)
{
	assert_int_equal(toy_put(&toy, name, bytes), 0);
}

static const char *text(const char *name)
{
	return mt_strz(arena, toy_text(&toy, name));
}

static void all_old(void)
{
	assert_string_equal(text("etc/a.cf"), TOY_A_OLD);
	assert_string_equal(text("etc/b.cf"), TOY_B_OLD);
}

static void all_new(void)
{
	assert_string_equal(text("etc/a.cf"), TOY_A_NEW);
	assert_string_equal(text("etc/b.cf"), TOY_B_NEW);
}

static const char *last_state(void)
{
	struct mt_history *h;
	assert_int_equal(mt_history(&toy.options, &h, &error), 0);
	while (h->next)
		h = h->next;
	return h->state;
}

static void apply_unconfirmed(int64_t ms)
{
	toy.options.confirm_ms = ms;
	if (mt_apply(&toy.plan, &toy.options, &outcome, &error))
		fail_msg("%s: %s", error.where, error.message);
	if (outcome.end != MT_END_UNCONFIRMED)
		fail_msg("%s: %s", mt_end_name(outcome.end), outcome.why);
	assert_int_equal(outcome.exit_code, 0);
	assert_int_equal(strlen(outcome.until), strlen("2026-11-24T09:02:03Z"));
	toy.options.confirm_ms = 0;
}

static void refuses(int failed, const char *says)
{
	assert_int_equal(failed, -1);
	assert_int_equal(error.code, MT_EXIT_FAILED);
	if (!strstr(error.message, says))
		fail_msg("'%s' lacks '%s'", error.message, says);
	error = (struct mt_error){0};
}

static int confirm(const char *id)
{
	return mt_confirm(id, &toy.options, &outcome, &error);
}

/* ---- one after the other ------------------------------------------------------------------------ */

static void confirmed_in_time(void **state)
{
	(void)state;
	char id[MT_TXN_ID];
	apply_unconfirmed(SHORT_MS);
	memcpy(id, outcome.id, sizeof id);
	all_new();
	assert_true(outcome.config);
	assert_string_equal(last_state(), "unconfirmed");
	assert_int_equal(confirm(NULL), 0);
	assert_int_equal(outcome.end, MT_END_CONFIRMED);
	assert_int_equal(outcome.exit_code, 0);
	assert_string_equal(outcome.id, id);
	assert_string_equal(last_state(), "applied");
	gone(SHORT_MS - 100); /* it does not wait for the deadline */
	mt_sleep_ms(SHORT_MS);
	all_new();
	refuses(confirm(id), "confirmed already");
	/* and it is a transaction like others now */
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_UNDONE);
	all_old();
}

static void not_confirmed(void **state)
{
	(void)state;
	char id[MT_TXN_ID];
	apply_unconfirmed(SHORT_MS);
	memcpy(id, outcome.id, sizeof id);
	mt_sleep_ms(SHORT_MS / 2);
	all_new();
	gone(60000);
	all_old();
	assert_string_equal(last_state(), "rolled-back");
	refuses(confirm(id), "too late: it is rolled back");
	refuses(confirm(NULL), "too late: it is rolled back");
	/* it does not stand in the way */
	assert_int_equal(toy_plan(&toy, MT_ACTION_NONE, &error), 0);
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_APPLIED);
	refuses(confirm(mt_strdup(arena, outcome.id)), "not made with --confirm");
}

static void stands_in_the_way(void **state)
{
	(void)state;
	struct mt_pending pending;
	char id[MT_TXN_ID];
	apply_unconfirmed(LONG_MS);
	memcpy(id, outcome.id, sizeof id);
	assert_int_equal(toy_plan(&toy, MT_ACTION_NONE, &error), 0);
	toy.plan.changes = NULL;
	mt_plan_replace(&toy.plan, toy_path(&toy, "etc/a.cf"), MT_STR(TOY_A_NEW),
			MT_STR(TOY_A_OLD));
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), -1);
	assert_string_equal(error.where, id);
	refuses(-1, mt_format(arena, "mtapin confirm %s keeps it, mtapin undo %s", id, id));
	refuses(mt_recover(&toy.options, &outcome, &error), "can be confirmed until");
	assert_true(mt_pending(toy.options.state_dir, &pending));
	assert_string_equal(pending.id, id);
	assert_non_null(strstr(pending.text, "mtapin confirm"));
	refuses(confirm("20261124T090000.123Z-3f9a1c"), "no such transaction");
	refuses(confirm("x"), "not a transaction id");
	all_new();
	toy.options.keep_backups = 0;
	assert_int_equal(confirm(id), 0);
	assert_string_equal(last_state(), "applied"); /* the first of its files */
}

static void nothing_to_confirm(void **state)
{
	(void)state;
	refuses(confirm(NULL), "nothing waits");
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), 0);
	refuses(confirm(NULL), "nothing waits");
}

static void undo_rolls_back_now(void **state)
{
	(void)state;
	apply_unconfirmed(LONG_MS);
	toy.options.propose = true;
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_PROPOSED);
	assert_string_equal(outcome.changes->path, toy_path(&toy, "etc/b.cf"));
	all_new();
	toy.options.propose = false;
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_ROLLED_BACK);
	assert_int_equal(outcome.exit_code, 0);
	assert_true(outcome.config);
	all_old();
	gone(60000);
	assert_string_equal(last_state(), "rolled-back");
	char *id = mt_strdup(arena, outcome.id);
	refuses(mt_undo(id, &toy.options, &outcome, &error), "rolled-back: nothing of it");
}

static void failed_verification_does_not_wait(void **state)
{
	(void)state;
	put("fail-model", "");
	toy.options.confirm_ms = LONG_MS;
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.exit_code, MT_EXIT_PERSON); /* the old model is not found either */
	all_old();
	gone(60000);
}

static void validator_refuses(void **state)
{
	(void)state;
	put("fail-validate", "");
	toy.options.confirm_ms = LONG_MS;
	refuses(mt_apply(&toy.plan, &toy.options, &outcome, &error), "nonsense");
	assert_int_equal(waiter(), 0);
}

/* Refused when the waiter is there already. */
static void interrupted_before_commit(void **state)
{
	(void)state;
	sigset_t set, old;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &set, &old), 0);
	assert_int_equal(raise(SIGTERM), 0);
	toy.options.confirm_ms = LONG_MS;
	refuses(mt_apply(&toy.plan, &toy.options, &outcome, &error), "interrupted");
	assert_int_equal(waitpid(-1, NULL, WNOHANG),
			 -1); /* it was noticed before one was started */
	all_old();
	assert_int_equal(sigtimedwait(&set, NULL, &(struct timespec){0}), SIGTERM);
	assert_int_equal(sigprocmask(SIG_SETMASK, &old, NULL), 0);
}

static void later_edits_stay(void **state)
{
	(void)state;
	apply_unconfirmed(SHORT_MS);
	put("etc/a.cf", "pin = 198.51.100.1\n");
	gone(60000);
	assert_string_equal(text("etc/a.cf"), "pin = 198.51.100.1\n");
	assert_string_equal(text("etc/b.cf"), TOY_B_NEW);
	assert_string_equal(last_state(), "stuck");
	refuses(confirm(NULL), "a person must look");
}

/* ---- what happens to the processes -------------------------------------------------------------- */

/* No terminal, no folder, no file but /dev/null and what has no name. */
static bool holds_nothing(pid_t pid)
{
	const char **names;
	size_t n;
	char target[256] = "";
	if (getsid(pid) == getsid(0) || getpgid(pid) == getpgid(0) || getsid(pid) == pid)
		return false; /* a leader could get a terminal */
	MT_FD fds = open(mt_format(arena, "/proc/%d/fd", (int)pid), O_RDONLY | O_DIRECTORY);
	if (mt_list(arena, fds, &names, &n) != 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		ssize_t k = readlinkat(fds, names[i], target, sizeof target - 1);
		if (k <= 0)
			return false;
		target[k] = '\0';
		bool standard = !names[i][1] && names[i][0] <= '2';
		if (standard ? strcmp(target, "/dev/null") != 0 : target[0] == '/')
			return false;
	}
	return readlink(mt_format(arena, "/proc/%d/cwd", (int)pid), target, sizeof target) == 1;
}

/* It may still be on its way there when fix has ended. */
static void waiter_is_on_its_own(void **state)
{
	(void)state;
	apply_unconfirmed(LONG_MS);
	pid_t pid = waiter();
	assert_true(pid > 0);
	for (int i = 0; i < 600 && !holds_nothing(pid); i++)
		mt_sleep_ms(100);
	assert_true(holds_nothing(pid));
}

static void hangup_does_not_end_it(void **state)
{
	(void)state;
	static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGUSR1, SIGTSTP, SIGALRM};
	apply_unconfirmed(SHORT_MS);
	pid_t pid = waiter();
	for (size_t i = 0; i < MT_ARRAY_LEN(signals); i++)
		assert_int_equal(kill(pid, signals[i]), 0);
	gone(60000);
	all_old();
}

static void recover_after_a_killed_waiter(void **state)
{
	(void)state;
	char id[MT_TXN_ID];
	struct mt_pending pending;
	apply_unconfirmed(SHORT_MS);
	memcpy(id, outcome.id, sizeof id);
	end_waiter(SIGKILL);
	mt_sleep_ms(SHORT_MS + 50);
	all_new();
	refuses(confirm(NULL), "too late: it could be confirmed until 2");
	refuses(confirm(id), "too late: it could be confirmed until 2");
	assert_true(mt_pending(toy.options.state_dir, &pending));
	assert_non_null(strstr(pending.text, "not confirmed in time: mtapin recover"));
	assert_int_equal(mt_recover(&toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_ROLLED_BACK);
	assert_int_equal(outcome.exit_code, 0);
	assert_non_null(strstr(outcome.why, "not confirmed in time"));
	all_old();
}

static void told_to_end(void **state)
{
	(void)state;
	apply_unconfirmed(LONG_MS);
	assert_int_equal(kill(waiter(), SIGTERM), 0);
	gone(60000);
	assert_string_equal(last_state(), "rolled-back");
	all_old();
	refuses(confirm(NULL), "too late: it is rolled back");
}

/* As if the host had been booted: the journal is of another one. */
static void another_boot(void **state)
{
	(void)state;
	apply_unconfirmed(LONG_MS);
	end_waiter(SIGKILL); /* no process outlives a boot */
	/* whole again, with another boot id */
	struct mt_journal journal;
	struct mt_txn txn;
	const char *plan = mt_format(arena, "state/txn/%s/plan", outcome.id);
	assert_int_equal(mt_txn_parse(arena, toy_text(&toy, plan), &txn, &error), 0);
	txn.boot = "another";
	put(plan, mt_strz(arena, mt_txn_write(arena, &txn)));
	put(mt_format(arena, "state/txn/%s/state", outcome.id),
	    mt_strz(arena, mt_state_first(arena, &txn)));
	assert_int_equal(mt_journal_open(arena, toy.options.state_dir, false, &journal, &error), 0);
	assert_int_equal(mt_journal_state(&journal, &txn, MT_TXN_UNCONFIRMED, &error), 0);
	mt_journal_close(&journal);
	refuses(confirm(NULL), "the host was booted since");
	assert_int_equal(mt_recover(&toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_ROLLED_BACK);
	all_old();
	assert_int_equal(waiter(), 0);
}

/* What the hook runs at boot, in a container whose kernel has not booted: there is time left. */
static void booted(void **state)
{
	(void)state;
	apply_unconfirmed(LONG_MS);
	refuses(mt_recover(&toy.options, &outcome, &error), "can be confirmed until");
	toy.options.booted = true;
	assert_int_equal(mt_recover(&toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_ROLLED_BACK);
	all_old();
	gone(60000);
}

/* The first look, after COMMIT, kills the process that applies. */
static int kill_applier(void *data, struct mt_arena *a, struct mt_snapshot **s, struct mt_error *e)
{
	struct toy *t = data;
	if (access(toy_path(t, "killed"), F_OK) != 0) {
		close(open(toy_path(t, "killed"), O_CREAT | O_WRONLY, 0600));
		kill(getppid(), SIGKILL);
		_exit(0);
	}
	toy_init(t, a, t->dir);
	return t->options.recollect(t, a, s, e);
}

static void applier_is_killed(void **state)
{
	(void)state;
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		toy.options.recollect = kill_applier;
		toy.options.confirm_ms = SHORT_MS;
		(void)!mt_apply(&toy.plan, &toy.options, &outcome, &error);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	all_new();
	assert_string_equal(last_state(), "pending");
	refuses(confirm(NULL), "cut off before it was verified");
	while (strcmp(last_state(), "pending") == 0)
		mt_sleep_ms(10);
	all_old();
	assert_string_equal(last_state(), "rolled-back");
	while (waitpid(-1, &status, 0) > 0)
		;
}

/* ---- the race ----------------------------------------------------------------------------------- */

static void confirm_races_the_deadline(void **state)
{
	unsigned kept = 0, reverted = 0;
	for (int i = 0; i < ROUNDS; i++) {
		toy.options.confirm_ms = 0;
		if (i) {
			assert_int_equal(teardown(state), 0);
			assert_int_equal(setup(state), 0);
		}
		apply_unconfirmed(60);
		mt_sleep_ms(45 + (unsigned)i % 20);
		bool confirmed = confirm(NULL) == 0;
		gone(60000);
		if (confirmed)
			all_new();
		else
			all_old();
		assert_string_equal(last_state(), confirmed ? "applied" : "rolled-back");
		kept += confirmed;
		reverted += !confirmed;
		if (!confirmed)
			refuses(-1, "too late");
	}
	print_message("# %u confirmed, %u rolled back\n", kept, reverted);
	assert_int_equal(kept + reverted, ROUNDS);
}

/* Confirm, undo and the deadline at the same moment. */
static void three_at_once(void **state)
{
	for (int i = 0; i < ROUNDS / 2; i++) {
		int status;
		if (i) {
			assert_int_equal(teardown(state), 0);
			assert_int_equal(setup(state), 0);
		}
		apply_unconfirmed(60);
		char id[MT_TXN_ID];
		memcpy(id, outcome.id, sizeof id);
		pid_t pid = fork();
		if (pid == 0) {
			mt_sleep_ms(55);
			bool undone = mt_undo(id, &toy.options, &outcome, &error) == 0;
			_exit(!undone);
		}
		mt_sleep_ms(50 + (unsigned)i % 10);
		bool confirmed = confirm(id) == 0;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		bool undone = WIFEXITED(status) && WEXITSTATUS(status) == 0;
		gone(60000);
		/* an undo after confirm is an undo of what is applied, and says so */
		if (confirmed && !undone)
			all_new();
		else
			all_old();
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(confirmed_in_time),
		TEST(not_confirmed),
		TEST(stands_in_the_way),
		TEST(nothing_to_confirm),
		TEST(undo_rolls_back_now),
		TEST(failed_verification_does_not_wait),
		TEST(validator_refuses),
		TEST(interrupted_before_commit),
		TEST(later_edits_stay),
		TEST(waiter_is_on_its_own),
		TEST(hangup_does_not_end_it),
		TEST(recover_after_a_killed_waiter),
		TEST(told_to_end),
		TEST(another_boot),
		TEST(booted),
		TEST(applier_is_killed),
		TEST(confirm_races_the_deadline),
		TEST(three_at_once),
	};
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	arena = mt_arena_new((size_t)256 << 20);
	int failed = cmocka_run_group_tests_name("confirm", tests, NULL, NULL);
	mt_arena_free(arena);
	return failed;
}
