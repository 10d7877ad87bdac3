/* SPDX-License-Identifier: ISC */
/* lint_macros.c: what stands in Debian's files, or in a condition, and decides nothing, or something else than it says. */
#include "lint.h"

#include <string.h>

#include "items.h"
#include "place.h"

/* Macros that Debian's transports ask for, and the option each of them makes. */
static const struct pin {
	const char *name, *option;
} pins[] = {{"REMOTE_SMTP_INTERFACE", "interface"}, {"REMOTE_SMTP_HELO_DATA", "helo_data"}};

/* "NAME = ..." */
static bool defines(struct mt_str line, const char *name)
{
	line = ex_skip_blanks(line);
	return mt_str_skip(&line, name) && mt_str_starts(ex_skip_blanks(line), "=");
}

static unsigned line_that_defines(struct mt_str bytes, const char *name)
{
	struct mt_str line;
	for (unsigned n = 1; mt_str_line(&bytes, &line); n++)
		if (defines(line, name))
			return n;
	return 0;
}

/* ---- a macro that a transport does not read ---- */

static bool reads(const struct ex_transport *t, const struct pin *pin)
{
	const struct ex_option *option = ex_option_get(t->driver->options, pin->option);
	if (!option || !option->origin)
		return false;
	for (const struct mt_step *step = option->origin->via; step; step = step->next)
		if (!step->include && strcmp(step->name, pin->name) == 0)
			return true;
	return false;
}

/* The first line of the file in use that asks whether it is set; 0: none. */
static unsigned asked_at(const struct exim *e, const char *name)
{
	struct mt_str rest = mt_snapshot_file(e->snapshot, e->file)->bytes, line;
	for (unsigned n = 1; mt_str_line(&rest, &line); n++) {
		line = ex_skip_blanks(line);
		if (mt_str_skip(&line, ".ifdef") && mt_str_has(line, name))
			return n;
	}
	return 0;
}

static const struct mt_origin *origin_of(const struct exim *e, const struct ex_macro *macro)
{
	return ex_edited_line(e, macro->origin->file, macro->origin->line);
}

/* No transport reads it; but where it is set in front of a condition that asks for it, it may do something else. */
static void find_unread(struct exim *e, const struct pin *pin, const struct ex_macro *macro)
{
	unsigned at = asked_at(e, pin->name);
	bool late = at && macro->origin->line > at && !strcmp(macro->origin->file, e->file);
	struct mt_message *deed =
		late ? mt_message(e->arena, "define it in front of that: in " EX_CONF_D "/main")
		     : NULL;
	if (at && !late)
		return;
	mt_model_find(e->model, e->mta, "EX-MACRO-UNUSED", origin_of(e, macro), deed,
		      late ? "%s is set behind the place where the configuration asks for it: it "
			     "does nothing"
			   : "%s is set, and no transport reads it: it does nothing",
		      pin->name);
}

static void find_unused(struct exim *e, const struct pin *pin)
{
	const struct ex_macro *macro = ex_macro_get(e->config, pin->name);
	const struct mt_transport *without = NULL;
	bool read = false;
	if (!macro || !macro->origin)
		return;
	for (const struct mt_transport *t = e->mta->transports; t; t = t->next) {
		const struct ex_transport *own = ex_transport_of(t);
		read = read || reads(own, pin);
		if (ex_is_used(t) && t->kind != MT_KIND_LOOPBACK && !without &&
		    !ex_option_get(own->driver->options, pin->option))
			without = t;
	}
	if (!read)
		find_unread(e, pin, macro);
	else if (without)
		mt_model_find(
			e->model, e->mta, "EX-MACRO-UNUSED", origin_of(e, macro),
			mt_message(e->arena, "write %s = %s into that transport", pin->option,
				   pin->name),
			*without->next_hop
				? "%s is set, and transport %s, which carries mail to %s, does "
				  "not read it"
				: "%s is set, and transport %s, which carries mail%s, does not "
				  "read it",
			pin->name, without->name, without->next_hop);
}

/* ---- a file that is not read ---- */

static bool is_made_of(const struct ex_debian *d, const char *file)
{
	for (size_t i = 0; i < d->lines; i++)
		if (d->source[i].file && strcmp(d->source[i].file, file) == 0)
			return true;
	return false;
}

static void find_elsewhere(struct exim *e, const char *file, unsigned line, const char *name)
{
	bool split = e->debian->scheme == EX_SCHEME_SPLIT,
	     below = mt_str_starts(mt_str_of(file), EX_CONF_D);
	const char *why =
		e->debian->scheme == EX_SCHEME_OWN
			? "Exim reads /etc/exim4/exim4.conf, and nothing is made of the "
			  "other files"
		: !split ? "dc_use_split_config is false"
		: below	 ? "a file beside it replaces it, or its name has other characters "
			   "than letters, digits, _ and -"
			 : "dc_use_split_config is true";
	struct mt_message *deed = mt_message(e->arena, "write it into %s",
					     e->debian->scheme == EX_SCHEME_OWN ? EX_OWN
					     : split ? EX_CONF_D "/main/000_localmacros"
						     : EX_MACROS);
	mt_model_find(e->model, e->mta, "EX-WRONG-SCHEME", ex_edited_line(e, file, line), deed,
		      "%s is set in a file that is not read: %pM", name, mt_phrase(e->arena, why));
}

/* The first file that would set it, where nothing that is read does. */
static void find_wrong_scheme(struct exim *e, const char *name)
{
	const struct ex_debian *d = e->debian;
	if (d->scheme == EX_SCHEME_NONE || ex_macro_get(e->config, name) ||
	    (d->scheme != EX_SCHEME_OWN && !d->made.p))
		return;
	for (size_t i = 0; i < e->snapshot->count; i++) {
		const struct mt_item *item = &e->snapshot->items[i];
		bool source = !strcmp(item->name, EX_MACROS) || !strcmp(item->name, EX_SETTINGS) ||
			      mt_str_starts(mt_str_of(item->name), EX_CONF_D "/");
		unsigned line = source && !item->probe && !is_made_of(d, item->name)
					? line_that_defines(item->bytes, name)
					: 0;
		if (!line)
			continue;
		find_elsewhere(e, item->name, line, name);
		return;
	}
}

/* ---- a line within a condition ---- */

struct conditions {
	char word[16][64]; /* behind .ifdef; "": another condition, or .else */
	size_t depth, outside; /* of the line "NAME:" of a driver */
};

static void follow(struct conditions *c, struct mt_str line)
{
	struct mt_str word;
	if (mt_str_starts(line, ".if")) {
		bool set = mt_str_skip(&line, ".ifdef");
		if (c->depth++ < MT_ARRAY_LEN(c->word)) {
			char *to = c->word[c->depth - 1];
			bool one = set && mt_str_word(&line, " \t", &word) && word.n < 64;
			memcpy(to, one ? word.p : "", one ? word.n : 0);
			to[one ? word.n : 0] = '\0';
		}
	} else if (mt_str_starts(line, ".el") && c->depth && c->depth <= MT_ARRAY_LEN(c->word)) {
		c->word[c->depth - 1][0] = '\0';
	} else if (mt_str_starts(line, ".endif") && c->depth) {
		c->depth--;
	}
}

/* It belongs to an option that Exim has read. */
static bool is_read(const struct exim *e, const char *file, unsigned line, const char *option)
{
	for (const struct ex_driver *d = e->config->transports; d; d = d->next) {
		const struct ex_option *o = ex_option_get(d->options, option);
		if (o && o->origin && o->origin->line == line && !strcmp(o->origin->file, file))
			return true;
	}
	return false;
}

static bool is_label(struct mt_str line)
{
	line = mt_str_trim(line);
	for (size_t i = 0; i + 1 < line.n; i++)
		if (!mt_is_alnum(line.p[i]) && !strchr("_-", line.p[i]))
			return false;
	return line.n > 1 && line.p[line.n - 1] == ':';
}

/* "interface = ADDRESS" where Debian has "interface = MACRO", while the macro is not set. */
static void find_skipped(struct exim *e, const struct pin *pin)
{
	struct conditions c = {.depth = 0};
	struct mt_str rest = mt_snapshot_file(e->snapshot, e->file)->bytes, line;
	for (unsigned n = 1; mt_str_line(&rest, &line); n++) {
		line = ex_skip_blanks(line);
		follow(&c, line);
		if (is_label(line))
			c.outside = c.depth;
		const char *word =
			c.depth && c.depth <= MT_ARRAY_LEN(c.word) ? c.word[c.depth - 1] : "";
		if (c.depth <= c.outside || !*word || !defines(line, pin->option) ||
		    mt_str_has(line, word) || is_read(e, e->file, n, pin->option))
			continue;
		mt_model_find(
			e->model, e->mta, "EX-NOT-SET", ex_edited_line(e, e->file, n),
			mt_message(e->arena, "set %s, or write the line in front of .ifdef", word),
			"this line counts only where %s is set, and it is not", word);
		return;
	}
}

/* ---- lines of other files ---- */

static bool is_comment(struct mt_str line)
{
	line = ex_skip_blanks(line);
	return !line.n || *line.p == '#';
}

/* Of a file that is put in front of another: the first line of that goes on in the last one of this. */
static void find_no_final_lf(struct exim *e)
{
	struct mt_str macros = mt_snapshot_file(e->snapshot, EX_MACROS)->bytes, rest = macros,
		      last = {"", 0};
	struct mt_str next = mt_snapshot_file(e->snapshot, EX_TEMPLATE)->bytes, first = {"", 0};
	unsigned n = 0;
	if (e->debian->scheme != EX_SCHEME_UNSPLIT || !macros.n || macros.p[macros.n - 1] == '\n')
		return;
	while (mt_str_line(&rest, &last))
		n++;
	mt_str_line(&next, &first);
	if (is_comment(last) && is_comment(first))
		return;
	mt_model_find(
		e->model, e->mta, "EX-NO-FINAL-LF", ex_edited_line(e, EX_MACROS, n),
		mt_message(e->arena, "end the line, and run update-exim4.conf"),
		"%s does not end with a newline: the first line of %s goes on in its last one",
		ex_base_name(EX_MACROS), ex_base_name(EX_TEMPLATE));
}

/* The shell drops such quotes, update-exim4.conf does not: it reads these lines by itself. */
static void find_quoted(struct exim *e)
{
	struct mt_str rest = mt_snapshot_file(e->snapshot, EX_SETTINGS)->bytes, line;
	if (!e->debian->substitutes)
		return;
	for (unsigned n = 1; mt_str_line(&rest, &line); n++) {
		const char *equals = line.n ? memchr(line.p, '=', line.n) : NULL;
		if (!equals || *line.p < 'A' || *line.p > 'Z' || equals + 1 == line.p + line.n ||
		    equals[1] != '\'' || mt_str_starts(line, "CFILEMODE="))
			continue;
		mt_model_find(e->model, e->mta, "EX-QUOTED", ex_edited_line(e, EX_SETTINGS, n),
			      mt_message(e->arena, "define the macro in %s, without quotes",
					 e->debian->scheme == EX_SCHEME_SPLIT ? EX_CONF_D
						 "/main/000_localmacros"
									      : EX_MACROS),
			      "the quotes are a part of the macro's value");
		return;
	}
}

void ex_lint_macros(struct exim *e)
{
	static const char *const elsewhere[] = {"REMOTE_SMTP_INTERFACE", "REMOTE_SMTP_HELO_DATA",
						"REMOTE_SMTP_HELO_FROM_DNS",
						"MAIN_HARDCODE_PRIMARY_HOSTNAME"};
	for (size_t i = 0; i < MT_ARRAY_LEN(pins); i++) {
		find_unused(e, &pins[i]);
		find_skipped(e, &pins[i]);
	}
	for (size_t i = 0; i < MT_ARRAY_LEN(elsewhere); i++)
		find_wrong_scheme(e, elsewhere[i]);
	find_no_final_lf(e);
	find_quoted(e);
}
