/* SPDX-License-Identifier: ISC */
/* apply.c: the transaction without a daemon: all or nothing, and nothing left behind. */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply/toy.h"
#include "io/sys/fs.h"
#include "io/file/lock.h"

static struct mt_arena *arena;
static struct toy toy;
static struct mt_outcome outcome;
static struct mt_error error;

static int setup(void **state)
{
	(void)state;
	error = (struct mt_error){0};
	return toy_begin(&toy, arena) || toy_plan(&toy, MT_ACTION_NONE, &error) ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	return toy_end(&toy);
}

static void put(const char *name, const char *bytes)
{
	assert_int_equal(toy_put(&toy, name, bytes), 0);
}

static void holds(const char *name, const char *bytes)
{
	assert_str(toy_text(&toy, name), bytes);
}

/* Only the two files are in etc, and the journal holds nothing but whole transactions. */
static void tidy(unsigned transactions)
{
	const char **names;
	size_t n;
	MT_FD etc = open(toy_path(&toy, "etc"), O_RDONLY | O_DIRECTORY);
	assert_int_equal(mt_list(arena, etc, &names, &n), 0);
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], "a.cf") != 0 && strcmp(names[i], "b.cf") != 0)
			fail_msg("left behind: %s", names[i]);
	MT_FD txn = open(toy_path(&toy, "state/txn"), O_RDONLY | O_DIRECTORY);
	assert_int_equal(mt_list(arena, txn, &names, &n), 0);
	assert_int_equal(n, transactions);
	for (size_t i = 0; i < n; i++)
		assert_int_not_equal(names[i][0], '.');
}

static void all_old(void)
{
	holds("etc/a.cf", TOY_A_OLD);
	holds("etc/b.cf", TOY_B_OLD);
}

static void all_new(void)
{
	holds("etc/a.cf", TOY_A_NEW);
	holds("etc/b.cf", TOY_B_NEW);
}

static void apply_well(void)
{
	if (mt_apply(&toy.plan, &toy.options, &outcome, &error))
		fail_msg("%s: %s", error.where, error.message);
	if (outcome.end != MT_END_APPLIED)
		fail_msg("%s: %s", mt_end_name(outcome.end), outcome.why);
	assert_int_equal(outcome.exit_code, 0);
}

static void refused(const char *says)
{
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), -1);
	assert_int_equal(error.code, MT_EXIT_FAILED);
	if (!strstr(error.message, says))
		fail_msg("'%s' lacks '%s'", error.message, says);
}

static void applied(void **state)
{
	(void)state;
	struct stat st;
	apply_well();
	all_new();
	tidy(1);
	assert_true(outcome.config);
	assert_false(outcome.service);
	assert_string_equal(outcome.files->path, toy_path(&toy, "etc/a.cf"));
	assert_int_equal(outcome.files->outcome, MT_FILE_CHANGED);
	assert_int_equal(outcome.files->next->outcome, MT_FILE_CHANGED);
	assert_null(outcome.files->next->next);
	assert_int_equal(stat(toy_path(&toy, "etc/a.cf"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(stat(toy_path(&toy, "state"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	const char *txn = mt_format(arena, "state/txn/%s", outcome.id);
	holds(mt_format(arena, "%s/0.before", txn), TOY_A_OLD);
	holds(mt_format(arena, "%s/1.before", txn), TOY_B_OLD);
}

static void second_run_touches_nothing(void **state)
{
	(void)state;
	struct stat before, after;
	apply_well();
	assert_int_equal(stat(toy_path(&toy, "etc/a.cf"), &before), 0);
	assert_int_equal(toy_plan(&toy, MT_ACTION_NONE, &error), 0);
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_UNCHANGED);
	assert_int_equal(outcome.exit_code, 0);
	assert_string_equal(outcome.id, "");
	assert_int_equal(outcome.files->outcome, MT_FILE_UNCHANGED);
	assert_int_equal(stat(toy_path(&toy, "etc/a.cf"), &after), 0);
	assert_memory_equal(&before, &after, sizeof before);
	tidy(1);
}

static void validator_refuses(void **state)
{
	(void)state;
	put("fail-validate", "");
	refused("etc/a.cf, line 2: nonsense");
	assert_null(strstr(error.message, "state"));
	all_old();
	tidy(0);
}

static void edited_since_the_plan(void **state)
{
	(void)state;
	put("etc/b.cf", "theirs\n");
	refused("changed since");
	holds("etc/a.cf", TOY_A_OLD);
	holds("etc/b.cf", "theirs\n");
	tidy(0);
}

/* Between the validation and the commit: nothing of ours is there, so nobody must look. */
static void edited_at_the_last_moment(void **state)
{
	(void)state;
	const char *edit = toy_path(&toy, "edit");
	struct mt_command_line *last = MT_NEW(arena, struct mt_command_line);
	put("edit", mt_format(arena, "#!/bin/sh\nprintf '\\n# theirs\\n' >>'%s'\n",
			      toy_path(&toy, "etc/b.cf")));
	assert_int_equal(chmod(edit, 0755), 0);
	last->argv[0] = edit;
	toy.plan.validators->next = last;
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), 0);
	if (outcome.end != MT_END_ROLLED_BACK)
		fail_msg("%s: %s", mt_end_name(outcome.end), outcome.why);
	assert_int_equal(outcome.exit_code, MT_EXIT_FAILED);
	assert_non_null(strstr(outcome.why, "left as it is"));
	holds("etc/a.cf", TOY_A_OLD);
	holds("etc/b.cf", TOY_B_OLD "\n# theirs\n");
	tidy(1);
}

static void wrong_model_rolls_back(void **state)
{
	(void)state;
	put("fail-model", "");
	/* the old model is not found either: a person must look, but the bytes are back */
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_STUCK);
	assert_int_equal(outcome.exit_code, MT_EXIT_PERSON);
	assert_non_null(strstr(outcome.why, "out IPv4 is 192.0.2.9, not 192.0.2.2"));
	assert_non_null(strstr(outcome.why, "the old files are back"));
	all_old();
	tidy(1);
}

static int fails(void *data, struct mt_arena *a, struct mt_snapshot **s, struct mt_error *e)
{
	(void)data;
	(void)a;
	(void)s;
	return mt_fail(e, MT_EXIT_FAILED, "", "the line is dead");
}

static void no_answer_rolls_back(void **state)
{
	(void)state;
	toy.options.recollect = fails;
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), 0);
	assert_non_null(strstr(outcome.why, "the line is dead"));
	all_old();
}

static int die(void *data, struct mt_arena *a, struct mt_snapshot **s, struct mt_error *e)
{
	struct toy *t = data;
	/* the first look dies, the one after the rollback does not */
	if (access(toy_path(t, "died"), F_OK) == 0) {
		toy_init(t, a, t->dir);
		return t->options.recollect(t, a, s, e);
	}
	close(open(toy_path(t, "died"), O_CREAT | O_WRONLY, 0600));
	mt_out_of_memory();
}

static void death_of_the_child_rolls_back(void **state)
{
	(void)state;
	toy.options.recollect = die;
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), 0);
	if (outcome.end != MT_END_ROLLED_BACK)
		fail_msg("%s: %s", mt_end_name(outcome.end), outcome.why);
	assert_int_equal(outcome.exit_code, MT_EXIT_FAILED);
	assert_true(outcome.config);
	assert_int_equal(outcome.files->outcome, MT_FILE_ROLLED_BACK);
	all_old();
	tidy(1);
	/* and it does not stand in the way */
	toy_init(&toy, arena, toy.dir);
	assert_int_equal(toy_plan(&toy, MT_ACTION_NONE, &error), 0);
	apply_well();
	all_new();
}

static int exchange(void *data, struct mt_arena *a, struct mt_snapshot **s, struct mt_error *e)
{
	struct toy *t = data;
	if (renameat2(AT_FDCWD, toy_path(t, "etc"), AT_FDCWD, toy_path(t, "other"),
		      RENAME_EXCHANGE))
		abort();
	return fails(data, a, s, e);
}

/* What is under the name now was never ours, and ours is elsewhere: that is not "as before". */
static void folder_exchanged_after_commit(void **state)
{
	(void)state;
	assert_int_equal(mkdir(toy_path(&toy, "other"), 0755), 0);
	put("other/a.cf", TOY_A_OLD);
	put("other/b.cf", TOY_B_OLD);
	toy.options.recollect = exchange;
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.exit_code, MT_EXIT_PERSON);
	if (!strstr(outcome.why, "another folder now"))
		fail_msg("%s", outcome.why);
	all_old();
	holds("other/a.cf", TOY_A_NEW);
}

static void undo_restores_the_bytes(void **state)
{
	(void)state;
	struct stat st;
	apply_well();
	char id[MT_TXN_ID];
	memcpy(id, outcome.id, sizeof id);
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	if (outcome.end != MT_END_UNDONE)
		fail_msg("%s: %s", mt_end_name(outcome.end), outcome.why);
	assert_int_equal(outcome.exit_code, 0);
	assert_true(outcome.config);
	all_old();
	assert_int_equal(stat(toy_path(&toy, "etc/a.cf"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	tidy(2);
	/* once is enough */
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), -1);
	assert_non_null(strstr(error.message, "nothing to undo: every change"));
	error = (struct mt_error){0};
	assert_int_equal(mt_undo(id, &toy.options, &outcome, &error), -1);
	assert_non_null(strstr(error.message, "undone already"));
}

static void undo_of_undo_is_redo(void **state)
{
	(void)state;
	apply_well();
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	char id[MT_TXN_ID];
	memcpy(id, outcome.id, sizeof id);
	assert_int_equal(mt_undo(id, &toy.options, &outcome, &error), 0);
	all_new();
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	all_old();
}

static void undo_proposes(void **state)
{
	(void)state;
	apply_well();
	toy.options.propose = true;
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_PROPOSED);
	assert_int_equal(outcome.exit_code, MT_EXIT_CHANGE);
	all_new();
	const struct mt_change *c = outcome.changes; /* last committed first */
	assert_string_equal(c->path, toy_path(&toy, "etc/b.cf"));
	struct mt_str diff = mt_diff(arena, c->next);
	assert_non_null(strstr(mt_strz(arena, diff), "-pin = 192.0.2.2\n+pin = 192.0.2.1\n"));
}

static void undo_keeps_later_edits_elsewhere(void **state)
{
	(void)state;
	apply_well();
	put("etc/a.cf", TOY_A_NEW "theirs = 1\n");
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_UNDONE);
	holds("etc/a.cf", TOY_A_OLD "theirs = 1\n");
	holds("etc/b.cf", TOY_B_OLD);
	assert_non_null(strstr(mt_message_english(arena, outcome.remarks), "only our lines"));
}

static void undo_never_overwrites_a_later_edit(void **state)
{
	(void)state;
	apply_well();
	put("etc/a.cf", "pin = 198.51.100.1\n");
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_STUCK);
	assert_int_equal(outcome.exit_code, MT_EXIT_PERSON);
	holds("etc/a.cf", "pin = 198.51.100.1\n");
	holds("etc/b.cf", TOY_B_NEW); /* not even the other file */
	tidy(1);
}

static void created_file_is_unlinked_by_undo(void **state)
{
	(void)state;
	struct mt_edit edit = {.text = MT_STR("192.0.2.1\n")};
	struct mt_change create = {
		.path = toy_path(&toy, "etc/b.cf"), .create = true, .mode = 0644, .edits = &edit};
	create.after = edit.text;
	assert_int_equal(unlink(toy_path(&toy, "etc/b.cf")), 0);
	toy.plan.changes = &create;
	toy.plan.validators = NULL;
	toy.options.recollect = NULL;
	apply_well();
	holds("etc/b.cf", "192.0.2.1\n");
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_UNDONE);
	assert_int_equal(access(toy_path(&toy, "etc/b.cf"), F_OK), -1);
	/* redo makes it again */
	char id[MT_TXN_ID];
	memcpy(id, outcome.id, sizeof id);
	assert_int_equal(mt_undo(id, &toy.options, &outcome, &error), 0);
	holds("etc/b.cf", "192.0.2.1\n");
	/* and what somebody wrote into it is not thrown away */
	put("etc/b.cf", "theirs\n");
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_STUCK);
	holds("etc/b.cf", "theirs\n");
}

static void is_owned(const char *name, mode_t mode, uid_t uid, gid_t gid)
{
	struct stat st;
	assert_int_equal(stat(toy_path(&toy, name), &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
	if (geteuid() != 0)
		return;
	assert_int_equal(st.st_uid, uid);
	assert_int_equal(st.st_gid, gid);
}

static void give(const char *name, mode_t mode, uid_t uid, gid_t gid)
{
	if (geteuid() == 0)
		assert_int_equal(chown(toy_path(&toy, name), uid, gid), 0);
	assert_int_equal(chmod(toy_path(&toy, name), mode), 0);
}

static void created_file_has_its_owner(void **state)
{
	(void)state;
	struct mt_item like = {.uid = geteuid() ? (long)geteuid() : 4711,
			       .gid = geteuid() ? (long)getegid() : 4712};
	toy.plan.changes = NULL;
	mt_plan_create(&toy.plan, toy_path(&toy, "etc/c.cf"), MT_STR("192.0.2.1\n"), &like);
	toy.plan.validators = NULL;
	toy.options.recollect = NULL;
	mode_t old = umask(077);
	apply_well();
	umask(old);
	holds("etc/c.cf", "192.0.2.1\n");
	is_owned("etc/c.cf", 0644, 4711, 4712);
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	assert_int_equal(access(toy_path(&toy, "etc/c.cf"), F_OK), -1);
	char id[MT_TXN_ID];
	memcpy(id, outcome.id, sizeof id);
	assert_int_equal(mt_undo(id, &toy.options, &outcome, &error), 0);
	is_owned("etc/c.cf", 0644, 4711, 4712);
}

static void removed_file_comes_back_as_it_was(void **state)
{
	(void)state;
	struct mt_item nobody = {.uid = -1, .gid = -1};
	put("etc/c.cf", "192.0.2.1\n");
	give("etc/c.cf", 0640, 4711, 4712);
	toy.plan.changes = NULL;
	mt_plan_remove(&toy.plan, toy_path(&toy, "etc/c.cf"), MT_STR("192.0.2.1\n"));
	mt_plan_create(&toy.plan, toy_path(&toy, "etc/d.cf"), MT_STR("d\n"), &nobody);
	mt_sha256_hex(MT_STR("192.0.2.1\n"), toy.plan.changes->sha_before);
	toy.plan.validators = NULL;
	toy.options.recollect = NULL;
	apply_well();
	assert_int_equal(access(toy_path(&toy, "etc/c.cf"), F_OK), -1);
	holds("etc/d.cf", "d\n");
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_UNDONE);
	holds("etc/c.cf", "192.0.2.1\n");
	is_owned("etc/c.cf", 0640, 4711, 4712);
	assert_int_equal(access(toy_path(&toy, "etc/d.cf"), F_OK), -1);
}

/* A file that the first change made goes away again when the second one fails. */
static void created_file_is_unlinked_by_rollback(void **state)
{
	(void)state;
	struct mt_item nobody = {.uid = -1, .gid = -1};
	put("etc/c.cf", "old\n");
	give("etc/c.cf", 0600, 4711, 4712);
	mt_plan_create(&toy.plan, toy_path(&toy, "etc/d.cf"), MT_STR("d\n"), &nobody);
	mt_plan_remove(&toy.plan, toy_path(&toy, "etc/c.cf"), MT_STR("old\n"));
	put("fail-model", "");
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_STUCK); /* the toy finds neither model */
	assert_int_equal(access(toy_path(&toy, "etc/d.cf"), F_OK), -1);
	holds("etc/c.cf", "old\n");
	is_owned("etc/c.cf", 0600, 4711, 4712);
}

/* The folder that a plan has made goes with the file, unless somebody uses it by now or it was there before. */
static void folder_goes_with_its_file(void **state)
{
	(void)state;
	struct mt_item nobody = {.uid = -1, .gid = -1};
	struct stat st;
	toy.plan.changes = NULL;
	mt_plan_create(&toy.plan, toy_path(&toy, "etc/new.d/pin.cf"), MT_STR("pin\n"), &nobody)
		->folder = true;
	toy.plan.validators = NULL;
	toy.options.recollect = NULL;
	mode_t old = umask(077);
	apply_well();
	umask(old);
	holds("etc/new.d/pin.cf", "pin\n");
	assert_int_equal(stat(toy_path(&toy, "etc/new.d"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_UNDONE);
	assert_int_equal(access(toy_path(&toy, "etc/new.d"), F_OK), -1);
	apply_well();
	put("etc/new.d/theirs.cf", "theirs\n");
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	assert_int_equal(access(toy_path(&toy, "etc/new.d/pin.cf"), F_OK), -1);
	holds("etc/new.d/theirs.cf", "theirs\n");
	assert_int_equal(unlink(toy_path(&toy, "etc/new.d/theirs.cf")), 0);
	apply_well();
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	assert_int_equal(access(toy_path(&toy, "etc/new.d"), F_OK),
			 0); /* it was not made this time */
}

static void folder_that_cannot_be_made(void **state)
{
	(void)state;
	struct mt_item nobody = {.uid = -1, .gid = -1};
	toy.plan.changes = NULL;
	mt_plan_create(&toy.plan, toy_path(&toy, "etc/none/new.d/pin.cf"), MT_STR("pin\n"), &nobody)
		->folder = true;
	toy.plan.validators = NULL;
	refused("cannot be made: No such file or directory");
	tidy(0);
}

static void damaged_backup_is_not_used(void **state)
{
	(void)state;
	apply_well();
	put(mt_format(arena, "state/txn/%s/0.before", outcome.id), "rubbish");
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_STUCK);
	assert_int_equal(outcome.exit_code, MT_EXIT_PERSON);
	assert_non_null(strstr(outcome.why, "cannot be trusted"));
	all_new();
}

static void busy_lock_is_honest(void **state)
{
	(void)state;
	assert_int_equal(mkdir(toy_path(&toy, "state"), 0700), 0);
	MT_FD own = open(toy_path(&toy, "state/lock"), O_RDWR | O_CREAT, 0600);
	assert_int_equal(flock(own, LOCK_EX), 0);
	refused("another mtapin");
	all_old();
}

/* What postconf -e does: it waits for the lock file, and we for it. */
static void count_up(void *data, const char *what)
{
	assert_non_null(strstr(what, "another mtapin"));
	++*(unsigned *)data;
}

static void long_wait_for_the_lock_is_told(void **state)
{
	(void)state;
	unsigned said = 0;
	struct mt_lock *lock = NULL;
	MT_FD dir = open(toy_path(&toy, "."), O_RDONLY | O_DIRECTORY);
	MT_FD other = open(toy_path(&toy, "lock"), O_RDWR | O_CREAT, 0600);
	assert_int_equal(flock(other, LOCK_EX), 0);
	struct mt_lock_wait wait = {dir, MT_SLOW_MS + 500, {count_up, &said}};
	assert_int_equal(mt_lock_own(arena, wait, &lock, &error), -1);
	assert_string_equal(error.message, "another mtapin is changing this host");
	assert_int_equal(said, 1);
}

static void lock_file_of_the_mta(void **state)
{
	(void)state;
	struct stat st;
	const char *path = toy_path(&toy, "etc/a.cf.tmp");
	MT_FD theirs = open(path, O_RDWR | O_CREAT, 0600);
	assert_int_equal(flock(theirs, LOCK_EX), 0);
	pid_t pid = fork();
	if (pid == 0) {
		usleep(300000);
		/* it is done: the temporary became the file's successor */
		_exit(rename(path, toy_path(&toy, "moved")) != 0);
	}
	mt_fd_close(&theirs); /* the child's copy keeps the lock until it ends */
	apply_well();
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	all_new();
	assert_int_equal(stat(path, &st), -1);
}

static void held_lock_file_is_refused(void **state)
{
	(void)state;
	MT_FD theirs = open(toy_path(&toy, "etc/a.cf.tmp"), O_RDWR | O_CREAT, 0600);
	assert_int_equal(flock(theirs, LOCK_EX), 0);
	refused("somebody else is editing");
	all_old();
}

static void leave_lock_file(void)
{
	put("etc/a.cf.tmp", "");
	assert_int_equal(chmod(toy_path(&toy, "etc/a.cf.tmp"), 0600), 0);
}

/* By a run that could not remove it: where nothing is to be done it is cleared away all the same. */
static void lock_file_left_behind(void **state)
{
	(void)state;
	apply_well();
	leave_lock_file();
	assert_int_equal(mt_recover(&toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_UNCHANGED);
	tidy(1);
	leave_lock_file();
	assert_int_equal(toy_plan(&toy, MT_ACTION_NONE, &error), 0);
	toy.plan.locks = NULL;
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_UNCHANGED);
	tidy(1);
}

/* Killed with the lock files and before the journal knew of it. */
static void killed_with_lock_files(void **state)
{
	(void)state;
	assert_int_equal(mkdir(toy_path(&toy, "state"), 0700), 0);
	MT_FD held = open(toy_path(&toy, "etc/a.cf.tmp"), O_RDWR | O_CREAT, 0600);
	assert_int_equal(flock(held, LOCK_EX), 0);
	pid_t pid = fork();
	if (pid == 0) {
		(void)!mt_apply(&toy.plan, &toy.options, &outcome, &error);
		_exit(0);
	}
	usleep(500000); /* it waits for the lock */
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(flock(held, LOCK_UN), 0);
	assert_int_equal(mt_recover(&toy.options, &outcome, &error), 0);
	tidy(0);
}

static void planted_lock_file(void **state)
{
	(void)state;
	put("victim", "secret\n");
	assert_int_equal(symlink(toy_path(&toy, "victim"), toy_path(&toy, "etc/a.cf.tmp")), 0);
	refused("lock file");
	holds("victim", "secret\n");
	assert_int_equal(unlink(toy_path(&toy, "etc/a.cf.tmp")), 0);
	/* a hard link, or what a killed postconf left, is cleared away */
	assert_int_equal(link(toy_path(&toy, "victim"), toy_path(&toy, "etc/a.cf.tmp")), 0);
	error = (struct mt_error){0};
	apply_well();
	holds("victim", "secret\n");
	tidy(1);
}

static void state_folder_of_others_is_refused(void **state)
{
	(void)state;
	assert_int_equal(mkdir(toy_path(&toy, "state"), 0700), 0);
	assert_int_equal(chmod(toy_path(&toy, "state"), 0777), 0);
	refused("backups are not safe");
	all_old();
}

/* A signal that comes early ends it before anything is changed, and cleanly. */
static mode_t mode_of(const char *name)
{
	struct stat st;
	return stat(toy_path(&toy, name), &st) < 0 ? 0 : st.st_mode & 07777;
}

/* As on a host on which nothing was ever installed by a package. */
static void state_folder_is_made_with_those_above(void **state)
{
	(void)state;
	mode_t old = umask(077);
	toy.options.state_dir = toy_path(&toy, "var/lib/state");
	apply_well();
	umask(old);
	assert_int_equal(mode_of("var/lib/state"), 0700);
	assert_int_equal(mode_of("var"), 0755 & ~077);
}

static void state_folder_is_not_made_below_others(void **state)
{
	(void)state;
	assert_int_equal(mkdir(toy_path(&toy, "var"), 0755), 0);
	assert_int_equal(chmod(toy_path(&toy, "var"), 0777), 0);
	toy.options.state_dir = toy_path(&toy, "var/lib/state");
	refused("is not made below it");
	assert_int_equal(mode_of("var/lib"), 0);
	all_old();
}

static void interrupted_before_commit(void **state)
{
	(void)state;
	sigset_t set, old;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &set, &old), 0);
	assert_int_equal(raise(SIGTERM), 0);
	refused("interrupted");
	all_old();
	tidy(0);
	assert_int_equal(sigtimedwait(&set, NULL, &(struct timespec){0}), SIGTERM);
	assert_int_equal(sigprocmask(SIG_SETMASK, &old, NULL), 0);
}

static void first_and_last_backups_stay(void **state)
{
	(void)state;
	struct mt_history *h;
	char first[MT_TXN_ID], third[MT_TXN_ID] = "";
	toy.options.keep_backups = 2;
	toy.options.recollect = NULL;
	for (int i = 0; i < 5; i++) {
		if (i % 2 == 0)
			apply_well();
		else
			assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
		if (i == 0)
			memcpy(first, outcome.id, sizeof first);
		if (i == 3)
			memcpy(third, outcome.id, sizeof third);
	}
	assert_int_equal(mt_history(&toy.options, &h, &error), 0);
	assert_string_equal(h->id, first);
	assert_string_equal(h->next->id, third);
	assert_string_equal(h->next->next->id, outcome.id);
	assert_null(h->next->next->next);
	holds(mt_format(arena, "state/txn/%s/0.before", first), TOY_A_OLD);
}

static void history_tells(void **state)
{
	(void)state;
	struct mt_history *h;
	assert_int_equal(mt_history(&toy.options, &h, &error), 0);
	assert_null(h);
	setenv("SUDO_USER", "alice", 1);
	apply_well();
	unsetenv("SUDO_USER");
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), 0);
	assert_int_equal(mt_history(&toy.options, &h, &error), 0);
	assert_string_equal(h->state, "undone");
	assert_string_equal(h->who, "alice");
	assert_string_equal(h->command, "toy fix");
	assert_string_equal(h->summary, "out IPv4 192.0.2.1 -> 192.0.2.2; "
					"out IPv6 2001:db8::1 -> 2001:db8::2");
	assert_string_equal(h->paths[1], toy_path(&toy, "etc/b.cf"));
	assert_string_equal(h->next->kind, "undo");
	assert_string_equal(h->next->state, "applied");
}

static void addresses_that_went_away(void **state)
{
	(void)state;
	toy.goal.family[0].pin = MT_PIN_ADDRESS;
	assert_true(mt_addr_parse(MT_STR("192.0.2.254"), &toy.goal.family[0].addr));
	refused("cannot send from it");
	all_old();
	error = (struct mt_error){0};
	assert_true(mt_addr_parse(MT_STR("127.0.0.1"), &toy.goal.family[0].addr));
	apply_well();
}

static void nothing_pending(void **state)
{
	(void)state;
	struct mt_pending pending;
	assert_false(mt_pending(toy.options.state_dir, &pending));
	assert_int_equal(mt_recover(&toy.options, &outcome, &error), 0);
	assert_int_equal(outcome.end, MT_END_UNCHANGED);
	assert_int_equal(outcome.exit_code, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(applied),
		TEST(second_run_touches_nothing),
		TEST(validator_refuses),
		TEST(edited_since_the_plan),
		TEST(edited_at_the_last_moment),
		TEST(wrong_model_rolls_back),
		TEST(no_answer_rolls_back),
		TEST(death_of_the_child_rolls_back),
		TEST(folder_exchanged_after_commit),
		TEST(undo_restores_the_bytes),
		TEST(undo_of_undo_is_redo),
		TEST(undo_proposes),
		TEST(undo_keeps_later_edits_elsewhere),
		TEST(undo_never_overwrites_a_later_edit),
		TEST(created_file_is_unlinked_by_undo),
		TEST(created_file_has_its_owner),
		TEST(removed_file_comes_back_as_it_was),
		TEST(created_file_is_unlinked_by_rollback),
		TEST(folder_goes_with_its_file),
		TEST(folder_that_cannot_be_made),
		TEST(damaged_backup_is_not_used),
		TEST(busy_lock_is_honest),
		TEST(long_wait_for_the_lock_is_told),
		TEST(lock_file_of_the_mta),
		TEST(held_lock_file_is_refused),
		TEST(lock_file_left_behind),
		TEST(killed_with_lock_files),
		TEST(planted_lock_file),
		TEST(state_folder_of_others_is_refused),
		TEST(state_folder_is_made_with_those_above),
		TEST(state_folder_is_not_made_below_others),
		TEST(interrupted_before_commit),
		TEST(first_and_last_backups_stay),
		TEST(history_tells),
		TEST(addresses_that_went_away),
		TEST(nothing_pending),
	};
	arena = mt_arena_new((size_t)256 << 20);
	int failed = cmocka_run_group_tests_name("apply", tests, NULL, NULL);
	mt_arena_free(arena);
	return failed;
}
