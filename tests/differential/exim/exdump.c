/* SPDX-License-Identifier: ISC */
/*
 * exdump: what our reader makes of configurations of Exim, for tests/differential/exim/run.
 *
 * usage: exdump VERSION
 *
 * VERSION is a file with the output of `exim -bV`. Each line of standard input is DIR, a TAB and PREFIX: the files of DIR are
 * taken for those of the folder PREFIX of a host. The answer is blocks "@ NAME LENGTH\n" and LENGTH bytes, then "@ end\n":
 *	status		"ok", or FILE TAB LINE TAB TEXT
 *	unknown		why not all of it is known; empty: it is
 *	lines		FILE TAB FIRST TAB LAST TAB TEXT
 *	main		NAME TAB VALUE in hexadecimal digits
 *	transports	"NAME:" TAB DRIVER, and a line for each option as in main
 *	macros		as main
 * A line "printed FILE" reads what `exim -bP config` has printed: blocks as above.
 */
#include "../../../backends/exim/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef EX_FAULTS
#include "../../../backends/exim/lines.h"

bool ex_fault(enum ex_fault fault)
{
	const char *planted = getenv("EX_FAULT");
	return planted && atoi(planted) == (int)fault;
}
#endif

static const char *const names[] = {"a.conf",	    "b.conf",		"main.conf",
				    "missing.conf", "sub/a.conf",	"sub/b.conf",
				    "sub/c.conf",   "sub/missing.conf", "sub/sub/c.conf"};

static struct mt_arena *arena;
static const struct ex_build *build;

static bool read_file(const char *path, struct mt_str *bytes)
{
	FILE *f = fopen(path, "rb");
	char buffer[65536];
	struct mt_text t = MT_TEXT_INIT(arena);
	if (!f)
		return false;
	for (size_t n; (n = fread(buffer, 1, sizeof buffer, f)) > 0;)
		mt_text_add(&t, (struct mt_str){buffer, n});
	fclose(f);
	*bytes = mt_text_str(&t);
	return true;
}

static const struct mt_snapshot *snapshot_of(const char *dir, const char *prefix)
{
	struct mt_snapshot *snapshot = MT_NEW(arena, struct mt_snapshot);
	struct mt_item *items = mt_alloc(arena, MT_ARRAY_LEN(names) * sizeof *items);
	for (size_t i = 0; i < MT_ARRAY_LEN(names); i++) {
		struct mt_str bytes = {NULL, 0};
		bool there = read_file(mt_format(arena, "%s/%s", dir, names[i]), &bytes);
		items[i] = (struct mt_item){.name = mt_format(arena, "%s/%s", prefix, names[i]),
					    .presence = there ? MT_PRESENT : MT_ABSENT,
					    .why = "",
					    .bytes = bytes,
					    .type = 'f'};
	}
	*snapshot = (struct mt_snapshot){.arena = arena,
					 .host = "",
					 .complete = true,
					 .items = items,
					 .count = MT_ARRAY_LEN(names)};
	return snapshot;
}

static void block(const char *name, struct mt_text *text)
{
	struct mt_str s = mt_text_str(text);
	printf("@ %s %zu\n", name, s.n);
	fwrite(s.p, 1, s.n, stdout);
}

static void add_value(struct mt_text *t, const char *name, const char *value)
{
	mt_text_addf(t, "%s\t", name);
	for (; *value; value++)
		mt_text_addf(t, "%02x", (unsigned char)*value);
	mt_text_addf(t, "\n");
}

static void add_options(struct mt_text *t, const struct ex_option *o)
{
	for (; o; o = o->next)
		add_value(t, o->name, o->unknown ? "?" : o->value);
}

static void dump(const struct ex_config *c)
{
	struct mt_text status = MT_TEXT_INIT(arena), unknown = MT_TEXT_INIT(arena),
		       lines = MT_TEXT_INIT(arena), main = MT_TEXT_INIT(arena),
		       transports = MT_TEXT_INIT(arena), macros = MT_TEXT_INIT(arena);
	if (c->error)
		mt_text_addf(&status, "%s\t%u\t%s", c->error_file ? c->error_file : "",
			     c->error_line, c->error);
	else
		mt_text_addf(&status, "ok");
	mt_text_addf(&unknown, "%s", c->unknown ? c->unknown : "");
	for (const struct ex_line *l = c->lines; l; l = l->next) {
		mt_text_addf(&lines, "%s\t%u\t%u\t", l->file, l->first, l->last);
		mt_text_add(&lines, l->text);
		mt_text_addf(&lines, "\n");
	}
	add_options(&main, c->main);
	for (const struct ex_driver *d = c->transports; d; d = d->next) {
		mt_text_addf(&transports, "%s:\t%s\n", d->name, d->driver);
		add_options(&transports, d->options);
	}
	for (const struct ex_macro *m = c->macros; m; m = m->next)
		add_value(&macros, m->name, m->value);
	block("status", &status);
	block("unknown", &unknown);
	block("lines", &lines);
	block("main", &main);
	block("transports", &transports);
	block("macros", &macros);
	printf("@ end\n");
}

int main(int argc, char **argv)
{
	static char line[65536];
	struct mt_str bytes = {NULL, 0};
	arena = mt_arena_new((size_t)64 << 20);
	if (argc != 2 || !read_file(argv[1], &bytes))
		return 64;
	struct mt_arena *first = arena;
	build = ex_build_read(first, bytes);
	arena = mt_arena_new((size_t)256 << 20);
	while (fgets(line, sizeof line, stdin)) {
		char *prefix = line;
		line[strcspn(line, "\n")] = '\0';
		char *dir = strsep(&prefix, "\t");
		if (strncmp(dir, "printed ", 8) == 0 && read_file(dir + 8, &bytes))
			dump(ex_config_printed(arena, bytes, build));
		else
			dump(ex_config_read(arena, snapshot_of(dir, prefix),
					    mt_format(arena, "%s/main.conf", prefix), build));
		fflush(stdout);
		mt_arena_reset(arena);
	}
	mt_arena_free(arena);
	mt_arena_free(first);
	return 0;
}
