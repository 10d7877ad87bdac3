/* SPDX-License-Identifier: ISC */
/* log_memo.c: a bounded store of small facts: four places a hash, of which the oldest is taken. */
#include "core/log/log_reader.h"

#include <string.h>

#define GROUPS 1024 /* two megabytes in all */
#define PLACES 4

struct slot {
	uint8_t key_length;
	uint16_t length;
	char key[MT_LOG_MEMO_KEY];
	char value[MT_LOG_MEMO_VALUE];
};

struct mt_log_memo {
	struct slot slot[GROUPS][PLACES];
	uint8_t oldest[GROUPS];
};

struct mt_log_memo *mt_log_memo_new(struct mt_arena *arena)
{
	return MT_NEW(arena, struct mt_log_memo);
}

/* FNV-1a, mixed: numbers that follow each other fall into slots of their own. */
uint64_t mt_log_hash(uint64_t seed, struct mt_str s)
{
	uint64_t h = seed ^ 0xcbf29ce484222325u;
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * 0x100000001b3u;
	return h ^ h >> 29;
}

static size_t group_of(struct mt_str key)
{
	return (size_t)mt_log_hash(0, key) % GROUPS;
}

static bool slot_holds(const struct slot *slot, struct mt_str key)
{
	return slot->key_length == key.n && memcmp(slot->key, key.p, key.n) == 0;
}

void mt_log_memo_put(struct mt_log_memo *memo, struct mt_str key, struct mt_str value)
{
	if (!key.n || key.n > MT_LOG_MEMO_KEY)
		return;
	size_t group = group_of(key), place = 0;
	while (place < PLACES && !slot_holds(&memo->slot[group][place], key))
		place++;
	if (place == PLACES)
		place = memo->oldest[group]++ % PLACES;
	struct slot *slot = &memo->slot[group][place];
	size_t n = value.n < MT_LOG_MEMO_VALUE ? value.n : MT_LOG_MEMO_VALUE;
	memcpy(slot->key, key.p, key.n);
	if (n)
		memcpy(slot->value, value.p, n);
	slot->key_length = (uint8_t)key.n;
	slot->length = (uint16_t)n;
}

struct mt_str mt_log_memo_get(const struct mt_log_memo *memo, struct mt_str key)
{
	size_t group = group_of(key);
	for (size_t place = 0; key.n && place < PLACES; place++) {
		const struct slot *slot = &memo->slot[group][place];
		if (slot_holds(slot, key))
			return (struct mt_str){slot->value, slot->length};
	}
	return (struct mt_str){0};
}
