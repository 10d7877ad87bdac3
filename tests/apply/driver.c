/* SPDX-License-Identifier: ISC */
/*
 * driver.c: one engine call on a toy folder, for tests that kill it or make its calls fail.
 * usage: driver make|make-built|fix|trial|confirm|undo|recover|pending DIR (trial: fix --confirm, one second)
 * make-built: with a file that a program makes of the others, in place.
 * Prints the end and the reason; exits with the outcome's code.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/toy.h"

static int call(struct toy *toy, const char *what, struct mt_outcome *outcome,
		struct mt_error *error)
{
	if (strcmp(what, "undo") == 0)
		return mt_undo(NULL, &toy->options, outcome, error);
	if (strcmp(what, "confirm") == 0)
		return mt_confirm(NULL, &toy->options, outcome, error);
	if (strcmp(what, "trial") == 0)
		toy->options.confirm_ms = 1000;
	if (strcmp(what, "recover") == 0)
		return mt_recover(&toy->options, outcome, error);
	return toy_plan(toy, MT_ACTION_NONE, error) ||
			       mt_apply(&toy->plan, &toy->options, outcome, error)
		       ? -1
		       : 0;
}

int main(int argc, char **argv)
{
	struct toy toy;
	struct mt_outcome outcome = {0};
	struct mt_error error = {0};
	struct mt_pending pending;
	if (argc != 3)
		return 64;
	if (strcmp(argv[1], "make") == 0)
		return toy_make(argv[2]) != 0;
	if (strcmp(argv[1], "make-built") == 0)
		return toy_make(argv[2]) || toy_make_build(argv[2], "live");
	struct mt_arena *arena = mt_arena_new((size_t)64 << 20);
	toy_init(&toy, arena, argv[2]);
	if (strcmp(argv[1], "pending") == 0)
		return puts(mt_pending(toy.options.state_dir, &pending) ? pending.id : "none") < 0;
	if (call(&toy, argv[1], &outcome, &error)) {
		printf("error %s: %s\n", error.where, error.message);
		return error.code;
	}
	printf("%s %s", mt_end_name(outcome.end), outcome.why);
	for (const struct mt_message *remark = outcome.remarks; remark; remark = remark->next)
		printf(" %s\n", mt_message_english(arena, remark));
	puts("");
	return outcome.exit_code;
}
