/* SPDX-License-Identifier: ISC */
/*
 * items.h: Exim's lists, "a : b" or "<; a ; b" (specification, 6.19 and 6.20; measured with 4.96): the separator is ':' or
 * what stands behind '<'; two of them are one that belongs to the item, but for a control character; blanks around an item do
 * not count; nothing behind the last separator is no item, nothing before one is an empty item.
 */
#ifndef EX_ITEMS_H
#define EX_ITEMS_H

#include <mtapin/base.h>

struct ex_items {
	struct mt_str rest;
	char separator;
};
struct ex_items ex_items(struct mt_str list);
/* The next one; false: that was the last. */
bool ex_item(struct mt_arena *arena, struct ex_items *items, struct mt_str *item);

bool ex_is_blank(char c); /* isspace(3) in the locale C */
bool ex_is_control(char c);
struct mt_str ex_skip_blanks(struct mt_str s);

#endif
