/* SPDX-License-Identifier: MIT */
/** The time of day, by the caller's clock. */
#ifndef CORACLE_MEMCACHED_STORE_REALTIME_H
#define CORACLE_MEMCACHED_STORE_REALTIME_H

#include <stdint.h>

#include "runtime/seams.h"

static inline int64_t cor_memcached_realtime_ns(void)
{
	const struct cor_clock *clock = cor_clock_here();

	return clock->realtime_ns(clock);
}

#endif
