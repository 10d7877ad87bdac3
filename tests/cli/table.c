/* SPDX-License-Identifier: ISC */
/* table.c: the option table as text, for the tests: `table` lists it, `table bash` (zsh, fish) writes the completion. */
#include <stdio.h>
#include <string.h>

#include "cmd/help.h"

static void list(struct mt_text *out)
{
	for (const struct mt_command *const *c = mt_commands; *c; c++)
		mt_text_addf(out, "command %s\n", (*c)->name);
	for (const struct mt_option *o = mt_option_table; o->name; o++)
		mt_text_addf(out, "option %s %c %s %s\n", o->name, o->letter ? o->letter : '-',
			     o->argument ? o->argument : "-", *o->commands ? o->commands : "all");
}

int main(int argc, char **argv)
{
	struct mt_arena *arena = mt_arena_new((size_t)1 << 20);
	struct mt_text out = MT_TEXT_INIT(arena);
	if (argc > 1 && strcmp(argv[1], "bash") == 0)
		mt_complete_bash(&out);
	else if (argc > 1 && strcmp(argv[1], "zsh") == 0)
		mt_complete_zsh(&out);
	else if (argc > 1 && strcmp(argv[1], "fish") == 0)
		mt_complete_fish(&out);
	else
		list(&out);
	fputs(mt_text_z(&out), stdout);
	mt_arena_free(arena);
	return 0;
}
