/* SPDX-License-Identifier: ISC */
/* recipe.c: words as a shell takes them. */
#include <mtapin/recipe.h>

#include <string.h>

#include <mtapin/plan.h>

#include "core/base/character.h"

/* As the format of printf(1): what is not seen, or means something to it, in octal. $'...' would be shorter, but not
 * every sh has it (dash of Debian 12). */
static void add_spelled(struct mt_text *text, struct mt_str s)
{
	mt_text_addf(text, "\"$(printf '");
	while (s.n) {
		size_t n = mt_utf8_length(s), length = n ? n : 1;
		struct mt_str c = {s.p, length};
		if (n && !mt_is_hidden(mt_code_point(c)) && !strchr("%\\'-", c.p[0]))
			mt_text_add(text, c);
		else
			for (size_t i = 0; i < length; i++)
				mt_text_addf(text, "\\%03o", (unsigned)(unsigned char)c.p[i]);
		s = mt_str_part(s, length, s.n - length);
	}
	mt_text_addf(text, "')\"");
}

static void add_recipe_word(struct mt_text *text, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_=+.,:/@%";
	if (*word && !word[strspn(word, plain)])
		mt_text_add(text, mt_str_of(word));
	else if (mt_is_visible(mt_str_of(word))) {
		mt_text_addf(text, "'");
		for (const char *p = word; *p; p++)
			mt_text_addf(text, *p == '\'' ? "'\\''" : "%c", *p);
		mt_text_addf(text, "'");
	} else
		add_spelled(text, mt_str_of(word));
}

void mt_recipe_append(struct mt_arena *arena, struct mt_recipe *recipe, const char *const *words)
{
	for (; *words; words++)
		mt_list_add(arena, &recipe->words, *words);
}

struct mt_recipe *mt_recipe_of(struct mt_arena *arena, const char *const *words)
{
	struct mt_recipe *recipe = MT_NEW(arena, struct mt_recipe);
	mt_recipe_append(arena, recipe, words);
	return recipe;
}

struct mt_recipe *mt_recipe_copy(struct mt_arena *arena, const struct mt_recipe *recipe)
{
	struct mt_recipe *first = NULL, **at = &first;
	for (; recipe; recipe = recipe->next, at = &(*at)->next) {
		*at = MT_NEW(arena, struct mt_recipe);
		for (const char *const *word = recipe->words; word && *word; word++)
			mt_list_add(arena, &(*at)->words, mt_strdup(arena, *word));
	}
	return first;
}

const char *mt_recipe_text(struct mt_arena *arena, const struct mt_recipe *recipe)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	for (; recipe; recipe = recipe->next) {
		const char *const *word = recipe->words;
		for (; word && *word; word++) {
			mt_text_addf(&text, word == recipe->words ? "" : " ");
			add_recipe_word(&text, *word);
		}
		mt_text_addf(&text, recipe->next ? " && " : "");
	}
	return mt_text_z(&text);
}
