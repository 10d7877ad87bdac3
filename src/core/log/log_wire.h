/* SPDX-License-Identifier: ISC */
/* log_wire.h: what reading logs gives, as it comes out of the child that read them (wire.h). */
#ifndef MT_LOG_WIRE_H
#define MT_LOG_WIRE_H

#include "core/log/log_tally.h"
#include "core/model/wire.h"

/* Causes, providers, arena and the table of messages stay behind. */
extern const struct mt_wire_type mt_wire_tally, mt_wire_log_facts;

/* In the child, before it is written: domains close up. Nothing is added behind that. */
void mt_log_tally_finish(struct mt_log_tally *tally);
/* Behind mt_wire_get(). False: it cannot be. */
bool mt_log_tally_tie(struct mt_log_tally *tally, const struct mt_log_tally *like) MT_MUST_CHECK;

#endif
