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
#include "../../backends/postfix/expand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS 8

static struct mt_arena *arena;
static struct pf_maincf maincf;
static struct pf_mastercf mastercf;

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
	pf_maincf_parse(arena, "main.cf", read_file(dir, "main.cf"), &maincf);
	pf_mastercf_parse(arena, "master.cf", read_file(dir, "master.cf"), &mastercf);
}

static void block(const char *name, struct mt_text *t)
{
	struct mt_str s = mt_text_str(t);
	printf("@ %s %zu\n", name, s.n);
	fwrite(s.p, 1, s.n, stdout);
	*t = (struct mt_text)MT_TEXT_INIT(arena);
}

/* print_line() of postconf: runs of separators become one blank. */
static void fold(struct mt_text *t, struct mt_str s)
{
	struct mt_str word;
	for (bool first = true; mt_str_word(&s, " \t\r\n", &word); first = false) {
		if (!first)
			mt_text_addf(t, " ");
		mt_text_add(t, word);
	}
	mt_text_addf(t, "\n");
}

/* ---- the scope of a service as postconf has it: lines of one name and type share their options ---- */

static bool same_service(const struct pf_service *a, const struct pf_service *b)
{
	return mt_str_eq(a->name, b->name) && mt_str_eq(a->type, b->type);
}

static struct pf_service merged(const struct pf_service *like)
{
	struct pf_service all = *like;
	struct pf_option **tail = &all.options;
	for (const struct pf_service *s = mastercf.services; s; s = s->next) {
		if (!same_service(s, like))
			continue;
		all.command = s->command;
		for (const struct pf_option *o = s->options; o; o = o->next) {
			*tail = MT_NEW(arena, struct pf_option);
			**tail = *o;
			(*tail)->next = NULL;
			tail = &(*tail)->next;
		}
	}
	return all;
}

static struct pf_scope scope_of(const struct pf_service *service)
{
	return (struct pf_scope){.arena = arena,
				 .maincf = &maincf,
				 .service = service,
				 .hostname = "mx.example.com",
				 .config_directory = "."};
}

static bool is_one_of(struct mt_str name, const char *const *list)
{
	for (; *list; list++)
		if (mt_str_is(name, *list))
			return true;
	return false;
}

/* The names whose values postconf expands whatever it was asked: the built-in ones, less those marked raw. */
static bool is_expanded(struct mt_str name)
{
	static const char *const raw[] = {"default_rbl_reply",		 "forward_path",
					  "postscreen_expansion_filter", "postscreen_reject_footer",
					  "smtpd_expansion_filter",	 NULL};
	static const char *const computed[] = {"myhostname", "mydomain", "mynetworks",
					       "config_directory", NULL};
	struct mt_str text;
	return !is_one_of(name, raw) && (is_one_of(name, computed) || pf_default(name, &text));
}

static bool expands(const struct pf_scope *scope, struct mt_str name, struct mt_str text,
		    struct mt_error *error)
{
	struct mt_str value;
	return !is_expanded(name) || pf_expand_text(scope, text, &value, error) == 0;
}

/* Done before anything is printed; the first bad one is fatal. */
static bool all_expand(struct mt_error *error)
{
	struct pf_scope scope = scope_of(NULL);
	for (const struct pf_entry *e = maincf.entries; e; e = e->next)
		if (pf_maincf_get(&maincf, e->name) == e &&
		    !expands(&scope, e->name, e->value, error))
			return false;
	for (const struct pf_service *s = mastercf.services; s; s = s->next) {
		struct pf_service all = merged(s);
		scope = scope_of(&all);
		for (const struct pf_option *o = all.options; o; o = o->next)
			if (pf_service_option(&all, o->name) == o &&
			    !expands(&scope, o->name, o->value, error))
				return false;
	}
	return true;
}

static const char *fatal(void)
{
	struct mt_error error = {0};
	if (maincf.error)
		return mt_format(arena, "main.cf:%u: %s", maincf.error_line, maincf.error);
	if (mastercf.error && !mastercf.master_only)
		return mt_format(arena, "master.cf:%u: %s", mastercf.error_line, mastercf.error);
	if (!all_expand(&error))
		return mt_format(arena, "%s: %s", error.where, error.message);
	return NULL;
}

/* ---- dump ---- */

static void dump_n(void)
{
	struct mt_text n = MT_TEXT_INIT(arena), raw = MT_TEXT_INIT(arena);
	for (const struct pf_entry *e = maincf.entries; e; e = e->next) {
		if (pf_maincf_get(&maincf, e->name) != e)
			continue;
		fold(&n, mt_str_of(mt_format(arena, "%.*s = %.*s", MT_STR_FMT(e->name),
					     MT_STR_FMT(e->value))));
		mt_text_addf(&raw, "%.*s=%.*s\n", MT_STR_FMT(e->name), MT_STR_FMT(e->value));
	}
	block("n", &n);
	block("raw", &raw);
}

static void dump_hx(const char *names)
{
	struct pf_scope scope = scope_of(NULL);
	struct mt_text t = MT_TEXT_INIT(arena);
	struct mt_str rest = mt_str_of(names), name, value;
	struct mt_error error = {0};
	while (mt_str_word(&rest, " ", &name))
		fold(&t, pf_expand(&scope, name, &value, &error) ? MT_STR("(error)") : value);
	block("hx", &t);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool has_blank(struct mt_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_blank(s.p[i]))
			return true;
	return false;
}

static struct mt_str plain_argument(struct mt_str word)
{
	if (word.p[0] == '{')
		pf_unbrace(&word);
	return word;
}

/* "name=value" from inside {} loses the blanks around '='. */
static struct mt_str option_argument(struct mt_str word)
{
	struct mt_str name, value;
	if (word.p[0] != '{')
		return word;
	pf_unbrace(&word);
	if (pf_split_nameval(word, &name, &value))
		return word;
	return mt_str_of(mt_format(arena, "%.*s=%.*s", MT_STR_FMT(name), MT_STR_FMT(value)));
}

static void put(struct mt_text *t, struct mt_str s, bool braces)
{
	mt_text_addf(t, braces ? " {" : " ");
	mt_text_add(t, s);
	mt_text_addf(t, braces ? "}" : "");
}

/* One word of options, split as postconf splits it: "-vo" is "-v -o", "-ox=y" is "-o x=y". */
static void put_option(struct mt_text *t, struct mt_str text, size_t *at, struct mt_str word)
{
	const char *o = word.n > 1 ? memchr(word.p + 1, 'o', word.n - 1) : NULL;
	if (!o) {
		put(t, word, false);
		return;
	}
	if (o > word.p + 1)
		put(t, (struct mt_str){word.p, (size_t)(o - word.p)}, false);
	struct mt_str argument = {o + 1, (size_t)(word.p + word.n - o - 1)};
	put(t, MT_STR("-o"), false);
	if (argument.n || pf_word_next(text, at, &argument)) {
		argument = option_argument(argument);
		put(t, argument, has_blank(argument));
	}
}

static void put_arguments(struct mt_text *t, struct mt_str text, size_t at)
{
	struct mt_str word;
	bool options = true, first = true;
	while (pf_word_next(text, &at, &word)) {
		options = options && word.p[0] == '-' && !mt_str_is(word, "--");
		if (options) {
			put_option(t, text, &at, word);
			continue;
		}
		word = plain_argument(word);
		put(t, word,
		    !first && has_blank(word)); /* postconf forgets the first one's braces */
		first = false;
	}
	mt_text_addf(t, "\n");
}

static void dump_M(void)
{
	static const size_t column[FIELDS] = {0, 11, 17, 25, 33, 41, 49, 57};
	struct mt_text t = MT_TEXT_INIT(arena);
	for (const struct pf_service *s = mastercf.services; s; s = s->next) {
		struct mt_text line = MT_TEXT_INIT(arena);
		struct mt_str word;
		size_t at = 0;
		for (size_t i = 0; i < FIELDS && pf_word_next(s->where.text, &at, &word); i++) {
			size_t n = line.n;
			size_t pad = i == 0 ? 0 : n < column[i] ? column[i] - n : 1;
			mt_text_addf(&line, "%*s%.*s", (int)pad, "", MT_STR_FMT(word));
		}
		mt_text_add(&t, mt_text_str(&line));
		put_arguments(&t, s->where.text, at);
	}
	block("M", &t);
}

static int by_name(const void *a, const void *b)
{
	const struct pf_option *const *x = a, *const *y = b;
	return strcmp(mt_strz(arena, (*x)->name), mt_strz(arena, (*y)->name));
}

/* postconf looks for a line's options when it comes by: earlier and this line's ones make it printed. */
static bool has_options_by_now(const struct pf_service *service)
{
	for (const struct pf_service *s = mastercf.services; s; s = s->next) {
		if (same_service(s, service) && s->options)
			return true;
		if (s == service)
			return false;
	}
	return false;
}

static void dump_P(void)
{
	struct mt_text t = MT_TEXT_INIT(arena);
	for (const struct pf_service *s = mastercf.services; s; s = s->next) {
		struct pf_service all = merged(s);
		const struct pf_option *list[4096];
		if (!has_options_by_now(s))
			continue;
		size_t n = 0;
		for (const struct pf_option *o = all.options; o && n < 4096; o = o->next)
			if (pf_service_option(&all, o->name) == o)
				list[n++] = o;
		qsort(list, n, sizeof list[0], by_name);
		for (size_t i = 0; i < n; i++)
			fold(&t, mt_str_of(mt_format(arena, "%.*s/%.*s/%.*s = %.*s",
						     MT_STR_FMT(s->name), MT_STR_FMT(s->type),
						     MT_STR_FMT(list[i]->name),
						     MT_STR_FMT(list[i]->value))));
	}
	block("P", &t);
}

static void dump(char *const *field)
{
	read_both(field[1]);
	const char *why = fatal();
	struct mt_text t = MT_TEXT_INIT(arena);
	mt_text_addf(&t, "%s", why ? why : "ok");
	block("status", &t);
	if (!why) {
		dump_n();
		dump_hx(field[2]);
		dump_M();
		dump_P();
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
	struct mt_edit *edits = set ? pf_maincf_set(arena, &maincf, field[2], field[3])
				    : pf_maincf_unset(arena, &maincf, field[2]);
	write_new(field[1], "main.cf", maincf.bytes, edits);
}

static void edit_master(char *const *field)
{
	const struct pf_service *s = pf_mastercf_get(&mastercf, field[2], "unix");
	bool clone = strcmp(field[0], "clone") == 0, unset = strcmp(field[0], "munset") == 0;
	struct pf_setting setting = {field[3 + clone], unset ? NULL : field[4 + clone]};
	if (!s || s->error || mastercf.error) {
		puts("fatal");
		return;
	}
	struct mt_edit *edits =
		clone ? pf_mastercf_clone(arena, &mastercf, s, field[3], &setting, 1)
		      : pf_mastercf_set(arena, &mastercf, s, &setting, 1);
	write_new(field[1], "master.cf", mastercf.bytes, edits);
}

static void edit(char *const *field)
{
	read_both(field[1]);
	if (fatal())
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
