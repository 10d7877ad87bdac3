/* SPDX-License-Identifier: ISC */
/*
 * build.h: files that a program makes of others (mt_build in plan.h). They are files of the transaction like any: journalled
 * with the bytes before and after, looked at again before COMMIT, restored by undo and rollback. What is special is where
 * "after" comes from (a private run), and who puts it in place.
 *
 *	before COMMIT	of the files as they are it must make what is there (else somebody's pending edits would go live
 *			with ours), of the edited ones what means what was planned
 *	COMMIT		without a `live` command mtapin puts the bytes in place, behind their sources
 *	behind it	with one that runs, and must make the same bytes
 *
 * Which programs these are the backend says today, also for undo; the journal keeps none. Rollback and recover run nothing: the
 * bytes that the journal keeps come back, and what somebody has edited but not generated yet stays so.
 *
 * BUGS: a program that writes in place and is cut off by a crash leaves a part; it is ours if it is the beginning of what was to
 * be, else a person must look.
 */
#ifndef MT_BUILD_H
#define MT_BUILD_H

#include "io/txn/engine.h"

/* What makes it, also at an undo; NULL: nobody. */
const struct mt_build *mt_build_of(const struct mt_engine *engine, const struct mt_txn_file *file);
/* Run them on private copies; set `after` of the files they make, which come last from then on. Nothing else is changed. */
int mt_build_try(struct mt_engine *engine, struct mt_error *error) MT_MUST_CHECK;
/* Behind COMMIT: run those that have a command for it, and compare. */
int mt_build_run(struct mt_engine *engine, struct mt_error *error) MT_MUST_CHECK;
/* In a tree that does not run: a fix leaves alone what is made, an undo puts it in place like other files. */
void mt_build_none(struct mt_engine *engine);

#endif
