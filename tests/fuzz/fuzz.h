/* SPDX-License-Identifier: ISC */
/* fuzz.h: what every libFuzzer target shares. A target is one file: tests/fuzz/NAME.c. */
#ifndef FUZZ_H
#define FUZZ_H

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <mtapin/backend.h>

/* A promise of a header that does not hold is a crash, like a bad read. */
#define FUZZ_HOLDS(condition) ((condition) ? (void)0 : abort())

#define FUZZ_BUDGET ((size_t)256 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An input that needs more than the budget ends here: memory is bounded, and that is the promise. */
static jmp_buf fuzz_exhausted;
static inline void fuzz_out_of_memory(void)
{
	longjmp(fuzz_exhausted, 1);
}

/* Run `one` on the input with a fresh arena. */
static inline int fuzz_run(void (*one)(struct mt_arena *arena, struct mt_str input),
			   const uint8_t *data, size_t size)
{
	static struct mt_arena *arena;
	if (!arena)
		arena = mt_arena_new(FUZZ_BUDGET);
	mt_set_oom_handler(fuzz_out_of_memory);
	mt_arena_reset(arena);
	if (!setjmp(fuzz_exhausted))
		one(arena, (struct mt_str){(const char *)data, size});
	return 0;
}

static inline bool fuzz_inside(struct mt_str part, struct mt_str whole)
{
	return !part.n || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

#endif
