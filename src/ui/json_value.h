/* SPDX-License-Identifier: ISC */
/* json_value.h: the one sink through which foreign bytes become JSON strings, and the frame of a document. */
#ifndef MT_JSON_VALUE_H
#define MT_JSON_VALUE_H

#include <jansson.h>

#include <mtapin/base.h>

/* Each invalid byte becomes U+FFFD; a NUL stays (\u0000). */
json_t *mt_json_text(struct mt_str s);
/* Takes over `value`. Out of memory ends the program. */
void mt_json_set(json_t *object, const char *key, json_t *value);
void mt_json_append(json_t *array, json_t *value);
void mt_json_set_text(json_t *object, const char *key, const char *text);
/* {"schema": "mtapin/1"} */
json_t *mt_json_root(void);
/*
 * As text, through `put`, with the flags of jansson; frees it. What moves a cursor, reorders or hides text is written as
 * \\u escapes: whoever reads JSON gets the character, a terminal does not.
 */
void mt_json_dump(json_t *root, size_t flags, void (*put)(void *data, struct mt_str bytes),
		  void *data);
/* On stdout: indented; on one line. */
void mt_json_print(json_t *root);
void mt_json_print_line(json_t *root);

#endif
