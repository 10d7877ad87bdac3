/* SPDX-License-Identifier: ISC */
/* pfvectors.c: files of tests/vectors/postfix read as a real postconf read them once; the format is told there. */
#include "test.h"

#include "../differential/forms.h"

#include <stdio.h>
#include <stdlib.h>

static const char tags[] = "<nuhxbMP";

struct vector {
	const char *name;
	bool dies;
	struct mt_text of[sizeof tags];
};

static struct mt_text *tagged(struct vector *v, char tag)
{
	return &v->of[strchr(tags, tag) - tags];
}

static struct mt_str unescape(struct mt_arena *arena, struct mt_str s)
{
	struct mt_text t = MT_TEXT_INIT(arena);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '\\') {
			char hex[3] = {s.p[i + 1] == 'x' ? s.p[i + 2] : '0', s.p[i + 3], '\0'};
			c = s.p[++i];
			if (c == 'x') {
				c = (char)strtol(hex, NULL, 16);
				i += 2;
			} else {
				c = c == 't' ? '\t' : c == 'r' ? '\r' : c;
			}
		}
		mt_text_add(&t, (struct mt_str){&c, 1});
	}
	return mt_text_str(&t);
}

static void take(struct vector *v, struct mt_arena *arena, struct mt_str line)
{
	if (line.p[0] == '!') {
		v->dies = true;
		return;
	}
	bool whole = line.n < 2 || line.p[1] != '|';
	size_t skip = whole ? 2 : 3;
	struct mt_text *t = tagged(v, line.p[0]);
	if (line.n > skip)
		mt_text_add(t, unescape(arena, (struct mt_str){line.p + skip, line.n - skip}));
	if (whole)
		mt_text_add(t, MT_STR("\n"));
}

/* The next paragraph; false at the end. */
static bool next_vector(struct mt_arena *arena, struct mt_str *rest, struct vector *v)
{
	struct mt_str line;
	*v = (struct vector){0};
	for (size_t i = 0; i < sizeof tags; i++)
		v->of[i].arena = arena;
	while (mt_str_line(rest, &line)) {
		if (!line.n && v->name)
			break;
		if (line.n && line.p[0] == '=')
			v->name = mt_strz(arena, (struct mt_str){line.p + 2, line.n - 2});
		else if (line.n && line.p[0] != '#')
			take(v, arena, line);
	}
	return v->name != NULL;
}

static bool has_line(struct mt_str lines, struct mt_str line)
{
	struct mt_str each;
	while (mt_str_line(&lines, &each))
		if (mt_str_eq(each, line))
			return true;
	return false;
}

static struct mt_str printable(struct mt_arena *arena, struct mt_str s)
{
	char *p = mt_strz(arena, s);
	for (size_t i = 0; i < s.n; i++)
		if (p[i] < ' ' || p[i] > '~')
			p[i] = '?';
	return (struct mt_str){p, s.n};
}

static size_t lines_in(struct mt_str s)
{
	size_t n = 0;
	for (struct mt_str line; mt_str_line(&s, &line);)
		n++;
	return n;
}

/* Each of our parameters is printed by -n or called unused, and none of theirs is missing. */
static void check_parameters(struct forms *f, struct vector *v)
{
	struct mt_str ours = forms_n(f), raw = forms_raw(f), line, exact;
	struct mt_str n = mt_text_str(tagged(v, 'n')), unused = mt_text_str(tagged(v, 'u'));
	assert_int_equal(lines_in(ours), lines_in(n) + lines_in(unused));
	while (mt_str_line(&ours, &line) && mt_str_line(&raw, &exact))
		assert_true(has_line(n, line) || has_line(unused, printable(f->arena, exact)));
}

static void check_text(struct mt_str ours, const struct mt_text *theirs)
{
	struct mt_str s = mt_text_str(theirs);
	assert_int_equal(ours.n, s.n);
	assert_memory_equal(ours.p, s.p, s.n);
}

static void check_main(struct forms *f, struct vector *v)
{
	forms_read(f, mt_text_str(tagged(v, '<')), MT_STR(""));
	assert_int_equal(v->dies, forms_fatal(f) != NULL);
	if (v->dies)
		return;
	check_parameters(f, v);
	check_text(forms_h(f, MT_STR("inet_interfaces")), tagged(v, 'h'));
	check_text(forms_hx(f, MT_STR("inet_interfaces")), tagged(v, 'x'));
	check_text(forms_hx(f, MT_STR("smtp_bind_address")), tagged(v, 'b'));
}

static void check_master(struct forms *f, struct vector *v)
{
	forms_read(f, MT_STR(""), mt_text_str(tagged(v, '<')));
	assert_int_equal(v->dies, forms_fatal(f) != NULL);
	if (v->dies)
		return;
	check_text(forms_M(f), tagged(v, 'M'));
	check_text(forms_P(f), tagged(v, 'P'));
}

static struct mt_str read_vectors(struct mt_arena *arena, const char *name)
{
	static char bytes[1 << 20];
	const char *srcdir = getenv("srcdir");
	FILE *f = fopen(
		mt_format(arena, "%s/tests/vectors/postfix/%s", srcdir ? srcdir : ".", name), "rb");
	assert_non_null(f);
	size_t n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	return mt_str_copy(arena, (struct mt_str){bytes, n});
}

static void all_of(const char *file, void (*check)(struct forms *, struct vector *), unsigned count)
{
	struct forms f = {.arena = mt_arena_new((size_t)64 << 20)};
	struct mt_str rest = read_vectors(f.arena, file);
	struct vector v;
	for (; next_vector(f.arena, &rest, &v); count--) {
		print_message("# %s\n", v.name);
		check(&f, &v);
	}
	assert_int_equal(count, 0);
	mt_arena_free(f.arena);
}

static void main_cf(void **state)
{
	(void)state;
	all_of("main.txt", check_main, 77);
}

static void master_cf(void **state)
{
	(void)state;
	all_of("master.txt", check_master, 20);
}

int main(void)
{
	const struct CMUnitTest rows[] = {cmocka_unit_test(main_cf), cmocka_unit_test(master_cf)};
	return cmocka_run_group_tests(rows, NULL, NULL);
}
