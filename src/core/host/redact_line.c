/* SPDX-License-Identifier: ISC */
/*
 * redact_line.c: one line of a redacted item. Blanks and braces always leave, so that words and their nesting stay
 * what they are to whoever parses the redacted bytes.
 */
#include "core/host/redact_line.h"

#include <string.h>

#define HEADER_LINES 20 /* mt_file_owner() looks at no others */

static bool is_blank_byte(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r' && c != '\n');
}

static bool is_name_byte(char c)
{
	return mt_is_alnum(c) || c == '_' || c == '.' || c == '-';
}

static size_t blanks(struct mt_str s, size_t at)
{
	while (at < s.n && is_blank_byte(s.p[at]))
		at++;
	return at;
}

static size_t word_end(struct mt_str s, size_t at)
{
	while (at < s.n && !is_blank_byte(s.p[at]))
		at++;
	return at;
}

static size_t name_end(struct mt_str s, size_t at)
{
	while (at < s.n && is_name_byte(s.p[at]))
		at++;
	return at;
}

static struct mt_str text_from(struct mt_str s, size_t at)
{
	return mt_str_part(s, at, s.n - at);
}

static void put_shown(struct mt_redact_walk *w, struct mt_str s)
{
	if (w->out)
		mt_text_add(w->out, s);
}

/* Of a value: only what leaves of it can name what leaves too. */
static void put_kept(struct mt_redact_walk *w, struct mt_str s)
{
	if (w->setting)
		mt_text_add(&w->setting->value, s);
	put_shown(w, s);
}

/* ---- stars ---- */

static void put_stars(struct mt_redact_walk *w, struct mt_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool stays = is_blank_byte(s.p[i]) || s.p[i] == '{' || s.p[i] == '}';
		put_shown(w, stays ? mt_str_part(s, i, 1) : MT_STR("*"));
	}
}

static bool is_address_word(char c)
{
	return is_name_byte(c) || c == ':';
}

/* By its letters alone, as the collector does it, which has no parser: 192.0.2.1, 2001:db8::1, IPv6:2001:db8::1. */
static bool is_address(struct mt_str word)
{
	size_t dots = 0, colons = 0, letters = 0;
	if (mt_str_starts(word, "IPv6:"))
		word = text_from(word, 5);
	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i];
		dots += c == '.';
		colons += c == ':';
		if (c == '.' || c == ':' || mt_is_digit(c))
			continue;
		if (!((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			return false;
		letters++;
	}
	return colons > 1 || (dots == 3 && !colons && !letters);
}

static bool ends_in_backslash(const struct mt_redact_walk *w, struct mt_str s)
{
	return w->row->continuation == MT_CONTINUES_BACKSLASH && s.n && s.p[s.n - 1] == '\\';
}

static void put_secret(struct mt_redact_walk *w, struct mt_str s)
{
	bool goes_on = ends_in_backslash(w, s);
	s.n -= goes_on;
	for (size_t i = 0, end; i < s.n; i = end) {
		for (end = i; end < s.n && is_address_word(s.p[end]) == is_address_word(s.p[i]);)
			end++;
		struct mt_str run = mt_str_part(s, i, end - i);
		if (w->row->shows_addresses && is_address(run))
			put_shown(w, run);
		else
			put_stars(w, run);
	}
	if (goes_on)
		put_shown(w, MT_STR("\\"));
}

/* ---- comments ---- */

static size_t mark_at(const struct mt_redact_walk *w, struct mt_str s)
{
	struct mt_str marks = mt_str_of(w->redactor->marks), mark;
	while (mt_str_word(&marks, "|", &mark))
		if (mark.n && s.n >= mark.n && mt_str_same(mt_str_part(s, 0, mark.n), mark))
			return mark.n;
	return 0;
}

/* `# 12 "/etc/mail.conf"`: what follows comes from there. */
static bool is_place(struct mt_str s)
{
	size_t at = 2;
	while (at < s.n && mt_is_digit(s.p[at]))
		at++;
	if (!mt_str_starts(s, "# ") || at == 2 || at + 2 >= s.n || s.p[at] != ' ' ||
	    s.p[at + 1] != '"' || s.p[s.n - 1] != '"')
		return false;
	return memchr(s.p + at + 2, '"', s.n - at - 2) == s.p + s.n - 1;
}

static void put_comment(struct mt_redact_walk *w, struct mt_str s)
{
	size_t at = 0, n;
	if (is_place(s)) {
		put_shown(w, s);
		return;
	}
	while (at < s.n && (s.p[at] == '#' || s.p[at] == '!'))
		at++;
	put_shown(w, mt_str_part(s, 0, at));
	for (; at < s.n; at += n) {
		n = w->number <= HEADER_LINES ? mark_at(w, text_from(s, at)) : 0;
		if (n)
			put_shown(w, mt_str_part(s, at, n));
		else
			put_stars(w, mt_str_part(s, at, n = 1));
	}
}

/* ---- values that leave ---- */

/* Where the secrets of this text begin: behind a cut, or behind NAME= of a secret name. */
static size_t secret_at(const struct mt_redact_walk *w, struct mt_str s)
{
	const char *cut = w->row->cut ? w->row->cut : "";
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] && strchr(cut, s.p[i]))
			return i + 1;
		if (s.p[i] != '=')
			continue;
		size_t end = i;
		while (end && is_blank_byte(s.p[end - 1]))
			end--;
		size_t begin = end;
		while (begin && is_name_byte(s.p[begin - 1]))
			begin--;
		if (mt_redact_is_secret(w->redactor->backend, mt_str_part(s, begin, end - begin)))
			return i + 1;
	}
	return s.n + 1;
}

/* SCHEME://USER:PASSWORD@: where the password begins, and where the '@' is, the last of the word. */
static bool find_password(struct mt_str s, size_t *begin, size_t *end)
{
	for (size_t i = 0; i + 3 < s.n; i++) {
		if (memcmp(s.p + i, "://", 3) != 0)
			continue;
		size_t at = i + 3;
		while (at < s.n && !is_blank_byte(s.p[at]) && !memchr("/@:", s.p[at], 3))
			at++;
		if (at == s.n || s.p[at] != ':')
			continue;
		size_t last = word_end(s, at);
		while (last > at && s.p[last - 1] != '@')
			last--;
		*begin = at + 1;
		*end = last - 1;
		if (last > at + 1)
			return true;
	}
	return false;
}

/* The last word, and blanks behind it, are what the next piece is read with. */
static void remember_word(struct mt_redact_walk *w)
{
	struct mt_text *t = &w->before;
	size_t begin = t->n;
	while (begin && is_blank_byte(t->p[begin - 1]))
		begin--;
	while (begin && !is_blank_byte(t->p[begin - 1]))
		begin--;
	t->n -= begin;
	if (begin)
		memmove(t->p, t->p + begin, t->n);
}

/* Between two pieces of a value there was a blank. */
static void put_gap(struct mt_redact_walk *w)
{
	if (w->before.n)
		mt_text_add(&w->before, MT_STR(" "));
}

void mt_redact_keep(struct mt_redact_walk *w, struct mt_str s)
{
	size_t at = w->before.n, begin, end;
	bool goes_on = ends_in_backslash(w, s);
	mt_text_add(&w->before, s);
	struct mt_str all = mt_text_str(&w->before), rest = all;
	size_t secret = secret_at(w, all), kept = secret < all.n ? secret : all.n;
	/* In a word that goes on the '@' of a URL may be yet to come: as if it were here. */
	if (goes_on)
		w->before.p[all.n - 1] = '@';
	while (find_password(rest, &begin, &end)) {
		size_t skipped = all.n - rest.n;
		rest = text_from(rest, end);
		begin = begin + skipped > at ? begin + skipped : at;
		end = end + skipped < kept ? end + skipped : kept;
		if (begin >= end)
			continue;
		put_kept(w, mt_str_part(all, at, begin - at));
		put_stars(w, mt_str_part(all, begin, end - begin));
		at = end;
	}
	if (goes_on)
		w->before.p[all.n - 1] = '\\';
	put_kept(w, mt_str_part(all, at, kept - at));
	if (secret <= all.n) {
		w->keeps = false;
		put_secret(w, text_from(all, kept));
	}
	w->before.n -= goes_on;
	remember_word(w);
}

static void put_value(struct mt_redact_walk *w, struct mt_str s)
{
	if (w->keeps)
		mt_redact_keep(w, s);
	else
		put_secret(w, s);
	if (w->setting)
		mt_text_add(&w->setting->value, MT_STR(" "));
}

/* ---- assignments ---- */

static bool begin_value(struct mt_redact_walk *w, struct mt_str name)
{
	w->before.n = 0;
	w->setting = NULL;
	w->keeps = name.n && mt_redact_leaves(w->redactor, w->row, name);
	if (!w->out && name.n) {
		/* Whether it leaves is known when all are gathered: here, what of it would. */
		w->setting = mt_redact_setting((struct mt_redactor *)w->redactor, name);
		w->keeps = !mt_redact_is_secret(w->redactor->backend, name);
	}
	return w->keeps;
}

static bool is_listed(const char *list, struct mt_str word)
{
	struct mt_str rest = mt_str_of(list ? list : ""), one;
	while (mt_str_word(&rest, " ", &one))
		if (mt_str_eq(one, word))
			return true;
	return false;
}

static bool is_section(struct mt_str s)
{
	while (s.n && is_blank_byte(s.p[s.n - 1]))
		s.n--;
	return s.n > 2 && s.p[0] == '[' && name_end(s, 1) == s.n - 1 && s.p[s.n - 1] == ']';
}

static void begin_assignment(struct mt_redact_walk *w, struct mt_str s)
{
	size_t at = 0, end;
	if (is_section(s) && !w->row->hides_names) {
		put_shown(w, s);
		w->keeps = false;
		return;
	}
	while ((end = word_end(s, at)) < s.n &&
	       is_listed(w->row->prefixes, mt_str_part(s, at, end - at)))
		at = blanks(s, end);
	end = name_end(s, at);
	struct mt_str name = mt_str_part(s, at, end - at);
	size_t behind = blanks(s, end);
	bool assigns = name.n && behind < s.n && (s.p[behind] == '=' || s.p[behind] == ':');
	if (!begin_value(w, name))
		end = assigns && !w->row->hides_names ? behind + 1 : 0;
	put_shown(w, mt_str_part(s, 0, end));
	put_value(w, text_from(s, end));
}

/* ---- columns ---- */

/* "-v", "-vv", "-vo": not so long that a password could hide in it. */
static bool is_letters(struct mt_str word)
{
	size_t at = 1;
	if (word.n < 2 || word.p[0] != '-')
		return false;
	while (at < word.n && word.p[at] == 'v')
		at++;
	return at + 1 >= word.n && (at == word.n || word.p[at] == 'o' || word.n == 2) &&
	       mt_is_alnum(word.p[word.n - 1]);
}

static void put_option(struct mt_redact_walk *w, struct mt_str word)
{
	size_t at = 0, end;
	while (at < word.n && word.p[at] == '{')
		at++;
	put_shown(w, mt_str_part(word, 0, at));
	if (at == word.n)
		return;
	end = name_end(word, at);
	struct mt_str name = mt_str_part(word, at, end - at);
	bool waits = name.n && end == word.n && (at || w->level);
	bool assigns = name.n && end < word.n && word.p[end] == '=';
	w->expects = false;
	w->named = waits;
	begin_value(w, waits || assigns ? name : MT_STR(""));
	end = waits ? end : assigns ? end + 1 : at;
	put_shown(w, mt_str_part(word, at, end - at));
	put_value(w, text_from(word, end));
}

/* An argument: NAME= leaves. */
static void put_argument(struct mt_redact_walk *w, struct mt_str word)
{
	size_t end = name_end(word, 0);
	bool assigns = end && end < word.n && word.p[end] == '=';
	begin_value(w, MT_STR(""));
	end = assigns ? end + 1 : word.p[0] == '-';
	put_shown(w, mt_str_part(word, 0, end));
	put_value(w, text_from(word, end));
}

static void put_word(struct mt_redact_walk *w, struct mt_str word)
{
	size_t glued = 0;
	if (w->column < w->row->columns) {
		w->column++;
		put_shown(w, word);
		return;
	}
	if (!w->level && !w->expects) {
		if (is_letters(word)) {
			put_shown(w, word);
			w->expects = word.p[word.n - 1] == 'o';
			return;
		}
		w->expects = mt_str_starts(word, "-o");
		glued = w->expects ? 2 : 0;
		put_shown(w, mt_str_part(word, 0, glued));
		if (!w->expects)
			put_argument(w, word);
	} else if (!w->expects) {
		bool equals = w->named && word.p[0] == '=';
		w->named = false;
		put_shown(w, mt_str_part(word, 0, equals));
		put_value(w, text_from(word, equals));
	}
	if (w->expects)
		put_option(w, text_from(word, glued));
	for (size_t i = 0; i < word.n; i++) {
		w->level += word.p[i] == '{';
		w->level -= word.p[i] == '}' && w->level;
	}
	if (!w->level)
		w->expects = w->named = false;
}

static void put_columns(struct mt_redact_walk *w, struct mt_str s)
{
	for (size_t at = 0, end; at < s.n; at = end) {
		end = is_blank_byte(s.p[at]) ? blanks(s, at) : word_end(s, at);
		if (is_blank_byte(s.p[at])) {
			put_shown(w, mt_str_part(s, at, end - at));
			put_gap(w);
		} else {
			put_word(w, mt_str_part(s, at, end - at));
		}
	}
}

/* ---- lines ---- */

static bool goes_on(const struct mt_redact_walk *w, bool indented)
{
	return w->row->continuation == MT_CONTINUES_BLANK	? w->open && indented
	       : w->row->continuation == MT_CONTINUES_BACKSLASH ? w->backslash
								: false;
}

void mt_redact_line(struct mt_redact_walk *w, struct mt_str line)
{
	size_t indent = blanks(line, 0);
	struct mt_str s = text_from(line, indent);
	w->number++;
	put_shown(w, mt_str_part(line, 0, indent));
	if (!s.n)
		return;
	if (s.p[0] == '#') {
		put_comment(w, s);
		return;
	}
	bool begins = !goes_on(w, indent > 0);
	if (begins) {
		w->setting = NULL;
		w->keeps = w->row->syntax == MT_SYNTAX_LINES;
		w->column = w->level = 0;
		w->expects = w->named = false;
		w->before.n = 0;
	} else if (w->row->continuation == MT_CONTINUES_BLANK) {
		put_gap(w);
	}
	w->open = true;
	w->backslash = s.p[s.n - 1] == '\\';
	if (w->row->syntax == MT_SYNTAX_COLUMNS)
		put_columns(w, s);
	else if (begins && w->row->syntax == MT_SYNTAX_ASSIGNMENTS)
		begin_assignment(w, s);
	else
		put_value(w, s);
}
