/* SPDX-License-Identifier: ISC */
#include "test.h"

#include <mtapin/plan.h>

static struct mt_arena *arena;

static struct mt_str diff_of(struct mt_change change)
{
	mt_arena_reset(arena);
	change.after = mt_edits_apply(arena, change.before, change.edits);
	return mt_diff(arena, &change);
}

static void edits_apply(void **state)
{
	(void)state;
	struct mt_edit end = {.at = 6, .length = 0, .text = MT_STR("tail\n")};
	struct mt_edit middle = {.at = 2, .length = 2, .text = MT_STR(""), .next = &end};
	struct mt_edit first = {.at = 0, .length = 0, .text = MT_STR("head\n"), .next = &middle};
	assert_str(mt_edits_apply(arena, MT_STR("a\nb\nc\n"), &first), "head\na\nc\ntail\n");
	assert_str(mt_edits_apply(arena, MT_STR("a\n"), NULL), "a\n");
}

static void no_edit_no_diff(void **state)
{
	(void)state;
	struct mt_edit same = {.at = 0, .length = 2, .text = MT_STR("a\n")};
	assert_str(diff_of((struct mt_change){.path = "/f", .before = MT_STR("a\n")}), "");
	assert_str(
		diff_of((struct mt_change){.path = "/f", .before = MT_STR("a\n"), .edits = &same}),
		"");
}

static void replaced_line(void **state)
{
	(void)state;
	struct mt_edit e = {.at = 8, .length = 2, .text = MT_STR("E = 1\n")};
	struct mt_change c = {.path = "/etc/postfix/main.cf",
			      .before = MT_STR("a\nb\nc\nd\ne\nf\ng\nh\ni\n"),
			      .edits = &e};
	assert_str(diff_of(c), "--- a/etc/postfix/main.cf\n+++ b/etc/postfix/main.cf\n"
			       "@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E = 1\n f\n g\n h\n");
}

/* A continued value whose inner comment stays: only what differs is printed. */
static void lines_that_stay_are_context(void **state)
{
	(void)state;
	struct mt_edit e = {.at = 0, .length = 15, .text = MT_STR("x = b\n# c\n")};
	struct mt_change c = {.path = "/f", .before = MT_STR("x = a,\n# c\n  b\ny\n"), .edits = &e};
	assert_str(diff_of(c),
		   "--- a/f\n+++ b/f\n@@ -1,4 +1,3 @@\n-x = a,\n+x = b\n # c\n-  b\n y\n");
}

static void missing_final_newline(void **state)
{
	(void)state;
	struct mt_edit e = {.at = 2, .length = 1, .text = MT_STR("b\nc\n")};
	struct mt_change c = {.path = "/f", .before = MT_STR("a\nb"), .edits = &e};
	assert_str(diff_of(c), "--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n a\n-b\n"
			       "\\ No newline at end of file\n+b\n+c\n");
	/* the same as an insertion that is not made of whole lines */
	struct mt_edit glue = {.at = 3, .length = 0, .text = MT_STR("\nc\n")};
	c.edits = &glue;
	assert_str(diff_of(c), "--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n a\n-b\n"
			       "\\ No newline at end of file\n+b\n+c\n");
}

static void new_file(void **state)
{
	(void)state;
	struct mt_edit e = {.text = MT_STR("192.0.2.1\n")};
	struct mt_change c = {.path = "/var/qmail/control/outgoingip", .create = true, .edits = &e};
	assert_str(
		diff_of(c),
		"--- /dev/null\n+++ b/var/qmail/control/outgoingip\n@@ -0,0 +1 @@\n+192.0.2.1\n");
}

static void hunks_merge_at_six_lines(void **state)
{
	(void)state;
	struct mt_edit far = {.at = 16, .length = 2, .text = MT_STR("I\n")};
	struct mt_edit near = {.at = 14, .length = 2, .text = MT_STR("H\n")};
	struct mt_edit e = {.at = 0, .length = 2, .text = MT_STR("A\n"), .next = &near};
	struct mt_change c = {
		.path = "/f", .before = MT_STR("a\nb\nc\nd\ne\nf\ng\nh\ni\n"), .edits = &e};
	assert_str(diff_of(c), "--- a/f\n+++ b/f\n@@ -1,9 +1,9 @@\n-a\n+A\n b\n c\n d\n e\n f\n g\n"
			       "-h\n+H\n i\n");
	e.next = &far;
	assert_str(diff_of(c), "--- a/f\n+++ b/f\n@@ -1,4 +1,4 @@\n-a\n+A\n b\n c\n d\n"
			       "@@ -6,4 +6,4 @@\n f\n g\n h\n-i\n+I\n");
}

static void odd_names_are_quoted(void **state)
{
	(void)state;
	struct mt_edit e = {.text = MT_STR("x\n")};
	struct mt_change c = {.path = "/a b", .create = true, .edits = &e};
	assert_str(diff_of(c), "--- /dev/null\n+++ b/a b\t\n@@ -0,0 +1 @@\n+x\n");
	c.path = "/a\n\"\\";
	assert_str(diff_of(c), "--- /dev/null\n+++ \"b/a\\012\\\"\\\\\"\n@@ -0,0 +1 @@\n+x\n");
}

static void sha256_known_answer(void **state)
{
	(void)state;
	char hex[65];
	mt_sha256_hex(MT_STR("abc"), hex);
	assert_string_equal(hex,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	mt_sha256_hex((struct mt_str){0}, hex);
	assert_string_equal(hex,
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_apply),
		cmocka_unit_test(no_edit_no_diff),
		cmocka_unit_test(replaced_line),
		cmocka_unit_test(lines_that_stay_are_context),
		cmocka_unit_test(missing_final_newline),
		cmocka_unit_test(new_file),
		cmocka_unit_test(hunks_merge_at_six_lines),
		cmocka_unit_test(odd_names_are_quoted),
		cmocka_unit_test(sha256_known_answer),
	};
	arena = mt_arena_new((size_t)16 << 20);
	int failed = cmocka_run_group_tests_name("diff", tests, NULL, NULL);
	mt_arena_free(arena);
	return failed;
}
