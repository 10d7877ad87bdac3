/* SPDX-License-Identifier: ISC */
/* txn_words.c: the words of a journal's plan, read back. */
#include "io/txn/txn_words.h"

#include <string.h>

static int hex_digit(char c)
{
	const char *digits = "0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

bool mt_word_text(const struct mt_txn_line *line, size_t i, const char **value)
{
	struct mt_str s = line->word[i];
	char *to = mt_alloc(line->arena, s.n + 1);
	*value = to;
	if (mt_str_is(s, "%-"))
		return true;
	for (size_t k = 0; k < s.n; k++) {
		char c = s.p[k];
		if (c == '%') {
			int high = k + 2 < s.n ? hex_digit(s.p[k + 1]) : -1;
			int low = high < 0 ? -1 : hex_digit(s.p[k + 2]);
			c = low < 0 ? '\0' : (char)(high << 4 | low);
			k += 2;
		}
		if (!c)
			return false;
		*to++ = c;
	}
	return true;
}

bool mt_word_number(struct mt_str word, long long *value)
{
	unsigned long v;
	if (!mt_str_number(word, (unsigned long)INT64_MAX, &v))
		return false;
	*value = (long long)v;
	return true;
}

bool mt_word_octal(struct mt_str word, int *mode)
{
	unsigned value = 0;
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] < '0' || word.p[i] > '7' || value > 0777)
			return false;
		value = value << 3 | (unsigned)(word.p[i] - '0');
	}
	*mode = (int)value;
	return word.n > 0;
}

bool mt_word_sha(struct mt_str word, char out[MT_TXN_HASH + 1])
{
	if (mt_str_is(word, "%-"))
		return true;
	for (size_t i = 0; i < word.n; i++)
		if (!word.p[i] || !strchr("0123456789abcdef", word.p[i]))
			return false;
	if (word.n != MT_TXN_HASH)
		return false;
	memcpy(out, word.p, MT_TXN_HASH);
	return true;
}

bool mt_word_seconds(struct mt_str word, unsigned *value)
{
	long long n;
	if (!mt_word_number(word, &n) || n > 86400)
		return false;
	*value = (unsigned)n;
	return true;
}

bool mt_words_argv(const struct mt_txn_line *line, struct mt_command_line *command)
{
	if (command->argv[0] || line->n > MT_ARGV_MAX)
		return false;
	for (size_t i = 1; i < line->n; i++)
		if (!mt_word_text(line, i, &command->argv[i - 1]))
			return false;
	return true;
}
