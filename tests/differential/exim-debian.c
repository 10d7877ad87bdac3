/* SPDX-License-Identifier: ISC */
/*
 * exim-debian ROOT...: what our own code makes of the Exim sources of these trees, for tests/real/exim-debian.t. Writes
 * ROOT/made, or ROOT/failed or ROOT/unknown with the reason. That the sources of the lines are those: a line that is made of
 * one of a file stands there; else a line "ROOT: LINE ..." is printed.
 */
#include "../../backends/exim/debian.h"
#include "../../backends/exim/place.h"

#include <mtapin/backend.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/collect/collect.h"
#include "io/collect/tree.h"

extern const struct mt_backend mt_backend_exim;

static void put(const char *root, const char *name, struct mt_str bytes)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", root, name);
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(bytes.p, 1, bytes.n, f) != bytes.n || fclose(f) != 0)
		abort();
}

static struct mt_str line_of(const struct mt_snapshot *s, struct ex_made_of source)
{
	struct mt_str rest = mt_snapshot_file(s, source.file)->bytes, line = {"", 0};
	for (unsigned i = 0; i < source.line; i++)
		if (!mt_str_line(&rest, &line))
			return (struct mt_str){"(none)", 6};
	return line;
}

/* Settings and the name of the host become macros; the others stand there as they are, the last line of a file that has no
 * end goes on in the next one. */
static void check_sources(const char *root, const struct mt_snapshot *s, const struct ex_debian *d)
{
	struct mt_str rest = d->made, line, source;
	size_t i = 0;
	for (; mt_str_line(&rest, &line); i++) {
		if (i >= d->lines || !d->source[i].file ||
		    !strcmp(d->source[i].file, EX_SETTINGS) ||
		    !strcmp(d->source[i].file, EX_MAILNAME))
			continue;
		source = line_of(s, d->source[i]);
		if (source.n > line.n || memcmp(source.p, line.p, source.n) != 0)
			printf("%s: %zu %.*s is %s:%u %.*s\n", root, i + 1, MT_STR_FMT(line),
			       d->source[i].file, d->source[i].line, MT_STR_FMT(source));
	}
	if (i != d->lines)
		printf("%s: %zu sources of %zu lines\n", root, d->lines, i);
}

int main(int argc, char **argv)
{
	static const struct mt_backend *const backends[] = {&mt_backend_exim, NULL};
	struct mt_collect collect = {.backends = backends};
	for (int i = 1; i < argc; i++) {
		struct mt_arena *arena = mt_arena_new((size_t)64 << 20);
		struct mt_error error = {0};
		struct mt_snapshot *snapshot;
		struct mt_str bundle;
		if (mt_collect_root(arena, &collect, argv[i], &bundle, &error) ||
		    mt_bundle_decode(arena, bundle, &snapshot, &error)) {
			fprintf(stderr, "%s: %s\n", error.where, error.message);
			return 1;
		}
		const struct ex_debian *d = ex_debian_read(arena, snapshot);
		if (d->unknown)
			put(argv[i], "unknown", mt_str_of(d->unknown));
		else if (d->failed)
			put(argv[i], "failed", mt_str_of(d->failed));
		else {
			put(argv[i], "made", d->made);
			check_sources(argv[i], snapshot, d);
		}
		mt_arena_free(arena);
	}
	return 0;
}
