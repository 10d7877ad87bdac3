/* SPDX-License-Identifier: ISC */
/*
 * diffgen.c: writes COUNT generated cases into DIR: N.old, N.new, N.diff (path /N.old).
 * usage: diffgen DIR SEED COUNT
 * Odd cases draw their lines from a few words, so that they repeat; in even ones every line is unlike
 * any other, so that there is one shortest diff.
 */
#include <mtapin/plan.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed;

static unsigned draw(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % below;
}

static void add_line(struct mt_text *t, unsigned serial, bool unlike)
{
	static const char *const words[] = {"", "# c", "a = b", "  more", "x\r", "\xff\x01"};
	if (unlike)
		mt_text_addf(t, "line %u\n", serial);
	else
		mt_text_addf(t, "%s\n", words[draw(MT_ARRAY_LEN(words))]);
}

static struct mt_str cut_final(struct mt_str s)
{
	return s.n && !draw(4) ? (struct mt_str){s.p, s.n - 1} : s;
}

static size_t next_line(struct mt_str s, size_t at)
{
	const char *lf = at < s.n ? memchr(s.p + at, '\n', s.n - at) : NULL;
	return lf ? (size_t)(lf - s.p) + 1 : s.n;
}

static struct mt_edit *generate_edits(struct mt_arena *arena, struct mt_str old, bool unlike)
{
	struct mt_edit *edits = NULL, **tail = &edits;
	unsigned serial = 1000;
	for (size_t at = 0; at < old.n;) {
		for (unsigned skip = draw(12); skip; skip--)
			at = next_line(old, at);
		struct mt_edit *e = MT_NEW(arena, struct mt_edit);
		struct mt_text text = MT_TEXT_INIT(arena);
		e->at = at;
		for (unsigned n = draw(4); n; n--)
			at = next_line(old, at);
		e->length = at - e->at;
		if (e->at == old.n && old.n && old.p[old.n - 1] != '\n')
			mt_text_add(&text, MT_STR("\n"));
		for (unsigned n = draw(4); n; n--)
			add_line(&text, serial++, unlike);
		e->text = mt_text_str(&text);
		if (at == old.n)
			e->text = cut_final(e->text);
		*tail = e;
		tail = &e->next;
	}
	return edits;
}

static void put(const char *dir, unsigned n, const char *suffix, struct mt_str bytes)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%u.%s", dir, n, suffix);
	FILE *f = fopen(path, "w");
	if (!f || fwrite(bytes.p, 1, bytes.n, f) != bytes.n || fclose(f)) {
		perror(path);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 64;
	seed = strtoul(argv[2], NULL, 10);
	struct mt_arena *arena = mt_arena_new((size_t)64 << 20);
	for (unsigned n = 0, count = (unsigned)atoi(argv[3]); n < count; n++) {
		mt_arena_reset(arena);
		struct mt_text text = MT_TEXT_INIT(arena);
		for (unsigned i = 0, lines = draw(40); i < lines; i++)
			add_line(&text, i, n % 2 == 0);
		struct mt_change c = {.path = mt_format(arena, "/%u.old", n)};
		c.before = cut_final(mt_text_str(&text));
		c.edits = generate_edits(arena, c.before, n % 2 == 0);
		c.after = mt_edits_apply(arena, c.before, c.edits);
		put(argv[1], n, "old", c.before);
		put(argv[1], n, "new", c.after);
		put(argv[1], n, "diff", mt_diff(arena, &c));
	}
	mt_arena_free(arena);
	return 0;
}
