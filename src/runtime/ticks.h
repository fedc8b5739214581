/* SPDX-License-Identifier: MIT */
/**
 * A counter that the processor turns by itself. To read it costs an instruction or two where the
 * clock costs fifty: it tells when the clock is worth asking again.
 */
#ifndef CORACLE_RUNTIME_TICKS_H
#define CORACLE_RUNTIME_TICKS_H

#include <stdint.h>

#if defined(__x86_64__)

static inline uint64_t cor_ticks(void)
{
	return __builtin_ia32_rdtsc();
}

/**
 * Ticks that take no more than about a millisecond: every processor with an invariant counter turns
 * it at 1 GHz or more.
 */
static inline uint64_t cor_ticks_in_1ms(void)
{
	return 1000000;
}

#elif defined(__aarch64__)

static inline uint64_t cor_ticks(void)
{
	uint64_t ticks;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
	return ticks;
}

static inline uint64_t cor_ticks_in_1ms(void)
{
	uint64_t hertz;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hertz));
	return hertz / 1000;
}

#else

/* No counter that is known: the clock is asked each time. */
static inline uint64_t cor_ticks(void)
{
	return 0;
}

static inline uint64_t cor_ticks_in_1ms(void)
{
	return 0;
}

#endif

#endif
