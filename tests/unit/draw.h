/* SPDX-License-Identifier: ISC */
/* draw.h: random inputs that can be drawn again: SEED=N; the seed of a run is printed. Needs _GNU_SOURCE. */
#ifndef DRAW_H
#define DRAW_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

static uint32_t draw_state;

static inline void draw_begin(void)
{
	const char *seed = getenv("SEED");
	if (seed)
		draw_state = (uint32_t)strtoul(seed, NULL, 10);
	else if (getrandom(&draw_state, sizeof draw_state, 0) != sizeof draw_state)
		abort();
	draw_state |= 1;
	printf("# SEED=%u\n", draw_state);
}

static inline uint32_t below(uint32_t n)
{
	draw_state ^= draw_state << 13;
	draw_state ^= draw_state >> 17;
	draw_state ^= draw_state << 5;
	return draw_state % n;
}

#endif
