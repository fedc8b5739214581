/* SPDX-License-Identifier: MIT */
/**
 * The floating-point control modes: rounding, precision, what traps.
 *
 * The calling convention makes a callee keep them, so a function that changes them puts them back
 * before it returns, and while it waits they have to be its own. Reading them is slow compared to a
 * switch: it is done where a fiber waits, not where one is run to its end.
 */
#ifndef CORACLE_RUNTIME_MODES_H
#define CORACLE_RUNTIME_MODES_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__)

struct cor_modes {
	uint32_t vector; /* mxcsr: its low six bits are exception flags, no modes */
	uint16_t x87;
};

static inline struct cor_modes cor_modes_read(void)
{
	struct cor_modes modes;

	__asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(modes.vector), "=m"(modes.x87));
	return modes;
}

static inline bool cor_modes_same(const struct cor_modes *a, const struct cor_modes *b)
{
	return ((a->vector ^ b->vector) & 0xffc0) == 0 && a->x87 == b->x87;
}

static inline void cor_modes_write(const struct cor_modes *modes)
{
	__asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(modes->vector), "m"(modes->x87));
}

#elif defined(__aarch64__)

struct cor_modes {
	uint64_t fpcr;
};

static inline struct cor_modes cor_modes_read(void)
{
	struct cor_modes modes;

	__asm__ volatile("mrs %0, fpcr" : "=r"(modes.fpcr));
	return modes;
}

static inline bool cor_modes_same(const struct cor_modes *a, const struct cor_modes *b)
{
	return a->fpcr == b->fpcr;
}

static inline void cor_modes_write(const struct cor_modes *modes)
{
	__asm__ volatile("msr fpcr, %0" : : "r"(modes->fpcr));
}

#endif
#endif
