/* SPDX-License-Identifier: MIT */
/** What the compilers offer beyond C, under names of ours. */
#ifndef CORACLE_BASE_COMPILER_H
#define CORACLE_BASE_COMPILER_H

#include <stddef.h>
#include <stdint.h>

/** Rarely called: keep it out of the hot code, and what leads to it, too. */
#define COR_COLD __attribute__((noinline, cold))

/** Not worth the room in its callers: the frame of a hot function stays small. */
#define COR_OUT_OF_LINE __attribute__((noinline))

/** Part of a hot caller, though a cold one has it as well. */
#define COR_IN_LINE __attribute__((always_inline)) static inline

#define COR_LIKELY(condition)   __builtin_expect(!!(condition), 1)
#define COR_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/**
 * The struct of `type` whose `member` `pointer` points to; another type of pointer does not
 * compile. For a pointer to const name a const type.
 */
#define cor_container_of(pointer, type, member)                                                    \
	((type *)((uintptr_t)(pointer)-offsetof(type, member) +                                    \
		  0 * sizeof((pointer) == &((type *)NULL)->member)))

#endif
