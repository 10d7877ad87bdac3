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
