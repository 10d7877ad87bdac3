/* SPDX-License-Identifier: ISC */
/* log_reply.c: what a server said, made ready for words to be found in it. */
#include "core/log/log_reply.h"

#include <stddef.h>
#include <string.h>

#define ADDRESS 1 /* may stand in an address */
#define WORD	2 /* goes on a word */

static uint8_t byte_kind(char c)
{
	static const uint8_t kind[256] = {
		['0' ... '9'] = ADDRESS | WORD, ['a' ... 'f'] = ADDRESS | WORD,
		['A' ... 'F'] = ADDRESS | WORD, ['.'] = ADDRESS | WORD,
		[':'] = ADDRESS | WORD,		['g' ... 'z'] = WORD,
		['G' ... 'Z'] = WORD,		['_'] = WORD};
	return kind[(uint8_t)c];
}

static bool in_address(char c)
{
	return byte_kind(c) & ADDRESS;
}

/* Length of a reply code with its enhanced code at s, "550-5.7.1 " or "550 "; 0: none. */
static size_t code_at(struct mt_str s)
{
	if (s.n < 4 || s.p[0] < '2' || s.p[0] > '5' || !mt_is_digit(s.p[1]) ||
	    !mt_is_digit(s.p[2]) || (s.p[3] != ' ' && s.p[3] != '-'))
		return 0;
	size_t n = 4, i = 4;
	while (i < s.n && (mt_is_digit(s.p[i]) || s.p[i] == '.'))
		i++;
	if (i >= 9 && i < s.n && s.p[i] == ' ' && s.p[5] == '.')
		n = i + 1;
	return n;
}

static void put_char(struct mt_log_reply *t, char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (char)(c | 32);
	if (c == '\t')
		c = ' ';
	if (t->n < MT_LOG_REPLY_MAX && !(c == ' ' && t->n && t->p[t->n - 1] == ' '))
		t->p[t->n++] = c;
}

static int small_number(const char **p, const char *end)
{
	int value = 0;
	while (*p < end && mt_is_digit(**p) && value < 1000)
		value = value * 10 + *(*p)++ - '0';
	return value;
}

static void read_reply_code(struct mt_log_reply *t, struct mt_str s)
{
	const char *p = s.p + 4, *end = s.p + s.n;
	t->coded = true;
	t->code = (s.p[0] - '0') * 100 + (s.p[1] - '0') * 10 + (s.p[2] - '0');
	if (end - p < 5 || (*p != '4' && *p != '5') || p[1] != '.' || !mt_is_digit(p[2]))
		return;
	t->class = *p;
	p += 2;
	t->subject = small_number(&p, end);
	if (p < end && *p == '.') {
		p++;
		t->detail = small_number(&p, end);
	}
}

/* A code that the server repeats in each line of its reply: left out. Its length. */
static size_t repeated_code(struct mt_log_reply *t, struct mt_str reply, size_t at)
{
	if (!at || !t->coded || (reply.p[at - 1] != ' ' && reply.p[at - 1] != '/'))
		return 0;
	size_t n = code_at(mt_str_part(reply, at, reply.n - at));
	if (!n || memcmp(reply.p + at, reply.p, 3) != 0)
		return 0;
	put_char(t, ' ');
	return n;
}

/* One byte for an address at s that is not the server's own; its length, 0 none. "4.7.1" and "10:00" are none. */
static size_t put_address(struct mt_log_reply *t, struct mt_str s, struct mt_addr peer)
{
	struct mt_addr addr;
	size_t n = 0;
	bool parted = false;
	for (; n < s.n && n < 46 && in_address(s.p[n]); n++)
		parted |= s.p[n] == '.' || s.p[n] == ':';
	if (!parted)
		return 0;
	while (n && (s.p[n - 1] == '.' || (s.p[n - 1] == ':' && !(n > 1 && s.p[n - 2] == ':'))))
		n--;
	if (n < 3 || !mt_addr_parse(mt_str_part(s, 0, n), &addr))
		return 0;
	if (!mt_addr_is_loopback(addr) && !mt_addr_eq(addr, peer)) {
		put_char(t, MT_LOG_ADDRESS_BYTE);
		if (!t->named.set)
			t->named = addr;
	} else if (s.p[0] == '1') {
		for (size_t k = 0; k < n; k++)
			put_char(t, s.p[k]);
	}
	return n;
}

void mt_log_reply_read(struct mt_log_reply *t, struct mt_str reply, struct mt_addr peer)
{
	memset(t, 0, offsetof(struct mt_log_reply, p));
	if (code_at(reply))
		read_reply_code(t, reply);
	put_char(t, ' ');
	for (size_t i = 0; i < reply.n && t->n < MT_LOG_REPLY_MAX;) {
		size_t n = 0;
		/* where a word may begin */
		if (in_address(reply.p[i]) && (i == 0 || !(byte_kind(reply.p[i - 1]) & WORD))) {
			n = repeated_code(t, reply, i);
			if (!n)
				n = put_address(t, mt_str_part(reply, i, reply.n - i), peer);
		}
		if (!n) {
			put_char(t, reply.p[i] == MT_LOG_ADDRESS_BYTE ? '\1' : reply.p[i]);
			n = 1;
		}
		i += n;
	}
	put_char(t, ' ');
	memset(t->p + t->n, 0, MT_LOG_WORD_PAD);
}
