/* SPDX-License-Identifier: ISC */
/*
 * wire.h: structs as bytes and back, for what comes out of a child that parsed foreign bytes (io/sys/confined.h). A table
 * says of each struct which fields go, in their order, and what each may hold; the same table writes and reads.
 *
 * What is read is foreign: a number out of its range, a text with a NUL in it, an unknown backend or finding, a length
 * beyond the bytes that are there, bytes left over, more memory than MT_WIRE_MEMORY or nesting deeper than MT_WIRE_DEPTH make
 * all of it no good. Pointers are either read or NULL; no offset and no address is ever taken from the bytes.
 *
 * Both ends are forks of one program: numbers are in the order of this machine.
 */
#ifndef MT_WIRE_H
#define MT_WIRE_H

#include <mtapin/backend.h>

#define MT_WIRE_MEMORY ((size_t)64 << 20)
#define MT_WIRE_DEPTH  128 /* of structs inside structs */
#define MT_WIRE_NONE   UINT32_MAX /* the length of a text that is NULL */

enum mt_wire_kind {
	MT_WIRE_BOOL,
	MT_WIRE_ENUM, /* below `most` */
	MT_WIRE_UINT, /* unsigned, at most `most` */
	MT_WIRE_LONG,
	MT_WIRE_INT64,
	MT_WIRE_SIZE,
	MT_WIRE_TEXT, /* const char *; NULL is written as "" */
	MT_WIRE_MAYBE, /* const char *, or NULL */
	MT_WIRE_BYTES, /* struct mt_str */
	MT_WIRE_ADDR, /* struct mt_addr */
	MT_WIRE_TEXTS, /* NULL-terminated list; what is read is never NULL */
	MT_WIRE_VALUES, /* `most` texts at most, their number is the unsigned at `count` */
	MT_WIRE_INSIDE, /* `most` structs in a row, in place */
	MT_WIRE_POINTER, /* to a struct, or NULL */
	MT_WIRE_LIST, /* of structs */
	MT_WIRE_ARRAY, /* of structs, their number is the size_t at `count` */
	MT_WIRE_ROW, /* pointer to `most` structs */
	MT_WIRE_CHARS, /* char[most], terminated */
	MT_WIRE_FILLED, /* char[most], of which the size_t at `count` are used */
	MT_WIRE_BACKEND, /* const struct mt_backend *, by name */
	MT_WIRE_METHOD, /* const struct mt_method *, by name, of whichever backend has it; or NULL */
	MT_WIRE_ID, /* const char *: of a finding that is known */
};

struct mt_wire_type;
struct mt_wire_field {
	enum mt_wire_kind kind;
	size_t at;
	unsigned long most;
	const struct mt_wire_type *type;
	size_t count;
};
struct mt_wire_type {
	size_t size;
	size_t next; /* where a list has its link */
	const struct mt_wire_field *fields;
	size_t field_count;
};

void mt_wire_put(struct mt_text *out, const struct mt_wire_type *type, const void *value);
/* `value` is zeroed first; `backends` may be NULL where none can be in it. False: it is no good, whatever was read. */
bool mt_wire_get(struct mt_arena *arena, struct mt_str bytes,
		 const struct mt_backend *const *backends, const struct mt_wire_type *type,
		 void *value) MT_MUST_CHECK;

#endif
