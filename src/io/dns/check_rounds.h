/* SPDX-License-Identifier: ISC */
/* check_rounds.h: a check and the DNS, round by round, until nothing is missing. */
#ifndef MT_IO_ASK_H
#define MT_IO_ASK_H

#include "core/check/check.h"
#include "io/dns/dns.h"

typedef struct mt_check *mt_check_fn(struct mt_model *model, const struct mt_check_options *options,
				     const struct mt_dns *dns);

struct mt_ask {
	/* NULL: nothing is asked, what `dns` does not hold stays unasked. One asker may serve many hosts, one after
	 * the other: its 15 seconds are then those of all of them. */
	struct mt_asker *asker;
	/* Or: who has them asked, in a child that cannot ask itself; NULL: the asker. */
	void (*elsewhere)(void *data, const struct mt_question *questions, size_t count,
			  struct mt_dns *dns);
	void *data;
	mt_check_fn *check; /* mt_check or mt_check_mx */
	const struct mt_check_options *options;
	struct mt_dns *dns; /* answers are added */
};
/* Never NULL; missing_count is not 0 when something could not be asked. */
struct mt_check *mt_ask(const struct mt_ask *ask, struct mt_model *model);

/* ---- through the pipe of a child (confined.h) ---- */
/* In the child; `arena`, its own, is the data of `elsewhere`. An answer that is no good counts as none. */
void mt_ask_outside(void *arena, const struct mt_question *questions, size_t count,
		    struct mt_dns *dns);
/* Outside: have them asked, in `arena`. False: they are no questions. */
bool mt_ask_for(struct mt_arena *arena, struct mt_asker *asker, struct mt_str questions,
		struct mt_dns *answers) MT_MUST_CHECK;
/* ... and the answers as the child reads them. */
void mt_ask_tell(const struct mt_dns *answers, struct mt_text *text);

#endif
