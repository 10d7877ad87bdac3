/* SPDX-License-Identifier: ISC */
/* bundle.c: any bytes as a bundle: what a lying host may send. Contents are bytes of the bundle. */
#include "fuzz.h"

static void one(struct mt_arena *arena, struct mt_str input)
{
	struct mt_snapshot *snapshot = NULL;
	struct mt_error error = {0};
	if (mt_bundle_decode(arena, input, &snapshot, &error)) {
		FUZZ_HOLDS(error.message[0]);
		return;
	}
	FUZZ_HOLDS(snapshot->facts != NULL);
	for (size_t i = 0; i < snapshot->count; i++) {
		const struct mt_item *item = &snapshot->items[i];
		FUZZ_HOLDS(fuzz_inside(item->bytes, input));
		FUZZ_HOLDS(mt_item_readable(item) || !item->bytes.n);
		FUZZ_HOLDS(item->bytes.n <= MT_ITEM_MAX);
		const struct mt_item *found = item->probe ? mt_snapshot_probe(snapshot, item->name)
							  : mt_snapshot_file(snapshot, item->name);
		FUZZ_HOLDS(found->presence != MT_UNASKED || item->presence == MT_UNASKED);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_run(one, data, size);
}
