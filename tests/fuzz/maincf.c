/* SPDX-License-Identifier: ISC */
/* maincf.c: any bytes as main.cf. Positions stay inside; an edit sets that one parameter and no other. */
#include "fuzz.h"

#include "backends/postfix/maincf.h"

#define VALUE "192.0.2.1, [2001:db8::1]"
static const char NAME[] = "inet_interfaces";

static void check_entries(const struct pf_maincf *file)
{
	size_t at = 0;
	for (const struct pf_entry *e = file->entries; e; e = e->next) {
		FUZZ_HOLDS(e->where.begin >= at && e->where.begin < e->where.end);
		FUZZ_HOLDS(e->where.end <= file->bytes.n);
		FUZZ_HOLDS(e->where.line >= 1 && e->where.line <= e->where.last_line);
		FUZZ_HOLDS(pf_maincf_get(file, e->name) != NULL);
		at = e->where.end;
	}
}

/* Every other parameter still has the value it had. */
static void check_others(const struct pf_maincf *before, const struct pf_maincf *after)
{
	for (const struct pf_entry *e = before->entries; e; e = e->next) {
		const struct pf_entry *was = pf_maincf_get(before, e->name);
		const struct pf_entry *is = pf_maincf_get(after, e->name);
		if (!mt_str_is(e->name, NAME))
			FUZZ_HOLDS(is && mt_str_eq(was->value, is->value));
	}
}

static void check_set(struct mt_arena *arena, const struct pf_maincf *before)
{
	struct pf_maincf after;
	struct mt_edit *edits = pf_maincf_set(arena, before, NAME, VALUE);
	struct mt_str bytes = mt_edits_apply(arena, before->bytes, edits);
	pf_maincf_parse(arena, "main.cf", bytes, &after);
	FUZZ_HOLDS(!after.error);
	const struct pf_entry *set = pf_maincf_get(&after, mt_str_of(NAME));
	FUZZ_HOLDS(set && mt_str_is(set->value, VALUE));
	FUZZ_HOLDS(!pf_maincf_set(arena, &after, NAME, VALUE));
	check_others(before, &after);
}

static void one(struct mt_arena *arena, struct mt_str input)
{
	struct pf_maincf file;
	pf_maincf_parse(arena, "main.cf", input, &file);
	check_entries(&file);
	if (!file.error && !file.has_nul)
		check_set(arena, &file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_run(one, data, size);
}
