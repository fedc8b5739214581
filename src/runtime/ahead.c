/* SPDX-License-Identifier: MIT */
#include "runtime/ahead.h"

#include "base/compiler.h"
#include "runtime/seams.h"
#include "runtime/ticks.h"

/* When this thread asked the system's clock: no later than it then said. */
struct asked {
	uint64_t ticks;
	int64_t ns;
};
static _Thread_local struct asked asked __attribute__((tls_model("initial-exec")));

static int64_t ask(const struct cor_clock *clock)
{
	uint64_t ticks = cor_ticks();
	int64_t now_ns = clock->monotonic_ns(clock);

	if (clock == &cor_system_clock)
		asked = (struct asked){ ticks, now_ns };
	return now_ns;
}

int64_t cor_monotonic_ahead_ns(void)
{
	const struct cor_clock *clock = cor_clock_here();
	uint64_t most = cor_ticks_in_1ms(), ticks = cor_ticks() - asked.ticks;

	if (COR_UNLIKELY(clock != &cor_system_clock || ticks >= most))
		return ask(clock);
	return asked.ns + (int64_t)(ticks * COR_NS_PER_MS / most);
}
