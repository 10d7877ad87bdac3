/* SPDX-License-Identifier: ISC */
/*
 * table.c: the option table as text, for the tests, with the backends of DIR: `table DIR` lists it, `table DIR bash` (zsh,
 * fish) writes the completion; `table DIR settings` says what mtapin.conf on its input comes to.
 */
#include <stdio.h>
#include <string.h>

#include "cmd/help.h"
#include "io/settings/settings.h"

static void list(struct mt_text *out, const struct mt_option *table)
{
	for (const struct mt_command *const *c = mt_commands; *c; c++)
		mt_text_addf(out, "command %s\n", (*c)->name);
	for (const struct mt_option *o = table; o->name; o++)
		mt_text_addf(out, "option %s %c %s %s\n", o->name, o->letter ? o->letter : '-',
			     o->argument ? o->argument : "-", *o->commands ? o->commands : "all");
}

static void add_settings(struct mt_text *out, const struct mt_backend *const *backends)
{
	char bytes[4096];
	struct mt_settings s;
	struct mt_error error = {0};
	size_t n = fread(bytes, 1, sizeof bytes, stdin);
	struct mt_settings_file file = {"stdin", {bytes, n}, backends};
	if (mt_settings_parse(out->arena, &file, &s, &error) != 0)
		mt_text_addf(out, "%s: %s\n", error.where, error.message);
	else
		mt_text_addf(out, "%s %d%d %s %u %u %d %zu %d\n", s.method ? s.method : "auto",
			     s.family[MT_V4].given, s.family[MT_V6].given, s.helo ? s.helo : "-",
			     s.keep_backups, s.service_timeout, s.resolvers != NULL,
			     s.preferred_count, s.lists != NULL);
}

int main(int argc, char **argv)
{
	struct mt_arena *arena = mt_arena_new((size_t)1 << 20);
	struct mt_text out = MT_TEXT_INIT(arena);
	struct mt_registry registry;
	const char *what = argc > 2 ? argv[2] : "";
	if (argc < 2)
		return 2;
	mt_registry_load(arena, argv[1], &registry);
	const struct mt_option *table = mt_option_table(arena, registry.backends);
	if (strcmp(what, "bash") == 0)
		mt_complete_bash(&out, table);
	else if (strcmp(what, "zsh") == 0)
		mt_complete_zsh(&out, table);
	else if (strcmp(what, "fish") == 0)
		mt_complete_fish(&out, table);
	else if (strcmp(what, "settings") == 0)
		add_settings(&out, registry.backends);
	else
		list(&out, table);
	fputs(mt_text_z(&out), stdout);
	mt_arena_free(arena);
	return 0;
}
