/* SPDX-License-Identifier: ISC */
/*
 * character.h: bytes as characters (UTF-8 by RFC 3629: shortest form, no surrogates), and which of them a reader would
 * not see as they are.
 */
#ifndef MT_CORE_CHARACTER_H
#define MT_CORE_CHARACTER_H

#include <mtapin/base.h>

/* Length of the valid UTF-8 sequence at the start of s (which is not empty); 0: not valid. */
size_t mt_utf8_length(struct mt_str s);
/* The code point of a valid sequence that fills `s`. */
uint32_t mt_code_point(struct mt_str s);
/* It moves a cursor, reorders or hides text, or breaks a line: C0 and C1 controls, DEL, bidirectional controls, line
 * separators, invisible format characters. */
bool mt_is_hidden(uint32_t code_point);
/* Valid UTF-8 without hidden characters. */
bool mt_is_visible(struct mt_str s);

#endif
