/* SPDX-License-Identifier: ISC */
/*
 * log_words.c: many words at once: those that begin with the same four bytes lie side by side, and a text is looked up
 * four bytes by four bytes. All of it stays in the nearest caches, which an automaton of a megabyte would not.
 */
#include "core/log/log_words.h"

#include <string.h>

#define BUCKET_BITS 12
#define BUCKETS	    (1u << BUCKET_BITS)

struct word {
	uint64_t head, mask; /* its first eight bytes, and which of them count */
	const char *text;
	size_t n;
	uint64_t features;
	unsigned row;
};

struct mt_log_words {
	struct mt_arena *arena;
	struct word *word; /* by bucket, once ready */
	size_t count, limit;
	uint16_t first[BUCKETS + 1]; /* of a bucket's words */
};

struct mt_log_words *mt_log_words_new(struct mt_arena *arena, size_t limit)
{
	struct mt_log_words *w = MT_NEW(arena, struct mt_log_words);
	w->arena = arena;
	w->limit = limit < UINT16_MAX ? limit : UINT16_MAX;
	w->word = mt_alloc(arena, (w->limit + 1) * sizeof *w->word);
	return w;
}

static size_t bucket_of(const char *p)
{
	uint32_t four;
	memcpy(&four, p, sizeof four);
	return (four * 0x9e3779b1u) >> (32 - BUCKET_BITS);
}

void mt_log_words_add(struct mt_log_words *w, const char *text, uint64_t features, unsigned row)
{
	struct word word = {.text = text, .n = strlen(text), .features = features, .row = row};
	size_t n = word.n < sizeof word.head ? word.n : sizeof word.head;
	if (word.n < MT_LOG_WORD_MIN || w->count == w->limit)
		return;
	memcpy(&word.head, text, n);
	memset(&word.mask, 0xff, n);
	w->word[w->count++] = word;
	w->first[bucket_of(text) + 1]++;
}

void mt_log_words_ready(struct mt_log_words *w)
{
	struct word *sorted = mt_alloc(w->arena, (w->limit + 1) * sizeof *sorted);
	uint16_t *place = mt_alloc(w->arena, BUCKETS * sizeof *place);
	for (size_t b = 1; b <= BUCKETS; b++)
		w->first[b] = (uint16_t)(w->first[b] + w->first[b - 1]);
	memcpy(place, w->first, BUCKETS * sizeof *place);
	for (size_t i = 0; i < w->count; i++)
		sorted[place[bucket_of(w->word[i].text)]++] = w->word[i];
	w->word = sorted;
}

static bool stands_at(const struct word *word, const char *p, size_t left)
{
	uint64_t head;
	memcpy(&head, p, sizeof head);
	return (head & word->mask) == word->head && word->n <= left &&
	       (word->n <= sizeof head || memcmp(p, word->text, word->n) == 0);
}

struct mt_log_found mt_log_words_find(const struct mt_log_words *w, struct mt_str text)
{
	struct mt_log_found found = {0};
	for (size_t i = 0; i + MT_LOG_WORD_MIN <= text.n; i++) {
		size_t bucket = bucket_of(text.p + i);
		for (size_t k = w->first[bucket]; k < w->first[bucket + 1]; k++) {
			const struct word *word = &w->word[k];
			if (!stands_at(word, text.p + i, text.n - i))
				continue;
			found.features |= word->features;
			if (word->row && (!found.row || word->row < found.row))
				found.row = word->row;
		}
	}
	return found;
}
