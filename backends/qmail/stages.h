/* SPDX-License-Identifier: ISC */
/* stages.h: the files that decide about some mail only, in the order in which qmail-remote comes to them. */
#ifndef QM_STAGES_H
#define QM_STAGES_H

#include "qmail.h"

struct qm_rule {
	const struct mt_condition *when; /* NULL: all mail */
	bool decides;
	struct qm_choice choice;
	struct qm_rule *next;
};
struct qm_stage {
	struct qm_rule *first, **tail;
	struct qm_stage *next;
};

/* NULL: there are none. Each is a file, the most specific key first; a rule that does not decide leaves its mail to
 * the next stage. */
struct qm_stage *qm_stages(const struct qmail *q, const struct qm_mail *mail, enum mt_family family,
			   struct mt_arena *scratch);
/* A copy with its letters of ASCII small. */
struct mt_str qm_lowered(struct mt_arena *arena, struct mt_str text);

#endif
