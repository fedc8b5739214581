/* SPDX-License-Identifier: MIT */
/** Chance that a seed decides: the same seed draws the same. */
#ifndef CORACLE_TESTS_CHANCE_H
#define CORACLE_TESTS_CHANCE_H

#include <stdint.h>

struct chance {
	uint64_t state; /* the seed, not 0 */
};

/* From 0 up to, but not including, `end` (xorshift64*). */
static inline int64_t draw(struct chance *chance, int64_t end)
{
	chance->state ^= chance->state >> 12;
	chance->state ^= chance->state << 25;
	chance->state ^= chance->state >> 27;
	return (int64_t)(chance->state * UINT64_C(2685821657736338717) >> 33) % end;
}

#endif
