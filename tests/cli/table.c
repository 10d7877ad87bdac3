/* SPDX-License-Identifier: ISC */
/*
 * table.c: the option table as text, for the tests: `table` lists it, `table bash` (zsh, fish) writes the completion;
 * `table settings` says what mtapin.conf on its input comes to.
 */
#include <stdio.h>
#include <string.h>

#include "cmd/help.h"
#include "io/settings.h"

static void list(struct mt_text *out)
{
	for (const struct mt_command *const *c = mt_commands; *c; c++)
		mt_text_addf(out, "command %s\n", (*c)->name);
	for (const struct mt_option *o = mt_option_table; o->name; o++)
		mt_text_addf(out, "option %s %c %s %s\n", o->name, o->letter ? o->letter : '-',
			     o->argument ? o->argument : "-", *o->commands ? o->commands : "all");
}

static void add_settings(struct mt_text *out)
{
	char bytes[4096];
	struct mt_settings s;
	struct mt_error error = {0};
	size_t n = fread(bytes, 1, sizeof bytes, stdin);
	struct mt_settings_file file = {"stdin", {bytes, n}};
	if (mt_settings_parse(out->arena, &file, &s, &error) != 0)
		mt_text_addf(out, "%s: %s\n", error.where, error.message);
	else
		mt_text_addf(out, "%s %d%d %s %u %u %d %zu %d\n", mt_method_name(s.method),
			     s.family[MT_V4].given, s.family[MT_V6].given, s.helo ? s.helo : "-",
			     s.keep_backups, s.service_timeout, s.resolvers != NULL,
			     s.preferred_count, s.lists != NULL);
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
	else if (argc > 1 && strcmp(argv[1], "settings") == 0)
		add_settings(&out);
	else
		list(&out);
	fputs(mt_text_z(&out), stdout);
	mt_arena_free(arena);
	return 0;
}
