/* SPDX-License-Identifier: ISC */
/* build.c and the engine around it, on a toy whose third file is made of the other two. */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply/toy.h"
#include "io/sys/fs.h"

static struct mt_arena *arena;
static struct toy toy;
static struct mt_outcome outcome;
static struct mt_error error;

/* ---- what there is ------------------------------------------------------------------------------ */

static void plan(void)
{
	if (toy_plan(&toy, MT_ACTION_NONE, &error))
		fail_msg("%s: %s", error.where, error.message);
}

static void begin(const char *how)
{
	error = (struct mt_error){0};
	assert_int_equal(toy_begin(&toy, arena), 0);
	assert_int_equal(toy_make_build(toy.dir, how), 0);
	plan();
}

static int setup_print(void **state)
{
	(void)state;
	begin("print");
	return 0;
}

static int setup_live(void **state)
{
	(void)state;
	begin("live");
	return 0;
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

/* No copy and no temporary is left, and the journal holds so many transactions. */
static void tidy(unsigned transactions)
{
	static const char *const folders[] = {"etc", "var"};
	const char **names;
	size_t n;
	for (size_t f = 0; f < MT_ARRAY_LEN(folders); f++) {
		MT_FD dir = open(toy_path(&toy, folders[f]), O_RDONLY | O_DIRECTORY);
		assert_int_equal(mt_list(arena, dir, &names, &n), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_not_equal(names[i][0], '.');
	}
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
	holds("var/all.cf", TOY_A_OLD TOY_B_OLD);
}

static void all_new(void)
{
	holds("etc/a.cf", TOY_A_NEW);
	holds("etc/b.cf", TOY_B_NEW);
	holds("var/all.cf", TOY_A_NEW TOY_B_NEW);
}

static void ended(int failed, enum mt_end end)
{
	if (failed)
		fail_msg("%s: %s", error.where, error.message);
	if (outcome.end != end)
		fail_msg("%s, not %s: %s", mt_end_name(outcome.end), mt_end_name(end), outcome.why);
}

static void apply(enum mt_end end)
{
	ended(mt_apply(&toy.plan, &toy.options, &outcome, &error), end);
}

static void undo(enum mt_end end)
{
	error = (struct mt_error){0};
	ended(mt_undo(NULL, &toy.options, &outcome, &error), end);
}

static void says(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' lacks '%s'", text, part);
}

static void refused(const char *part)
{
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), -1);
	assert_int_equal(error.code, MT_EXIT_FAILED);
	says(error.message, part);
	assert_null(strstr(error.message, "state/txn"));
}

/* ---- forth and back ----------------------------------------------------------------------------- */

static void is_made_and_taken_back(const char *run)
{
	struct stat before, after;
	assert_int_equal(chmod(toy_path(&toy, "var/all.cf"), 0640), 0);
	apply(MT_END_APPLIED);
	all_new();
	tidy(1);
	holds("said", run);
	assert_string_equal(outcome.files->next->next->path, toy_path(&toy, "var/all.cf"));
	assert_int_equal(outcome.files->next->next->outcome, MT_FILE_CHANGED);
	assert_true(outcome.config);
	assert_int_equal(stat(toy_path(&toy, "var/all.cf"), &before), 0);
	assert_int_equal(before.st_mode & 07777, 0640);
	/* a second run changes nothing */
	plan();
	apply(MT_END_UNCHANGED);
	assert_int_equal(stat(toy_path(&toy, "var/all.cf"), &after), 0);
	assert_memory_equal(&before, &after, sizeof before);
	undo(MT_END_UNDONE);
	all_old();
	tidy(2);
}

static void printed(void **state)
{
	(void)state;
	is_made_and_taken_back("");
}

static void made_in_place(void **state)
{
	(void)state;
	is_made_and_taken_back("private\nprivate\nlive\n");
	holds("said", "private\nprivate\nlive\nprivate\nprivate\nlive\n");
}

/* It is configuration, not service. */
static void no_service_makes_it_too(void **state)
{
	(void)state;
	toy.goal.no_service = true;
	apply(MT_END_APPLIED);
	all_new();
	toy.options.no_service = true;
	undo(MT_END_UNDONE);
	all_old();
}

static void absent_before_is_absent_again(void **state)
{
	(void)state;
	assert_int_equal(unlink(toy_path(&toy, "var/all.cf")), 0);
	plan();
	apply(MT_END_APPLIED);
	all_new();
	undo(MT_END_UNDONE);
	assert_int_equal(access(toy_path(&toy, "var/all.cf"), F_OK), -1);
	holds("etc/a.cf", TOY_A_OLD);
}

static void knows_no_other_place(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip(); /* a mount namespace is root's */
	apply(MT_END_APPLIED);
	all_new();
	holds("said", "private\nprivate\nlive\n");
	undo(MT_END_UNDONE);
	all_old();
}

static int setup_mounted(void **state)
{
	(void)state;
	begin("mounted");
	return 0;
}

/* What the files say may be executed by it: by somebody who can only read. */
static void as_another_user(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(toy.dir, 0755), 0);
	put("build", "user");
	plan();
	refused("Permission denied");
	all_old();
	tidy(0);
	error = (struct mt_error){0};
	assert_int_equal(chmod(toy_path(&toy, "etc/a.cf"), 0644), 0);
	apply(MT_END_APPLIED);
	all_new();
}

/* ---- refused before COMMIT ---------------------------------------------------------------------- */

static void private_run_fails(void **state)
{
	(void)state;
	put("fail-new", "");
	refused("it refuses the new files, tried on a private copy (exit status 3: cannot make it");
	says(error.message, toy_path(&toy, "etc/a.cf"));
	all_old();
	tidy(0);
}

static void nothing_comes_out(void **state)
{
	(void)state;
	put("fail-empty", "");
	refused("is empty");
	all_old();
	tidy(0);
}

static void means_something_else(void **state)
{
	(void)state;
	put("fail-meaning", "");
	refused("does not mean what was planned: made IPv4 is 192.0.2.7, not 192.0.2.2");
	all_old();
	tidy(0);
}

static void validator_sees_what_is_made(void **state)
{
	(void)state;
	struct mt_command_line *last = MT_NEW(arena, struct mt_command_line);
	*last = (struct mt_command_line){
		.argv = {"/bin/grep", "-q", "pin = 192.0.2.9",
			 mt_format(arena, "@DIR@%s", toy_path(&toy, "var/all.cf"))}};
	toy.plan.validators->next = last;
	mt_list_add(arena, &toy.plan.validate_files, toy_path(&toy, "var/all.cf"));
	refused("it refuses the new configuration");
	all_old();
	tidy(0);
	error = (struct mt_error){0};
	last->argv[2] = "pin = 192.0.2.2";
	apply(MT_END_APPLIED);
	all_new();
}

static void program_is_not_there(void **state)
{
	(void)state;
	assert_int_equal(unlink(toy_path(&toy, "bin/generate")), 0);
	refused("cannot be run");
	all_old();
}

static void foreign_source(void **state)
{
	(void)state;
	put("etc/include.cf", "theirs\n");
	assert_int_equal(chmod(toy_path(&toy, "etc/include.cf"), 0666), 0);
	refused("another user owns or may write this file");
	assert_string_equal(error.id, "HOST-FOREIGN-DIR");
	all_old();
	tidy(0);
}

/* ---- edits of somebody else --------------------------------------------------------------------- */

static void pending_edit_does_not_go_live(void **state)
{
	(void)state;
	put("etc/b.cf", "one\nextra\npin6 = 2001:db8::1");
	toy.plan.changes->next = NULL;
	mt_plan_replace(&toy.plan, toy_path(&toy, "etc/b.cf"),
			MT_STR("one\nextra\npin6 = 2001:db8::1"),
			MT_STR("one\nextra\npin6 = 2001:db8::2\n"));
	toy_plan_build(&toy);
	refused("it is not what toy-generate makes of its sources today (-pin6 = 2001:db8::1 "
		"+extra)");
	assert_string_equal(error.id, "TOY-STALE");
	holds("etc/a.cf", TOY_A_OLD);
	holds("var/all.cf", TOY_A_OLD TOY_B_OLD);
	tidy(0);
	error = (struct mt_error){0};
	toy.options.accept = (const char *const[]){"TOY-STALE", NULL};
	apply(MT_END_APPLIED);
	holds("var/all.cf", TOY_A_NEW "one\nextra\npin6 = 2001:db8::2\n");
}

static void undo_minds_it_too(void **state)
{
	(void)state;
	apply(MT_END_APPLIED);
	put("etc/b.cf", TOY_B_NEW "extra\n");
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), -1);
	assert_string_equal(error.id, "TOY-STALE");
	holds("etc/a.cf", TOY_A_NEW);
	holds("etc/b.cf", TOY_B_NEW "extra\n");
	holds("var/all.cf", TOY_A_NEW TOY_B_NEW);
	/* they generated it: our lines go out of both */
	put("var/all.cf", TOY_A_NEW TOY_B_NEW "extra\n");
	undo(MT_END_UNDONE);
	holds("etc/b.cf", TOY_B_OLD "\nextra\n");
	holds("var/all.cf", TOY_A_OLD TOY_B_OLD "\nextra\n");
}

/* What was there before the change lacked an edit that was let go live with it. */
static void undo_of_an_accepted_one(void **state)
{
	(void)state;
	put("etc/b.cf", "one\npin6 = 2001:db8::7\n");
	plan();
	toy.plan.changes->next = NULL;
	toy_plan_build(&toy);
	toy.options.accept = (const char *const[]){"TOY-STALE", NULL};
	apply(MT_END_APPLIED);
	toy.options.accept = NULL;
	assert_int_equal(mt_undo(NULL, &toy.options, &outcome, &error), -1);
	assert_string_equal(error.id, "TOY-STALE");
	says(error.message, "before the change: made IPv6 is 2001:db8::7, not 2001:db8::1. If");
	says(error.message, "it stays: --accept TOY-STALE");
	holds("etc/a.cf", TOY_A_NEW);
	tidy(1);
	toy.options.accept = (const char *const[]){"TOY-STALE", NULL};
	undo(MT_END_UNDONE);
	holds("etc/a.cf", TOY_A_OLD);
	holds("var/all.cf", TOY_A_OLD "one\npin6 = 2001:db8::7\n");
	says(mt_message_english(arena, outcome.remarks),
	     "with what somebody else has edited: made IPv6 is 2001:db8::7, not 2001:db8::1");
}

static void made_file_edited_since_the_plan(void **state)
{
	(void)state;
	put("var/all.cf", "theirs\n");
	toy.options.accept = (const char *const[]){"TOY-STALE", NULL};
	refused("changed since");
	holds("var/all.cf", "theirs\n");
	holds("etc/a.cf", TOY_A_OLD);
	tidy(0);
}

static void made_file_edited_by_hand(void **state)
{
	(void)state;
	apply(MT_END_APPLIED);
	put("var/all.cf", "by hand\n");
	undo(MT_END_STUCK);
	assert_int_equal(outcome.exit_code, MT_EXIT_PERSON);
	holds("var/all.cf", "by hand\n");
	holds("etc/a.cf", TOY_A_NEW); /* not even its sources */
}

static void proposed_undo_says_what_is_made(void **state)
{
	(void)state;
	apply(MT_END_APPLIED);
	toy.options.propose = true;
	undo(MT_END_PROPOSED);
	const struct mt_change *c = outcome.changes;
	while (c && strcmp(c->path, toy_path(&toy, "var/all.cf")) != 0)
		c = c->next;
	assert_non_null(c);
	assert_string_equal(c->made_by, "toy-generate");
	says(mt_message_english(arena, outcome.remarks),
	     "var/all.cf is made of these files by toy-generate, on a private copy first");
	all_new();
	tidy(1);
}

/* It is made again of the sources that are taken back. */
static void made_file_removed(void **state)
{
	(void)state;
	apply(MT_END_APPLIED);
	assert_int_equal(unlink(toy_path(&toy, "var/all.cf")), 0);
	undo(MT_END_UNDONE);
	all_old();
	assert_null(outcome.remarks);
	tidy(2);
}

/* ---- in place ----------------------------------------------------------------------------------- */

static void live_run_fails(void **state)
{
	(void)state;
	put("fail-live", "");
	apply(MT_END_ROLLED_BACK);
	assert_int_equal(outcome.exit_code, MT_EXIT_FAILED);
	says(outcome.why, "it failed (exit status 4: no room");
	all_old();
	tidy(1);
}

static void live_run_makes_something_else(void **state)
{
	(void)state;
	put("fail-other", "");
	apply(MT_END_ROLLED_BACK);
	says(outcome.why, "made something else of it than in the private copy (- +other)");
	all_old();
	tidy(1);
}

static void live_run_does_nothing(void **state)
{
	(void)state;
	put("fail-idle", "");
	apply(MT_END_ROLLED_BACK);
	says(outcome.why, "made something else of it");
	all_old();
	tidy(1);
}

static mode_t mode(void)
{
	struct stat st;
	return stat(toy_path(&toy, "var/all.cf"), &st) < 0 ? 0 : st.st_mode & 07777;
}

/* It does as it likes, now and at every other time; a rollback gives back what was. */
static void live_run_changes_the_mode(void **state)
{
	(void)state;
	put("fail-mode", "");
	put("fail-model", "");
	toy.options.recollect = NULL;
	apply(MT_END_APPLIED);
	all_new();
	assert_int_equal(mode(), 0600);
	says(mt_message_english(arena, outcome.remarks), "has mode 0600 and owner");
	undo(MT_END_UNDONE);
	put("fail-other", "");
	assert_int_equal(chmod(toy_path(&toy, "var/all.cf"), 0644), 0);
	assert_int_equal(unlink(toy_path(&toy, "fail-model")), 0);
	plan();
	apply(MT_END_ROLLED_BACK);
	all_old();
	assert_int_equal(mode(), 0644);
}

/* It is cut off with us, in the middle of its own writing; the lock is its own until it has ended. */
static void killed_in_the_live_run(void **state)
{
	(void)state;
	put("slow-live", "");
	pid_t pid = fork();
	if (pid == 0) {
		(void)!mt_apply(&toy.plan, &toy.options, &outcome, &error);
		_exit(0);
	}
	for (int i = 0; i < 500 && access(toy_path(&toy, "in-live"), F_OK) < 0; i++)
		usleep(10000);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	holds("etc/a.cf", TOY_A_NEW);
	toy.options.service_timeout = 1;
	assert_int_equal(mt_apply(&toy.plan, &toy.options, &outcome, &error), -1);
	says(error.message, "another mtapin is changing this host");
	error = (struct mt_error){0};
	usleep(1500000);
	ended(mt_recover(&toy.options, &outcome, &error), MT_END_ROLLED_BACK);
	all_old();
	tidy(1);
}

/* Its own bytes are the beginning of what was to be. */
static void half_written(void **state)
{
	(void)state;
	put("die-live", "");
	pid_t pid = fork();
	if (pid == 0) {
		(void)!mt_apply(&toy.plan, &toy.options, &outcome, &error);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	holds("var/all.cf", "# he");
	ended(mt_recover(&toy.options, &outcome, &error), MT_END_ROLLED_BACK);
	all_old();
	tidy(1);
}

/* ---- private copies ----------------------------------------------------------------------------- */

/* Two files of one base name, and a folder that a program looks through. */
static void copies_keep_their_paths(void **state)
{
	(void)state;
	struct mt_command_line *first = MT_NEW(arena, struct mt_command_line),
			       *second = MT_NEW(arena, struct mt_command_line);
	assert_int_equal(mkdir(toy_path(&toy, "etc/sub"), 0755), 0);
	put("etc/sub/a.cf", "another\n");
	assert_int_equal(symlink("../../secret", toy_path(&toy, "etc/sub/link")), 0);
	put("secret", "behind a link\n");
	*first = (struct mt_command_line){
		.argv = {"/bin/grep", "-qx", "pin = 192.0.2.2",
			 mt_format(arena, "@DIR@%s", toy_path(&toy, "etc/a.cf"))},
		.next = second};
	*second = (struct mt_command_line){
		.argv = {"/bin/grep", "-rqx", "another",
			 mt_format(arena, "@DIR@%s", toy_path(&toy, "etc/sub"))}};
	toy.plan.builds = NULL;
	toy.plan.changes->next->next = NULL;
	toy.plan.validators = first;
	toy.plan.validate_files = NULL;
	mt_list_add(arena, &toy.plan.validate_files, toy_path(&toy, "etc"));
	toy.options.recollect = NULL;
	apply(MT_END_APPLIED);
	holds("etc/sub/a.cf", "another\n");
	tidy(1);
	undo(MT_END_UNDONE);
	second->argv[2] = "nowhere";
	error = (struct mt_error){0};
	refused("it refuses the new configuration");
}

/* ---- what a plan says --------------------------------------------------------------------------- */

static void plan_of_backend(struct mt_plan *plan)
{
	const char *made = plan->mta->priv;
	struct mt_build *build = MT_NEW(plan->arena, struct mt_build);
	struct mt_command_line *validator = MT_NEW(plan->arena, struct mt_command_line);
	const char **makes = mt_alloc(plan->arena, 2 * sizeof *makes);
	makes[0] = made;
	*build = (struct mt_build){
		.title = "toy-generate", .makes = makes, .offline = "the next start makes it"};
	*validator = (struct mt_command_line){.argv = {"/bin/check"}, .touches = "/var/log/toy"};
	plan->builds = build;
	plan->validators = validator;
	mt_plan_replace(plan, toy_path(&toy, "etc/a.cf"), MT_STR(TOY_A_OLD), MT_STR(TOY_A_NEW));
	mt_plan_made(plan, build, mt_snapshot_file(plan->model->snapshot, made),
		     MT_STR(TOY_A_NEW TOY_B_OLD));
}

static const char *remarks_of(bool rooted)
{
	static struct mt_backend backend;
	static const struct mt_backend *const backends[] = {&backend, NULL};
	struct mt_mta mta = *toy.plan.mta;
	struct mt_text text = MT_TEXT_INIT(arena);
	backend = *toy_backends[0];
	backend.plan = plan_of_backend;
	mta.backend = &backend;
	mta.priv = toy_path(&toy, "var/all.cf");
	((struct mt_snapshot *)(uintptr_t)toy.plan.model->snapshot)->rooted = rooted;
	const struct mt_plan *made = mt_plan(toy.plan.model, &mta, &toy.goal, backends, false);
	for (const struct mt_message *m = made->remarks; m; m = m->next)
		mt_text_addf(&text, "%s\n", mt_message_english(arena, m));
	assert_string_equal(made->changes->next->made_by, "toy-generate");
	/* the expectation is of what is made */
	assert_int_equal(made->after->mtas->transports->next->binding[MT_V4].source.b[3], 2);
	return mt_text_z(&text);
}

static void plan_says_what_is_made(void **state)
{
	(void)state;
	const char *text = remarks_of(false);
	says(text, "var/all.cf is made of these files by toy-generate, on a private copy first\n");
	says(text, "/bin/check looks at the new files first, and may write to /var/log/toy\n");
	assert_null(strstr(text, "the next start"));
	text = remarks_of(true);
	says(text, "by toy-generate, which is not run in a tree\nthe next start makes it\n");
	assert_null(strstr(text, "/bin/check"));
}

/* ---- a tree that does not run ------------------------------------------------------------------- */

static void nothing_of_a_tree_is_run(void **state)
{
	(void)state;
	toy.options.rooted = true;
	toy.options.recollect = NULL;
	((struct mt_snapshot *)(uintptr_t)toy.plan.model->snapshot)->rooted = true;
	apply(MT_END_APPLIED);
	holds("etc/a.cf", TOY_A_NEW);
	holds("var/all.cf", TOY_A_OLD TOY_B_OLD);
	holds("said", "");
	undo(MT_END_UNDONE);
	all_old();
	holds("said", "");
}

#define PRINT(name) cmocka_unit_test_setup_teardown(name, setup_print, teardown)
#define LIVE(name)  cmocka_unit_test_setup_teardown(name, setup_live, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PRINT(printed),
		LIVE(made_in_place),
		LIVE(no_service_makes_it_too),
		LIVE(absent_before_is_absent_again),
		cmocka_unit_test_setup_teardown(knows_no_other_place, setup_mounted, teardown),
		PRINT(as_another_user),
		LIVE(private_run_fails),
		LIVE(nothing_comes_out),
		LIVE(means_something_else),
		LIVE(validator_sees_what_is_made),
		LIVE(program_is_not_there),
		PRINT(foreign_source),
		LIVE(pending_edit_does_not_go_live),
		LIVE(undo_minds_it_too),
		LIVE(undo_of_an_accepted_one),
		LIVE(made_file_edited_since_the_plan),
		LIVE(made_file_edited_by_hand),
		PRINT(made_file_removed),
		LIVE(made_file_removed),
		LIVE(proposed_undo_says_what_is_made),
		LIVE(live_run_fails),
		LIVE(live_run_makes_something_else),
		LIVE(live_run_does_nothing),
		LIVE(live_run_changes_the_mode),
		LIVE(killed_in_the_live_run),
		LIVE(half_written),
		LIVE(copies_keep_their_paths),
		LIVE(plan_says_what_is_made),
		LIVE(nothing_of_a_tree_is_run),
	};
	arena = mt_arena_new((size_t)256 << 20);
	int failed = cmocka_run_group_tests_name("build", tests, NULL, NULL);
	mt_arena_free(arena);
	return failed;
}
