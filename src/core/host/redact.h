/* SPDX-License-Identifier: ISC */
/*
 * redact.h: the bytes of an item as they may leave the host (mtapin/redact.h). src/io/collect/redact.awk does the same
 * on a host that has only sh; a test compares them.
 *
 * Usage: init; for every item whose row `follows`: gather; then close; then redact.
 */
#ifndef MT_CORE_REDACT_H
#define MT_CORE_REDACT_H

#include <mtapin/backend.h>

struct mt_redactor {
	struct mt_arena *arena;
	const struct mt_backend *backend;
	struct mt_setting *settings; /* gathered: what the files set */
	struct mt_map by_name; /* the same */
	const char *marks; /* of who wrote a file; separated by '|' */
};

void mt_redactor_init(struct mt_redactor *redactor, struct mt_arena *arena,
		      const struct mt_backend *backend);
/* The row for an item; NULL: none, so that its contents never leave. */
const struct mt_redaction *mt_redaction_of(const struct mt_backend *backend, const char *item);
/* Names and values that this item sets, for `follows`. */
void mt_redactor_gather(struct mt_redactor *redactor, const struct mt_redaction *row,
			struct mt_str bytes);
/* All are gathered: find out which names are named by values that leave. */
void mt_redactor_close(struct mt_redactor *redactor);
/* False: nothing of its contents leaves. Else *redacted, as long as `bytes`, is in the arena. */
bool mt_redact(const struct mt_redactor *redactor, const struct mt_redaction *row,
	       struct mt_str bytes, struct mt_str *redacted);
/* In letters of either size. */
bool mt_redact_holds(struct mt_str text, struct mt_str part);
/* One of these, and the id of an owner, make a comment one of who wrote the file; separated by '|'. */
extern const char mt_managed_marks[];
/* The marks by which mt_file_owner() knows who wrote a file, separated by '|'. */
const char *mt_redact_marks(struct mt_arena *arena, const struct mt_backend *backend);

#endif
