/* SPDX-License-Identifier: ISC */
/*
 * options.c: what the parser takes and refuses: rows, every option with every command, and command lines that are put
 * together by chance, of which every field must come out as it was written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/command.h"
#include "draw.h"

#define LINES	   20000
#define WORDS(...) ((const char *[]){"mtapin", __VA_ARGS__, NULL})

static struct mt_arena *arena;
static const struct mt_option *table;
static struct mt_options options;
static struct mt_error error;

static const struct mt_own_option own[] = {
	{"toy-flag", NULL, "a flag"}, {"toy-text", "TEXT", "a text"}, {0}};
static const struct mt_method methods[] = {{.name = "toy_all"}, {.name = "toy_one"}, {0}};
static const struct mt_backend toy = {.name = "toy", .options = own, .methods = methods};
static const struct mt_backend *const backends[] = {&toy, NULL};

static int parse(const char *const *argv)
{
	error = (struct mt_error){0};
	return mt_options_parse(table, (char **)(uintptr_t)argv, &options, &error);
}

/* ---- rows ---- */

static void refuses(void **state)
{
	(void)state;
	static const struct {
		const char *argv[7];
		const char *where, *message;
	} row[] = {
		{{"mtapin", "show", "--frob"}, "--frob", "unknown option of show"},
		{{"mtapin", "show", "-qz"}, "-z", "unknown option of show"},
		{{"mtapin", "show", "--verb"}, "--verb", "unknown option of show"},
		{{"mtapin", "show", "--verbosely"}, "--verbosely", "unknown option of show"},
		{{"mtapin", "--ip", "192.0.2.1", "fix"},
		 "--ip",
		 "unknown option (those of a command follow its name)"},
		{{"mtapin", "show", "--config"}, "--config", "needs a value: FILE"},
		{{"mtapin", "show", "--config="}, "--config", "needs a value: FILE"},
		{{"mtapin", "show", "--config", ""}, "--config", "needs a value: FILE"},
		{{"mtapin", "show", "--json=yes"}, "--json", "takes no value"},
		{{"mtapin", "show", "--json="}, "--json", "takes no value"},
		{{"mtapin", "show", "--config", "a", "--config", "b"},
		 "--config",
		 "is given twice"},
		{{"mtapin", "show", "--color", "blue"},
		 "--color",
		 "\"blue\" is not one of auto|always|never"},
		{{"mtapin", "show", "--color", "auto|always"},
		 "--color",
		 "\"auto|always\" is not one of auto|always|never"},
		{{"mtapin", "fix", "--method", "toy"},
		 "--method",
		 "\"toy\" is not one of auto|toy_all|toy_one"},
		{{"mtapin", "fix", "--toy-flag=1"}, "--toy-flag", "takes no value"},
		{{"mtapin", "show", "--toy-flag"}, "--toy-flag", "unknown option of show"},
	};
	for (size_t i = 0; i < MT_ARRAY_LEN(row); i++) {
		assert_int_equal(parse(row[i].argv), -1);
		assert_int_equal(error.code, MT_EXIT_USAGE);
		assert_string_equal(error.where, row[i].where);
		assert_string_equal(error.message, row[i].message);
	}
}

static void takes(void **state)
{
	(void)state;
	assert_int_equal(parse(WORDS("-qv", "show", "--", "--json", "-q")), 0);
	assert_true(options.quiet && options.verbose && !options.json);
	assert_int_equal(options.operands.count, 2);
	assert_string_equal(options.operands.word[0], "--json");
	assert_int_equal(parse(WORDS("show", "-")), 0);
	assert_string_equal(options.operands.word[0], "-");
	assert_int_equal(parse(WORDS("check", "--dnsbl")), 0);
	assert_string_equal(options.dnsbl, "");
	assert_int_equal(parse(WORDS("check", "--dnsbl=one.example", "word")), 0);
	assert_string_equal(options.dnsbl, "one.example");
	/* a value may look like an option */
	assert_int_equal(parse(WORDS("show", "--config", "--json")), 0);
	assert_string_equal(options.config, "--json");
	assert_false(options.json);
	assert_int_equal(parse((const char *[]){"mtapin", NULL}), 0);
	assert_null(options.command);
	assert_int_equal(parse((const char *[]){NULL}), 0);
}

static void too_many(void **state)
{
	(void)state;
	const char *argv[2 * (MT_WORDS_MAX + 1) + 3] = {"mtapin", "fix"};
	size_t n = 2;
	for (int i = 0; i < MT_WORDS_MAX; i++) {
		argv[n++] = "--path";
		argv[n++] = "x";
	}
	assert_int_equal(parse(argv), 0);
	assert_int_equal(options.path.count, MT_WORDS_MAX);
	assert_null(options.path.word[MT_WORDS_MAX]);
	argv[n++] = "--path";
	argv[n] = "x";
	assert_int_equal(parse(argv), -1);
	assert_string_equal(error.message, "is given too often");
}

/* ---- every option with every command ---- */

static const char *value_of(const struct mt_option *o)
{
	return mt_strz(arena, mt_str_part(mt_str_of(o->choices ? o->choices : "value"), 0,
					  o->choices ? strcspn(o->choices, "|") : 5));
}

static void only_those_of_the_command(void **state)
{
	(void)state;
	unsigned taken = 0, refused = 0;
	for (const struct mt_command *const *c = mt_commands; *c; c++)
		for (const struct mt_option *o = table; o->name; o++) {
			const char *name = (*c)->name;
			const char *long_name = mt_format(arena, "--%s", o->name);
			const char *word[] = {"mtapin", name, long_name,
					      o->kind == MT_OPTION_TEXT ||
							      o->kind == MT_OPTION_WORDS
						      ? value_of(o)
						      : NULL,
					      NULL};
			bool is_of_all = !*o->commands;
			bool is_of_it = mt_choice_has(o->commands, ' ', name);
			assert_int_equal(parse(word), is_of_all || is_of_it ? 0 : -1);
			if (is_of_all || is_of_it) {
				taken++;
				continue;
			}
			assert_string_equal(error.where, long_name);
			assert_string_equal(error.message,
					    mt_format(arena, "unknown option of %s", name));
			refused++;
		}
	assert_true(taken > 150 && refused > 300);
}

/* ---- lines by chance ---- */

static bool *flag_of(const struct mt_option *o)
{
	return (bool *)(void *)((char *)&options + o->field);
}
static const char *text_of(const struct mt_option *o)
{
	return *(const char **)(void *)((char *)&options + o->field);
}

/* Appended to argv in one of the ways there are to write it; the value, NULL: a flag, or left out. */
static const char *write_option(const struct mt_option *o, const char **argv, size_t *n)
{
	const char *value =
		o->kind == MT_OPTION_FLAG || (o->kind == MT_OPTION_MAYBE && below(2))
			? NULL
			: (o->choices ? value_of(o) : mt_format(arena, "v%u", below(100)));
	bool letter = o->letter && o->kind != MT_OPTION_MAYBE && below(2);
	const char *name =
		letter ? mt_format(arena, "-%c", o->letter) : mt_format(arena, "--%s", o->name);
	if (!value)
		argv[(*n)++] = name;
	else if (o->kind == MT_OPTION_MAYBE || below(2))
		argv[(*n)++] = mt_format(arena, letter ? "%s%s" : "%s=%s", name, value);
	else {
		argv[(*n)++] = name;
		argv[(*n)++] = value;
	}
	return value;
}

static void any_line(size_t options_there)
{
	size_t commands = 0, n = 1, words = 0, list[8], count = below(8);
	const char *argv[40] = {"mtapin"}, *value[8], *operand[3];
	while (mt_commands[commands])
		commands++;
	const char *command = mt_commands[below((uint32_t)commands)]->name;
	bool written = false;
	for (size_t i = 0; i < count; i++) {
		size_t at = below((uint32_t)options_there);
		bool again = false;
		for (size_t k = 0; k < i; k++)
			again |= list[k] == at;
		/* one that all commands have may stand before the command */
		if (again || !mt_option_belongs(&table[at], command)) {
			list[i] = SIZE_MAX;
			continue;
		}
		if (!written && (*table[at].commands || below(2))) {
			argv[n++] = command;
			written = true;
		}
		list[i] = at;
		value[i] = write_option(&table[at], argv, &n);
		if (written && words < 3 && below(4) == 0)
			argv[n++] = operand[words++] = "operand";
	}
	if (!written)
		argv[n++] = command;
	argv[n] = NULL;
	if (parse(argv) != 0)
		fail_msg("%s: %s", error.where, error.message);
	assert_string_equal(options.command, command);
	assert_int_equal(options.operands.count, words);
	for (size_t i = 0; i < words; i++)
		assert_ptr_equal(options.operands.word[i], operand[i]);
	for (size_t i = 0; i < count; i++) {
		const struct mt_option *o = list[i] == SIZE_MAX ? NULL : &table[list[i]];
		if (!o)
			continue;
		if (o->kind == MT_OPTION_FLAG)
			assert_true(*flag_of(o));
		else if (o->kind == MT_OPTION_WORDS)
			assert_string_equal(((struct mt_words *)(void *)flag_of(o))->word[0],
					    value[i]);
		else
			assert_string_equal(text_of(o), value[i] ? value[i] : "");
		/* and taken away again: what is left was not said */
		memset((char *)&options + o->field, 0,
		       o->kind == MT_OPTION_WORDS  ? sizeof(struct mt_words)
		       : o->kind == MT_OPTION_FLAG ? sizeof(bool)
						   : sizeof(char *));
	}
	for (const struct mt_option *o = table; o->name; o++)
		assert_true(o->kind == MT_OPTION_FLAG ? !*flag_of(o)
			    : o->kind == MT_OPTION_WORDS
				    ? !((struct mt_words *)(void *)flag_of(o))->count
				    : !text_of(o));
}

static void lines_by_chance(void **state)
{
	(void)state;
	size_t there = 0;
	while (table[there].name)
		there++;
	for (unsigned i = 0; i < LINES; i++) {
		any_line(there);
		if (i % 100 == 99) { /* the table's own memory stays */
			mt_arena_reset(arena);
			table = mt_option_table(arena, backends);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses),	   cmocka_unit_test(takes),
		cmocka_unit_test(too_many),	   cmocka_unit_test(only_those_of_the_command),
		cmocka_unit_test(lines_by_chance),
	};
	draw_begin();
	arena = mt_arena_new((size_t)16 << 20);
	table = mt_option_table(arena, backends);
	int failed = cmocka_run_group_tests_name("options", tests, NULL, NULL);
	mt_arena_free(arena);
	return failed;
}
