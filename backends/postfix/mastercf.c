/* SPDX-License-Identifier: ISC */
/*
 * mastercf.c: reading master.cf.
 *
 * Lines as in main.cf; words are separated by blanks, except inside {}. Two readers matter: postconf(1),
 * whose refusal makes `postfix check`, reload and stop fail, and master(8) with the programs it starts.
 * Where they differ (see pf_mastercf.master_only, pf_service.error) the programs' view is the one told:
 * "-oname=value" is one option although postconf 3.7 cuts it at the next 'o'. Options end at the first
 * word that is none. Of several entries with one name and type, master uses the last and says so in the log.
 */
#include "mastercf.h"

#include <string.h>

#define FIELDS 8

static bool is_blank(char c) /* master_blanks: no vertical tab, no form feed */
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool pf_word_next(struct mt_str text, size_t *at, struct mt_str *word)
{
	while (*at < text.n && is_blank(text.p[*at]))
		++*at;
	size_t begin = *at, level = 0;
	for (; *at < text.n; ++*at) {
		char c = text.p[*at];
		if (c == '{')
			level++;
		else if (c == '}' && level > 0)
			level--;
		else if (level == 0 && is_blank(c))
			break;
	}
	*word = (struct mt_str){text.p + begin, *at - begin};
	return word->n > 0;
}

bool pf_unbrace(struct mt_str *word)
{
	size_t level = 0, n = 0;
	while (n < word->n) {
		level += word->p[n] == '{';
		if (word->p[n++] == '}' && --level == 0)
			break;
	}
	bool good = level == 0 && n == word->n;
	struct mt_str inner = {word->p + 1, n - 1 - (level == 0)};
	*word = mt_str_trim(inner);
	return good;
}

struct mt_str pf_basename(struct mt_str path)
{
	for (size_t i = path.n; i > 0; i--)
		if (path.p[i - 1] == '/')
			return (struct mt_str){path.p + i, path.n - i};
	return path;
}

/* ---- from a byte of the joined text to the byte of the file ------------------------------------
 * Asked in rising order only, so that an entry of many lines costs no more than its length.
 */
struct map {
	struct mt_str file, text;
	size_t at, base; /* base: where in the text the current physical line begins */
	unsigned number;
	struct pf_physical physical;
};

static void map_start(struct map *m, struct mt_str file, const struct pf_line *line)
{
	*m = (struct map){
		.file = file, .text = line->text, .at = line->begin, .number = line->line - 1};
	pf_physical_next(file, &m->at, &m->number, &m->physical);
}

static size_t map_byte(struct map *m, const char *p)
{
	size_t offset = (size_t)(p - m->text.p);
	while (offset - m->base >= m->physical.text.n) {
		size_t passed = m->physical.text.n;
		if (!pf_physical_next(m->file, &m->at, &m->number, &m->physical))
			break;
		m->base += passed;
	}
	return m->physical.begin + (offset - m->base);
}

/* ---- options ---- */

struct reading {
	struct mt_arena *arena;
	struct pf_service *service;
	struct pf_option **tail;
	struct map map;
	size_t at; /* in the text */
	bool bad_braces; /* a word starts with '{', and its '}' is not its last byte: master dies */
};

static void dies(struct reading *r, const char *why)
{
	if (r->service->error)
		return;
	r->service->error = why;
	r->service->error_line = r->map.number;
}

/* `argument` is what follows -o, `o` where that letter's option begins. */
static void take_option(struct reading *r, const char *o, struct mt_str argument)
{
	struct pf_option *option = MT_NEW(r->arena, struct pf_option);
	const char *end = argument.p + argument.n;
	option->begin = map_byte(&r->map, o);
	option->line = r->map.number;
	option->argument = map_byte(&r->map, argument.p);
	option->braced = argument.p[0] == '{';
	if (option->braced && !pf_unbrace(&argument))
		r->bad_braces = true;
	const char *why = pf_split_nameval(argument, &option->name, &option->value);
	if (why) {
		dies(r, mt_format(r->arena, "invalid -o option value: %s", why));
		return;
	}
	const char *name_end = option->name.p + option->name.n;
	const char *eq = memchr(name_end, '=', (size_t)(end - name_end));
	struct mt_str value = option->value;
	option->value_begin = option->value_end = map_byte(&r->map, eq) + 1;
	if (value.n) {
		option->value_begin = map_byte(&r->map, value.p);
		option->value_end = map_byte(&r->map, value.p + value.n - 1) + 1;
	}
	option->end = map_byte(&r->map, end - 1) + 1;
	*r->tail = option;
	r->tail = &option->next;
}

static void take_argument(struct reading *r, const char *letter, struct mt_str word)
{
	struct mt_str argument = {letter + 1, (size_t)(word.p + word.n - letter - 1)};
	bool glued = argument.n > 0;
	if (!glued && !pf_word_next(r->map.text, &r->at, &argument)) {
		dies(r, "an option lacks its argument");
		return;
	}
	if (*letter != 'o')
		return;
	if (glued && argument.p[0] == '{') /* master takes braces off whole words only */
		dies(r, "-o and { must be two words");
	take_option(r, letter == word.p + 1 ? word.p : letter, argument);
}

/* The letters of one word: "-v", "-o", "-vo", "-oname=value"; the sets are those of all servers. */
static void take_letters(struct reading *r, struct mt_str word)
{
	map_byte(&r->map, word.p); /* so that messages name this line */
	for (size_t i = 1; i < word.n; i++) {
		if (memchr("imnorst", word.p[i], 7)) {
			take_argument(r, word.p + i, word);
			return;
		}
		if (!memchr("cdDlSuvVz", word.p[i], 9))
			dies(r, mt_format(r->arena, "invalid option: %c", word.p[i]));
	}
}

static void take_arguments(struct reading *r, struct mt_str word)
{
	do {
		if (word.p[0] == '{' && !pf_unbrace(&word))
			r->bad_braces = true;
		if (!r->service->stray.n && !mt_str_starts(word, "flags="))
			r->service->stray = word;
	} while (pf_word_next(r->map.text, &r->at, &word));
}

/* A brace that nothing closes: what follows, to the end of the entry, belongs to that word. */
static bool brace_is_open(struct mt_str words)
{
	size_t level = 0;
	for (size_t i = 0; i < words.n; i++) {
		if (words.p[i] == '{')
			level++;
		else if (words.p[i] == '}' && level > 0)
			level--;
	}
	return level > 0;
}

static void take_options(struct reading *r)
{
	struct mt_str word;
	size_t end = r->at;
	while (pf_word_next(r->map.text, &r->at, &word)) {
		if (word.n < 2 || word.p[0] != '-' || mt_str_is(word, "--")) {
			take_arguments(r, word);
			break;
		}
		take_letters(r, word);
		struct mt_str text = r->map.text,
			      words = {word.p, (size_t)(text.p + r->at - word.p)};
		if (!r->service->error && !(r->at == text.n && brace_is_open(words)))
			end = r->at;
	}
	struct map *m = &r->map;
	map_start(m, m->file, &r->service->where);
	r->service->options_end = map_byte(m, m->text.p + end - 1) + 1;
}

/* ---- the eight fields ---- */

static bool is_digits(struct mt_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

static bool is_flag(struct mt_str s)
{
	return s.n == 1 && memchr("yn-", s.p[0], 3);
}

static const char *invalid(struct mt_arena *arena, const char *field, struct mt_str value)
{
	if (value.n > 100)
		value.n = 100;
	return mt_format(arena, "invalid %s field \"%.*s\"", field, MT_STR_FMT(value));
}

/* What postconf says of an entry; NULL: nothing. */
static const char *service_refusal(struct mt_arena *arena, const struct pf_service *s)
{
	static const char *const types[] = {"unix", "inet", "fifo", "pass", "unix-dgram"};
	size_t i = 0;
	while (i < MT_ARRAY_LEN(types) && !mt_str_is(s->type, types[i]))
		i++;
	if (i == MT_ARRAY_LEN(types))
		return invalid(arena, "type", s->type);
	if (!is_flag(s->private_))
		return invalid(arena, "private", s->private_);
	if (!is_flag(s->unprivileged))
		return invalid(arena, "unprivileged", s->unprivileged);
	if (!is_flag(s->chroot))
		return invalid(arena, "chroot", s->chroot);
	struct mt_str wakeup = s->wakeup;
	wakeup.n -= wakeup.n && wakeup.p[wakeup.n - 1] == '?';
	if (!mt_str_is(wakeup, "-") && !is_digits(wakeup))
		return invalid(arena, "wakeup", s->wakeup);
	if (!mt_str_is(s->maxproc, "-") && !is_digits(s->maxproc))
		return invalid(arena, "process_limit", s->maxproc);
	return NULL;
}

/* What only master dies of. */
static const char *fatal(const struct reading *r)
{
	const struct pf_service *s = r->service;
	if (r->bad_braces)
		return "missing '}', or text behind it";
	if (mt_str_is(s->type, "inet") && !mt_str_is(s->private_, "n"))
		return "inet service cannot be private";
	if (!mt_str_is(s->wakeup, "-") && !is_digits((struct mt_str){s->wakeup.p, 1}))
		return invalid(r->arena, "wakeup_time", s->wakeup);
	if (mt_str_is(s->command, "-"))
		return "field \"command\" has no default value";
	return NULL;
}

static bool take_fields(struct reading *r)
{
	struct pf_service *s = r->service;
	struct mt_str *const fields[FIELDS] = {&s->name,	 &s->type,   &s->private_,
					       &s->unprivileged, &s->chroot, &s->wakeup,
					       &s->maxproc,	 &s->command};
	for (size_t i = 0; i < FIELDS; i++)
		if (!pf_word_next(s->where.text, &r->at, fields[i]))
			return false;
	return true;
}

/* ---- the file ---- */

static void remember_error(struct pf_mastercf *m, unsigned line, const char *why, bool master_only)
{
	if (!why || (m->error && master_only))
		return;
	m->error = why;
	m->error_line = line;
	m->master_only = master_only;
}

/* False: postconf stops here. */
static bool take_service(struct mt_arena *arena, struct pf_mastercf *m, const struct pf_line *line,
			 struct pf_service ***tail)
{
	struct pf_service *service = MT_NEW(arena, struct pf_service);
	struct reading r = {.arena = arena, .service = service, .tail = &service->options};
	service->where = *line;
	service->path = m->path;
	const char *why = take_fields(&r) ? service_refusal(arena, service) : "bad field count";
	remember_error(m, line->line, why, false);
	if (why)
		return false;
	map_start(&r.map, m->bytes, line);
	take_options(&r);
	remember_error(m, line->line, fatal(&r), true);
	**tail = service;
	*tail = &service->next;
	return true;
}

void pf_mastercf_parse(struct mt_arena *arena, const char *path, struct mt_str bytes,
		       struct pf_mastercf *mastercf)
{
	*mastercf = (struct pf_mastercf){.path = path, .bytes = bytes};
	mastercf->no_final_lf = bytes.n && bytes.p[bytes.n - 1] != '\n';
	mastercf->has_nul = bytes.n && memchr(bytes.p, '\0', bytes.n);
	struct pf_service **tail = &mastercf->services;
	size_t at = 0;
	unsigned number = 0;
	struct pf_line line;
	while (pf_line_next(arena, bytes, &at, &number, &line))
		if (!line.orphan && !take_service(arena, mastercf, &line, &tail))
			break;
}

const struct pf_service *pf_mastercf_get(const struct pf_mastercf *mastercf, const char *name,
					 const char *type)
{
	const struct pf_service *found = NULL;
	for (const struct pf_service *s = mastercf->services; s; s = s->next)
		if (mt_str_is(s->name, name) && mt_str_is(s->type, type))
			found = s;
	return found;
}

const struct pf_option *pf_service_option(const struct pf_service *service, struct mt_str name)
{
	const struct pf_option *found = NULL;
	for (const struct pf_option *o = service->options; o; o = o->next)
		if (mt_str_eq(o->name, name))
			found = o;
	return found;
}

bool pf_service_is_client(const struct pf_service *service)
{
	struct mt_str program = pf_basename(service->command);
	return mt_str_is(service->type, "unix") && !mt_str_is(service->private_, "n") &&
	       (mt_str_is(program, "smtp") || mt_str_is(program, "lmtp"));
}
