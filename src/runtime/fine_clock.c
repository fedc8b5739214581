/* SPDX-License-Identifier: MIT */
#include "runtime/fine_clock.h"

#include "base/compiler.h"
#include "runtime/seams.h"
#include "runtime/ticks.h"

#define LEAST_NS (10 * INT64_C(1000000)) /* between two looks that say how fast the counter is */
#define FRACTION 4294967296.0            /* ns_per_tick counts in 1/2^32 */
#define BY_CLOCK UINT64_C(1)             /* of a mark: the rest are ns, not ticks */

/* What this thread knows of the counter. */
struct known {
	uint64_t ticks;       /* when the clock was asked */
	int64_t ns;           /* what it said */
	uint64_t measured;    /* the speed between the last two looks */
	uint64_t ns_per_tick; /* that two measures have agreed on */
	uint64_t good_for;    /* ticks; 0: the last two do not agree */
};
static _Thread_local struct known known __attribute__((tls_model("initial-exec")));

/*
 * Another measure says the same: to 1 in 8,000, and so no look was interrupted between counter
 * and clock, and the machine was not suspended, where the counter may go on and the clock does not.
 */
static bool agree(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) <= a >> 13;
}

static void learn(uint64_t ticks, int64_t now_ns)
{
	double speed = (double)(now_ns - known.ns) / (double)(ticks - known.ticks);
	uint64_t measured = (uint64_t)(speed * FRACTION);
	bool is_known = agree(measured, known.measured);

	known.ticks = ticks;
	known.ns = now_ns;
	known.measured = measured;
	known.ns_per_tick = is_known ? measured : known.ns_per_tick;
	known.good_for = is_known ? (uint64_t)(10 * LEAST_NS / speed) : 0;
}

/* Each look measures the time since the one before, unless that was a moment ago. */
static COR_OUT_OF_LINE int64_t ask(const struct cor_clock *clock)
{
	uint64_t ticks = cor_ticks();
	int64_t now_ns = clock->monotonic_ns(clock);

	if (clock != &cor_system_clock)
		return now_ns;
	if (known.ns == 0 || ticks <= known.ticks)
		known = (struct known){ .ticks = ticks, .ns = now_ns };
	else if (now_ns - known.ns >= LEAST_NS)
		learn(ticks, now_ns);
	return now_ns;
}

int64_t cor_fine_ns(void)
{
	const struct cor_clock *clock = cor_clock_here();
	uint64_t passed = cor_ticks() - known.ticks;

	if (COR_UNLIKELY(clock != &cor_system_clock || passed >= known.good_for))
		return ask(clock);
	return known.ns + (int64_t)(passed * known.ns_per_tick >> 32);
}

uint64_t cor_fine_mark(void)
{
	const struct cor_clock *clock = cor_clock_here();
	uint64_t ticks = cor_ticks();

	if (COR_UNLIKELY(clock != &cor_system_clock || ticks - known.ticks >= known.good_for))
		return (uint64_t)ask(clock) << 1 | BY_CLOCK;
	return ticks & ~BY_CLOCK;
}

/*
 * What the fast way does not know, or has no room for: the clock's own, since what it said at the
 * mark, as far as was known there. So it counts what the clock counts, whatever the counter did.
 */
static COR_OUT_OF_LINE int64_t look_since(uint64_t mark)
{
	double speed = (double)known.ns_per_tick / FRACTION;
	int64_t marked_ns = known.ns + (int64_t)((double)(int64_t)(mark - known.ticks) * speed);

	if (mark & BY_CLOCK)
		return ask(cor_clock_here()) - (int64_t)(mark >> 1);
	int64_t since_ns = ask(&cor_system_clock) - marked_ns;
	return since_ns > 0 ? since_ns : 0;
}

int64_t cor_fine_since(uint64_t mark)
{
	uint64_t ticks = cor_ticks(), passed = ticks - mark;

	if (COR_UNLIKELY(mark & BY_CLOCK || passed >= known.good_for ||
			 ticks - known.ticks >= known.good_for))
		return look_since(mark);
	return (int64_t)(passed * known.ns_per_tick >> 32);
}
