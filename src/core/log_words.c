/* SPDX-License-Identifier: ISC */
/*
 * log_words.c: many words at once: the automaton of Aho and Corasick ("Efficient string matching", CACM 18, 1975),
 * with a full table of transitions.
 */
#include "core/log_words.h"

#include <string.h>

#define SYMBOLS	   64
#define STATES_MAX 65535

struct mt_log_words {
	struct mt_arena *arena;
	size_t count, limit;
	uint16_t (*next)[SYMBOLS]; /* 0: none yet, or the root */
	uint64_t *features;
	uint16_t *row;
	uint8_t *ends; /* whether a word ends at the state: small, and asked at every byte */
	uint8_t symbol[256]; /* 0: stands in no word */
};

static void alphabet(uint8_t symbol[256])
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789 .-_/:;[]()<>=#,'\"+!?&@";
	_Static_assert(sizeof plain - 1 < SYMBOLS, "too many symbols");
	memset(symbol, 0, 256);
	for (size_t i = 0; plain[i]; i++)
		symbol[(uint8_t)plain[i]] = (uint8_t)(i + 1);
}

struct mt_log_words *mt_log_words_new(struct mt_arena *arena, size_t bytes)
{
	struct mt_log_words *w = MT_NEW(arena, struct mt_log_words);
	w->arena = arena;
	w->limit = bytes + 1 < STATES_MAX ? bytes + 1 : STATES_MAX;
	w->next = mt_alloc(arena, w->limit * sizeof *w->next);
	w->features = mt_alloc(arena, w->limit * sizeof *w->features);
	w->row = mt_alloc(arena, w->limit * sizeof *w->row);
	w->ends = mt_alloc(arena, w->limit);
	w->count = 1;
	alphabet(w->symbol);
	return w;
}

void mt_log_words_add(struct mt_log_words *w, const char *word, uint64_t features, unsigned row)
{
	uint16_t state = 0;
	for (const char *p = word; *p; p++) {
		uint8_t s = w->symbol[(uint8_t)*p];
		if (!s || w->count >= w->limit)
			return;
		if (!w->next[state][s])
			w->next[state][s] = (uint16_t)w->count++;
		state = w->next[state][s];
	}
	w->features[state] |= features;
	if (row && (!w->row[state] || row < w->row[state]))
		w->row[state] = (uint16_t)row;
}

/* What ends at the state that is left also ends here. */
static void inherit(struct mt_log_words *w, uint16_t state, uint16_t from)
{
	w->features[state] |= w->features[from];
	if (w->row[from] && (!w->row[state] || w->row[from] < w->row[state]))
		w->row[state] = w->row[from];
}

void mt_log_words_ready(struct mt_log_words *w)
{
	uint16_t *queue = mt_alloc(w->arena, w->count * sizeof *queue);
	uint16_t *fall = mt_alloc(w->arena, w->count * sizeof *fall);
	size_t head = 0, tail = 1; /* the root is first */
	while (head < tail) {
		uint16_t state = queue[head++];
		w->ends[state] = w->features[state] || w->row[state];
		for (unsigned s = 1; s < SYMBOLS; s++) {
			uint16_t child = w->next[state][s],
				 other = state ? w->next[fall[state]][s] : 0;
			if (child) {
				fall[child] = other;
				inherit(w, child, other);
				queue[tail++] = child;
			} else {
				w->next[state][s] = other;
			}
		}
	}
}

struct mt_log_found mt_log_words_find(const struct mt_log_words *w, struct mt_str text)
{
	struct mt_log_found found = {0};
	uint16_t state = 0;
	for (size_t i = 0; i < text.n; i++) {
		state = w->next[state][w->symbol[(uint8_t)text.p[i]]];
		if (!w->ends[state])
			continue;
		found.features |= w->features[state];
		if (w->row[state] && (!found.row || w->row[state] < found.row))
			found.row = w->row[state];
	}
	return found;
}
