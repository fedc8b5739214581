/* SPDX-License-Identifier: MIT */
#include "shelf/latch.h"

#include <stdbool.h>

#include "runtime/clock.h"

#define TURNS    1000  /* an owner is done in less, unless it is not running */
#define SLEEP_NS 20000 /* until it may be */

static bool take_free(struct cor_latch *latch)
{
	return atomic_load_explicit(&latch->is_taken, memory_order_relaxed) == 0 &&
	       atomic_exchange_explicit(&latch->is_taken, 1, memory_order_acquire) == 0;
}

void cor_latch_wait(struct cor_latch *latch)
{
	const struct cor_clock *clock = &cor_system_clock; /* the owner is no matter of a test's */

	for (uint32_t i = 0; !take_free(latch); i++) {
		if (i % TURNS == TURNS - 1)
			clock->sleep_until(clock, clock->monotonic_ns(clock) + SLEEP_NS);
		else
			cor_latch_turn();
	}
}
