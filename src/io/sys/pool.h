/* SPDX-License-Identifier: ISC */
/*
 * pool.h: a few processes, each of which examines one host after another in a child that has nothing (confined.h). Work
 * that kills its child, breaks its rules or takes it longer than MT_POOL_SECONDS costs that work alone.
 *
 * The processes are forks, made before anything comes in: they know what their parent knew then, hold no descriptor but
 * the standard ones and their pipe, ignore SIGINT and end with their parent. They hand bytes on and look at none; what
 * they hand on is in pages that are gone before the next child is made, so that no child finds anything of another host.
 */
#ifndef MT_POOL_H
#define MT_POOL_H

#include <uv.h>

#include "io/sys/confined.h"

#define MT_POOL_MAX	8
#define MT_POOL_DEPTH	8 /* jobs that wait at one process */
#define MT_POOL_SECONDS 20
#define MT_RESULT_MAX	((size_t)16 << 20)

struct mt_job;
struct mt_worker;
struct mt_work {
	uint32_t number; /* what the caller knows it by */
	struct mt_str bytes;
	struct mt_pool *pool;
};
struct mt_pool {
	uv_loop_t *loop;
	void *data; /* the caller's own, like the functions */
	/* In the child of one job: mt_confined's; `c->data` is the job. */
	void (*before)(struct mt_confined *c, struct mt_arena *arena);
	void (*work)(struct mt_confined *c, struct mt_arena *arena, struct mt_text *result);
	/* In the process that made it. */
	bool (*reply)(struct mt_confined *c, struct mt_str question, struct mt_pages *answer);
	/* Here: its result, foreign bytes, or, `died` not NULL, why there is none. */
	void (*done)(struct mt_pool *pool, const struct mt_work *result, const char *died);
	size_t budget; /* of a child's arena */
	unsigned count; /* processes, at most MT_POOL_MAX */
	unsigned waiting; /* jobs not done yet */
	struct mt_job *first, *last; /* given to nobody yet */
	struct mt_worker *workers;
};

/* All above `waiting` is set by the caller, before anything foreign is in its memory: the processes are made. */
void mt_pool_open(struct mt_arena *arena, struct mt_pool *pool);
/* `bytes` (from malloc) change hands. */
void mt_pool_put(struct mt_pool *pool, uint32_t number, char *bytes, size_t size);
/* Whether another job would not have to wait behind many. */
bool mt_pool_has_room(const struct mt_pool *pool);
/* End the processes; the loop must run until it is empty. */
void mt_pool_close(struct mt_pool *pool);

#endif
