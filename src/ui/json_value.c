/* SPDX-License-Identifier: ISC */
/* json_value.c: the sink of JSON strings. */
#include "ui/json_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/character.h"

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

static struct mt_str as_escape(uint32_t c, char buf[13])
{
	int n;
	if (c < 0x10000)
		n = snprintf(buf, 13, "\\u%04x", (unsigned)c);
	else
		n = snprintf(buf, 13, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (c >> 10)),
			     (unsigned)(0xdc00 + (c & 0x3ff)));
	return (struct mt_str){buf, (size_t)n};
}

/* jansson escapes the C0 controls; what else is not to be seen can only stand inside a string. */
void mt_json_dump(json_t *root, size_t flags, void (*put)(void *data, struct mt_str bytes),
		  void *data)
{
	char *text = json_dumps(root, flags | JSON_PRESERVE_ORDER), buf[13];
	json_decref(root);
	if (!text)
		mt_out_of_memory();
	struct mt_str rest = mt_str_of(text), plain = {rest.p, 0};
	while (rest.n) {
		size_t n = mt_utf8_length(rest);
		n = n ? n : 1;
		uint32_t c = mt_code_point((struct mt_str){rest.p, n});
		bool hides = (unsigned char)*rest.p >= 0x7f && mt_is_hidden(c);
		plain.n += hides ? 0 : n;
		rest = mt_str_part(rest, n, rest.n - n);
		if (!hides && rest.n)
			continue;
		put(data, plain);
		if (hides)
			put(data, as_escape(c, buf));
		plain = (struct mt_str){rest.p, 0};
	}
	free(text);
}

static void put_stdout(void *data, struct mt_str bytes)
{
	(void)data;
	fwrite(bytes.p, 1, bytes.n, stdout);
}

void mt_json_print(json_t *root)
{
	mt_json_dump(root, JSON_INDENT(2), put_stdout, NULL);
	putchar('\n');
}

void mt_json_print_line(json_t *root)
{
	mt_json_dump(root, JSON_COMPACT, put_stdout, NULL);
	putchar('\n');
}
