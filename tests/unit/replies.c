/* SPDX-License-Identifier: ISC */
/*
 * replies.c: texts of many providers, of which the tables know some and not others: how many that point at the sending
 * address are found, and how many are taken for it that do not. The generic rule alone stands for a provider nobody has
 * met yet.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/log/log_cause.h"

static struct mt_str read_replies(struct mt_arena *arena)
{
	const char *srcdir = getenv("srcdir");
	size_t size = (size_t)1 << 20;
	char *text = mt_alloc(arena, size);
	FILE *f = fopen(mt_format(arena, "%s/tests/vectors/log/replies.tsv", srcdir ? srcdir : "."),
			"r");
	assert_non_null(f);
	size_t n = fread(text, 1, size, f);
	assert_true(n < size);
	fclose(f);
	return (struct mt_str){text, n};
}

struct score {
	unsigned address, found, other, wrong, exact;
};

static enum mt_log_cause cause_of(struct mt_str name)
{
	for (int c = 0; c < MT_CAUSES; c++)
		if (mt_str_is(name, mt_log_cause_name((enum mt_log_cause)c)))
			return (enum mt_log_cause)c;
	fail_msg("no cause: %.*s", (int)name.n, name.p);
	return MT_CAUSE_UNKNOWN;
}

static void count(const struct mt_log_causes *causes, bool table, struct mt_str line,
		  struct score *score)
{
	struct mt_str rest = line, name = {0}, who = {0};
	mt_str_word(&rest, "\t", &name);
	mt_str_word(&rest, "\t", &who);
	if (!table && mt_str_is(who, "dead list"))
		return;
	rest = mt_str_part(rest, 1, rest.n - 1);
	enum mt_log_cause want = cause_of(name);
	enum mt_log_cause got = mt_log_classify(causes, rest, (struct mt_addr){0}).cause;
	bool address = mt_log_cause_points(want) == MT_POINTS_YES,
	     taken = mt_log_cause_points(got) == MT_POINTS_YES;
	score->address += address;
	score->found += address && taken;
	score->other += !address;
	score->wrong += !address && taken;
	score->exact += want == got;
	if (address != taken)
		print_message("%s: %.*s\n", mt_log_cause_name(got), (int)line.n, line.p);
}

static struct score score_of(bool table)
{
	struct mt_arena *arena = mt_arena_new((size_t)16 << 20);
	struct mt_log_causes *causes = mt_log_causes_new(arena, table);
	struct score score = {0};
	struct mt_str rest = read_replies(arena), line;
	while (mt_str_line(&rest, &line))
		if (line.n && *line.p != '#')
			count(causes, table, line, &score);
	print_message("%s: %u of %u that point at the address found (%.1f %%), %u of %u others "
		      "taken for it (%.2f %%), cause right %u\n",
		      table ? "both tables" : "generic rule alone", score.found, score.address,
		      100.0 * score.found / score.address, score.wrong, score.other,
		      100.0 * score.wrong / score.other, score.exact);
	mt_arena_free(arena);
	return score;
}

static void judge(bool table)
{
	struct score s = score_of(table);
	assert_true(s.address >= 100 && s.other >= 200);
	assert_true(s.found * 100 >= s.address * 90);
	assert_true(s.wrong * 1000 <= s.other * 4);
}

static void with_the_table(void **state)
{
	(void)state;
	judge(true);
}

static void by_the_generic_rule(void **state)
{
	(void)state;
	judge(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(with_the_table),
					   cmocka_unit_test(by_the_generic_rule)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
