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
	uint64_t ticks; /* when the clock was asked */
	int64_t ns;     /* what it said */
	uint64_t ns_per_tick;
	uint64_t good_for; /* ticks; 0: the speed is not known */
};
static _Thread_local struct known known __attribute__((tls_model("initial-exec")));

/* Each look measures the time since the one before, unless that was a moment ago. */
static COR_OUT_OF_LINE int64_t ask(const struct cor_clock *clock)
{
	uint64_t ticks = cor_ticks();
	int64_t now_ns = clock->monotonic_ns(clock);
	double passed = (double)(ticks - known.ticks);

	if (clock != &cor_system_clock)
		return now_ns;
	if (known.ns == 0 || ticks <= known.ticks) {
		known = (struct known){ .ticks = ticks, .ns = now_ns };
	} else if (now_ns - known.ns >= LEAST_NS) {
		double ns_per_tick = (double)(now_ns - known.ns) / passed;
		known = (struct known){
			.ticks = ticks,
			.ns = now_ns,
			.ns_per_tick = (uint64_t)(ns_per_tick * FRACTION),
			.good_for = (uint64_t)(10 * LEAST_NS / ns_per_tick),
		};
	}
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

	if (COR_UNLIKELY(clock != &cor_system_clock || known.good_for == 0))
		return (uint64_t)ask(clock) << 1 | BY_CLOCK;
	return cor_ticks() & ~BY_CLOCK;
}

/* What the fast way does not know, or has no room for. */
static COR_OUT_OF_LINE int64_t look_since(uint64_t mark, uint64_t ticks)
{
	int64_t now_ns = ask(cor_clock_here());

	if (mark & BY_CLOCK)
		return now_ns - (int64_t)(mark >> 1);
	return (int64_t)((double)(ticks - mark) * ((double)known.ns_per_tick / FRACTION));
}

int64_t cor_fine_since(uint64_t mark)
{
	uint64_t ticks = cor_ticks(), passed = ticks - mark;

	if (COR_UNLIKELY(mark & BY_CLOCK || passed >= known.good_for ||
			 ticks - known.ticks >= known.good_for))
		return look_since(mark, ticks);
	return (int64_t)(passed * known.ns_per_tick >> 32);
}
