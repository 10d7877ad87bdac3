/* SPDX-License-Identifier: ISC */
/* wire.c: structs as bytes and back, by tables. */
#include "core/wire.h"

#include <string.h>

#define NONE UINT32_MAX /* the length of a text that is NULL */

/* ---- out ---- */

static void put(struct mt_text *out, const void *p, size_t n)
{
	mt_text_add(out, (struct mt_str){p, n});
}

static void put_number(struct mt_text *out, uint64_t n)
{
	put(out, &n, sizeof n);
}

static void put_bytes(struct mt_text *out, struct mt_str s)
{
	uint32_t n = (uint32_t)s.n;
	put(out, &n, sizeof n);
	mt_text_add(out, s);
}

static void put_maybe(struct mt_text *out, const char *s)
{
	uint32_t none = NONE;
	if (s)
		put_bytes(out, mt_str_of(s));
	else
		put(out, &none, sizeof none);
}

static void put_texts(struct mt_text *out, const char *const *list, size_t n)
{
	put_number(out, n);
	for (size_t i = 0; i < n; i++)
		put_bytes(out, mt_str_of(list[i] ? list[i] : ""));
}

static size_t length_of(const char *const *list)
{
	size_t n = 0;
	while (list && list[n])
		n++;
	return n;
}

static const void *pointer_at(const char *at)
{
	const void *p;
	memcpy(&p, at, sizeof p);
	return p;
}

static void put_fields(struct mt_text *out, const struct mt_wire_type *type, const char *value);

/* A byte 1 before each, a byte 0 at the end. */
static void put_list(struct mt_text *out, const struct mt_wire_type *type, const char *one)
{
	for (; one; one = pointer_at(one + type->next)) {
		put(out, "\1", 1);
		put_fields(out, type, one);
	}
	put(out, "\0", 1);
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

static void put_scalar(struct mt_text *out, const struct mt_wire_field *f, const char *at)
{
	const struct mt_addr *addr = (const void *)at;
	switch (f->kind) {
	case MT_WIRE_BOOL:
		put(out, *(const bool *)at ? "\1" : "\0", 1);
		return;
	case MT_WIRE_ENUM:
	case MT_WIRE_UINT:
		put_number(out, *(const unsigned *)(const void *)at);
		return;
	case MT_WIRE_LONG:
		put_number(out, (uint64_t)(int64_t) * (const long *)(const void *)at);
		return;
	case MT_WIRE_INT64:
		put_number(out, (uint64_t) * (const int64_t *)(const void *)at);
		return;
	case MT_WIRE_SIZE:
		put_number(out, *(const size_t *)(const void *)at);
		return;
	default:
		put(out, addr->set ? addr->family == MT_V6 ? "\2" : "\1" : "\0", 1);
		put(out, addr->b, sizeof addr->b);
	}
}

static void put_field(struct mt_text *out, const struct mt_wire_field *f, const char *value)
{
	const char *at = value + f->at;
	const struct mt_backend *backend;
	const char *end;
	unsigned count;
	switch (f->kind) {
	case MT_WIRE_TEXT:
	case MT_WIRE_ID:
		put_maybe(out, pointer_at(at) ? pointer_at(at) : "");
		return;
	case MT_WIRE_MAYBE:
		put_maybe(out, pointer_at(at));
		return;
	case MT_WIRE_BACKEND:
		backend = pointer_at(at);
		put_maybe(out, backend->name);
		return;
	case MT_WIRE_BYTES:
		put_bytes(out, *(const struct mt_str *)(const void *)at);
		return;
	case MT_WIRE_TEXTS:
		put_texts(out, pointer_at(at), length_of(pointer_at(at)));
		return;
	case MT_WIRE_VALUES:
		memcpy(&count, value + f->count, sizeof count);
		put_texts(out, pointer_at(at), count);
		return;
	case MT_WIRE_INSIDE:
		for (unsigned long i = 0; i < f->most; i++)
			put_fields(out, f->type, at + i * f->type->size);
		return;
	case MT_WIRE_ROW:
		for (unsigned long i = 0; i < f->most; i++)
			put_fields(out, f->type, (const char *)pointer_at(at) + i * f->type->size);
		return;
	case MT_WIRE_CHARS:
		end = memchr(at, '\0', f->most);
		put_bytes(out, (struct mt_str){at, end ? (size_t)(end - at) : f->most - 1});
		return;
	case MT_WIRE_FILLED:
		put_bytes(out,
			  (struct mt_str){at, *(const size_t *)(const void *)(value + f->count)});
		return;
	case MT_WIRE_POINTER:
		put(out, pointer_at(at) ? "\1" : "\0", 1);
		if (pointer_at(at))
			put_fields(out, f->type, pointer_at(at));
		return;
	case MT_WIRE_LIST:
		put_list(out, f->type, pointer_at(at));
		return;
	case MT_WIRE_ARRAY:
		put_array(out, f, value);
		return;
	default:
		put_scalar(out, f, at);
	}
}

static void put_fields(struct mt_text *out, const struct mt_wire_type *type, const char *value)
{
	for (size_t i = 0; i < type->field_count; i++)
		put_field(out, &type->fields[i], value);
}

void mt_wire_put(struct mt_text *out, const struct mt_wire_type *type, const void *value)
{
	put_fields(out, type, value);
}

/* ---- in ---- */

struct input {
	struct mt_arena *arena;
	struct mt_str rest;
	size_t memory; /* that may still be taken */
	const struct mt_backend *const *backends;
};

static bool get(struct input *in, void *p, size_t n)
{
	if (n > in->rest.n)
		return false;
	memcpy(p, in->rest.p, n);
	in->rest = mt_str_part(in->rest, n, in->rest.n - n);
	return true;
}

static bool get_number(struct input *in, uint64_t most, uint64_t *n)
{
	return get(in, n, sizeof *n) && *n <= most;
}

static bool get_flag(struct input *in, unsigned most, unsigned char *flag)
{
	return get(in, flag, 1) && *flag <= most;
}

/* NULL: that would be too much. */
static void *take(struct input *in, size_t size, size_t n)
{
	if (n > in->memory / (size + 1))
		return NULL;
	in->memory -= (size + 1) * n;
	return mt_alloc(in->arena, size * n + 1);
}

static bool get_bytes(struct input *in, struct mt_str *s)
{
	uint32_t n;
	if (!get(in, &n, sizeof n) || n > in->rest.n)
		return false;
	*s = mt_str_part(in->rest, 0, n);
	in->rest = mt_str_part(in->rest, n, in->rest.n - n);
	return true;
}

/* A terminated copy: what was read goes. */
static bool get_copy(struct input *in, struct mt_str *s)
{
	if (!get_bytes(in, s))
		return false;
	char *copy = take(in, 1, s->n);
	if (copy && s->n)
		memcpy(copy, s->p, s->n);
	s->p = copy;
	return copy != NULL;
}

static bool get_text(struct input *in, const char **text)
{
	struct mt_str s;
	if (!get_copy(in, &s) || memchr(s.p, '\0', s.n))
		return false;
	*text = s.p;
	return true;
}

static bool get_maybe(struct input *in, const char **text)
{
	uint32_t n;
	if (in->rest.n < sizeof n)
		return false;
	memcpy(&n, in->rest.p, sizeof n);
	if (n != NONE)
		return get_text(in, text);
	*text = NULL;
	return get(in, &n, sizeof n);
}

static bool get_texts(struct input *in, uint64_t most, const char *const **list, size_t *count)
{
	uint64_t n;
	if (!get_number(in, most, &n) || n > in->rest.n) /* each takes some bytes */
		return false;
	const char **texts = take(in, sizeof *texts, n + 1);
	for (uint64_t i = 0; texts && i < n; i++)
		if (!get_text(in, &texts[i]))
			return false;
	*list = texts;
	*count = n;
	return texts != NULL;
}

static bool get_fields(struct input *in, const struct mt_wire_type *type, char *value);

static void set_pointer(char *at, const void *p)
{
	memcpy(at, &p, sizeof p);
}

static bool get_list(struct input *in, const struct mt_wire_type *type, char *at)
{
	unsigned char more;
	while (get_flag(in, 1, &more)) {
		if (!more)
			return true;
		char *one = take(in, type->size, 1);
		if (!one || !get_fields(in, type, one))
			return false;
		set_pointer(at, one);
		at = one + type->next;
	}
	return false;
}

static bool get_array(struct input *in, const struct mt_wire_field *f, char *value)
{
	uint64_t n;
	if (!get_number(in, in->rest.n, &n)) /* each takes some bytes */
		return false;
	size_t count = n;
	char *first = take(in, f->type->size, count);
	for (size_t i = 0; first && i < count; i++)
		if (!get_fields(in, f->type, first + i * f->type->size))
			return false;
	set_pointer(value + f->at, first);
	memcpy(value + f->count, &count, sizeof count);
	return first != NULL;
}

static bool get_addr(struct input *in, struct mt_addr *addr)
{
	unsigned char kind;
	uint8_t b[sizeof addr->b];
	if (!get_flag(in, 2, &kind) || !get(in, b, sizeof b))
		return false;
	addr->set = kind != 0;
	addr->family = kind == 2 ? MT_V6 : MT_V4;
	if (kind)
		memcpy(addr->b, b, kind == 2 ? 16 : 4);
	return true;
}

static bool get_backend(struct input *in, char *at)
{
	const char *name;
	if (!get_text(in, &name))
		return false;
	for (const struct mt_backend *const *b = in->backends; b && *b; b++)
		if (strcmp((*b)->name, name) == 0) {
			set_pointer(at, *b);
			return true;
		}
	return false;
}

static bool get_scalar(struct input *in, const struct mt_wire_field *f, char *at)
{
	uint64_t n;
	unsigned char flag;
	switch (f->kind) {
	case MT_WIRE_BOOL:
		if (!get_flag(in, 1, &flag))
			return false;
		*(bool *)at = flag;
		return true;
	case MT_WIRE_ENUM:
	case MT_WIRE_UINT:
		if (!get_number(in, f->kind == MT_WIRE_ENUM ? f->most - 1 : f->most, &n))
			return false;
		*(unsigned *)(void *)at = (unsigned)n;
		return true;
	case MT_WIRE_LONG:
		if (!get(in, &n, sizeof n))
			return false;
		*(long *)(void *)at = (long)n;
		return true;
	case MT_WIRE_INT64:
		return get(in, at, sizeof(int64_t));
	case MT_WIRE_SIZE:
		if (!get_number(in, SIZE_MAX, &n))
			return false;
		*(size_t *)(void *)at = n;
		return true;
	default:
		return get_addr(in, (struct mt_addr *)(void *)at);
	}
}

/* A pointer to one struct. */
static bool get_pointer(struct input *in, const struct mt_wire_type *type, char *at)
{
	unsigned char there;
	if (!get_flag(in, 1, &there))
		return false;
	char *one = there ? take(in, type->size, 1) : NULL;
	set_pointer(at, one);
	return !there || (one && get_fields(in, type, one));
}

static bool get_row(struct input *in, const struct mt_wire_field *f, char *at)
{
	char *first = take(in, f->type->size, f->most);
	for (unsigned long i = 0; first && i < f->most; i++)
		if (!get_fields(in, f->type, first + i * f->type->size))
			return false;
	set_pointer(at, first);
	return first != NULL;
}

/* Into an array that is there, zeroed. */
static bool get_chars(struct input *in, const struct mt_wire_field *f, char *value)
{
	struct mt_str s;
	bool text = f->kind == MT_WIRE_CHARS;
	if (!get_bytes(in, &s) || s.n > f->most - text || (text && memchr(s.p, '\0', s.n)))
		return false;
	memcpy(value + f->at, s.p, s.n);
	if (!text)
		memcpy(value + f->count, &s.n, sizeof s.n);
	return true;
}

static bool get_field(struct input *in, const struct mt_wire_field *f, char *value)
{
	char *at = value + f->at;
	const char *text = NULL;
	const char *const *list;
	size_t n;
	unsigned count;
	switch (f->kind) {
	case MT_WIRE_TEXT:
	case MT_WIRE_ID:
	case MT_WIRE_MAYBE:
		if (f->kind == MT_WIRE_MAYBE ? !get_maybe(in, &text) : !get_text(in, &text))
			return false;
		set_pointer(at, text);
		return f->kind != MT_WIRE_ID ||
		       (in->backends && mt_finding_row(in->backends, text));
	case MT_WIRE_BACKEND:
		return get_backend(in, at);
	case MT_WIRE_BYTES:
		return get_copy(in, (struct mt_str *)(void *)at);
	case MT_WIRE_TEXTS:
	case MT_WIRE_VALUES:
		if (!get_texts(in, f->kind == MT_WIRE_VALUES ? f->most : UINT32_MAX, &list, &n))
			return false;
		set_pointer(at, list);
		count = (unsigned)n;
		if (f->kind == MT_WIRE_VALUES)
			memcpy(value + f->count, &count, sizeof count);
		return true;
	case MT_WIRE_INSIDE:
		for (unsigned long i = 0; i < f->most; i++)
			if (!get_fields(in, f->type, at + i * f->type->size))
				return false;
		return true;
	case MT_WIRE_ROW:
		return get_row(in, f, at);
	case MT_WIRE_CHARS:
	case MT_WIRE_FILLED:
		return get_chars(in, f, value);
	case MT_WIRE_POINTER:
		return get_pointer(in, f->type, at);
	case MT_WIRE_LIST:
		return get_list(in, f->type, at);
	case MT_WIRE_ARRAY:
		return get_array(in, f, value);
	default:
		return get_scalar(in, f, at);
	}
}

static bool get_fields(struct input *in, const struct mt_wire_type *type, char *value)
{
	for (size_t i = 0; i < type->field_count; i++)
		if (!get_field(in, &type->fields[i], value))
			return false;
	return true;
}

bool mt_wire_get(struct mt_arena *arena, struct mt_str bytes,
		 const struct mt_backend *const *backends, const struct mt_wire_type *type,
		 void *value)
{
	struct input in = {arena, bytes, MT_WIRE_MEMORY, backends};
	memset(value, 0, type->size);
	return get_fields(&in, type, value) && !in.rest.n;
}
