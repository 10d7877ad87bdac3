/* SPDX-License-Identifier: ISC */
/* line.c: command lines as a shell takes them. */
#include "cmd/line.h"

#include <string.h>

static bool is_plain(const char *word)
{
	return *word &&
	       !word[strspn(
		       word,
		       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+.,:/@%")];
}

static void add_word(struct mt_text *text, const char *word)
{
	mt_text_addf(text, is_plain(word) ? " " : " '");
	for (const char *p = word; *p; p++)
		mt_text_addf(text, *p == '\'' ? "'\\''" : "%c", *p);
	mt_text_addf(text, is_plain(word) ? "" : "'");
}

const char *mt_line_of(struct mt_arena *arena, char *const *words)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	mt_text_addf(&text, "mtapin");
	for (; *words; words++)
		add_word(&text, *words);
	return mt_text_z(&text);
}

static void add_option(struct mt_text *text, const struct mt_option *option, const char *value)
{
	mt_text_addf(text, " --%s", option->name);
	if (value)
		add_word(text, value);
}

const char *mt_line_of_options(struct mt_arena *arena, const char *command,
			       const struct mt_options *options)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	mt_text_addf(&text, "mtapin %s", command);
	for (const struct mt_option *o = mt_option_table; o->name; o++) {
		const void *field = (const char *)options + o->field;
		const struct mt_words *words = field;
		const char *const *value = field;
		if (!mt_option_belongs(o, command))
			continue;
		if (o->kind == MT_OPTION_FLAG && *(const bool *)field)
			add_option(&text, o, NULL);
		else if (o->kind == MT_OPTION_TEXT && *value)
			add_option(&text, o, *value);
		for (unsigned i = 0; o->kind == MT_OPTION_WORDS && i < words->count; i++)
			add_option(&text, o, words->word[i]);
	}
	return mt_text_z(&text);
}
