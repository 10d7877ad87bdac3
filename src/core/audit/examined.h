/* SPDX-License-Identifier: ISC */
/*
 * examined.h: what examining a host gives, as it comes out of the child that examined it (wire.h): all that the writers
 * of src/ui look at, and no more. No plan that was read from there can be applied: the bytes of its files stay behind, its
 * changes carry the finished diff.
 */
#ifndef MT_EXAMINED_H
#define MT_EXAMINED_H

#include "core/check/check.h"
#include "core/check/remedy.h"
#include "core/model/wire.h"

struct mt_examined {
	struct mt_model *model; /* findings and all; NULL: see the error */
	struct mt_route *routes; /* one an MTA; NULL: not asked */
	size_t route_count;
	struct mt_plan *plan; /* NULL: none */
	bool advised; /* a remedy was looked for */
	struct mt_remedy *remedy;
	struct mt_check *check; /* NULL: not checked; `options` is not among what is read */
};
extern const struct mt_wire_type mt_wire_examined;
/* The parts of it that others are made of. */
extern const struct mt_wire_type mt_wire_message, mt_wire_model, mt_wire_answer, mt_wire_question;

/* In the child, before it is written: changes get the diff that goes in place of their bytes. */
void mt_examined_finish(struct mt_examined *examined);
/* Behind mt_wire_get(): what hangs together is tied again. False: it does not fit. */
bool mt_examined_tie(struct mt_arena *arena, const struct mt_backend *const *backends,
		     struct mt_examined *examined) MT_MUST_CHECK;

#endif
