/* SPDX-License-Identifier: ISC */
/* map.c: texts to pointers, and lists of texts, at a cost that does not grow with what is in them. */
#include <mtapin/base.h>

#include <string.h>

struct mt_map_slot {
	struct mt_str key;
	const void *value; /* NULL: free */
};

static struct mt_map_slot *slot_of(const struct mt_map *map, struct mt_str key)
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	for (size_t i = 0; i < key.n; i++)
		hash = (hash ^ (unsigned char)key.p[i]) * 16777619u;
	size_t at = (hash ^ hash >> 15) & (map->slots - 1);
	while (map->slot[at].value && !mt_str_eq(map->slot[at].key, key))
		at = (at + 1) & (map->slots - 1);
	return &map->slot[at];
}

static void grow_map(struct mt_map *map, size_t slots)
{
	struct mt_map old = *map;
	map->slots = slots;
	map->slot = mt_alloc(map->arena, map->slots * sizeof *map->slot);
	for (size_t i = 0; i < old.slots; i++)
		if (old.slot[i].value)
			*slot_of(map, old.slot[i].key) = old.slot[i];
}

void mt_map_reserve(struct mt_map *map, size_t count)
{
	size_t slots = 16;
	while (slots < 2 * count)
		slots *= 2;
	if (slots > map->slots)
		grow_map(map, slots);
}

void mt_map_put(struct mt_map *map, struct mt_str key, const void *value)
{
	if (2 * map->count >= map->slots)
		grow_map(map, map->slots ? map->slots * 2 : 16);
	struct mt_map_slot *slot = slot_of(map, key);
	map->count += !slot->value;
	*slot = (struct mt_map_slot){key, value};
}

const void *mt_map_get(const struct mt_map *map, struct mt_str key)
{
	return map->slots ? slot_of(map, key)->value : NULL;
}

void mt_list_push(struct mt_arena *arena, struct mt_list *list, const char *text)
{
	if (list->n + 1 >= list->room) {
		size_t room = list->room ? list->room * 2 : 8;
		const char **more = mt_alloc(arena, room * sizeof *more);
		if (list->n)
			memcpy(more, list->item, list->n * sizeof *more);
		list->item = more;
		list->room = room;
	}
	list->item[list->n++] = text;
	list->item[list->n] = NULL;
}

void mt_list_add(struct mt_arena *arena, const char *const **list, const char *text)
{
	size_t n = 0;
	while (*list && (*list)[n])
		n++;
	const char **grown = mt_alloc(arena, (n + 2) * sizeof *grown);
	if (n)
		memcpy(grown, *list, n * sizeof *grown);
	grown[n] = text;
	*list = grown;
}

bool mt_list_has(const char *const *list, const char *text)
{
	for (; list && *list; list++)
		if (strcmp(*list, text) == 0)
			return true;
	return false;
}
