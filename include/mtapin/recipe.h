/* SPDX-License-Identifier: ISC */
/*
 * recipe.h: commands that are shown to be copied, never run. A command is a list of words; only mt_recipe_text()
 * makes text of it, and a shell that splits that text gets the same words back, whatever they hold: what a foreign
 * host says can be one word of a command, but no command of its own.
 *
 * BUGS: line feeds at the end of a word are lost (nothing that is named in a command ends with one).
 */
#ifndef MTAPIN_RECIPE_H
#define MTAPIN_RECIPE_H

#include <mtapin/base.h>

struct mt_recipe {
	const char *const *words; /* NULL-terminated */
	struct mt_recipe *next; /* once this one succeeded; NULL: that is all */
};

/* One command: its words, then NULL. They are not copied. */
struct mt_recipe *mt_recipe(struct mt_arena *arena, const char *word, ...)
	__attribute__((sentinel, returns_nonnull));
/* Further words of it, then NULL. */
void mt_recipe_add(struct mt_arena *arena, struct mt_recipe *recipe, const char *word, ...)
	__attribute__((sentinel));
/* A deep copy, into another arena; NULL of NULL. */
struct mt_recipe *mt_recipe_copy(struct mt_arena *arena, const struct mt_recipe *recipe);
/*
 * "mtapin fix --ip4 192.0.2.10 && ...": printable characters on one line. Words that hold others are spelled by
 * printf(1): a terminal shows them all, and every shell since POSIX.2 reads them back. "" of NULL.
 */
const char *mt_recipe_text(struct mt_arena *arena, const struct mt_recipe *recipe)
	__attribute__((returns_nonnull));

#endif
