/* SPDX-License-Identifier: ISC */
/*
 * pfdump: what our reader makes of main.cf and master.cf, in the output forms of postconf(1), and our edits
 * as files, for tests/differential/run.
 *
 * Commands, one a line of standard input, fields separated by TAB; the answer is a line or blocks
 * "@ NAME LENGTH\n" and LENGTH bytes, then "@ end\n":
 *	dump DIR NAMES		blocks: status (ok, or fatal and the reason), n, raw, hx, M, P
 *	set DIR NAME VALUE	edits DIR/main.cf into DIR/main.cf.new: "changed", "same" or "fatal"
 *	unset DIR NAME
 *	mset DIR SERVICE NAME VALUE	the same for master.cf, type unix
 *	munset DIR SERVICE NAME
 *	clone DIR SERVICE NEW NAME VALUE
 */
#include "forms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS 8

static struct mt_arena *arena;
static struct forms forms;

static struct mt_str read_file(const char *dir, const char *name)
{
	FILE *f = fopen(mt_format(arena, "%s/%s", dir, name), "rb");
	if (!f)
		return MT_STR("");
	char buffer[65536];
	struct mt_text t = MT_TEXT_INIT(arena);
	for (size_t n; (n = fread(buffer, 1, sizeof buffer, f)) > 0;)
		mt_text_add(&t, (struct mt_str){buffer, n});
	fclose(f);
	return mt_text_str(&t);
}

static void read_both(const char *dir)
{
	forms.arena = arena;
	forms_read(&forms, read_file(dir, "main.cf"), read_file(dir, "master.cf"));
}

static void block(const char *name, struct mt_str s)
{
	printf("@ %s %zu\n", name, s.n);
	fwrite(s.p, 1, s.n, stdout);
}

static void dump_values(const char *names)
{
	struct mt_text t = MT_TEXT_INIT(arena);
	struct mt_str rest = mt_str_of(names), name;
	while (mt_str_word(&rest, " ", &name))
		mt_text_add(&t, forms_hx(&forms, name));
	block("hx", mt_text_str(&t));
}

static void dump(char *const *field)
{
	read_both(field[1]);
	const char *why = forms_fatal(&forms);
	block("status", mt_str_of(why ? why : "ok"));
	if (!why) {
		block("n", forms_n(&forms));
		block("raw", forms_raw(&forms));
		dump_values(field[2]);
		block("M", forms_M(&forms));
		block("P", forms_P(&forms));
	}
	printf("@ end\n");
}

/* ---- edits ---- */

static void write_new(const char *dir, const char *file, struct mt_str before,
		      const struct mt_edit *edits)
{
	if (!edits) {
		puts("same");
		return;
	}
	struct mt_str after = mt_edits_apply(arena, before, edits);
	FILE *f = fopen(mt_format(arena, "%s/%s.new", dir, file), "wb");
	if (!f || fwrite(after.p, 1, after.n, f) != after.n || fclose(f) != 0)
		abort();
	puts("changed");
}

static void edit_main(char *const *field)
{
	bool set = strcmp(field[0], "set") == 0;
	struct mt_edit *edits = set ? pf_maincf_set(arena, &forms.maincf, field[2], field[3])
				    : pf_maincf_unset(arena, &forms.maincf, field[2]);
	write_new(field[1], "main.cf", forms.maincf.bytes, edits);
}

static void edit_master(char *const *field)
{
	const struct pf_service *s = pf_mastercf_get(&forms.mastercf, field[2], "unix");
	bool clone = strcmp(field[0], "clone") == 0, unset = strcmp(field[0], "munset") == 0;
	struct pf_setting setting = {field[3 + clone], unset ? NULL : field[4 + clone]};
	if (!s || s->error || forms.mastercf.error) {
		puts("fatal");
		return;
	}
	struct mt_edit *edits =
		clone ? pf_mastercf_clone(arena, &forms.mastercf, s, field[3], &setting, 1)
		      : pf_mastercf_set(arena, &forms.mastercf, s, &setting, 1);
	write_new(field[1], "master.cf", forms.mastercf.bytes, edits);
}

static void edit(char *const *field)
{
	read_both(field[1]);
	if (forms_fatal(&forms))
		puts("fatal");
	else if (field[0][0] == 's' || field[0][0] == 'u')
		edit_main(field);
	else
		edit_master(field);
}

int main(void)
{
	static char line[65536];
	arena = mt_arena_new((size_t)256 << 20);
	while (fgets(line, sizeof line, stdin)) {
		static char empty[] = "";
		char *field[FIELDS] = {empty, empty, empty, empty, empty, empty, empty, empty};
		char *rest = line;
		line[strcspn(line, "\n")] = '\0';
		for (size_t i = 0; i < FIELDS && rest; i++)
			field[i] = strsep(&rest, "\t");
		if (strcmp(field[0], "dump") == 0)
			dump(field);
		else
			edit(field);
		fflush(stdout);
		mt_arena_reset(arena);
	}
	mt_arena_free(arena);
	return 0;
}
