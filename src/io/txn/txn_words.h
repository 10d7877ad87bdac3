/* SPDX-License-Identifier: ISC */
/* txn_words.h: the words of a journal's plan, read back; false: it is not as txn.c writes them. */
#ifndef MT_TXN_WORDS_H
#define MT_TXN_WORDS_H

#include "io/txn/txn.h"

#define MT_TXN_WORDS (MT_ARGV_MAX + 1)
#define MT_TXN_KEYS  40
#define MT_TXN_HASH  64

/* Where the reading is. All is appended at its end, so that the time is linear in the text. */
struct mt_txn_line {
	struct mt_arena *arena;
	struct mt_str word[MT_TXN_WORDS]; /* word[0] is the key; still escaped */
	size_t n;
	bool whole; /* with the edits */
	unsigned files, validators;
	struct mt_txn_file *file; /* the last one, */
	struct mt_edit **edit; /* and where its next edit goes */
	struct mt_command_line **validator;
	/* by key: the words of its list, and for how many there is room */
	size_t listed[MT_TXN_KEYS], room[MT_TXN_KEYS];
};

/* Unescaped. */
bool mt_word_text(const struct mt_txn_line *line, size_t i, const char **value);
bool mt_word_number(struct mt_str word, long long *value);
bool mt_word_octal(struct mt_str word, int *mode);
/* "" for an absent file. */
bool mt_word_sha(struct mt_str word, char out[MT_TXN_HASH + 1]);
/* A day at most. */
bool mt_word_seconds(struct mt_str word, unsigned *value);
/* All behind the key; only once. */
bool mt_words_argv(const struct mt_txn_line *line, struct mt_command_line *command);

#endif
