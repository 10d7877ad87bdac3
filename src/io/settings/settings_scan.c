/* SPDX-License-Identifier: ISC */
/* settings_scan.c: the bytes of a configuration file, as libconfuse's lexer would take them apart. */
#include "io/settings/settings_scan.h"

#include <stdio.h>

#include "io/settings/settings.h"

struct scan {
	struct mt_str text;
	size_t at;
	unsigned line, depth;
	const char *file;
	struct mt_error *error;
};

static int bad_settings_line(struct scan *s, const char *reason)
{
	char where[1024];
	snprintf(where, sizeof where, "%s:%u", s->file, s->line);
	return mt_fail(s->error, MT_EXIT_CONFIG, where, "%s", reason);
}

static char peek(const struct scan *s, size_t ahead)
{
	return s->at + ahead < s->text.n ? s->text.p[s->at + ahead] : '\0';
}

static void advance(struct scan *s)
{
	s->line += peek(s, 0) == '\n';
	s->at++;
}

/* Comments as libconfuse's lexer knows them: # and // to the end of the line, C's. */
static bool skip_comment(struct scan *s)
{
	bool block = peek(s, 0) == '/' && peek(s, 1) == '*';
	if (!block && peek(s, 0) != '#' && !(peek(s, 0) == '/' && peek(s, 1) == '/'))
		return false;
	if (block)
		s->at += 2;
	while (s->at < s->text.n &&
	       !(block ? peek(s, 0) == '*' && peek(s, 1) == '/' : peek(s, 0) == '\n'))
		advance(s);
	s->at += block ? 2 : 0;
	return true;
}

static bool skip_quoted(struct scan *s)
{
	char quote = peek(s, 0);
	if (quote != '"' && quote != '\'')
		return false;
	for (advance(s); s->at < s->text.n && peek(s, 0) != quote; advance(s))
		if (peek(s, 0) == '\\')
			advance(s);
	advance(s);
	return true;
}

static int scan_byte(struct scan *s)
{
	char c = peek(s, 0);
	if (c == '{' && ++s->depth > MT_SETTINGS_DEPTH)
		return bad_settings_line(s, "nested too deeply");
	if (c == '}' && s->depth)
		s->depth--;
	advance(s);
	return 0;
}

int mt_settings_scan(struct mt_str text, const char *file, struct mt_error *error)
{
	struct scan s = {.text = text, .line = 1, .file = file, .error = error};
	for (; s.at < text.n; advance(&s)) {
		if (text.p[s.at] == '\0')
			return bad_settings_line(&s, "holds a NUL byte");
		if (peek(&s, 0) == '$' && peek(&s, 1) == '{')
			return bad_settings_line(&s, "\"${\": variables are not expanded here");
	}
	s.at = 0;
	s.line = 1;
	while (s.at < text.n)
		if (!skip_comment(&s) && !skip_quoted(&s) && scan_byte(&s) != 0)
			return -1;
	return 0;
}
