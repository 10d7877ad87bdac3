/* SPDX-License-Identifier: ISC */
/* json_value.c: the sink of JSON strings. */
#include "ui/json_value.h"

#include <stdlib.h>
#include <string.h>

#include "core/character.h"

#define REPLACEMENT "\xef\xbf\xbd"

json_t *mt_json_text(struct mt_str s)
{
	char *clean = malloc(3 * s.n + 1), *end = clean;
	if (!clean)
		mt_out_of_memory();
	while (s.n) {
		size_t n = mt_utf8_length(s);
		memcpy(end, n ? s.p : REPLACEMENT, n ? n : 3);
		end += n ? n : 3;
		s.p += n ? n : 1;
		s.n -= n ? n : 1;
	}
	json_t *text = json_stringn_nocheck(clean, (size_t)(end - clean));
	free(clean);
	return text;
}

void mt_json_set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(object, key, value) != 0)
		mt_out_of_memory();
}

void mt_json_append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		mt_out_of_memory();
}

void mt_json_set_text(json_t *object, const char *key, const char *text)
{
	mt_json_set(object, key, mt_json_text(mt_str_of(text)));
}

json_t *mt_json_root(void)
{
	json_t *root = json_object();
	mt_json_set_text(root, "schema", "mtapin/1");
	return root;
}

void mt_json_print(json_t *root)
{
	if (json_dumpf(root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) == 0)
		putchar('\n');
	json_decref(root);
}
