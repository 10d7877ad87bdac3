/* SPDX-License-Identifier: ISC */
/* verify.h: what a change must have brought about, looked at anew. */
#ifndef MT_VERIFY_H
#define MT_VERIFY_H

#include "io/txn/engine.h"

const struct mt_mta *mt_mta_named(const struct mt_model *model, const char *backend,
				  const char *instance);
/* Every transport and family of `wanted`: the same way, and where it is an address the same one; what is not known
 * on one side contradicts nothing. The text names the first difference; NULL: none. */
const char *mt_mta_differs(struct mt_arena *arena, const struct mt_mta *wanted,
			   const struct mt_mta *found);
/* "smtp IPv4 kernel -> 192.0.2.10; ..." */
const char *mt_mta_summary(struct mt_arena *arena, const struct mt_mta *old,
			   const struct mt_mta *new);
/* What the transaction's files would mean on the host of this snapshot; NULL: the MTA would not be there. */
const struct mt_mta *mt_verify_foresee(const struct mt_engine *engine,
				       const struct mt_snapshot *now);
/* Level config: collect and examine in a child, compare. `wanted` NULL: it must be readable. */
int mt_verify_config(const struct mt_engine *engine, const struct mt_mta *wanted,
		     struct mt_error *error) MT_MUST_CHECK;
/* Level service: listeners as predicted, nothing bad in the log. The daemon's life is service.c's. */
int mt_verify_service(const struct mt_engine *engine, const struct mt_mta *wanted,
		      struct mt_error *error) MT_MUST_CHECK;
/* Say so where there is no log to look at. */
void mt_verify_log(struct mt_engine *engine);
/* Add to the error of an action what the log says since then. Always -1. */
int mt_verify_quote(const struct mt_engine *engine, struct mt_error *error);
/* Listeners of `mta` that are not there now. */
const struct mt_listener *mt_listeners_missing(struct mt_arena *arena, const struct mt_mta *mta,
					       struct mt_process process);

/*
 * Level observed: let it connect if that is asked for, and look at its connections for as long as the engine waits, but
 * no longer than until one is seen that leaves from a pinned address; at least one look. Meanwhile: nothing bad in
 * the daemon's log, and the daemon stays alive. Error: any of these fails, or a connection leaves from an address
 * that no transport may use. Not seeing one is none.
 */
int mt_verify_watch(struct mt_engine *engine, struct mt_error *error) MT_MUST_CHECK;

#endif
