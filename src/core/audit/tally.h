/* SPDX-License-Identifier: ISC */
/* tally.h: what the hosts of an audit have in common: a few numbers a host (its index in each list it belongs to), never what it said. */
#ifndef MT_TALLY_H
#define MT_TALLY_H

#include "core/audit/host_list.h"
#include "core/audit/ssh_error.h"
#include <mtapin/model.h>

struct mt_indexes {
	uint32_t *at;
	size_t n, cap;
};
void mt_indexes_add(struct mt_arena *arena, struct mt_indexes *list, uint32_t i);

struct mt_group {
	enum mt_severity severity;
	const char *id;
	const struct mt_message *message, *deed; /* of the first one */
	const struct mt_recipe *command; /* the same */
	bool message_differs, fix_differs;
	struct mt_indexes hosts;
	struct mt_group *next;
};

struct mt_tally {
	struct mt_arena *arena;
	const struct mt_hosts *hosts;
	const struct mt_backend *const *backends; /* where titles are looked up */
	const char *resolvers; /* of the DNS, asked from here; NULL: it was not asked */
	struct mt_group *groups; /* errors first, in the order of their first host */
	size_t finished, examined;
	size_t worst[MT_ERROR + 1]; /* hosts whose worst finding is a note, a warning, an error */
	size_t clean; /* without any */
	size_t expected; /* hosts of which something is expected */
	struct mt_indexes differing; /* those of them that do not comply */
	struct mt_indexes serverless; /* without any mail server */
	struct mt_indexes unexamined[MT_CAUSES];
	size_t unexamined_count;
};

/* Note host `i`, and its findings; texts are copied when they are new. */
void mt_tally_examined(struct mt_tally *tally, uint32_t i, const struct mt_model *model,
		       bool complies);
void mt_tally_unexamined(struct mt_tally *tally, uint32_t i, enum mt_cause cause);

#endif
