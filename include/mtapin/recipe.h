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

#ifdef __cplusplus
extern "C" {
#endif

struct mt_recipe {
	const char *const *words; /* NULL-terminated */
	struct mt_recipe *next; /* once this one succeeded; NULL: that is all */
};

/* One command of these words, which are not copied; what follows a NULL is left out. */
#define mt_recipe(arena, ...) mt_recipe_of((arena), (const char *const[]){__VA_ARGS__, NULL})
/* Further words of it. */
#define mt_recipe_add(arena, recipe, ...)                                                          \
	mt_recipe_append((arena), (recipe), (const char *const[]){__VA_ARGS__, NULL})
struct mt_recipe *mt_recipe_of(struct mt_arena *arena, const char *const *words)
	__attribute__((returns_nonnull));
void mt_recipe_append(struct mt_arena *arena, struct mt_recipe *recipe, const char *const *words);
/* A deep copy, into another arena; NULL of NULL. */
struct mt_recipe *mt_recipe_copy(struct mt_arena *arena, const struct mt_recipe *recipe);
/*
 * "mtapin fix --ip4 192.0.2.10 && ...": printable characters on one line. Words that hold others are spelled by
 * printf(1): a terminal shows them all, and every shell since POSIX.2 reads them back. "" of NULL.
 */
const char *mt_recipe_text(struct mt_arena *arena, const struct mt_recipe *recipe)
	__attribute__((returns_nonnull));

#ifdef __cplusplus
}
#endif

#endif
