/* SPDX-License-Identifier: ISC */
/* snapshot.c: the items of one host: order, look-up, and the same host with one file changed. */
#include "core/host/snapshot.h"

#include <string.h>

static int compare_item(const struct mt_item *item, bool probe, const char *name)
{
	if (item->probe != probe)
		return item->probe ? 1 : -1;
	return strcmp(item->name, name);
}

/* Merges the sorted halves [a, m) and [m, b) of `from` into `to`; equal ones keep their order. */
static void merge_items(const struct mt_item *from, struct mt_item *to, size_t a, size_t m,
			size_t b)
{
	size_t i = a, j = m;
	for (size_t k = a; k < b; k++) {
		bool left = j == b ||
			    (i < m && compare_item(&from[i], from[j].probe, from[j].name) <= 0);
		to[k] = left ? from[i++] : from[j++];
	}
}

static void sort_items(struct mt_arena *arena, struct mt_item **items, size_t count)
{
	struct mt_item *from = *items, *to = mt_alloc(arena, count * sizeof *to);
	for (size_t width = 1; width < count; width *= 2) {
		for (size_t a = 0; a < count; a += 2 * width) {
			size_t m = a + width < count ? a + width : count;
			size_t b = m + width < count ? m + width : count;
			merge_items(from, to, a, m, b);
		}
		struct mt_item *swap = from;
		from = to;
		to = swap;
	}
	*items = from;
}

void mt_snapshot_sort(struct mt_snapshot *snapshot)
{
	size_t kept = 0;
	if (!snapshot->count)
		return;
	sort_items(snapshot->arena, &snapshot->items, snapshot->count);
	struct mt_item *items = snapshot->items;
	for (size_t i = 0; i < snapshot->count; i++)
		if (!kept || compare_item(&items[kept - 1], items[i].probe, items[i].name) != 0)
			items[kept++] = items[i];
	snapshot->count = kept;
}

/* Index of the first item that is not before (probe, name). */
static size_t item_position(const struct mt_snapshot *snapshot, bool probe, const char *name)
{
	size_t low = 0, high = snapshot->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_item(&snapshot->items[middle], probe, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct mt_item nothing = {
	.name = "", .why = "", .bytes = {"", 0}, .type = '?', .mode = -1, .uid = -1, .gid = -1};

static const struct mt_item *find_item(const struct mt_snapshot *snapshot, bool probe,
				       const char *name)
{
	size_t at = item_position(snapshot, probe, name);
	if (at < snapshot->count && compare_item(&snapshot->items[at], probe, name) == 0)
		return &snapshot->items[at];
	return &nothing;
}

const struct mt_item *mt_snapshot_file(const struct mt_snapshot *snapshot, const char *path)
{
	return find_item(snapshot, false, path);
}

const struct mt_item *mt_snapshot_probe(const struct mt_snapshot *snapshot, const char *name)
{
	return find_item(snapshot, true, name);
}

/* A copy with the item of that path, new or not, to be filled in. */
static struct mt_snapshot *with_item(struct mt_arena *arena, const struct mt_snapshot *snapshot,
				     const char *path, struct mt_item **item)
{
	size_t at = item_position(snapshot, false, path), count = snapshot->count;
	bool there = at < count && compare_item(&snapshot->items[at], false, path) == 0;
	struct mt_snapshot *with = MT_NEW(arena, struct mt_snapshot);
	*with = *snapshot;
	with->arena = arena;
	with->count = count + !there;
	with->items = mt_alloc(arena, with->count * sizeof *with->items);
	if (at)
		memcpy(with->items, snapshot->items, at * sizeof *with->items);
	if (at < count)
		memcpy(with->items + at + !there, snapshot->items + at,
		       (count - at) * sizeof *with->items);
	*item = &with->items[at];
	if (!there) {
		**item = nothing;
		(*item)->name = mt_strdup(arena, path);
	}
	(*item)->why = "";
	return with;
}

const struct mt_snapshot *mt_snapshot_with(struct mt_arena *arena,
					   const struct mt_snapshot *snapshot, const char *path,
					   struct mt_str bytes)
{
	struct mt_item *item;
	struct mt_snapshot *with = with_item(arena, snapshot, path, &item);
	item->type = 'f';
	item->presence = MT_PRESENT;
	item->bytes = (struct mt_str){bytes.n ? bytes.p : "", bytes.n};
	item->size = (int64_t)bytes.n;
	item->planned = true;
	return with;
}

const struct mt_snapshot *mt_snapshot_without(struct mt_arena *arena,
					      const struct mt_snapshot *snapshot, const char *path)
{
	struct mt_item *item;
	struct mt_snapshot *without = with_item(arena, snapshot, path, &item);
	const char *name = item->name;
	*item = nothing;
	item->name = name;
	item->presence = MT_ABSENT;
	return without;
}

const struct mt_snapshot *mt_snapshot_mode(struct mt_arena *arena,
					   const struct mt_snapshot *snapshot, const char *path,
					   const struct mt_item *as)
{
	struct mt_item *item;
	struct mt_snapshot *with = with_item(arena, snapshot, path, &item);
	item->mode = as->mode;
	item->uid = as->uid;
	item->gid = as->gid;
	return with;
}

void mt_snapshot_cap(struct mt_snapshot *snapshot, size_t max)
{
	for (size_t i = 0; i < snapshot->count; i++) {
		struct mt_item *item = &snapshot->items[i];
		if (item->bytes.n <= max)
			continue;
		item->presence = MT_TOO_BIG;
		item->bytes = (struct mt_str){"", 0};
		item->why = "larger than what is collected";
	}
}

const char *mt_presence_name(enum mt_presence presence)
{
	static const char *const names[] = {"unasked", "present", "redacted", "absent",
					    "denied",  "too big", "failed"};
	return (unsigned)presence < MT_ARRAY_LEN(names) ? names[presence] : "unknown";
}
