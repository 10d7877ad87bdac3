/* SPDX-License-Identifier: ISC */
/* settings.c: update-exim4.conf.conf as sh reads it, as far as it consists of assignments. */
#include "debian.h"

#include <string.h>

struct reader {
	struct mt_arena *arena;
	struct ex_settings settings;
	struct ex_setting **tail;
	struct mt_str rest;
	unsigned line;
};

static int peek(const struct reader *r)
{
	return r->rest.n ? (unsigned char)*r->rest.p : -1;
}

static int take(struct reader *r)
{
	int c = peek(r);
	if (c < 0)
		return c;
	r->rest = mt_str_part(r->rest, 1, r->rest.n - 1);
	r->line += c == '\n';
	return c;
}

static bool stop(struct reader *r, const char *why)
{
	if (!r->settings.unknown)
		r->settings.unknown = mt_format(r->arena, "line %u of it holds %s", r->line, why);
	return false;
}

static bool is_name(int c, bool first)
{
	return c == '_' || (c > 0 && mt_is_alnum((char)c) && !(first && mt_is_digit((char)c)));
}

static void add(struct mt_text *text, int c)
{
	char byte = (char)c;
	mt_text_add(text, (struct mt_str){&byte, 1});
}

/* $NAME or ${NAME} of a variable that was set above; of others the environment would count. */
static bool read_variable(struct reader *r, struct mt_text *value)
{
	bool braces = peek(r) == '{';
	struct mt_text name = MT_TEXT_INIT(r->arena);
	if (braces)
		take(r);
	while (is_name(peek(r), !name.n))
		add(&name, take(r));
	const struct ex_setting *set = ex_setting_get(&r->settings, mt_text_z(&name));
	if (!set || (braces && take(r) != '}'))
		return stop(r, "an expansion");
	mt_text_add(value, set->value);
	return true;
}

/* Behind the quote that opens it. */
static bool read_quoted(struct reader *r, int quote, struct mt_text *value)
{
	for (int c; (c = take(r)) != quote;) {
		if (c < 0)
			return stop(r, "a quote that does not end");
		if (quote == '"' && (c == '`' || c == '\\'))
			return stop(r, "more than assignments");
		if (quote == '"' && c == '$') {
			if (!read_variable(r, value))
				return false;
			continue;
		}
		add(value, c);
	}
	return true;
}

/* A word: what stands behind NAME=. */
static bool read_value(struct reader *r, struct mt_text *value)
{
	for (int c; (c = peek(r)) >= 0 && !strchr(" \t\n;", c);) {
		take(r);
		if (c == '\'' || c == '"') {
			if (!read_quoted(r, c, value))
				return false;
		} else if (c == '$') {
			if (!read_variable(r, value))
				return false;
		} else if (strchr("`\\&|<>()~", c) || c == '\0') {
			return stop(r, "more than assignments");
		} else {
			add(value, c);
		}
	}
	return true;
}

static bool read_assignment(struct reader *r)
{
	struct mt_text name = MT_TEXT_INIT(r->arena), value = MT_TEXT_INIT(r->arena);
	unsigned line = r->line;
	while (is_name(peek(r), !name.n))
		add(&name, take(r));
	if (!name.n || take(r) != '=')
		return stop(r, "a command");
	if (!read_value(r, &value))
		return false;
	struct ex_setting *setting = MT_NEW(r->arena, struct ex_setting);
	*setting = (struct ex_setting){
		.name = mt_text_str(&name), .value = mt_text_str(&value), .line = line};
	*r->tail = setting;
	r->tail = &setting->next;
	return true;
}

struct ex_settings ex_settings_read(struct mt_arena *arena, struct mt_str bytes)
{
	struct reader r = {.arena = arena, .rest = bytes, .line = 1};
	bool behind = false; /* an assignment: a `;` may follow */
	r.tail = &r.settings.first;
	for (int c; (c = peek(&r)) >= 0;) {
		if (c == '#') {
			while (peek(&r) >= 0 && peek(&r) != '\n')
				take(&r);
		} else if (strchr(" \t\n", c) || (c == ';' && behind)) {
			behind = behind && c != ';' && c != '\n';
			take(&r);
		} else if (read_assignment(&r)) {
			behind = true;
		} else {
			break;
		}
	}
	return r.settings;
}

const struct ex_setting *ex_setting_get(const struct ex_settings *settings, const char *name)
{
	const struct ex_setting *found = NULL;
	for (const struct ex_setting *s = settings->first; s; s = s->next)
		if (mt_str_is(s->name, name))
			found = s;
	return found;
}

struct mt_str ex_setting_value(const struct ex_settings *settings, const char *name)
{
	const struct ex_setting *found = ex_setting_get(settings, name);
	return found ? found->value : MT_STR("");
}
