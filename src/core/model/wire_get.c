/* SPDX-License-Identifier: ISC */
/* wire_get.c: bytes as structs, by tables; each field is foreign until it is found to be what its table says. */
#include "core/model/wire.h"

#include <string.h>

struct input {
	struct mt_arena *arena;
	struct mt_str rest;
	size_t memory; /* that may still be taken */
	unsigned depth;
	const struct mt_backend *const *backends;
};

static bool get_raw(struct input *in, void *p, size_t n)
{
	if (n > in->rest.n)
		return false;
	memcpy(p, in->rest.p, n);
	in->rest = mt_str_part(in->rest, n, in->rest.n - n);
	return true;
}

static bool get_number(struct input *in, uint64_t most, uint64_t *n)
{
	return get_raw(in, n, sizeof *n) && *n <= most;
}

static bool get_flag(struct input *in, unsigned most, unsigned char *flag)
{
	return get_raw(in, flag, 1) && *flag <= most;
}

/* NULL: that would be too much. */
static void *take_room(struct input *in, size_t size, size_t n)
{
	if (n > in->memory / (size + 1))
		return NULL;
	in->memory -= (size + 1) * n;
	return mt_alloc(in->arena, size * n + 1);
}

static bool take_bytes(struct input *in, struct mt_str *s)
{
	uint32_t n;
	if (!get_raw(in, &n, sizeof n) || n > in->rest.n)
		return false;
	*s = mt_str_part(in->rest, 0, n);
	in->rest = mt_str_part(in->rest, n, in->rest.n - n);
	return true;
}

/* A terminated copy: what was read goes. */
static bool take_copy(struct input *in, struct mt_str *s)
{
	if (!take_bytes(in, s))
		return false;
	char *copy = take_room(in, 1, s->n);
	if (copy && s->n)
		memcpy(copy, s->p, s->n);
	s->p = copy;
	return copy != NULL;
}

static bool take_text(struct input *in, const char **text)
{
	struct mt_str s;
	if (!take_copy(in, &s) || memchr(s.p, '\0', s.n))
		return false;
	*text = s.p;
	return true;
}

static bool take_maybe(struct input *in, const char **text)
{
	uint32_t n;
	if (in->rest.n < sizeof n)
		return false;
	memcpy(&n, in->rest.p, sizeof n);
	if (n != MT_WIRE_NONE)
		return take_text(in, text);
	*text = NULL;
	return get_raw(in, &n, sizeof n);
}

static bool get_fields(struct input *in, const struct mt_wire_type *type, char *value);

static void set_pointer(char *at, const void *p)
{
	memcpy(at, &p, sizeof p);
}

/* ---- one kind of field each: f->at is where it goes in `value` ---- */

static bool get_bool(struct input *in, const struct mt_wire_field *f, char *value)
{
	unsigned char flag;
	if (!get_flag(in, 1, &flag))
		return false;
	*(bool *)(value + f->at) = flag;
	return true;
}

static bool get_unsigned(struct input *in, const struct mt_wire_field *f, char *value)
{
	uint64_t n;
	if (!get_number(in, f->kind == MT_WIRE_ENUM ? f->most - 1 : f->most, &n))
		return false;
	*(unsigned *)(void *)(value + f->at) = (unsigned)n;
	return true;
}

static bool get_long(struct input *in, const struct mt_wire_field *f, char *value)
{
	uint64_t n;
	if (!get_raw(in, &n, sizeof n))
		return false;
	*(long *)(void *)(value + f->at) = (long)n;
	return true;
}

static bool get_int64(struct input *in, const struct mt_wire_field *f, char *value)
{
	return get_raw(in, value + f->at, sizeof(int64_t));
}

static bool get_size(struct input *in, const struct mt_wire_field *f, char *value)
{
	uint64_t n;
	if (!get_number(in, SIZE_MAX, &n))
		return false;
	*(size_t *)(void *)(value + f->at) = n;
	return true;
}

static bool get_addr(struct input *in, const struct mt_wire_field *f, char *value)
{
	struct mt_addr *addr = (void *)(value + f->at);
	unsigned char kind;
	uint8_t b[sizeof addr->b];
	if (!get_flag(in, 2, &kind) || !get_raw(in, b, sizeof b))
		return false;
	addr->set = kind != 0;
	addr->family = kind == 2 ? MT_V6 : MT_V4;
	if (kind)
		memcpy(addr->b, b, kind == 2 ? 16 : 4);
	return true;
}

static bool get_text(struct input *in, const struct mt_wire_field *f, char *value)
{
	const char *text;
	if (f->kind == MT_WIRE_MAYBE ? !take_maybe(in, &text) : !take_text(in, &text))
		return false;
	set_pointer(value + f->at, text);
	return f->kind != MT_WIRE_ID || (in->backends && mt_finding_row(in->backends, text));
}

static bool get_backend(struct input *in, const struct mt_wire_field *f, char *value)
{
	const char *name;
	const struct mt_backend *const *b = in->backends;
	if (!take_text(in, &name))
		return false;
	while (b && *b && strcmp((*b)->name, name) != 0)
		b++;
	if (!b || !*b)
		return false;
	set_pointer(value + f->at, *b);
	return true;
}

static bool get_method(struct input *in, const struct mt_wire_field *f, char *value)
{
	const char *name;
	const struct mt_method *method = NULL;
	if (!take_maybe(in, &name))
		return false;
	for (const struct mt_backend *const *b = in->backends; name && !method && b && *b; b++)
		method = mt_method_get(*b, name);
	set_pointer(value + f->at, method);
	return method || !name;
}

static bool get_slice(struct input *in, const struct mt_wire_field *f, char *value)
{
	return take_copy(in, (struct mt_str *)(void *)(value + f->at));
}

/* Of TEXTS and VALUES. */
static bool get_texts(struct input *in, const struct mt_wire_field *f, char *value)
{
	uint64_t n;
	bool counted = f->kind == MT_WIRE_VALUES;
	if (!get_number(in, counted ? f->most : UINT32_MAX, &n) ||
	    n > in->rest.n) /* each takes some bytes */
		return false;
	const char **texts = take_room(in, sizeof *texts, n + 1);
	for (uint64_t i = 0; texts && i < n; i++)
		if (!take_text(in, &texts[i]))
			return false;
	set_pointer(value + f->at, texts);
	unsigned count = (unsigned)n;
	if (counted)
		memcpy(value + f->count, &count, sizeof count);
	return texts != NULL;
}

/* Of CHARS and FILLED: into an array that is there, zeroed. */
static bool get_chars(struct input *in, const struct mt_wire_field *f, char *value)
{
	struct mt_str s;
	bool text = f->kind == MT_WIRE_CHARS;
	if (!take_bytes(in, &s) || s.n > f->most - text || (text && memchr(s.p, '\0', s.n)))
		return false;
	memcpy(value + f->at, s.p, s.n);
	if (!text)
		memcpy(value + f->count, &s.n, sizeof s.n);
	return true;
}

static bool get_inside(struct input *in, const struct mt_wire_field *f, char *value)
{
	for (unsigned long i = 0; i < f->most; i++)
		if (!get_fields(in, f->type, value + f->at + i * f->type->size))
			return false;
	return true;
}

static bool get_row(struct input *in, const struct mt_wire_field *f, char *value)
{
	char *first = take_room(in, f->type->size, f->most);
	for (unsigned long i = 0; first && i < f->most; i++)
		if (!get_fields(in, f->type, first + i * f->type->size))
			return false;
	set_pointer(value + f->at, first);
	return first != NULL;
}

static bool get_pointer(struct input *in, const struct mt_wire_field *f, char *value)
{
	unsigned char there;
	if (!get_flag(in, 1, &there))
		return false;
	char *one = there ? take_room(in, f->type->size, 1) : NULL;
	set_pointer(value + f->at, one);
	return !there || (one && get_fields(in, f->type, one));
}

static bool get_list(struct input *in, const struct mt_wire_field *f, char *value)
{
	char *at = value + f->at;
	unsigned char more;
	while (get_flag(in, 1, &more)) {
		if (!more)
			return true;
		char *one = take_room(in, f->type->size, 1);
		if (!one || !get_fields(in, f->type, one))
			return false;
		set_pointer(at, one);
		at = one + f->type->next;
	}
	return false;
}

static bool get_array(struct input *in, const struct mt_wire_field *f, char *value)
{
	uint64_t n;
	if (!get_number(in, in->rest.n, &n)) /* each takes some bytes */
		return false;
	size_t count = n;
	char *first = take_room(in, f->type->size, count);
	for (size_t i = 0; first && i < count; i++)
		if (!get_fields(in, f->type, first + i * f->type->size))
			return false;
	set_pointer(value + f->at, first);
	memcpy(value + f->count, &count, sizeof count);
	return first != NULL;
}

static bool (*const get_kind[])(struct input *, const struct mt_wire_field *, char *) = {
	[MT_WIRE_BOOL] = get_bool,	 [MT_WIRE_ENUM] = get_unsigned,
	[MT_WIRE_UINT] = get_unsigned,	 [MT_WIRE_LONG] = get_long,
	[MT_WIRE_INT64] = get_int64,	 [MT_WIRE_SIZE] = get_size,
	[MT_WIRE_TEXT] = get_text,	 [MT_WIRE_MAYBE] = get_text,
	[MT_WIRE_ID] = get_text,	 [MT_WIRE_BYTES] = get_slice,
	[MT_WIRE_ADDR] = get_addr,	 [MT_WIRE_TEXTS] = get_texts,
	[MT_WIRE_VALUES] = get_texts,	 [MT_WIRE_INSIDE] = get_inside,
	[MT_WIRE_POINTER] = get_pointer, [MT_WIRE_LIST] = get_list,
	[MT_WIRE_ARRAY] = get_array,	 [MT_WIRE_ROW] = get_row,
	[MT_WIRE_CHARS] = get_chars,	 [MT_WIRE_FILLED] = get_chars,
	[MT_WIRE_BACKEND] = get_backend, [MT_WIRE_METHOD] = get_method,
};

static bool get_fields(struct input *in, const struct mt_wire_type *type, char *value)
{
	if (in->depth == MT_WIRE_DEPTH)
		return false;
	in->depth++;
	for (size_t i = 0; i < type->field_count; i++)
		if (!get_kind[type->fields[i].kind](in, &type->fields[i], value))
			return false;
	in->depth--;
	return true;
}

bool mt_wire_get(struct mt_arena *arena, struct mt_str bytes,
		 const struct mt_backend *const *backends, const struct mt_wire_type *type,
		 void *value)
{
	struct input in = {arena, bytes, MT_WIRE_MEMORY, 0, backends};
	memset(value, 0, type->size);
	return get_fields(&in, type, value) && !in.rest.n;
}
