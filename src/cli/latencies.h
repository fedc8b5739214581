/* SPDX-License-Identifier: MIT */
/** Durations, counted in steps of 1 in 128: a quantile is at most 0.8 % more than it was. */
#ifndef CORACLE_CLI_LATENCIES_H
#define CORACLE_CLI_LATENCIES_H

#include <stdint.h>

#define COR_LATENCY_CELLS (58 * 128)

/** Starts zeroed. */
struct cor_latencies {
	uint64_t count;
	int64_t max_ns;
	uint64_t cells[COR_LATENCY_CELLS];
};

void cor_latencies_add(struct cor_latencies *latencies, int64_t ns);

/** So long took that share of them (0.99) at most, in nanoseconds; 0: there are none. */
int64_t cor_latencies_quantile(const struct cor_latencies *latencies, double share);

#endif
