/* SPDX-License-Identifier: ISC */
/* arena.c: memory of one host: blocks that grow, one budget, no single frees. */
#include <mtapin/base.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK ((size_t)64 << 10)
#define ALIGNMENT   (_Alignof(max_align_t))

struct block {
	struct block *next;
	size_t size, used;
	_Alignas(max_align_t) char bytes[];
};

struct mt_arena {
	size_t budget, taken;
	struct block *first, *current;
};

static void (*oom_handler)(void);

void (*mt_set_oom_handler(void (*handler)(void)))(void)
{
	void (*before)(void) = oom_handler;
	oom_handler = handler;
	return before;
}

void mt_out_of_memory(void)
{
	if (oom_handler)
		oom_handler();
	abort();
}

static struct block *block_new(struct mt_arena *arena, size_t size)
{
	if (size > arena->budget - arena->taken)
		mt_out_of_memory();
	/* zeroed by the kernel: a page that nobody uses costs nothing */
	struct block *block = calloc(1, sizeof *block + size);
	if (!block)
		mt_out_of_memory();
	block->size = size;
	arena->taken += size;
	return block;
}

struct mt_arena *mt_arena_new(size_t budget)
{
	struct mt_arena *arena = malloc(sizeof *arena);
	if (!arena)
		mt_out_of_memory();
	*arena = (struct mt_arena){.budget = budget};
	arena->first = arena->current =
		block_new(arena, budget < FIRST_BLOCK ? budget : FIRST_BLOCK);
	return arena;
}

struct mt_arena *mt_arena_beside(const struct mt_arena *arena)
{
	return mt_arena_new(arena->budget - arena->taken);
}

static void free_blocks(struct block *block)
{
	while (block) {
		struct block *next = block->next;
		free(block);
		block = next;
	}
}

void mt_arena_free(struct mt_arena *arena)
{
	if (!arena)
		return;
	free_blocks(arena->first);
	free(arena);
}

void mt_arena_reset(struct mt_arena *arena)
{
	free_blocks(arena->first->next);
	memset(arena->first->bytes, 0, arena->first->used);
	arena->first->next = NULL;
	arena->first->used = 0;
	arena->current = arena->first;
	arena->taken = arena->first->size;
}

size_t mt_arena_used(const struct mt_arena *arena)
{
	size_t n = 0;
	for (const struct block *block = arena->first; block; block = block->next)
		n += block->used;
	return n;
}

/* Blocks double, so that a large host costs few calls and a small one little memory. */
static struct block *grow_arena(struct mt_arena *arena, size_t size)
{
	size_t want = arena->current->size * 2;
	if (want > arena->budget - arena->taken)
		want = arena->budget - arena->taken;
	struct block *block = block_new(arena, size > want ? size : want);
	arena->current->next = block;
	arena->current = block;
	return block;
}

static size_t aligned(size_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void mt_arena_reserve(struct mt_arena *arena, size_t size)
{
	if (size > arena->current->size - arena->current->used)
		grow_arena(arena, size);
}

void *mt_alloc(struct mt_arena *arena, size_t size)
{
	if (size > arena->budget)
		mt_out_of_memory();
	size = aligned(size);
	struct block *block = arena->current;
	if (size > block->size - block->used)
		block = grow_arena(arena, size);
	char *p = block->bytes + block->used;
	block->used += size;
	return p;
}

bool mt_extend(struct mt_arena *arena, const void *p, size_t size, size_t longer)
{
	struct block *block = arena->current;
	if (longer > arena->budget || (const char *)p + aligned(size) != block->bytes + block->used)
		return false;
	size_t more = aligned(longer) - aligned(size);
	if (more > block->size - block->used)
		return false;
	block->used += more;
	return true;
}

char *mt_strz(struct mt_arena *arena, struct mt_str s)
{
	char *p = mt_alloc(arena, s.n + 1);
	if (s.n)
		memcpy(p, s.p, s.n);
	return p;
}

char *mt_strdup(struct mt_arena *arena, const char *s)
{
	return mt_strz(arena, mt_str_of(s));
}

struct mt_str mt_str_copy(struct mt_arena *arena, struct mt_str s)
{
	return (struct mt_str){mt_strz(arena, s), s.n};
}

char *mt_vformat(struct mt_arena *arena, const char *fmt, va_list args)
{
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	if (n < 0)
		abort();
	char *p = mt_alloc(arena, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}

char *mt_format(struct mt_arena *arena, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	char *p = mt_vformat(arena, fmt, args);
	va_end(args);
	return p;
}
