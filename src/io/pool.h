/* SPDX-License-Identifier: ISC */
/*
 * pool.h: a few processes that do one kind of work on bytes that are not to be trusted. Work that kills its
 * process, or takes it longer than MT_POOL_SECONDS, costs that work alone: another process goes on with the rest.
 *
 * The processes are forks: they know what their parent knew when they were made, hold no descriptor but the
 * standard ones and their pipe, gain no privileges, ignore SIGINT and end with their parent.
 */
#ifndef MT_POOL_H
#define MT_POOL_H

#include <uv.h>

#include <mtapin/base.h>

#define MT_POOL_MAX	8
#define MT_POOL_DEPTH	8 /* jobs that wait at one process */
#define MT_POOL_SECONDS 20
#define MT_RESULT_MAX	((size_t)64 << 20)

struct mt_job;
struct mt_worker;
struct mt_work {
	uint32_t number; /* what the caller knows it by */
	struct mt_str bytes;
};
struct mt_pool {
	uv_loop_t *loop;
	void *data; /* the caller's own, like the two functions */
	/* In the process: everything in `arena` goes afterwards. */
	void (*work)(void *data, struct mt_arena *arena, const struct mt_work *work,
		     struct mt_text *result);
	/* Here: its result, or, `died` not NULL, why there is none. */
	void (*done)(struct mt_pool *pool, const struct mt_work *result, const char *died);
	size_t budget; /* of that arena */
	unsigned count; /* processes, at most MT_POOL_MAX */
	unsigned waiting; /* jobs not done yet */
	struct mt_job *first, *last; /* given to nobody yet */
	struct mt_worker *workers;
};

/* loop, data, work, done, budget and count are set by the caller. No process is made yet. */
void mt_pool_open(struct mt_arena *arena, struct mt_pool *pool);
/* `bytes` (from malloc) change hands. */
void mt_pool_put(struct mt_pool *pool, uint32_t number, char *bytes, size_t size);
/* Whether another job would not have to wait behind many. */
bool mt_pool_has_room(const struct mt_pool *pool);
/* End the processes; the loop must run until it is empty. */
void mt_pool_close(struct mt_pool *pool);

#endif
