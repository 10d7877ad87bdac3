/* SPDX-License-Identifier: ISC */
/* forms.c: what our readers make of main.cf and master.cf, as postconf(1) would print it. */
#include "forms.h"

#include <stdlib.h>
#include <string.h>

#define FIELDS 8

void forms_read(struct forms *f, struct mt_str main, struct mt_str master)
{
	pf_maincf_parse(f->arena, "main.cf", main, &f->maincf);
	pf_mastercf_parse(f->arena, "master.cf", master, &f->mastercf);
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

static struct pf_service merged(const struct forms *f, const struct pf_service *like)
{
	struct pf_service all = *like;
	struct pf_option **tail = &all.options;
	for (const struct pf_service *s = f->mastercf.services; s; s = s->next) {
		if (!same_service(s, like))
			continue;
		all.command = s->command;
		for (const struct pf_option *o = s->options; o; o = o->next) {
			*tail = MT_NEW(f->arena, struct pf_option);
			**tail = *o;
			(*tail)->next = NULL;
			tail = &(*tail)->next;
		}
	}
	return all;
}

static struct pf_scope scope_of(const struct forms *f, const struct pf_service *service)
{
	return (struct pf_scope){.arena = f->arena,
				 .maincf = &f->maincf,
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

/* Done before anything is printed; the first bad one is fatal. One parameter is expanded early, when no
 * default is known yet. */
static bool all_expand(const struct forms *f, struct mt_error *error)
{
	struct pf_scope scope = scope_of(f, NULL);
	struct mt_str value;
	scope.files_only = true;
	if (pf_expand(&scope, MT_STR("smtpd_restriction_classes"), &value, error))
		return false;
	scope.files_only = false;
	for (const struct pf_entry *e = f->maincf.entries; e; e = e->next)
		if (pf_maincf_get(&f->maincf, e->name) == e &&
		    !expands(&scope, e->name, e->value, error))
			return false;
	for (const struct pf_service *s = f->mastercf.services; s; s = s->next) {
		struct pf_service all = merged(f, s);
		scope = scope_of(f, &all);
		for (const struct pf_option *o = all.options; o; o = o->next)
			if (pf_service_option(&all, o->name) == o &&
			    !expands(&scope, o->name, o->value, error))
				return false;
	}
	return true;
}

const char *forms_fatal(const struct forms *f)
{
	struct mt_error error = {0};
	if (f->maincf.error)
		return mt_format(f->arena, "main.cf:%u: %s", f->maincf.error_line, f->maincf.error);
	if (f->mastercf.error && !f->mastercf.master_only)
		return mt_format(f->arena, "master.cf:%u: %s", f->mastercf.error_line,
				 f->mastercf.error);
	if (!all_expand(f, &error))
		return mt_format(f->arena, "%s: %s", error.where, error.message);
	return NULL;
}

/* ---- what it prints ---- */

struct mt_str forms_n(const struct forms *f)
{
	struct mt_text t = MT_TEXT_INIT(f->arena);
	for (const struct pf_entry *e = f->maincf.entries; e; e = e->next)
		if (pf_maincf_get(&f->maincf, e->name) == e)
			fold(&t, mt_str_of(mt_format(f->arena, "%.*s = %.*s", MT_STR_FMT(e->name),
						     MT_STR_FMT(e->value))));
	return mt_text_str(&t);
}

struct mt_str forms_raw(const struct forms *f)
{
	struct mt_text t = MT_TEXT_INIT(f->arena);
	for (const struct pf_entry *e = f->maincf.entries; e; e = e->next)
		if (pf_maincf_get(&f->maincf, e->name) == e)
			mt_text_addf(&t, "%.*s=%.*s\n", MT_STR_FMT(e->name), MT_STR_FMT(e->value));
	return mt_text_str(&t);
}

struct mt_str forms_h(const struct forms *f, struct mt_str name)
{
	struct pf_scope scope = scope_of(f, NULL);
	struct mt_text t = MT_TEXT_INIT(f->arena);
	fold(&t, pf_raw(&scope, name).text);
	return mt_text_str(&t);
}

struct mt_str forms_hx(const struct forms *f, struct mt_str name)
{
	struct pf_scope scope = scope_of(f, NULL);
	struct mt_text t = MT_TEXT_INIT(f->arena);
	struct mt_str value;
	struct mt_error error = {0};
	fold(&t, pf_expand(&scope, name, &value, &error) ? MT_STR("(error)") : value);
	return mt_text_str(&t);
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
static struct mt_str option_argument(struct mt_arena *arena, struct mt_str word)
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
		argument = option_argument(t->arena, argument);
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

struct mt_str forms_M(const struct forms *f)
{
	static const size_t column[FIELDS] = {0, 11, 17, 25, 33, 41, 49, 57};
	struct mt_text t = MT_TEXT_INIT(f->arena);
	for (const struct pf_service *s = f->mastercf.services; s; s = s->next) {
		struct mt_text line = MT_TEXT_INIT(f->arena);
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
	return mt_text_str(&t);
}

static int by_name(const void *a, const void *b)
{
	const struct pf_option *const *x = a, *const *y = b;
	size_t m = (*x)->name.n, n = (*y)->name.n;
	int order = memcmp((*x)->name.p, (*y)->name.p, m < n ? m : n);
	return order ? order : m < n ? -1 : m > n;
}

/* postconf looks for a line's options when it comes by: earlier and this line's ones make it printed. */
static bool has_options_by_now(const struct forms *f, const struct pf_service *service)
{
	for (const struct pf_service *s = f->mastercf.services; s; s = s->next) {
		if (same_service(s, service) && s->options)
			return true;
		if (s == service)
			return false;
	}
	return false;
}

struct mt_str forms_P(const struct forms *f)
{
	struct mt_text t = MT_TEXT_INIT(f->arena);
	for (const struct pf_service *s = f->mastercf.services; s; s = s->next) {
		struct pf_service all = merged(f, s);
		const struct pf_option *list[4096];
		if (!has_options_by_now(f, s))
			continue;
		size_t n = 0;
		for (const struct pf_option *o = all.options; o && n < 4096; o = o->next)
			if (pf_service_option(&all, o->name) == o)
				list[n++] = o;
		qsort(list, n, sizeof list[0], by_name);
		for (size_t i = 0; i < n; i++)
			fold(&t, mt_str_of(mt_format(f->arena, "%.*s/%.*s/%.*s = %.*s",
						     MT_STR_FMT(s->name), MT_STR_FMT(s->type),
						     MT_STR_FMT(list[i]->name),
						     MT_STR_FMT(list[i]->value))));
	}
	return mt_text_str(&t);
}
