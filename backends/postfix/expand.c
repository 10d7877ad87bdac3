/* SPDX-License-Identifier: ISC */
/*
 * expand.c: $name as Postfix's mac_parse(3) and mac_expand(3) see it, from our own structs.
 *
 * Kept of Postfix: references nest 100 deep and no deeper; a relational operand starts counting anew
 * (there Postfix itself runs until its stack ends: here it is an error); a syntax error is found only
 * where expansion comes by. Added: what expands beyond STEPS is an error.
 */
#include "expand.h"

#include <string.h>

#define NESTING	 100 /* mac_expand.c */
#define OPERANDS 50 /* relational operands inside operands */
#define STEPS	 ((size_t)1 << 20) /* pieces and bytes of one expansion */

struct walk {
	const struct pf_scope *scope;
	struct mt_error *error;
	struct pf_raw holder; /* whose text is being read, for messages */
	struct mt_text *out;
	unsigned level, operands; /* references, operands we are inside of */
	size_t steps;
};

static int expand_text(struct walk *w, struct mt_str text);

/* ---- messages ---- */

static const char *where_of(const struct walk *w)
{
	const struct pf_scope *s = w->scope;
	switch (w->holder.from) {
	case 'o':
		return mt_format(s->arena, "%s:%u", s->service->path, w->holder.option->line);
	case 'm':
		return mt_format(s->arena, "%s:%u", s->maincf->path, w->holder.entry->where.line);
	default:
		return "";
	}
}

static int bad_text(struct walk *w, const char *what, struct mt_str text)
{
	if (text.n > 200)
		text.n = 200;
	return mt_fail(w->error, MT_EXIT_FAILED, where_of(w), "%s: \"%.*s\"", what,
		       MT_STR_FMT(text));
}

static int count_steps(struct walk *w, size_t n)
{
	w->steps += n + 1;
	if (w->steps <= STEPS)
		return 0;
	return mt_fail(w->error, MT_EXIT_FAILED, where_of(w), "the value expands without end");
}

/* ---- small readers ---- */

static bool is_blank(char c) /* CHARS_SPACE of Postfix: no vertical tab, no form feed */
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip(struct mt_str *s, size_t n)
{
	s->p += n;
	s->n -= n;
}

static void skip_blanks(struct mt_str *s)
{
	while (s->n && is_blank(s->p[0]))
		skip(s, 1);
}

static struct mt_str head(struct mt_str s, size_t n)
{
	return (struct mt_str){s.p, n};
}

/* Bytes before the parenthesis that closes the one already opened; s.n when there is none. */
static size_t balanced(struct mt_str s, char open, char close)
{
	size_t level = 1;
	for (size_t i = 0; i < s.n; i++) {
		level += s.p[i] == open;
		if (s.p[i] == close && --level == 0)
			return i;
	}
	return s.n;
}

/* "{text}" with blanks around it, off the front of *s. 1: taken; 0: no brace there; -1: never closed. */
static int take_braced(struct walk *w, struct mt_str *s, struct mt_str *payload)
{
	struct mt_str t = *s;
	skip_blanks(&t);
	if (!t.n || t.p[0] != '{')
		return 0;
	skip(&t, 1);
	size_t n = balanced(t, '{', '}');
	if (n == t.n)
		return bad_text(w, "unbalanced {} in attribute expression", *s);
	*payload = head(t, n);
	skip(&t, n + 1);
	skip_blanks(&t);
	*s = t;
	return 1;
}

/* ---- relational expressions: {left} op {right} ---- */

enum { LESS = 1, EQUAL = 2, MORE = 4 };

/* The outcomes that make the operator true; 0: not an operator. */
static int operator_of(struct mt_str s)
{
	static const struct {
		const char *text;
		int outcomes;
	} table[] = {{"==", EQUAL},	   {"!=", LESS | MORE},	 {"<", LESS},
		     {"<=", LESS | EQUAL}, {">=", MORE | EQUAL}, {">", MORE}};
	for (size_t i = 0; i < MT_ARRAY_LEN(table); i++)
		if (mt_str_is(s, table[i].text))
			return table[i].outcomes;
	return 0;
}

static bool all_digits(struct mt_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!mt_is_digit(s.p[i]))
			return false;
	return s.n > 0;
}

static int outcome(unsigned long a, unsigned long b)
{
	return a < b ? LESS : a > b ? MORE : EQUAL;
}

static int compare_plain(struct walk *w, struct mt_str a, struct mt_str b)
{
	if (!all_digits(a) || !all_digits(b)) {
		size_t n = a.n < b.n ? a.n : b.n;
		int order = n ? memcmp(a.p, b.p, n) : 0;
		if (order)
			return order < 0 ? LESS : MORE;
		return outcome(a.n, b.n);
	}
	unsigned long x, y;
	if (!mt_str_number(a, INT64_MAX, &x))
		return bad_text(w, "bad conversion", a);
	if (!mt_str_number(b, INT64_MAX, &y))
		return bad_text(w, "bad conversion", b);
	return outcome(x, y);
}

/* One number of a level, as strtol(3) reads it: blanks and a sign may come first. */
static bool level_part(struct mt_str *s, unsigned long max, unsigned long *value)
{
	while (s->n && pf_is_space(s->p[0]))
		skip(s, 1);
	bool minus = s->n && s->p[0] == '-';
	if (s->n && (s->p[0] == '-' || s->p[0] == '+'))
		skip(s, 1);
	size_t n = 0;
	while (n < s->n && mt_is_digit(s->p[n]))
		n++;
	bool good = mt_str_number(head(*s, n), max, value) && (!minus || *value == 0);
	skip(s, n);
	return good;
}

/* major[.minor[.patch]] of compatibility_level as one number (compat_level.c). */
static int level_of(struct walk *w, struct mt_str text, unsigned long *value)
{
	static const struct {
		unsigned long max;
		unsigned shift;
	} part[] = {{INT64_MAX >> 20, 20}, {1023, 10}, {1023, 0}};
	struct mt_str s = text;
	*value = 0;
	for (size_t i = 0; i < MT_ARRAY_LEN(part); i++) {
		unsigned long v;
		if (!level_part(&s, part[i].max, &v))
			break;
		*value |= v << part[i].shift;
		if (!s.n)
			return 0;
		if (s.p[0] != '.')
			break;
		skip(&s, 1);
	}
	return bad_text(w, "malformed compatibility level syntax", text);
}

static int compare_levels(struct walk *w, struct mt_str a, struct mt_str b)
{
	unsigned long x, y;
	if (level_of(w, a, &x) || level_of(w, b, &y))
		return -1;
	return outcome(x, y);
}

static struct mt_text *new_text(const struct walk *w)
{
	struct mt_text *text = MT_NEW(w->scope->arena, struct mt_text);
	text->arena = w->scope->arena;
	return text;
}

static int operand(struct walk *w, struct mt_str text, struct mt_str *value)
{
	struct mt_text *out = new_text(w);
	struct walk outer = *w;
	if (w->operands++ > OPERANDS)
		return bad_text(w, "unreasonable macro call nesting", text);
	w->level = 0;
	w->out = out;
	if (expand_text(w, text))
		return -1;
	*value = mt_text_str(out);
	outer.steps = w->steps;
	*w = outer;
	return 0;
}

struct relation {
	struct mt_str left, right;
	int outcomes;
	bool levels; /* op is followed by "level" */
};

/* Cut "{left} op {right}" off *s. */
static int take_relation(struct walk *w, struct mt_str *s, struct relation *r)
{
	static const char operators[] = "<>!=?+-*/~&|%";
	if (take_braced(w, s, &r->left) < 0)
		return -1;
	size_t n = 0;
	while (n < s->n && s->p[n] && memchr(operators, s->p[n], sizeof operators - 1))
		n++;
	r->outcomes = operator_of(head(*s, n));
	if (!r->outcomes)
		return bad_text(w, "relational operator expected at", *s);
	skip(s, n);
	for (n = 0; n < s->n && mt_is_alnum(s->p[n]);)
		n++;
	r->levels = mt_str_is(head(*s, n), "level");
	if (n && !r->levels)
		return bad_text(w, "bad operator suffix at", *s);
	skip(s, n);
	int taken = take_braced(w, s, &r->right);
	return taken ? taken : bad_text(w, "\"{expression}\" expected at", *s);
}

static int relational(struct walk *w, struct mt_str *s, bool *truth)
{
	struct relation r;
	struct mt_str left, right;
	if (take_relation(w, s, &r) < 0 || operand(w, r.left, &left) || operand(w, r.right, &right))
		return -1;
	int result = r.levels ? compare_levels(w, left, right) : compare_plain(w, left, right);
	if (result < 0)
		return -1;
	*truth = result & r.outcomes;
	return 0;
}

/* ---- references ---- */

/* The text behind '?' or ':', in braces or (then up to the end) plain; expanded only when it counts. */
static int branch(struct walk *w, struct mt_str *s, bool counts)
{
	struct mt_str text;
	int taken = take_braced(w, s, &text);
	if (taken < 0)
		return -1;
	if (!taken) {
		text = *s;
		skip(s, s->n);
	}
	return counts ? expand_text(w, text) : 0;
}

/* What follows a condition: ?a, :b, ?{a}:{b}. */
static int branches(struct walk *w, struct mt_str s, bool truth)
{
	if (s.p[0] == '?') {
		skip(&s, 1);
		if (branch(w, &s, truth))
			return -1;
		if (!s.n)
			return 0;
	}
	if (s.p[0] != ':')
		return bad_text(w, "\"?\" or \":\" expected at", s);
	skip(&s, 1);
	if (branch(w, &s, !truth))
		return -1;
	return s.n ? bad_text(w, "unexpected input at", s) : 0;
}

static int use_value(struct walk *w, struct pf_raw raw)
{
	struct pf_raw holder = w->holder;
	if (raw.from == 'o' ||
	    raw.from == 'm') /* a default has no line: named is who refers to it */
		w->holder = raw;
	int result = expand_text(w, raw.text);
	w->holder = holder;
	return result;
}

/* Cut the parameter's name off an expression, with the blanks around it. */
static int take_name(struct walk *w, struct mt_str *s, struct mt_str *name)
{
	struct mt_str whole = *s;
	skip_blanks(s);
	size_t n = 0;
	while (n < s->n && (mt_is_alnum(s->p[n]) || s->p[n] == '_'))
		n++;
	*name = head(*s, n);
	skip(s, n);
	skip_blanks(s);
	if (s->n && s->p[0] != '?' && s->p[0] != ':')
		return bad_text(w, "attribute name syntax error at", whole);
	return 0;
}

static int expression(struct walk *w, struct mt_str s)
{
	struct mt_str t = s, name;
	skip_blanks(&t);
	if (t.n && t.p[0] == '{') {
		bool truth;
		if (relational(w, &t, &truth))
			return -1;
		if (t.n)
			return branches(w, t, truth);
		mt_text_add(w->out, truth ? MT_STR("true") : MT_STR(""));
		return 0;
	}
	if (take_name(w, &s, &name))
		return -1;
	struct pf_raw raw = pf_raw(w->scope, name);
	return s.n ? branches(w, s, raw.text.n > 0) : use_value(w, raw);
}

/* Plain text up to the next reference; "$$" stands for "$". */
static int copy_literal(struct walk *w, struct mt_str *s)
{
	if (w->level > NESTING)
		return bad_text(w, "unreasonable macro call nesting", *s);
	while (s->n && (s->p[0] != '$' || (s->n > 1 && s->p[1] == '$'))) {
		const char *dollar = memchr(s->p, '$', s->n);
		size_t n = dollar ? (size_t)(dollar - s->p) : s->n;
		bool both = dollar == s->p;
		n += both;
		mt_text_add(w->out, head(*s, n));
		if (count_steps(w, n))
			return -1;
		skip(s, n + both);
	}
	return 0;
}

/* $name, $(text), ${text} */
static int reference(struct walk *w, struct mt_str *s)
{
	struct mt_str whole = *s, text;
	size_t n = 0;
	skip(s, 1);
	if (s->n && (s->p[0] == '(' || s->p[0] == '{')) {
		char open = s->p[0];
		skip(s, 1);
		n = balanced(*s, open, open == '(' ? ')' : '}');
		if (n == s->n)
			return bad_text(w, "truncated macro reference", whole);
		text = head(*s, n);
		skip(s, n + 1);
	} else {
		while (n < s->n && (mt_is_alnum(s->p[n]) || s->p[n] == '_'))
			n++;
		text = head(*s, n);
		skip(s, n);
	}
	if (!n)
		return bad_text(w, "empty macro name", whole);
	if (w->level > NESTING)
		return bad_text(w, "unreasonable macro call nesting", text);
	w->level++;
	int result = expression(w, text);
	w->level--;
	return result;
}

static int expand_text(struct walk *w, struct mt_str text)
{
	while (text.n) {
		bool refers = text.p[0] == '$' && !(text.n > 1 && text.p[1] == '$');
		if (count_steps(w, 0) || (refers ? reference(w, &text) : copy_literal(w, &text)))
			return -1;
	}
	return 0;
}

/* ---- values ---- */

static int expand_all(struct walk *w, struct mt_str text, struct mt_str *value)
{
	if (!memchr(text.p, '$', text.n)) { /* most values */
		*value = text;
		return 0;
	}
	struct mt_text *out = new_text(w);
	w->out = out;
	if (expand_text(w, text))
		return -1;
	*value = mt_text_str(out);
	return 0;
}

int pf_expand_text(const struct pf_scope *scope, struct mt_str text, struct mt_str *value,
		   struct mt_error *error)
{
	struct walk w = {.scope = scope, .error = error};
	return expand_all(&w, text, value);
}

int pf_expand(const struct pf_scope *scope, struct mt_str name, struct mt_str *value,
	      struct mt_error *error)
{
	struct walk w = {.scope = scope, .error = error, .holder = pf_raw(scope, name)};
	return expand_all(&w, w.holder.text, value);
}
