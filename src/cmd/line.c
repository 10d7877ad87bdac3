/* SPDX-License-Identifier: ISC */
/* line.c: command lines of mtapin itself. */
#include "cmd/line.h"

#include <string.h>

struct mt_recipe *mt_line_of(struct mt_arena *arena, char *const *words)
{
	struct mt_recipe *line = MT_NEW(arena, struct mt_recipe);
	size_t n = 0;
	while (words[n])
		n++;
	const char **all = mt_alloc(arena, (n + 2) * sizeof *all);
	all[0] = "mtapin";
	memcpy(all + 1, words, n * sizeof *all);
	line->words = all;
	return line;
}

struct mt_recipe *mt_line_of_options(struct mt_arena *arena, const char *command,
				     const struct mt_options *options)
{
	struct mt_recipe *line = mt_recipe(arena, "mtapin", command, NULL);
	for (const struct mt_option *o = options->table; o->name; o++) {
		const void *field = (const char *)options + o->field;
		const struct mt_words *words = field;
		const char *const *value = field, *name = mt_format(arena, "--%s", o->name);
		if (!mt_option_belongs(o, command))
			continue;
		if (o->kind == MT_OPTION_FLAG && *(const bool *)field)
			mt_recipe_add(arena, line, name, NULL);
		else if (o->kind == MT_OPTION_TEXT && *value)
			mt_recipe_add(arena, line, name, *value, NULL);
		for (unsigned i = 0; o->kind == MT_OPTION_WORDS && i < words->count; i++)
			mt_recipe_add(arena, line, name, words->word[i], NULL);
	}
	return line;
}
