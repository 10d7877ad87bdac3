/* SPDX-License-Identifier: ISC */
/* reverse.c: an edit is taken back from a file that was edited since, or not at all. */
#include "test.h"

#include <mtapin/plan.h>

static struct mt_arena *arena;

#define BEFORE "a = 1\nb = 2\nc = 3\n"

/* Our edit: line b becomes two lines; `current` is what somebody made of that. */
static const char *undo(const char *current)
{
	static struct mt_edit edit = {
		.at = 6,
		.length = 6,
		.text = {"b = PIN\n  more\n", sizeof "b = PIN\n  more\n" - 1}};
	struct mt_change change = {.path = "/f", .before = MT_STR(BEFORE), .edits = &edit};
	change.after = mt_edits_apply(arena, change.before, change.edits);
	struct mt_edit *back;
	if (!mt_edits_reverse(arena, &change, mt_str_of(current), &back))
		return "touched";
	return mt_strz(arena, mt_edits_apply(arena, mt_str_of(current), back));
}

static void unchanged_gives_the_old_bytes(void **state)
{
	(void)state;
	assert_string_equal(undo("a = 1\nb = PIN\n  more\nc = 3\n"), BEFORE);
}

static void their_edits_elsewhere_stay(void **state)
{
	(void)state;
	assert_string_equal(undo("a = 1\nb = PIN\n  more\nc = 3\nd = 4\n"), BEFORE "d = 4\n");
	assert_string_equal(undo("z = 0\na = 1\nb = PIN\n  more\nc = 3\n"), "z = 0\n" BEFORE);
	assert_string_equal(undo("a = 9\nb = PIN\n  more\nc = 9\n"), "a = 9\nb = 2\nc = 9\n");
	assert_string_equal(undo("b = PIN\n  more\n"), "b = 2\n");
	assert_string_equal(undo("a = 1\nx = 5\nb = PIN\n  more\ny = 6\nc = 3\n"),
			    "a = 1\nx = 5\nb = 2\ny = 6\nc = 3\n");
}

static void touching_ours_is_noticed(void **state)
{
	(void)state;
	static const char *const currents[] = {
		"a = 1\nb = THEIRS\n  more\nc = 3\n", /* changed */
		"a = 1\nb = PIN\n  less\nc = 3\n",
		"a = 1\nb = PIN\nc = 3\n", /* a part removed */
		"a = 1\nc = 3\n",
		"", /* everything removed */
		"a = 1\nb = PIN\n# inside\n  more\nc = 3\n", /* put inside */
		"a = 1\nb = PIN\n  more\n  and more\nc = 3\n", /* continued */
		"a = 1\nb = PIN\n  more", /* final newline gone */
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(currents); i++)
		assert_string_equal(undo(currents[i]), "touched");
}

/* Where we only took lines away, the place is known by its neighbours. */
static void removed_lines_come_back_between_their_neighbours(void **state)
{
	(void)state;
	static struct mt_edit edit = {.at = 6, .length = 6};
	struct mt_change change = {.path = "/f",
				   .before = MT_STR(BEFORE),
				   .after = MT_STR("a = 1\nc = 3\n"),
				   .edits = &edit};
	struct mt_edit *back;
	struct mt_str current = MT_STR("0\na = 1\nc = 3\n");
	assert_true(mt_edits_reverse(arena, &change, current, &back));
	assert_str(mt_edits_apply(arena, current, back), "0\n" BEFORE);
	assert_false(mt_edits_reverse(arena, &change, MT_STR("a = 1\nx\nc = 3\n"), &back));
	assert_false(mt_edits_reverse(arena, &change, MT_STR("a = 9\nc = 3\n"), &back));
}

/* We added the final newline that was missing, and a line: both go again. */
static void missing_final_newline_comes_back(void **state)
{
	(void)state;
	static struct mt_edit edit = {.at = 2, .length = 1, .text = {"b\npin\n", 6}};
	struct mt_change change = {.path = "/f",
				   .before = MT_STR("a\nb"),
				   .after = MT_STR("a\nb\npin\n"),
				   .edits = &edit};
	struct mt_edit *back;
	assert_true(mt_edits_reverse(arena, &change, MT_STR("a\nb\npin\n"), &back));
	assert_str(mt_edits_apply(arena, MT_STR("a\nb\npin\n"), back), "a\nb");
	/* but nothing of theirs is glued to the line that lacked it */
	assert_true(mt_edits_reverse(arena, &change, MT_STR("a\nb\npin\nx\n"), &back));
	assert_str(mt_edits_apply(arena, MT_STR("a\nb\npin\nx\n"), back), "a\nb\nx\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unchanged_gives_the_old_bytes),
		cmocka_unit_test(their_edits_elsewhere_stay),
		cmocka_unit_test(touching_ours_is_noticed),
		cmocka_unit_test(removed_lines_come_back_between_their_neighbours),
		cmocka_unit_test(missing_final_newline_comes_back),
	};
	arena = mt_arena_new((size_t)16 << 20);
	int failed = cmocka_run_group_tests_name("reverse", tests, NULL, NULL);
	mt_arena_free(arena);
	return failed;
}
