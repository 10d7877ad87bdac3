/* SPDX-License-Identifier: ISC */
/* pfedit.c: edits of main.cf and master.cf: one row, one behaviour. */
#include "test.h"

#include "../../backends/postfix/mastercf.h"

static struct mt_arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = mt_arena_new((size_t)8 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mt_arena_free(arena);
	return 0;
}

static const char *after(const char *before, const struct mt_edit *edits)
{
	return mt_strz(arena, mt_edits_apply(arena, mt_str_of(before), edits));
}

static struct mt_edit *edit_main(const char *text, const char *name, const char *value)
{
	struct pf_maincf m;
	pf_maincf_parse(arena, "main.cf", mt_str_of(text), &m);
	return value ? pf_maincf_set(arena, &m, name, value) : pf_maincf_unset(arena, &m, name);
}

static void main_rows(void **state)
{
	(void)state;
	static const struct {
		const char *before, *value, *after;
	} rows[] = {
		{"a = 1\nb = 2\n", "9", "a = 9\nb = 2\n"},
		{"a=1\n", "9", "a=9\n"},
		{"a\t=\t1  \n", "9", "a\t=\t9\n"},
		{"a =\n", "9", "a = 9\n"},
		{"a=\n", "9", "a=9\n"},
		{"a = 1\n", "", "a =\n"},
		{"a\n = 1\n", "9", "a = 9\n"},
		{"a = 1\n# c\n  2\n\n\t#d\n  3\nb = 1\n", "9", "a = 9\n# c\n\n\t#d\nb = 1\n"},
		{"a =\n  # c\n  1,\n  2\n", "9", "a = 9\n  # c\n"},
		{"a = 1\na = 2\n", "9", "a = 1\na = 9\n"},
		{"a = 1\r\n 2\r\nb = 3\r\n", "9", "a = 9\r\nb = 3\r\n"},
		{"b = 1\r\n", "9", "b = 1\r\na = 9\r\n"},
		{"", "9", "a = 9\n"},
		{"b = 1\n", "9", "b = 1\na = 9\n"},
		{"b = 1", "9", "b = 1\na = 9\n"},
		{"# c", "9", "# c\na = 9\n"},
		{"b = 1\r\n# c", "9", "b = 1\r\n# c\r\na = 9\r\n"},
		{"a = 1", "9", "a = 9\n"},
		{"#a = 1\n", "9", "#a = 1\na = 9\n"},
		{"a = 1\n", "1\n2", "a = 1 2\n"},
		{"a = 1\n  2\n", "1  2", NULL},
		{"a = 9", "9", NULL},
		{"a = 1\n# c\n  2\nb = 1\na = 3\n", (const char *)-1, "# c\nb = 1\n"},
		{"b = 1\na = 3", (const char *)-1, "b = 1\n"},
		{"b = 1\n", (const char *)-1, NULL},
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(rows); i++) {
		const char *value = rows[i].value == (const char *)-1 ? NULL : rows[i].value;
		struct mt_edit *edits = edit_main(rows[i].before, "a", value);
		if (!rows[i].after) {
			assert_null(edits);
			continue;
		}
		assert_string_equal(after(rows[i].before, edits), rows[i].after);
		assert_null(edit_main(rows[i].after, "a", value));
	}
}

static void nul_goes_with_the_line_that_holds_it(void **state)
{
	(void)state;
	struct pf_maincf m;
	struct mt_str file = MT_STR("a = 1\0x\nb = \0y\n");
	pf_maincf_parse(arena, "", file, &m);
	struct mt_str got = mt_edits_apply(arena, file, pf_maincf_set(arena, &m, "a", "9"));
	assert_true(mt_str_eq(got, MT_STR("a = 9\nb = \0y\n")));
}

static void two_names_behind_a_last_line_without_lf(void **state)
{
	(void)state;
	struct pf_maincf m;
	const struct pf_setting settings[] = {{"x", "1"}, {"a", NULL}, {"y", "2"}};
	pf_maincf_parse(arena, "", MT_STR("a = 1\nb = 2"), &m);
	assert_string_equal(after("a = 1\nb = 2", pf_maincf_edit(arena, &m, settings, 3)),
			    "b = 2\nx = 1\ny = 2\n");
}

/* ---- master.cf ---- */

#define F "s unix - - y - - smtp"

static struct mt_edit *edit_master(const char *text, const char *value, const char *clone)
{
	struct pf_mastercf m;
	pf_mastercf_parse(arena, "master.cf", mt_str_of(text), &m);
	const struct pf_service *s = pf_mastercf_get(&m, "s", "unix");
	const struct pf_setting setting = {"a", value};
	return clone ? pf_mastercf_clone(arena, &m, s, clone, &setting, 1)
		     : pf_mastercf_set(arena, &m, s, &setting, 1);
}

static void check_master(const char *before, const char *value, const char *expected)
{
	struct mt_edit *edits = edit_master(before, value, NULL);
	if (!expected) {
		assert_null(edits);
		return;
	}
	assert_string_equal(after(before, edits), expected);
	assert_null(edit_master(expected, value, NULL));
}

static void master_set(void **state)
{
	(void)state;
	static const struct {
		const char *before, *value, *after;
	} rows[] = {
		{F "\nx unix - - y - - smtp\n", "9", F "\n  -o a=9\nx unix - - y - - smtp\n"},
		{F, "9", F "\n  -o a=9\n"},
		{F "\r\n", "9", F "\r\n  -o a=9\r\n"},
		{F "\n\t-o b=1\n# c\n", "9", F "\n\t-o b=1\n\t-o a=9\n# c\n"},
		{F " -o b=1\n", "9", F " -o b=1\n  -o a=9\n"},
		{F " foo\n", "9", F " -o a=9 foo\n"},
		{F " #foo\n", "9", F " -o a=9 #foo\n"},
		{F "\n  -o { a = 1\n\v2} -o b=1\n", "9", F "\n  -o { a = 9\n\v} -o b=1\n"},
		{F " -o b=1 -o c=${x\n  -o d=1\n", "9", F " -o b=1 -o a=9 -o c=${x\n  -o d=1\n"},
		{F " -o b= foo\n", "9", F " -o b= -o a=9 foo\n"},
		{F "\n  -o b=1\n  foo\n", "9", F "\n  -o b=1\n  -o a=9\n  foo\n"},
		{F " -o a=1\n", "9", F " -o a=9\n"},
		{F " -oa=1\n", "9", F " -oa=9\n"},
		{F " -oa=1\n", "9 8", F " -o { a = 9 8 }\n"},
		{F " -o a=1\n", "9 8", F " -o { a = 9 8 }\n"},
		{F " -o a=1\n", "", F " -o a=\n"},
		{F " -o a=\n", "9", F " -o a=9\n"},
		{F " -o a=", "9", F " -o a=9\n"},
		{F " -o { a = 1 }\n", "9 8", F " -o { a = 9 8 }\n"},
		{F " -o {a=1}\n", "9", F " -o {a=9}\n"},
		{F " -o { a = }\n", "9", F " -o { a = 9 }\n"},
		{F " -o a=1 -o a=2\n", "9", F " -o a=1 -o a=9\n"},
		{F "\n  -o a=1 -o b=2\n", "9", F "\n  -o a=9 -o b=2\n"},
		{F " -o { a = 1\n# c\n   2}\n", "9", F " -o { a = 9\n# c\n   }\n"},
		{F " -o\n  a=1\n", "9", F " -o\n  a=9\n"},
		{F " -vo a=1\n", "9", F " -vo a=9\n"},
		{F " -o a=9\n", "9", NULL},
		{F " -o { a = 9 8 }\n", "9 8", NULL},
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(rows); i++)
		check_master(rows[i].before, rows[i].value, rows[i].after);
}

static void master_unset(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{F " -o a=1\n", F "\n"},
		{F "\n  -o a=1\n  -o b=1\n", F "\n  -o b=1\n"},
		{F "\n  -o a=1 -o b=1\n", F "\n  -o b=1\n"},
		{F "\n  -o b=1 -o a=1\n", F "\n  -o b=1\n"},
		{F "\n  -o a=1 -o a=2\n# c\n  -oa=3", F "\n# c\n"},
		{F "\n  -vo a=1 -o b=1\n", F "\n  -v -o b=1\n"},
		{F " -o { a = 1\n# c\n   2 } -o b=1\n", F "\n# c\n   -o b=1\n"},
		{F " -o\n  a=1\n", F "\n"},
		{F "\n  -o a=1 #x\n", F "\n  -- #x\n"},
		{F "\n", NULL},
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(rows); i++)
		check_master(rows[i][0], NULL, rows[i][1]);
}

static void two_settings_at_one_byte(void **state)
{
	(void)state;
	struct pf_mastercf m;
	const struct pf_setting settings[] = {{"b", "2"}, {"a", "1"}, {"c", NULL}};
	const char *text = F " -o c=1 -o a= foo\n";
	pf_mastercf_parse(arena, "", mt_str_of(text), &m);
	assert_string_equal(after(text, pf_mastercf_set(arena, &m, m.services, settings, 3)),
			    F " -o a=1 -o b=2 foo\n");
}

static void master_clone(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"s     unix - - y - - smtp\n# c\n  -o b=1\nx unix - - y - - smtp\n",
		 "s     unix - - y - - smtp\n# c\n  -o b=1\n"
		 "s-lo  unix - - y - - smtp\n# c\n  -o b=1\n  -o a=9\nx unix - - y - - smtp\n"},
		{F, F "\ns-lo unix - - y - - smtp\n  -o a=9\n"},
		{"s\tunix - - y - - smtp -o a=1\n",
		 "s\tunix - - y - - smtp -o a=1\ns-lo\tunix - - y - - smtp -o a=9\n"},
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(rows); i++) {
		assert_string_equal(after(rows[i][0], edit_master(rows[i][0], "9", "s-lo")),
				    rows[i][1]);
		assert_null(edit_master(rows[i][1], "9", "s-lo"));
	}
}

static void change_and_clone_the_last_line(void **state)
{
	(void)state;
	struct pf_mastercf m;
	const struct pf_setting one = {"a", "1"}, two = {"a", "2"};
	pf_mastercf_parse(arena, "", MT_STR(F " -o a=0"), &m);
	struct pf_change c = {.arena = arena, .mastercf = &m};
	pf_change_set(&c, m.services, &one, 1);
	pf_change_clone(&c, m.services, "t", &two, 1);
	assert_string_equal(after(F " -o a=0", pf_splice_edits(arena, m.bytes, &c.list)),
			    F " -o a=1\nt unix - - y - - smtp -o a=2\n");
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		ROW(main_rows),
		ROW(nul_goes_with_the_line_that_holds_it),
		ROW(two_names_behind_a_last_line_without_lf),
		ROW(master_set),
		ROW(master_unset),
		ROW(two_settings_at_one_byte),
		ROW(master_clone),
		ROW(change_and_clone_the_last_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
