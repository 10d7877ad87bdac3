/* SPDX-License-Identifier: ISC */
/* pfread.c: main.cf and master.cf as Postfix reads them, and $name: the cases worth a name. */
#include "test.h"

#include "../../backends/postfix/expand.h"

static struct mt_arena *arena;
static struct pf_maincf maincf;
static struct pf_mastercf mastercf;

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

static void read_main_bytes(struct mt_str bytes)
{
	pf_maincf_parse(arena, "main.cf", bytes, &maincf);
}

static void read_main(const char *text)
{
	read_main_bytes(mt_str_of(text));
}

static const char *value_of(const char *name)
{
	const struct pf_entry *e = pf_maincf_get(&maincf, mt_str_of(name));
	return e ? mt_strz(arena, e->value) : "(absent)";
}

static void continuation_and_comments(void **state)
{
	(void)state;
	read_main("a = 1\n# c\n 2\n\n   # d\n\t3\n#b = x\n  4\nc=5\n");
	assert_string_equal(value_of("a"), "1 2\t3  4");
	assert_string_equal(value_of("c"), "5");
	const struct pf_entry *a = pf_maincf_get(&maincf, MT_STR("a"));
	assert_int_equal(a->where.line, 1);
	assert_int_equal(a->where.last_line, 8);
	assert_int_equal(a->where.end, maincf.bytes.n - 4);
	read_main("a = 1\n# c\nb = 2\n");
	assert_string_equal(value_of("a"), "1");
	assert_int_equal(pf_maincf_get(&maincf, MT_STR("b"))->where.line, 3);
}

static void odd_lines(void **state)
{
	(void)state;
	read_main("  b = 1\n   c\na\n = 2");
	assert_string_equal(value_of("b"), "(absent)");
	assert_int_equal(maincf.orphan_line, 1);
	assert_string_equal(value_of("a"), "2");
	assert_true(maincf.no_final_lf);
	read_main("a = x # y\nb =\nc = 1\r\n  2\r\n");
	assert_string_equal(value_of("a"), "x # y");
	assert_string_equal(value_of("b"), "");
	assert_string_equal(value_of("c"), "1\r  2");
	read_main_bytes(MT_STR("a = x\0y\n  z\nb = 1\n"));
	assert_string_equal(value_of("a"), "x");
	assert_string_equal(value_of("b"), "1");
	assert_true(maincf.has_nul);
}

static void duplicates(void **state)
{
	(void)state;
	read_main("a = 1\nb = 1\na = 2\na = 3\nb = 1\n");
	assert_string_equal(value_of("a"), "3");
	const struct pf_entry *a = pf_maincf_get(&maincf, MT_STR("a"));
	const struct pf_entry *b = pf_maincf_get(&maincf, MT_STR("b"));
	assert_int_equal(pf_maincf_shadowed(&maincf, a)->where.line, 1);
	assert_null(pf_maincf_shadowed(&maincf, b));
}

static void refused_files(void **state)
{
	(void)state;
	read_main("a = 1\n\n# c\nfoo bar\nb = 2\n");
	assert_int_equal(maincf.error_line, 4);
	assert_string_equal(maincf.error, "missing '=' after attribute name");
	assert_string_equal(value_of("b"), "(absent)");
	read_main("= 1\n");
	assert_string_equal(maincf.error, "missing attribute name");
}

static void many_names(void **state)
{
	(void)state;
	struct mt_text t = MT_TEXT_INIT(arena);
	for (int i = 0; i < 3000; i++)
		mt_text_addf(&t, "n%d = %d\n", i % 1500, i);
	read_main_bytes(mt_text_str(&t));
	for (int i = 0; i < 1500; i++)
		assert_string_equal(value_of(mt_format(arena, "n%d", i)),
				    mt_format(arena, "%d", i + 1500));
	assert_string_equal(value_of("n1500"), "(absent)");
}

/* ---- $name ---- */

static const char *expanded(const char *main_text, const char *text)
{
	struct pf_scope scope = {.arena = arena,
				 .maincf = &maincf,
				 .hostname = "mx",
				 .config_directory = "/etc/postfix"};
	struct mt_error error = {0};
	struct mt_str value;
	read_main(main_text);
	if (pf_expand_text(&scope, mt_str_of(text), &value, &error))
		return mt_format(arena, "error %s", error.message);
	return mt_strz(arena, value);
}

static void references(void **state)
{
	(void)state;
	static const struct {
		const char *text, *value;
	} rows[] = {
		{"$a ${a} $(a) ${ a }", "1 1 1 1"},
		{"$$a $$$a $a$b.$a", "$a $1 12.1"},
		{"$no|${no}", "|"},
		{"${a?yes}${no?yes}${a:no}${no:no}", "yesno"},
		{"${a?{yes}:{no}} ${no ? {yes} : {no}}", "yes no"},
		{"${a??:{b}}", "?:{b}"},
		{"${e?x}${e:y}", "y"},
		{"${{$a} == {1} ? {eq} : {ne}}", "eq"},
		{"${{10} > {9}?{n}:{s}} ${{10a} > {9}?{n}:{s}}", "n s"},
		{"${{a} == {a}}${{a} == {b}}", "true"},
		{"${{3.10} >=level {3.9} ? {new} : {old}}", "new"},
		{"$inet_interfaces", "all"},
		{"$smtp_helo_name", "mx.localdomain"},
		{"$mydomain", "localdomain"},
		{"$config_directory", "/etc/postfix"},
		{"${a", "error truncated macro reference: \"${a\""},
		{"$", "error empty macro name: \"$\""},
		{"${a-b}", "error attribute name syntax error at: \"a-b\""},
		{"${{a} = {b}}", "error relational operator expected at: \"= {b}\""},
		{"${{a} =={b} x}", "error \"?\" or \":\" expected at: \"x\""},
		{"${a?{b} x}", "error \"?\" or \":\" expected at: \"x\""},
		{"$s", "error unreasonable macro call nesting: \"s\""},
		{"$r", "error unreasonable macro call nesting: \"$r\""},
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(rows); i++)
		assert_string_equal(
			expanded("a = 1\nb = 2\ne =\ns = $s\nr = ${{$r} == {1}}\n", rows[i].text),
			rows[i].value);
}

static void nesting_limit(void **state)
{
	(void)state;
	for (int depth = 90; depth <= 110; depth += 20) {
		struct mt_text t = MT_TEXT_INIT(arena);
		for (int i = 0; i < depth; i++)
			mt_text_addf(&t, "n%d = $n%d\n", i, i + 1);
		mt_text_addf(&t, "n%d = end\n", depth);
		const char *value = expanded(mt_text_z(&t), "$n0");
		if (depth == 90)
			assert_string_equal(value, "end");
		else
			assert_memory_equal(value, "error unreasonable", 18);
	}
}

static void bombs_are_bounded(void **state)
{
	(void)state;
	struct mt_text t = MT_TEXT_INIT(arena);
	for (int i = 0; i < 60; i++)
		mt_text_addf(&t, "n%d = $n%d$n%d\n", i, i + 1, i + 1);
	mt_text_addf(&t, "n60 = x\n");
	assert_string_equal(expanded(mt_text_z(&t), "$n0"), "error the value expands without end");
}

/* ---- master.cf ---- */

static const struct pf_service *service(const char *text, const char *name)
{
	pf_mastercf_parse(arena, "master.cf", mt_str_of(text), &mastercf);
	return pf_mastercf_get(&mastercf, name, "unix");
}

static const char *option(const struct pf_service *s, const char *name)
{
	const struct pf_option *o = pf_service_option(s, mt_str_of(name));
	if (!o)
		return "(none)";
	struct mt_str spelt = {mastercf.bytes.p + o->value_begin, o->value_end - o->value_begin};
	assert_true(mt_str_eq(spelt, o->value));
	return mt_strz(arena, o->value);
}

static void option_forms(void **state)
{
	(void)state;
	const struct pf_service *s = service("smtp unix - - y - - /x/smtp -v -o a=1 -ob=2\n"
					     "# inner\n"
					     "  -o { c = 3 4 } -vo d=5\n"
					     "\n"
					     "\t-o a=6 -o e=\n",
					     "smtp");
	assert_non_null(s);
	assert_true(pf_service_is_client(s));
	assert_string_equal(option(s, "a"), "6");
	assert_string_equal(option(s, "b"), "2");
	assert_string_equal(option(s, "c"), "3 4");
	assert_string_equal(option(s, "d"), "5");
	assert_string_equal(option(s, "e"), "");
	assert_int_equal(pf_service_option(s, MT_STR("d"))->line, 3);
	assert_null(s->error);
	assert_int_equal(s->stray.n, 0);
}

static void the_last_of_two_services(void **state)
{
	(void)state;
	const struct pf_service *s = service("x unix - - y - - smtp -o a=1\n"
					     "x unix - - y - - smtp -o b=2\n",
					     "x");
	assert_string_equal(option(s, "a"), "(none)");
	assert_string_equal(option(s, "b"), "2");
}

static void refused_services(void **state)
{
	(void)state;
	static const struct {
		const char *text, *error;
		bool master_only;
	} rows[] = {
		{"x unix - - y - -\n", "bad field count", false},
		{"x foo - - y - - smtp\n", "invalid type field \"foo\"", false},
		{"x unix Y - y - - smtp\n", "invalid private field \"Y\"", false},
		{"x unix - - y 1x - smtp\n", "invalid wakeup field \"1x\"", false},
		{"x unix - - y - n smtp\n", "invalid process_limit field \"n\"", false},
		{"x inet - - y - - smtpd\n", "inet service cannot be private", true},
		{"x inet - - y - - smtpd\ny unix\n", "bad field count", false},
		{"x unix - - y - - smtp -o {a=b\n", "missing '}', or text behind it", true},
		{"x unix - - y - - smtp -o { a=b }c\n", "missing '}', or text behind it", true},
		{"x unix - - y - - smtp c {a}b\n", "missing '}', or text behind it", true},
		{"x unix - - y - - smtp c b{a\n", NULL, false},
		{"postlog unix-dgram n - n - 1 postlogd\n", NULL, false},
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(rows); i++) {
		service(rows[i].text, "x");
		if (!rows[i].error) {
			assert_null(mastercf.error);
			continue;
		}
		assert_string_equal(mastercf.error, rows[i].error);
		assert_int_equal(mastercf.master_only, rows[i].master_only);
	}
}

static void services_that_die(void **state)
{
	(void)state;
	static const struct {
		const char *options, *error;
	} rows[] = {
		{"-o a", "invalid -o option value: missing '=' after attribute name"},
		{"-o a = b", "invalid -o option value: missing '=' after attribute name"},
		{"-o", "an option lacks its argument"},
		{"-o{ a = b }", "-o and { must be two words"},
		{"-q", "invalid option: q"},
		{"-i 5 -o { a = b }", NULL},
		{"-o a=b", NULL},
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(rows); i++) {
		const struct pf_service *s = service(
			mt_format(arena, "x unix - - y - - smtp\n %s\n", rows[i].options), "x");
		if (!rows[i].error) {
			assert_null(s->error);
			continue;
		}
		assert_string_equal(s->error, rows[i].error);
		assert_int_equal(s->error_line, 2);
	}
}

static void the_scope_of_a_service(void **state)
{
	(void)state;
	read_main("smtp_bind_address = $pin\npin = 192.0.2.1\nbad = ${x\n");
	const struct pf_service *s = service("relay unix - - y - - smtp\n"
					     "  -o pin=192.0.2.2 -o syslog_name=p/$service_name\n"
					     "  -o x=$bad -o y=${\n",
					     "relay");
	struct pf_scope scope = {.arena = arena, .maincf = &maincf, .service = s};
	struct mt_error error = {0};
	struct mt_str value;
	assert_int_equal(pf_expand(&scope, MT_STR("smtp_bind_address"), &value, &error), 0);
	assert_str(value, "192.0.2.2");
	assert_int_equal(pf_raw(&scope, MT_STR("smtp_bind_address")).from, 'm');
	assert_int_equal(pf_expand(&scope, MT_STR("syslog_name"), &value, &error), 0);
	assert_str(value, "p/relay");
	assert_int_equal(pf_raw(&scope, MT_STR("nothing_such")).from, 0);
	bool truth = false;
	assert_true(pf_truth(&scope, "smtp_tls_enforce_peername", &truth) && truth);
	assert_false(pf_truth(&scope, "smtp_bind_address", &truth));
	assert_int_equal(pf_expand(&scope, MT_STR("x"), &value, &error), -1);
	assert_string_equal(error.where, "main.cf:3");
	error = (struct mt_error){0};
	assert_int_equal(pf_expand(&scope, MT_STR("y"), &value, &error), -1);
	assert_string_equal(error.where, "master.cf:3");
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		ROW(continuation_and_comments),
		ROW(odd_lines),
		ROW(duplicates),
		ROW(refused_files),
		ROW(many_names),
		ROW(references),
		ROW(nesting_limit),
		ROW(bombs_are_bounded),
		ROW(option_forms),
		ROW(the_last_of_two_services),
		ROW(refused_services),
		ROW(services_that_die),
		ROW(the_scope_of_a_service),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
