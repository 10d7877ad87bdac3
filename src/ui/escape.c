/* SPDX-License-Identifier: ISC */
/* escape.c: foreign bytes as harmless text. */
#include "ui/escape.h"

#include <string.h>

#include "core/base/character.h"

static void add_hex(struct mt_text *out, struct mt_str bytes)
{
	for (size_t i = 0; i < bytes.n; i++)
		mt_text_addf(out, "\\x%02x", (unsigned)(unsigned char)bytes.p[i]);
}

static void escape(struct mt_text *out, struct mt_str s, const char *kept)
{
	while (s.n) {
		size_t n = mt_utf8_length(s);
		struct mt_str character = {s.p, n ? n : 1};
		bool plain = n == 1 && s.p[0] && strchr(kept, s.p[0]);
		if (plain || (n && !mt_is_hidden(mt_code_point(character))))
			mt_text_add(out, character);
		else
			add_hex(out, character);
		s.p += character.n;
		s.n -= character.n;
	}
}

void mt_escape(struct mt_text *out, struct mt_str s)
{
	escape(out, s, "");
}

void mt_escape_block(struct mt_text *out, struct mt_str s)
{
	escape(out, s, "\n\t");
}

size_t mt_columns(struct mt_str escaped)
{
	size_t columns = 0;
	for (size_t i = 0; i < escaped.n; i++)
		columns += ((unsigned char)escaped.p[i] & 0xc0) != 0x80;
	return columns;
}

const char *mt_escaped(struct mt_arena *arena, const char *s)
{
	struct mt_text text = MT_TEXT_INIT(arena);
	mt_escape(&text, mt_str_of(s));
	return mt_text_z(&text);
}
