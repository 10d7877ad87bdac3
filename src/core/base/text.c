/* SPDX-License-Identifier: ISC */
/* text.c: byte strings and growing text. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr() */
#endif
#include <mtapin/base.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mt_str mt_str_of(const char *cstring)
{
	return (struct mt_str){cstring, strlen(cstring)};
}

bool mt_str_eq(struct mt_str a, struct mt_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool mt_str_is(struct mt_str a, const char *cstring)
{
	return mt_str_eq(a, mt_str_of(cstring));
}

bool mt_str_starts(struct mt_str a, const char *prefix)
{
	size_t n = strlen(prefix);
	return a.n >= n && memcmp(a.p, prefix, n) == 0;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

bool mt_str_same(struct mt_str a, struct mt_str b)
{
	if (mt_str_eq(a, b))
		return true;
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

struct mt_str mt_str_after(struct mt_str s, char c)
{
	const char *at = s.n ? memrchr(s.p, c, s.n) : NULL;
	size_t i = at ? (size_t)(at - s.p) + 1 : s.n;
	return mt_str_part(s, i, s.n - i);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct mt_str mt_str_trim(struct mt_str s)
{
	while (s.n && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool mt_str_line(struct mt_str *rest, struct mt_str *line)
{
	if (!rest->n)
		return false;
	const char *lf = memchr(rest->p, '\n', rest->n);
	size_t n = lf ? (size_t)(lf - rest->p) : rest->n;
	*line = (struct mt_str){rest->p, n};
	n += lf != NULL;
	rest->p += n;
	rest->n -= n;
	return true;
}

const char *mt_str_find(struct mt_str s, struct mt_str needle)
{
	if (!needle.n)
		return s.p;
	while (s.n >= needle.n) {
		const char *at = memchr(s.p, needle.p[0], s.n - needle.n + 1);
		if (!at || memcmp(at, needle.p, needle.n) == 0)
			return at;
		s.n -= (size_t)(at + 1 - s.p);
		s.p = at + 1;
	}
	return NULL;
}

bool mt_str_word(struct mt_str *rest, const char *seps, struct mt_str *word)
{
	size_t k = strlen(seps);
	while (rest->n && memchr(seps, rest->p[0], k)) {
		rest->p++;
		rest->n--;
	}
	size_t n = 0;
	while (n < rest->n && !memchr(seps, rest->p[n], k))
		n++;
	*word = (struct mt_str){rest->p, n};
	*rest = mt_str_part(*rest, n, rest->n - n);
	return n > 0;
}

bool mt_str_number(struct mt_str s, unsigned long max, unsigned long *value)
{
	unsigned long v = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		unsigned long digit = (unsigned long)(s.p[i] - '0');
		if (digit > max || v > (max - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*value = v;
	return s.n > 0;
}

static void reserve(struct mt_text *t, size_t more)
{
	if (more < t->cap - t->n)
		return;
	size_t cap = t->cap ? t->cap * 2 : 48;
	while (cap - t->n <= more)
		cap *= 2;
	if (t->cap && mt_extend(t->arena, t->p, t->cap, cap)) {
		t->cap = cap;
		return;
	}
	char *p = mt_alloc(t->arena, cap);
	if (t->n)
		memcpy(p, t->p, t->n);
	t->p = p;
	t->cap = cap;
}

void mt_text_add(struct mt_text *t, struct mt_str s)
{
	if (!s.n)
		return;
	reserve(t, s.n);
	memcpy(t->p + t->n, s.p, s.n);
	t->n += s.n;
}

void mt_text_addf(struct mt_text *t, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		abort();
	reserve(t, (size_t)n);
	va_start(args, fmt);
	vsnprintf(t->p + t->n, (size_t)n + 1, fmt, args);
	va_end(args);
	t->n += (size_t)n;
}

struct mt_str mt_text_str(const struct mt_text *t)
{
	return (struct mt_str){t->p ? t->p : "", t->n};
}

const char *mt_text_z(struct mt_text *t)
{
	reserve(t, 1);
	t->p[t->n] = '\0';
	return t->p;
}
