/* SPDX-License-Identifier: MIT */
/** An arena that hands out the caller's memory and nothing else. */
#ifndef CORACLE_BASE_ROOM_H
#define CORACLE_BASE_ROOM_H

#include <stdint.h>

#include <coracle/arena.h>

/**
 * Make it: what does not fit is refused. Unlike the first chunk of cor_arena_init(), which a
 * sanitizer's build replaces, the memory is used where it is. There is nothing to finish.
 */
/* NOLINTNEXTLINE(readability-non-const-parameter): the arena gives it out */
static inline void cor_arena_init_room(struct cor_arena *arena, char *room, size_t bytes)
{
	size_t misaligned = (uintptr_t)room & 15, skipped = misaligned ? 16 - misaligned : 0;

	if (skipped > bytes)
		skipped = bytes;
	*arena = (struct cor_arena){
		.next = room + skipped, .end = room + bytes, .limit_bytes = 1
	};
}

#endif
