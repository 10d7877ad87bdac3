/* SPDX-License-Identifier: ISC */
/* wire_put.c: structs as bytes, by tables. */
#include "core/model/wire.h"

#include <string.h>

static void put_raw(struct mt_text *out, const void *p, size_t n)
{
	mt_text_add(out, (struct mt_str){p, n});
}

static void put_number(struct mt_text *out, uint64_t n)
{
	put_raw(out, &n, sizeof n);
}

static void put_bytes(struct mt_text *out, struct mt_str s)
{
	uint32_t n = (uint32_t)s.n;
	put_raw(out, &n, sizeof n);
	mt_text_add(out, s);
}

static void put_string(struct mt_text *out, const char *s)
{
	uint32_t none = MT_WIRE_NONE;
	if (s)
		put_bytes(out, mt_str_of(s));
	else
		put_raw(out, &none, sizeof none);
}

static void put_strings(struct mt_text *out, const char *const *list, size_t n)
{
	put_number(out, n);
	for (size_t i = 0; i < n; i++)
		put_bytes(out, mt_str_of(list[i] ? list[i] : ""));
}

static const void *pointer_at(const char *at)
{
	const void *p;
	memcpy(&p, at, sizeof p);
	return p;
}

static void put_fields(struct mt_text *out, const struct mt_wire_type *type, const char *value);

/* ---- one kind of field each: f->at is where it stands in `value` ---- */

static void put_bool(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	put_raw(out, *(const bool *)(value + f->at) ? "\1" : "\0", 1);
}

static void put_unsigned(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	put_number(out, *(const unsigned *)(const void *)(value + f->at));
}

static void put_long(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	put_number(out, (uint64_t)(int64_t) * (const long *)(const void *)(value + f->at));
}

static void put_int64(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	put_number(out, (uint64_t) * (const int64_t *)(const void *)(value + f->at));
}

static void put_size(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	put_number(out, *(const size_t *)(const void *)(value + f->at));
}

static void put_addr(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	const struct mt_addr *addr = (const void *)(value + f->at);
	put_raw(out, addr->set ? addr->family == MT_V6 ? "\2" : "\1" : "\0", 1);
	put_raw(out, addr->b, sizeof addr->b);
}

static void put_text(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	const char *text = pointer_at(value + f->at);
	put_string(out, text || f->kind == MT_WIRE_MAYBE ? text : "");
}

static void put_backend(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	const struct mt_backend *backend = pointer_at(value + f->at);
	put_string(out, backend->name);
}

static void put_method(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	const struct mt_method *method = pointer_at(value + f->at);
	put_string(out, method ? method->name : NULL);
}

static void put_slice(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	put_bytes(out, *(const struct mt_str *)(const void *)(value + f->at));
}

static void put_texts(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	const char *const *list = pointer_at(value + f->at);
	size_t n = 0;
	while (list && list[n])
		n++;
	put_strings(out, list, n);
}

static void put_values(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	unsigned n;
	memcpy(&n, value + f->count, sizeof n);
	put_strings(out, pointer_at(value + f->at), n);
}

static void put_chars(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	const char *at = value + f->at, *end = memchr(at, '\0', f->most);
	put_bytes(out, (struct mt_str){at, end ? (size_t)(end - at) : f->most - 1});
}

static void put_filled(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	size_t n;
	memcpy(&n, value + f->count, sizeof n);
	put_bytes(out, (struct mt_str){value + f->at, n});
}

static void put_inside(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	for (unsigned long i = 0; i < f->most; i++)
		put_fields(out, f->type, value + f->at + i * f->type->size);
}

static void put_row(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	const char *first = pointer_at(value + f->at);
	for (unsigned long i = 0; i < f->most; i++)
		put_fields(out, f->type, first + i * f->type->size);
}

static void put_pointer(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	const char *one = pointer_at(value + f->at);
	put_raw(out, one ? "\1" : "\0", 1);
	if (one)
		put_fields(out, f->type, one);
}

/* A byte 1 before each, a byte 0 at the end. */
static void put_list(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	const char *one = pointer_at(value + f->at);
	for (; one; one = pointer_at(one + f->type->next)) {
		put_raw(out, "\1", 1);
		put_fields(out, f->type, one);
	}
	put_raw(out, "\0", 1);
}

static void put_array(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	size_t n;
	const char *first = pointer_at(value + f->at);
	memcpy(&n, value + f->count, sizeof n);
	put_number(out, n);
	for (size_t i = 0; i < n; i++)
		put_fields(out, f->type, first + i * f->type->size);
}

static void (*const put_kind[])(struct mt_text *, const struct mt_wire_field *, const char *) = {
	[MT_WIRE_BOOL] = put_bool,	 [MT_WIRE_ENUM] = put_unsigned,
	[MT_WIRE_UINT] = put_unsigned,	 [MT_WIRE_LONG] = put_long,
	[MT_WIRE_INT64] = put_int64,	 [MT_WIRE_SIZE] = put_size,
	[MT_WIRE_TEXT] = put_text,	 [MT_WIRE_MAYBE] = put_text,
	[MT_WIRE_ID] = put_text,	 [MT_WIRE_BYTES] = put_slice,
	[MT_WIRE_ADDR] = put_addr,	 [MT_WIRE_TEXTS] = put_texts,
	[MT_WIRE_VALUES] = put_values,	 [MT_WIRE_INSIDE] = put_inside,
	[MT_WIRE_POINTER] = put_pointer, [MT_WIRE_LIST] = put_list,
	[MT_WIRE_ARRAY] = put_array,	 [MT_WIRE_ROW] = put_row,
	[MT_WIRE_CHARS] = put_chars,	 [MT_WIRE_FILLED] = put_filled,
	[MT_WIRE_BACKEND] = put_backend, [MT_WIRE_METHOD] = put_method,
};

static void put_fields(struct mt_text *out, const struct mt_wire_type *type, const char *value)
{
	for (size_t i = 0; i < type->field_count; i++)
		put_kind[type->fields[i].kind](out, &type->fields[i], value);
}

void mt_wire_put(struct mt_text *out, const struct mt_wire_type *type, const void *value)
{
	put_fields(out, type, value);
}
