/* SPDX-License-Identifier: ISC */
/*
 * confined.h: a function on foreign bytes, in a child that has nothing (confine.h): whatever those bytes make of it, it
 * can compute, answer, and end.
 *
 * The child is a fork of its caller, lives no longer than it, and what the caller holds, it knows: whoever serves several
 * hosts makes it of a process that never kept what another host sent (pool.h). A child serves one host.
 *
 * What it says is as foreign as what it read: frames of a length (at most `result_max`), to be read by mt_wire_get() or as
 * strictly, and never printed as they are.
 */
#ifndef MT_CONFINED_H
#define MT_CONFINED_H

#include <sys/types.h>

#include "io/sys/confine.h"

/* ---- bytes in pages of their own: once cleared or freed, no later fork has them ---- */
struct mt_pages {
	char *p;
	size_t n, cap;
};
/* Room for `more` behind the first n bytes; without memory the process ends (mt_out_of_memory). */
void mt_pages_reserve(struct mt_pages *pages, size_t more);
void mt_pages_add(struct mt_pages *pages, struct mt_str bytes);
void mt_pages_clear(struct mt_pages *pages); /* empty, for another use */
void mt_pages_free(struct mt_pages *pages);
static inline struct mt_str mt_pages_str(const struct mt_pages *pages)
{
	return (struct mt_str){pages->p, pages->n};
}

/* ---- a child ---- */
#define MT_CONFINED_WHY	   96
#define MT_CONFINED_MEMORY ((size_t)768 << 20) /* of address space, the program itself with it */

struct mt_confined {
	const struct mt_means *means; /* NULL: made for this child alone */
	void *data; /* the caller's own, like the functions */
	/* In the child while it is still what its caller is: opening and reading, no parsing. May be NULL. `arena` is the
	 * child's own, here and below. */
	void (*before)(struct mt_confined *c, struct mt_arena *arena);
	/* In the child. `result` is what comes back. */
	void (*work)(struct mt_confined *c, struct mt_arena *arena, struct mt_text *result);
	bool hears; /* it has the second pipe: it asks, or is fed */
	/* Outside, when it asks; NULL: it may not. False: no such question, and it is killed. */
	bool (*reply)(struct mt_confined *c, struct mt_str question, struct mt_pages *answer);
	/* Outside, what it says on the way without an answer (mt_confined_say); NULL: it may not. False: as above. */
	bool (*heard)(struct mt_confined *c, struct mt_str said);
	size_t budget; /* of its arena */
	size_t result_max; /* of one frame */
	unsigned seconds; /* for all of it, or since mt_confined_more_time() */
	unsigned processor; /* seconds of that; 0: as many */
	int *inputs; /* descriptors that it may read besides, NULL none; in the child: what they are there */
	unsigned input_count;
	/* the rest is confined.c's */
	pid_t pid;
	int in, out; /* outside: from it and to it */
	int64_t deadline;
	bool slow;
	const char *broke; /* a rule, a clause; NULL: none */
};

/*
 * All of it. 0: what `work` made is in *result, which comes empty. -1: it died or broke a rule, `why` is a clause; nothing else
 * has happened, whatever it did.
 */
int mt_confined_run(struct mt_confined *c, struct mt_pages *result,
		    char why[MT_CONFINED_WHY]) MT_MUST_CHECK;

/* ---- the same in steps: a child that is fed, or asked again and again ---- */
int mt_confined_start(struct mt_confined *c, char why[MT_CONFINED_WHY]) MT_MUST_CHECK;
/* `seconds` from now on. */
void mt_confined_more_time(struct mt_confined *c);
/* A frame to it, while what it says meanwhile is heard. -1: it is no more. */
int mt_confined_send(struct mt_confined *c, struct mt_str bytes) MT_MUST_CHECK;
/* Its result, after all that it asks and says before. -1: it ended, took too long or broke a rule. */
int mt_confined_result(struct mt_confined *c, struct mt_pages *result) MT_MUST_CHECK;
/* Kill and bury it; `why` it was no good, when it was. */
void mt_confined_end(struct mt_confined *c, char why[MT_CONFINED_WHY]);

/* ---- in the child; where the other end is gone, it ends ---- */
/* The next frame from outside, in the arena. */
struct mt_str mt_confined_hear(struct mt_arena *arena);
void mt_confined_say(struct mt_str bytes);
struct mt_str mt_confined_ask(struct mt_arena *arena, struct mt_str question);
/* A result before the last one, which `work` leaves: for whoever calls mt_confined_result() several times. */
void mt_confined_yield(struct mt_str bytes);

#endif
