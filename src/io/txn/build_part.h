/* SPDX-License-Identifier: ISC */
/* build_part.h: what build.c and build_trial.c share. */
#ifndef MT_BUILD_PART_H
#define MT_BUILD_PART_H

#include "io/sys/run.h"
#include "io/txn/engine.h"

static inline bool mt_build_is_live(const struct mt_build *build)
{
	return build->live.argv[0] != NULL;
}

/* The file of the transaction that is made, of this name; NULL: none. */
struct mt_txn_file *mt_build_file(const struct mt_engine *engine, const char *path);
/* Does it make one of them? */
bool mt_build_is_needed(const struct mt_engine *engine, const struct mt_build *build);

struct mt_run mt_build_command(struct mt_engine *engine, const struct mt_build *build,
			       const char *const *argv);
bool mt_build_well(const struct mt_run_result *result);
/* Its exit status and what it said, a clause. */
const char *mt_build_said(struct mt_engine *engine, const struct mt_run_result *result);
/* "-LINE +LINE", the first that differs of what does not differ in every run; NULL: none. */
const char *mt_build_difference(struct mt_arena *arena, const struct mt_build *build,
				struct mt_str there, struct mt_str made);

/* All private runs, in a folder of that path that nothing else is in; then the order and the number of the transaction's files
 * are what they remain. */
int mt_build_try_all(struct mt_engine *engine, int folder, const char *path,
		     struct mt_error *error) MT_MUST_CHECK;

#endif
