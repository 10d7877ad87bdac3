/* SPDX-License-Identifier: ISC */
/*
 * fuzz/bundle.c: no bytes whatever make the decoder or the host facts crash, read outside of the
 * bundle, or call a bundle complete whose `done` is not there. For libFuzzer:
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined -Iinclude -Isrc tests/fuzz/bundle.c src/core/[a-h]*.c ...
 */
#include <stdlib.h>
#include <string.h>

#include <mtapin/snapshot.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_item(const struct mt_item *item, struct mt_str bundle)
{
	if (!mt_item_readable(item) && item->bytes.n)
		abort();
	if (item->bytes.n && (item->bytes.p < bundle.p || item->bytes.n > MT_ITEM_MAX ||
			      item->bytes.p + item->bytes.n > bundle.p + bundle.n))
		abort();
	if (!item->name[0] || !item->why)
		abort();
}

static void check(const struct mt_snapshot *s, struct mt_str bundle)
{
	if (s->complete && !memmem(bundle.p, bundle.n, " done\n", 6))
		abort();
	for (size_t i = 0; i < s->count; i++) {
		const struct mt_item *item = &s->items[i];
		check_item(item, bundle);
		if ((item->probe ? mt_snapshot_probe : mt_snapshot_file)(s, item->name) != item)
			abort();
	}
	struct mt_addr addr = {.set = true};
	if (!mt_host_source(s->facts, addr) || !s->facts->pid1)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mt_arena *arena = mt_arena_new((size_t)256 << 20);
	struct mt_error error = {0};
	struct mt_str bundle = {(const char *)data, size};
	struct mt_snapshot *snapshot;
	if (mt_bundle_decode(arena, bundle, &snapshot, &error) == 0)
		check(snapshot, bundle);
	mt_arena_free(arena);
	return 0;
}
