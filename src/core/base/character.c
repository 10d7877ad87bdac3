/* SPDX-License-Identifier: ISC */
/* character.c: bytes as characters, and which of them are seen. */
#include "core/base/character.h"

#include <string.h>

#include <mtapin/snapshot.h>

/* RFC 3629, table of section 4: the second byte's range depends on the first. */
static bool second_ok(unsigned char first, unsigned char second)
{
	unsigned low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	unsigned high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	return second >= low && second <= high;
}

size_t mt_utf8_length(struct mt_str s)
{
	unsigned char first = (unsigned char)s.p[0];
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	size_t n = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (s.n < n || !second_ok(first, (unsigned char)s.p[1]))
		return 0;
	for (size_t i = 2; i < n; i++)
		if (i >= s.n || ((unsigned char)s.p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

uint32_t mt_code_point(struct mt_str s)
{
	static const unsigned char mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t c = (unsigned char)s.p[0] & mask[s.n];
	for (size_t i = 1; i < s.n; i++)
		c = c << 6 | ((unsigned char)s.p[i] & 0x3f);
	return c;
}

/* First and last of each range that is not shown as it is: controls, line separators, bidirectional controls, and
 * Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt): fillers, joiners, variation selectors, tags. */
static const uint32_t hidden[][2] = {
	{0x0000, 0x001f},   {0x007f, 0x009f},	{0x00ad, 0x00ad},   {0x034f, 0x034f},
	{0x061c, 0x061c},   {0x115f, 0x1160},	{0x17b4, 0x17b5},   {0x180b, 0x180f},
	{0x200b, 0x200f},   {0x2028, 0x202e},	{0x2060, 0x206f},   {0x3164, 0x3164},
	{0xfe00, 0xfe0f},   {0xfeff, 0xfeff},	{0xffa0, 0xffa0},   {0xfff0, 0xfffb},
	{0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

bool mt_is_hidden(uint32_t code_point)
{
	for (size_t i = 0; i < MT_ARRAY_LEN(hidden); i++)
		if (code_point >= hidden[i][0] && code_point <= hidden[i][1])
			return true;
	return false;
}

bool mt_is_visible(struct mt_str s)
{
	while (s.n) {
		size_t n = mt_utf8_length(s);
		if (!n || mt_is_hidden(mt_code_point((struct mt_str){s.p, n})))
			return false;
		s = mt_str_part(s, n, s.n - n);
	}
	return true;
}

#define PATH_LENGTH 4095

bool mt_is_path(struct mt_str text)
{
	return text.n && text.n <= PATH_LENGTH && text.p[0] == '/' && mt_is_visible(text);
}

bool mt_is_name(struct mt_str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!mt_is_alnum(text.p[i]) && (!text.p[i] || !strchr("._-+:@#~=,", text.p[i])))
			return false;
	return text.n && text.n < 256 && text.p[0] != '-';
}
