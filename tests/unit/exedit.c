/* SPDX-License-Identifier: ISC */
/* exedit.c: edits of Exim's files: one row, one behaviour. */
#include "test.h"

#include "../../backends/exim/edit.h"

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

static struct ex_edit begin(const char *before)
{
	return (struct ex_edit){.arena = arena, .before = mt_str_of(before)};
}

static void values(void **state)
{
	(void)state;
	static const struct {
		const char *before;
		unsigned line;
		const char *after; /* NULL: refused */
	} rows[] = {
		{"A = 1\nB = 2\n", 1, "A = 9\nB = 2\n"},
		{"A = 1\nB = 2\n", 2, "A = 1\nB = 9\n"},
		{"A=1\n", 1, "A=9\n"},
		{"A =\n", 1, "A = 9\n"},
		{"A == 1\n", 1, "A == 9\n"},
		{"A==1\n", 1, "A==9\n"},
		{"A = 1", 1, "A = 9\n"},
		{"A = 9", 1, "A = 9\n"},
		{"A = 1\r\nB\r\n", 1, "A = 9\r\nB\r\n"},
		{"\tinterface\t=\t1 # 2\n", 1, "\tinterface\t=\t9\n"},
		{"  hide interface = 1\n", 1, "  hide interface = 9\n"},
		{"A = 1 : \\\n   2\nB = 3\n", 1, "A = 9\nB = 3\n"},
		{"A = 1 : \\  \n# a comment\n  2 \\\n\nB = 3\n", 1, "A = 9\nB = 3\n"},
		{"A = \\\n  1 \\", 1, "A = 9\n"},
		{"A = 1 \\\n.ifdef X\n  : 2 \\\n.endif\n", 1, NULL},
		{"# A = 1\n", 1, NULL},
		{"A = 1\n", 2, NULL},
		{"begin routers\n", 1, NULL},
		{"= 1\n", 1, NULL},
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(rows); i++) {
		struct ex_edit e = begin(rows[i].before);
		assert_int_equal(ex_edit_value(&e, rows[i].line, "9"), rows[i].after != NULL);
		assert_str(ex_edit_after(&e), rows[i].after ? rows[i].after : rows[i].before);
	}
}

static void removals(void **state)
{
	(void)state;
	static const struct {
		const char *before;
		unsigned line;
		const char *after;
	} rows[] = {
		{"A = 1\nB = 2\n", 1, "B = 2\n"},
		{"A = 1\nB = 2", 2, "A = 1\n"},
		{"A = 1 \\\n # c\n 2\nB = 2\n", 1, "B = 2\n"},
		{"A = 1\n", 1, ""},
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(rows); i++) {
		struct ex_edit e = begin(rows[i].before);
		assert_true(ex_edit_remove(&e, rows[i].line));
		assert_str(ex_edit_after(&e), rows[i].after);
	}
}

static void options(void **state)
{
	(void)state;
	static const struct {
		const char *before;
		unsigned head, line;
		const char *after;
	} rows[] = {
		{"t:\n  driver = smtp\n  port = 25\n", 1, 2,
		 "t:\n  driver = smtp\n  x = 9\n  port = 25\n"},
		{"t:\n\tdriver = smtp", 1, 2, "t:\n\tdriver = smtp\n\tx = 9\n"},
		{"t:\r\n driver = \\\r\n  smtp\r\nu:\r\n", 1, 2,
		 "t:\r\n driver = \\\r\n  smtp\r\n x = 9\r\nu:\r\n"},
		/* never inside of a condition of its own */
		{"t:\n.ifdef A\n driver = smtp\n.else\n driver = lmtp\n.endif\n port = 25\n", 1, 3,
		 "t:\n.ifdef A\n driver = smtp\n.else\n driver = lmtp\n.endif\n x = 9\n port = "
		 "25\n"},
		{"t:\n.ifdef A\n.ifndef B\n driver = smtp\n.endif\n.endif\n", 1, 4,
		 "t:\n.ifdef A\n.ifndef B\n driver = smtp\n.endif\n.endif\n x = 9\n"},
		/* the whole block may stand in one */
		{".ifdef A\nt:\n driver = smtp\n.endif\n", 2, 3,
		 ".ifdef A\nt:\n driver = smtp\n x = 9\n.endif\n"},
		/* the block begins in another file */
		{".ifdef A\n driver = smtp\n.endif\n", 0, 2,
		 ".ifdef A\n driver = smtp\n.endif\n x = 9\n"},
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(rows); i++) {
		struct ex_edit e = begin(rows[i].before);
		ex_edit_option(&e, rows[i].head, rows[i].line, "x = 9");
		assert_str(ex_edit_after(&e), rows[i].after);
	}
}

static void new_lines(void **state)
{
	(void)state;
	static const struct {
		const char *before, *appended, *main;
	} rows[] = {
		{"", "X = 9\n", "X = 9\n"},
		{"A = 1\n", "A = 1\nX = 9\n", "X = 9\nA = 1\n"},
		{"A = 1", "A = 1\nX = 9\n", "X = 9\nA = 1"},
		{"A = 1\r\n", "A = 1\r\nX = 9\r\n", "X = 9\r\nA = 1\r\n"},
		{"A = 1 \\\n", "A = 1 \\\n\nX = 9\n", "X = 9\nA = 1 \\\n"},
		{"A = 1 \\", "A = 1 \\\n\nX = 9\n", "X = 9\nA = 1 \\"},
		{"A = 1 \\\n# c\n", "A = 1 \\\n# c\n\nX = 9\n", "X = 9\nA = 1 \\\n# c\n"},
		{"# head\n\n# of A\nA = 1\n\nB = 2\n", "# head\n\n# of A\nA = 1\n\nB = 2\nX = 9\n",
		 "# head\n\nX = 9\n# of A\nA = 1\n\nB = 2\n"},
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(rows); i++) {
		struct ex_edit e = begin(rows[i].before), m = begin(rows[i].before);
		ex_edit_append(&e, "X = 9");
		assert_str(ex_edit_after(&e), rows[i].appended);
		ex_edit_main(&m, "X = 9");
		assert_str(ex_edit_after(&m), rows[i].main);
	}
}

/* Two edits of one file, whichever comes first. */
static void together(void **state)
{
	(void)state;
	struct ex_edit e = begin("A = 1\nB = 2");
	assert_true(ex_edit_value(&e, 2, "3"));
	assert_true(ex_edit_value(&e, 1, "0"));
	ex_edit_append(&e, "C = 4");
	ex_edit_append(&e, "D = 5");
	assert_str(ex_edit_after(&e), "A = 0\nB = 3\nC = 4\nD = 5\n");
	e = begin("A = 1\nB = 2");
	ex_edit_append(&e, "C = 4");
	ex_edit_append(&e, "D = 5");
	assert_str(ex_edit_after(&e), "A = 1\nB = 2\nC = 4\nD = 5\n");
	e = begin("t:\n driver = smtp\n");
	ex_edit_option(&e, 1, 2, "a = 1");
	ex_edit_option(&e, 1, 2, "b = 2");
	assert_str(ex_edit_after(&e), "t:\n driver = smtp\n a = 1\n b = 2\n");
	e = begin("A = 1");
	assert_str(ex_edit_after(&e), "A = 1");
}

static void maps(void **state)
{
	(void)state;
	static const struct {
		const char *before, *key;
		bool first;
		const char *after;
	} rows[] = {
		{"*: 1\n", "*", false, "*: 9\n"},
		{"*:1\n", "*", false, "*:9\n"},
		{"a.test: 1\n*: 2\n", "*", false, "a.test: 1\n*: 9\n"},
		{"A.Test  1\n*: 2\n", "a.test", false, "A.Test  9\n*: 2\n"},
		{"\"a.test\" : 1\n", "a.test", false, "\"a.test\" : 9\n"},
		{"a.test: 1\na.test: 2\n", "a.test", false, "a.test: 9\na.test: 2\n"},
		{"a.test: 1;\\\n", "a.test", false, "a.test: 9\n"},
		{"a.test:\n  1;\n# c\n\n\t2\n# d\nb.test: 3\n", "a.test", false,
		 "a.test: 9\n# d\nb.test: 3\n"},
		{"a.test\n", "a.test", false, "a.test 9\n"},
		{"a.test:\n", "a.test", false, "a.test: 9\n"},
		{"a.test: 1\r\n", "a.test", false, "a.test: 9\r\n"},
		{"a.test: 1", "a.test", false, "a.test: 9\n"},
		{"#a.test: 1\n", "a.test", false, "#a.test: 1\na.test: 9\n"},
		{"b.test: 1", "*", false, "b.test: 1\n*: 9\n"},
		{"b.test: 1\r\n", "a.test", false, "b.test: 1\r\na.test: 9\r\n"},
		{"", "*", false, "*: 9\n"},
		{"# c\n^x: 1\n", "a.test", true, "# c\na.test: 9\n^x: 1\n"},
		{"^x: 1\n", "*", true, "^x: 1\n*: 9\n"},
		{"xa.test: 1\n", "a.test", false, "xa.test: 1\na.test: 9\n"},
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(rows); i++) {
		struct ex_edit e = begin(rows[i].before);
		ex_edit_map(&e, rows[i].key, "9", rows[i].first);
		assert_str(ex_edit_after(&e), rows[i].after);
		e = begin(rows[i].after);
		ex_edit_map(&e, rows[i].key, "9", rows[i].first);
		assert_null(e.first);
		assert_str(ex_map_value(arena, mt_str_of(rows[i].after), rows[i].key), "9");
	}
	struct ex_edit e = begin("a: 1\nb: 2;\n  3\n# c\n*: 4");
	ex_edit_map(&e, "b", NULL, false);
	ex_edit_map(&e, "*", NULL, false);
	ex_edit_map(&e, "c", NULL, false);
	assert_str(ex_edit_after(&e), "a: 1\n# c\n");
	assert_null(ex_map_value(arena, MT_STR("a: 1\n"), "b").p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),    cmocka_unit_test(removals), cmocka_unit_test(options),
		cmocka_unit_test(new_lines), cmocka_unit_test(together), cmocka_unit_test(maps),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
