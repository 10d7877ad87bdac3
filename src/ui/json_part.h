/* SPDX-License-Identifier: ISC */
/* json_part.h: the parts of a document. Every function returns a new value. */
#ifndef MT_JSON_PART_H
#define MT_JSON_PART_H

#include "core/check/check.h"
#include "ui/json.h"
#include "ui/json_value.h"

json_t *mt_json_host(const struct mt_report *report); /* the whole document of `show` */
json_t *mt_json_address(struct mt_addr addr); /* null when unset */
json_t *mt_json_origin(const struct mt_origin *origin);
json_t *mt_json_listeners(const struct mt_listener *listeners);
json_t *mt_json_texts(const char *const *list); /* may be NULL */
json_t *mt_json_address(struct mt_addr addr); /* null when it is unset */
json_t *mt_json_check(const struct mt_check *check);
/* "ipv4", "ipv6", of mail that no condition meets, and "bindings", all of them; null without a transport */
void mt_json_set_bindings(json_t *one, const struct mt_transport *transport);
json_t *mt_json_changes(struct mt_arena *arena, const struct mt_change *changes);
json_t *mt_json_plan(const struct mt_plan *plan,
		     const struct mt_change *hook); /* hook: may be NULL */
json_t *mt_json_transaction(struct mt_arena *arena, const struct mt_outcome *outcome);

#endif
