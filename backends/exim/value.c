/* SPDX-License-Identifier: ISC */
/* value.c: strings, numbers, times and lists of them, as readconf_handle_option() of Exim takes them. */
#include "value.h"

#include <limits.h>
#include <string.h>

#define NAME_MAX_ 63

static struct mt_str behind(struct mt_str s, size_t n)
{
	return mt_str_part(s, n, s.n - n);
}

static char first(struct mt_str s)
{
	return s.n ? *s.p : '\0';
}

/* ---- strings ------------------------------------------------------------------------------------ */

static bool is_octal(struct mt_str s)
{
	return s.n && *s.p >= '0' && *s.p <= '7';
}

static int hex_digit(struct mt_str s)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = s.n && *s.p ? strchr(digits, *s.p) : NULL;
	return at ? (int)(at - digits) % 16 : -1;
}

static char octal_escape(struct mt_str *s)
{
	int value = 0;
	for (int i = 0; i < 3 && is_octal(*s); i++) {
		value = value * 8 + (*s->p - '0');
		*s = behind(*s, 1);
	}
	return (char)value;
}

static char hex_escape(struct mt_str *s)
{
	int value = 0;
	for (int i = 0; i < 2 && hex_digit(*s) >= 0; i++) {
		value = value * 16 + hex_digit(*s);
		*s = behind(*s, 1);
	}
	return (char)value;
}

/* What a backslash makes of what follows it; *s is behind the backslash. At the end it stands for itself. */
static char escape(struct mt_str *s)
{
	static const char letters[] = "bfnrtv", bytes[] = "\b\f\n\r\t\v";
	if (!s->n)
		return '\\';
	if (is_octal(*s))
		return octal_escape(s);
	char c = *s->p;
	*s = behind(*s, 1);
	if (c == 'x')
		return hex_escape(s);
	const char *at = strchr(letters, c);
	return at ? bytes[at - letters] : c;
}

struct mt_str ex_dequote(struct mt_arena *arena, struct mt_str *s)
{
	size_t n = 0;
	if (first(*s) != '"') {
		while (n < s->n && !ex_is_space(s->p[n]))
			n++;
		struct mt_str word = mt_str_part(*s, 0, n);
		*s = behind(*s, n);
		return word;
	}
	char *out = mt_alloc(arena, s->n);
	*s = behind(*s, 1);
	while (s->n && *s->p != '"') {
		char c = *s->p;
		*s = behind(*s, 1);
		out[n++] = c == '\\' && !ex_fault(EX_FAULT_NO_ESCAPES) ? escape(s) : c;
	}
	if (s->n)
		*s = behind(*s, 1);
	return (struct mt_str){out, n};
}

bool ex_fail_extra(struct ex_reader *reader, struct mt_str s, const char *what)
{
	return ex_fail(reader, "extra characters follow %s%s", what,
		       first(s) == '#' ? " (# is comment only at line start)" : "");
}

const char *ex_read_string(struct ex_reader *reader, struct mt_str s, const char *name)
{
	if (first(s) != '"')
		return mt_strz(reader->arena, s);
	struct mt_str rest = s, value = ex_dequote(reader->arena, &rest);
	size_t taken = s.n - rest.n;
	if (taken == 1 || s.p[taken - 1] != '"') {
		ex_fail(reader, "missing quote at end of string value for %s", name);
		return NULL;
	}
	if (rest.n) {
		ex_fail_extra(reader, rest, mt_format(reader->arena, "string value for %s", name));
		return NULL;
	}
	return mt_strz(reader->arena, value);
}

struct mt_str ex_read_name(struct ex_reader *reader, struct mt_str *s)
{
	size_t n = 0;
	ex_skip_space(s);
	if (s->n && mt_is_alnum(*s->p) && !mt_is_digit(*s->p))
		while (n < s->n && ex_is_word(s->p[n]))
			n++;
	struct mt_str name = mt_str_part(*s, 0, n < NAME_MAX_ ? n : NAME_MAX_);
	if (n > NAME_MAX_)
		ex_fail(reader, "exim item name too long (>%d), unable to use \"%.*s\" (truncated)",
			NAME_MAX_ + 1, MT_STR_FMT(name));
	*s = behind(*s, n);
	ex_skip_space(s);
	return name;
}

/* ispunct() or iscntrl() */
static bool may_separate(char c)
{
	return (c >= 0 && c < ' ') || c == '\x7f' || (c > ' ' && c < '\x7f' && !mt_is_alnum(c));
}

bool ex_next_item(struct mt_arena *arena, struct mt_str *list, char *separator, struct mt_str *item)
{
	struct mt_text out = MT_TEXT_INIT(arena);
	ex_skip_space(list);
	if (!*separator) {
		bool told = list->n > 1 && *list->p == '<' && may_separate(list->p[1]);
		*separator = told ? list->p[1] : ':';
		if (told)
			*list = behind(*list, 2);
		ex_skip_space(list);
	}
	if (!list->n)
		return false;
	while (list->n) {
		bool separates = *list->p == *separator;
		*list = behind(*list, separates);
		if (separates && first(*list) != *separator)
			break;
		mt_text_add(&out, mt_str_part(*list, 0, 1));
		*list = behind(*list, 1);
	}
	*item = mt_str_trim(mt_text_str(&out));
	return true;
}

/* ---- numbers and times --------------------------------------------------------------------------- */

/* 1024 for 'k' and so on, 0: no such letter. */
static long scale(char c)
{
	switch (c) {
	case 'k':
	case 'K':
		return 1024;
	case 'm':
	case 'M':
		return 1024 * 1024;
	case 'g':
	case 'G':
		return 1024 * 1024 * 1024;
	case 't':
	case 'T':
		return 1024L * 1024 * 1024 * 1024;
	default:
		return 0;
	}
}

static bool too_large(struct ex_reader *reader, const char *text)
{
	return ex_fail(reader, "absolute value of integer \"%s\" is too large (overflow)", text);
}

static int digit_of(struct mt_str s, int base)
{
	int digit = hex_digit(s);
	return digit < base ? digit : -1;
}

bool ex_read_number(struct mt_str *s, int base, long *value, bool *over)
{
	struct mt_str rest = *s;
	ex_skip_space(&rest);
	bool negative = first(rest) == '-';
	if (negative || first(rest) == '+')
		rest = behind(rest, 1);
	if (!base && first(rest) == '0') {
		bool hex =
			rest.n > 2 && (rest.p[1] | 0x20) == 'x' && hex_digit(behind(rest, 2)) >= 0;
		rest = behind(rest, hex ? 2 : 0);
		base = hex ? 16 : 8;
	}
	base = base ? base : 10;
	if (digit_of(rest, base) < 0)
		return false;
	*value = 0;
	*over = false;
	for (int digit; (digit = digit_of(rest, base)) >= 0; rest = behind(rest, 1)) {
		*over = *over || *value > (LONG_MAX - digit) / base;
		*value = *over ? 0 : *value * base + digit;
	}
	*value = negative ? -*value : *value;
	*s = rest;
	return true;
}

static bool check_int(struct ex_reader *reader, const struct ex_known *known, const char *name,
		      const char *text)
{
	unsigned kind = known->kind & ~EX_REPEATS;
	const char *type = kind == EX_OCTAL ? "octal " : "";
	struct mt_str s = mt_str_of(text);
	long value;
	bool over;
	if (!ex_read_number(&s, kind == EX_OCTAL ? 8 : 0, &value, &over))
		return ex_fail(reader, "%sinteger expected for %s", type, name);
	long by = over ? 0 : scale(first(s));
	if (by) {
		/* of what is held in K the number may be larger */
		long most = kind == EX_KINT ? LONG_MAX / by : INT_MAX / by;
		s = behind(s, 1);
		over = value > most || value < -most - 1;
		value *= over ? 1 : by;
	}
	if (over || (kind != EX_KINT && (value > INT_MAX || value < INT_MIN)))
		return too_large(reader, text);
	ex_skip_space(&s);
	return !s.n ||
	       ex_fail_extra(reader, s,
			     mt_format(reader->arena, "%sinteger value for %s", type, name));
}

static bool check_fixed(struct ex_reader *reader, const char *name, const char *text)
{
	struct mt_str s = mt_str_of(text);
	long value;
	bool over;
	if (!ex_read_number(&s, 10, &value, &over))
		return ex_fail(reader, "fixed-point number expected for %s", name);
	if (value < 0)
		return ex_fail(reader, "integer \"%s\" is too large (overflow)", text);
	if (first(s) == '.')
		do
			s = behind(s, 1);
		while (mt_is_digit(first(s)));
	ex_skip_space(&s);
	return !s.n ||
	       ex_fail_extra(reader, s, mt_format(reader->arena, "fixed-point value for %s", name));
}

static long unit(char c)
{
	static const char units[] = "smhdw";
	static const long seconds[] = {1, 60, 3600, 86400, 604800};
	const char *at = c ? strchr(units, c) : NULL;
	return at ? seconds[at - units] : 0;
}

long ex_read_time(struct mt_str *s, char end)
{
	unsigned long all = 0;
	do {
		unsigned long value = 0;
		if (!s->n || !mt_is_digit(*s->p))
			return -1;
		for (; s->n && mt_is_digit(*s->p); *s = behind(*s, 1))
			value = (value * 10 + (unsigned long)(*s->p - '0')) % INT_MAX;
		long factor = unit(first(*s));
		if (!factor)
			return -1;
		all = (all + value * (unsigned long)factor) % INT_MAX;
		*s = behind(*s, 1);
	} while (first(*s) != end);
	return (long)all;
}

static bool check_time(struct ex_reader *reader, const char *name, struct mt_str s)
{
	return ex_read_time(&s, '\0') >= 0 || ex_fail(reader, "invalid time value for %s", name);
}

#define TIMES_MAX 10

static bool check_times(struct ex_reader *reader, const char *name, struct mt_str s)
{
	long before = -1;
	for (unsigned count = 1; s.n; count++) {
		const char *colon = memchr(s.p, ':', s.n);
		struct mt_str next = colon ? behind(s, (size_t)(colon - s.p) + 1) : MT_STR("");
		size_t n = colon ? (size_t)(colon - s.p) : s.n;
		while (colon && n && ex_is_space(s.p[n - 1]))
			n--;
		long value = ex_read_time(&s, colon ? s.p[n] : '\0');
		if (count > TIMES_MAX)
			return ex_fail(reader, "too many time values for %s", name);
		if (value < 0)
			return ex_fail(reader, "invalid time value for %s", name);
		if (value <= before)
			return ex_fail(reader, "time value out of order for %s", name);
		before = value;
		s = next;
		ex_skip_space(&s);
		if (!colon)
			break;
	}
	return true;
}

/* ---- options ------------------------------------------------------------------------------------- */

static bool read_bool(struct ex_reader *reader, const char *name, bool value, struct mt_str s,
		      struct ex_option *option)
{
	if (s.n) {
		struct mt_str word = ex_read_name(reader, &s);
		value = mt_str_same(word, MT_STR("true")) || mt_str_same(word, MT_STR("yes"));
		if (!value && !mt_str_same(word, MT_STR("false")) &&
		    !mt_str_same(word, MT_STR("no")))
			return ex_fail(reader,
				       "\"%.*s\" is not a valid value for the \"%s\" option",
				       MT_STR_FMT(word), name);
		if (s.n)
			return ex_fail_extra(reader, s,
					     mt_format(reader->arena,
						       "\"%.*s\" for boolean option %s",
						       MT_STR_FMT(word), name));
	}
	option->value = value ? "true" : "false";
	return true;
}

static bool check_rewrites(struct ex_reader *reader, struct mt_str list)
{
	bool envelope = false;
	char separator = '\0';
	for (struct mt_str item; ex_next_item(reader->arena, &list, &separator, &item);)
		if (!ex_read_rewrite(reader, item, &envelope))
			return false;
	return !envelope || ex_fail(reader, "rewrite rule specifies a non-header rewrite - "
					    "not allowed at transport time -");
}

static bool check_owner(struct ex_reader *reader, const char *name, const char *value)
{
	size_t n = strlen(name);
	bool group = n >= 5 && strcmp(name + n - 5, "group") == 0;
	return *value || ex_fail(reader, "%s %s was not found", group ? "group" : "user", value);
}

static bool check_value(struct ex_reader *reader, const struct ex_known *known, const char *name,
			struct ex_option *option)
{
	struct mt_str s = mt_str_of(option->value);
	switch ((enum ex_kind)(known->kind & ~EX_REPEATS)) {
	case EX_INT:
	case EX_KINT:
	case EX_OCTAL:
		return check_int(reader, known, name, option->value);
	case EX_FIXED:
		return check_fixed(reader, name, option->value);
	case EX_TIME:
		return check_time(reader, name, s);
	case EX_EXPAND_TIME:
		return first(s) == '$' || check_time(reader, name, s);
	case EX_TIMES:
		return check_times(reader, name, s);
	case EX_REWRITE_RULES:
		return check_rewrites(reader, s);
	case EX_OWNER:
		return check_owner(reader, name, option->value);
	default:
		return true;
	}
}

static bool is_text(unsigned kind)
{
	return kind == EX_STRING || kind == EX_OWNER || kind == EX_NAMES ||
	       kind == EX_REWRITE_RULES;
}

/* What is behind the name fits its kind at all. */
static bool check_shape(struct ex_reader *reader, bool boolean, const char *name, bool negated,
			struct mt_str s)
{
	if (boolean && s.n && (negated || *s.p != '='))
		return ex_fail_extra(reader, s,
				     mt_format(reader->arena, "boolean option %s", name));
	if (boolean)
		return true;
	if (negated)
		return ex_fail(reader, "negation prefix applied to a non-boolean option");
	if (!s.n)
		return ex_fail(reader, "unexpected end of line (data missing) after %s", name);
	return *s.p == '=' || ex_fail(reader, "missing \"=\" after %s", name);
}

bool ex_read_value(struct ex_reader *reader, const struct ex_known *known, const char *name,
		   bool negated, struct mt_str s, struct ex_option *option)
{
	unsigned kind = known->kind & ~EX_REPEATS;
	option->boolean = kind == EX_BOOL || kind == EX_EXPAND_BOOL;
	if (!check_shape(reader, option->boolean, name, negated, s))
		return false;
	if (s.n)
		s = behind(s, 1);
	ex_skip_space(&s);
	bool expands = kind == EX_EXPAND_BOOL && s.n && memchr(s.p, '$', s.n);
	if (option->boolean && !expands)
		return read_bool(reader, name, !negated || ex_fault(EX_FAULT_NO_IS_TRUE), s,
				 option);
	bool text = expands || is_text(kind);
	option->value = text ? ex_read_string(reader, s, name) : mt_strz(reader->arena, s);
	return option->value && check_value(reader, known, name, option);
}
