/* SPDX-License-Identifier: ISC */
/* message.c: a format and its arguments, taken apart and put together again. */
#include <mtapin/message.h>

#include <stdlib.h>
#include <string.h>

/* ---- conversions --------------------------------------------------------------------------------
 * %[N$][flags][width][.precision][length]type; width and precision are digits, '*' or "*N$".
 */
#define FLAGS	  "-0"
#define WIDTH_MAX 99 /* a translation is foreign, too: it does not fill the memory */
#define UNSET	  (-1)

struct conversion {
	size_t length; /* of all of it, behind the '%' */
	char flags[sizeof FLAGS];
	bool star[2]; /* width, precision: an argument */
	int position[2], value[2]; /* of that argument, from 1, and 0: the next one; the number */
	int at; /* of the argument itself, likewise */
	char size; /* 0, l, L (ll), j, z, t */
	char type;
	bool message;
};

static int digits(const char **p)
{
	int n = 0;
	for (; mt_is_digit(**p); ++*p)
		n = n < 1000 ? n * 10 + (**p - '0') : n;
	return n;
}

/* "N$" */
static int argument_position(const char **p)
{
	const char *q = *p;
	int n = digits(&q);
	if (n == 0 || *q != '$')
		return 0;
	*p = q + 1;
	return n;
}

static void size_part(const char **p, struct conversion *c, int which)
{
	c->value[which] = UNSET;
	if (**p == '*') {
		++*p;
		c->star[which] = true;
		c->position[which] = argument_position(p);
	} else if (which == 1 || mt_is_digit(**p)) {
		int n = digits(p);
		c->value[which] = n <= WIDTH_MAX || which == 1 ? n : UNSET;
	}
}

/* What stands behind a '%'. */
static struct conversion parse_conversion(const char *text)
{
	struct conversion c = {.value = {UNSET, UNSET}};
	const char *p = text;
	c.at = argument_position(&p);
	for (size_t n = 0; *p && strchr(FLAGS, *p); p++)
		if (n < sizeof c.flags - 1 && !strchr(c.flags, *p))
			c.flags[n++] = *p;
	size_part(&p, &c, 0);
	if (*p == '.') {
		p++;
		size_part(&p, &c, 1);
	}
	for (; *p && strchr("ljzt", *p); p++)
		c.size = *p == 'l' && c.size == 'l' ? 'L' : *p;
	c.type = *p;
	p += *p != '\0';
	c.message = c.type == 'p' && *p == 'M';
	c.length = (size_t)(p - text) + c.message;
	return c;
}

/* ---- in ---- */

static int64_t signed_of(char size, va_list *args)
{
	switch (size) {
	case 'l':
		return va_arg(*args, long);
	case 'L':
		return va_arg(*args, long long);
	case 'j':
		return va_arg(*args, intmax_t);
	case 'z':
	case 't':
		return va_arg(*args, ptrdiff_t);
	default:
		return va_arg(*args, int);
	}
}

static int64_t unsigned_of(char size, va_list *args)
{
	switch (size) {
	case 'l':
		return (int64_t)va_arg(*args, unsigned long);
	case 'L':
		return (int64_t)va_arg(*args, unsigned long long);
	case 'j':
		return (int64_t)va_arg(*args, uintmax_t);
	case 'z':
	case 't':
		return (int64_t)va_arg(*args, size_t);
	default:
		return va_arg(*args, unsigned);
	}
}

/* At most `most` bytes of it are looked at: it need not be terminated then (%.*s). */
static const char *bounded_text(struct mt_arena *arena, const char *s, int most)
{
	size_t max = most >= 0 && most < MT_ARG_TEXT_MAX ? (size_t)most : MT_ARG_TEXT_MAX;
	const char *end = s ? memchr(s, '\0', max) : NULL;
	return s ? mt_strz(arena, (struct mt_str){s, end ? (size_t)(end - s) : max}) : "";
}

static struct mt_arg arg_of(struct mt_arena *arena, const struct conversion *c, va_list *args)
{
	switch (c->type) {
	case 's':
		return (struct mt_arg){
			.kind = MT_ARG_TEXT,
			.text = bounded_text(arena, va_arg(*args, const char *), c->value[1])};
	case 'd':
	case 'i':
		return (struct mt_arg){.kind = MT_ARG_NUMBER, .number = signed_of(c->size, args)};
	case 'c':
		return (struct mt_arg){.kind = MT_ARG_NUMBER, .number = va_arg(*args, int)};
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		return (struct mt_arg){.kind = MT_ARG_NUMBER, .number = unsigned_of(c->size, args)};
	case 'p':
		if (c->message)
			return (struct mt_arg){.kind = MT_ARG_MESSAGE,
					       .message = va_arg(*args, const struct mt_message *)};
		/* fall through */
	default:
		abort();
	}
}

static void take_args(struct mt_arena *arena, struct mt_message *m, va_list *args)
{
	struct mt_arg arg[MT_MESSAGE_ARGS];
	size_t n = 0;
	for (const char *p = strchr(m->format, '%'); p; p = strchr(p, '%')) {
		struct conversion c = parse_conversion(++p);
		p += c.length;
		for (int i = 0; i < 2; i++)
			if (c.star[i] && n < MT_MESSAGE_ARGS) {
				c.value[i] = va_arg(*args, int);
				arg[n++] = (struct mt_arg){.kind = MT_ARG_NUMBER,
							   .number = c.value[i]};
			}
		if (c.type == '%')
			continue;
		if (n == MT_MESSAGE_ARGS)
			abort();
		arg[n++] = arg_of(arena, &c, args);
	}
	struct mt_arg *copy = mt_alloc(arena, (n + 1) * sizeof *copy);
	if (n)
		memcpy(copy, arg, n * sizeof *copy);
	m->arg = copy;
	m->arg_count = n;
}

struct mt_message *mt_vmessage(struct mt_arena *arena, const char *fmt, va_list args)
{
	struct mt_message *m = MT_NEW(arena, struct mt_message);
	va_list copy;
	m->format = fmt;
	va_copy(copy, args);
	take_args(arena, m, &copy);
	va_end(copy);
	return m;
}

struct mt_message *mt_message(struct mt_arena *arena, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	struct mt_message *m = mt_vmessage(arena, fmt, args);
	va_end(args);
	return m;
}

struct mt_message *mt_phrase(struct mt_arena *arena, const char *literal)
{
	struct mt_message *m = literal ? MT_NEW(arena, struct mt_message) : NULL;
	if (m)
		m->format = literal;
	return m;
}

struct mt_message *mt_message_n(struct mt_arena *arena, unsigned long n, const char *singular,
				const char *plural, ...)
{
	struct mt_message *m = MT_NEW(arena, struct mt_message);
	va_list args;
	*m = (struct mt_message){.format = singular, .plural = plural, .n = n};
	va_start(args, plural);
	take_args(arena, m, &args);
	va_end(args);
	return m;
}

struct mt_message *mt_message_copy(struct mt_arena *arena, const struct mt_message *message)
{
	if (!message)
		return NULL;
	struct mt_message *copy = MT_NEW(arena, struct mt_message);
	struct mt_arg *arg = mt_alloc(arena, (message->arg_count + 1) * sizeof *arg);
	*copy = *message;
	copy->next = NULL;
	copy->arg = arg;
	for (size_t i = 0; i < message->arg_count; i++) {
		arg[i] = message->arg[i];
		if (arg[i].kind == MT_ARG_TEXT)
			arg[i].text = mt_strdup(arena, arg[i].text);
		arg[i].message = mt_message_copy(arena, arg[i].message);
	}
	return copy;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool mt_message_eq(const struct mt_message *a, const struct mt_message *b)
{
	if (a == b || !a || !b)
		return a == b;
	bool same = same_text(a->domain, b->domain) && same_text(a->format, b->format) &&
		    same_text(a->plural, b->plural) && a->n == b->n && a->arg_count == b->arg_count;
	for (size_t i = 0; same && i < a->arg_count; i++) {
		const struct mt_arg *x = &a->arg[i], *y = &b->arg[i];
		same = x->kind == y->kind && same_text(x->text, y->text) &&
		       x->number == y->number && mt_message_eq(x->message, y->message);
	}
	return same;
}

void mt_message_push(struct mt_message **list, struct mt_message *message)
{
	while (*list)
		list = &(*list)->next;
	*list = message;
}

/* ---- out ---- */

struct writing {
	struct mt_text *out;
	const struct mt_language *language;
	const struct mt_message *message;
	const char *domain;
	size_t next; /* argument */
};

static void put_message(struct mt_text *out, const struct mt_message *m, const char *domain,
			const struct mt_language *language);

/* NULL: the format names one more than there are. */
static const struct mt_arg *next_arg(struct writing *w, int position)
{
	size_t i = position ? (size_t)position - 1 : w->next++;
	return i < w->message->arg_count ? &w->message->arg[i] : NULL;
}

/* By what the argument is: the letter of a translation may be wrong. Zeros in front are a precision here. */
static void put_number_argument(struct mt_text *out, const struct conversion *c, int width,
				int64_t number)
{
	bool zeros = strchr(c->flags, '0') && width > 0 && c->value[1] == UNSET;
	int least = zeros ? width : c->value[1] > WIDTH_MAX ? WIDTH_MAX : c->value[1];
	switch (c->type) {
	case 'c':
		mt_text_addf(out, "%c", (int)(unsigned char)number);
		return;
	case 'u':
		mt_text_addf(out, "%*.*ju", width, least, (uintmax_t)number);
		return;
	case 'x':
		mt_text_addf(out, "%*.*jx", width, least, (uintmax_t)number);
		return;
	case 'X':
		mt_text_addf(out, "%*.*jX", width, least, (uintmax_t)number);
		return;
	case 'o':
		mt_text_addf(out, "%*.*jo", width, least, (uintmax_t)number);
		return;
	default:
		mt_text_addf(out, "%*.*jd", width, least, (intmax_t)number);
	}
}

static void put_arg(struct writing *w, const struct conversion *c, const struct mt_arg *arg)
{
	int width = c->value[0] == UNSET ? 0 : c->value[0];
	width = strchr(c->flags, '-') && width > 0 ? -width : width;
	switch (arg->kind) {
	case MT_ARG_TEXT:
		mt_text_addf(w->out, "%*.*s", width, c->type == 's' ? c->value[1] : UNSET,
			     arg->text);
		return;
	case MT_ARG_NUMBER:
		put_number_argument(w->out, c, width, arg->number);
		return;
	case MT_ARG_MESSAGE:
		put_message(w->out, arg->message, w->domain, w->language);
	}
}

static void put_conversion(struct writing *w, struct conversion *c)
{
	for (int i = 0; i < 2; i++) {
		const struct mt_arg *star = c->star[i] ? next_arg(w, c->position[i]) : NULL;
		int64_t most = i == 0 ? WIDTH_MAX : MT_ARG_TEXT_MAX;
		if (star && star->kind == MT_ARG_NUMBER && star->number >= -most &&
		    star->number <= most)
			c->value[i] = (int)star->number;
	}
	const struct mt_arg *arg = next_arg(w, c->at);
	if (arg)
		put_arg(w, c, arg);
}

const char *mt_message_format(const struct mt_message *message)
{
	return message->plural && message->n != 1 ? message->plural : message->format;
}

static void put_message(struct mt_text *out, const struct mt_message *m, const char *domain,
			const struct mt_language *language)
{
	if (!m)
		return;
	domain = m->domain ? m->domain : domain;
	struct writing w = {out, language, m, domain, 0};
	const char *p = language ? language->find(language, domain, m) : mt_message_format(m);
	for (const char *percent; (percent = strchr(p, '%'));) {
		mt_text_add(out, (struct mt_str){p, (size_t)(percent - p)});
		struct conversion c = parse_conversion(percent + 1);
		p = percent + 1 + c.length;
		if (c.type == '%')
			mt_text_add(out, MT_STR("%"));
		else if (c.type)
			put_conversion(&w, &c);
	}
	mt_text_add(out, mt_str_of(p));
}

void mt_message_put(struct mt_text *out, const struct mt_message *message,
		    const struct mt_language *language)
{
	put_message(out, message, NULL, language);
}

const char *mt_message_text(struct mt_arena *arena, const struct mt_message *message,
			    const struct mt_language *language)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	mt_message_put(&text, message, language);
	return mt_text_z(&text);
}

const char *mt_message_english(struct mt_arena *arena, const struct mt_message *message)
{
	return mt_message_text(arena, message, NULL);
}
