/* SPDX-License-Identifier: MIT */
#include "cli/latencies.h"

#include <stddef.h>

#define STEPS 128 /* of each power of two */
#define BITS  7   /* of STEPS */

static size_t cell_of(uint64_t ns)
{
	if (ns < STEPS)
		return (size_t)ns;
	int shift = 63 - __builtin_clzll(ns) - BITS;
	return (size_t)(shift + 1) * STEPS + (size_t)((ns >> shift) - STEPS);
}

/* The greatest value of a cell. */
static int64_t upper(size_t cell)
{
	if (cell < STEPS)
		return (int64_t)cell;
	size_t shift = cell / STEPS - 1;
	return (int64_t)(((uint64_t)(cell % STEPS + STEPS + 1) << shift) - 1);
}

void cor_latencies_add(struct cor_latencies *latencies, int64_t ns)
{
	uint64_t value = ns > 0 ? (uint64_t)ns : 0;

	latencies->cells[cell_of(value)]++;
	latencies->count++;
	if (ns > latencies->max_ns)
		latencies->max_ns = ns;
}

int64_t cor_latencies_quantile(const struct cor_latencies *latencies, double share)
{
	uint64_t wanted = (uint64_t)(share * (double)latencies->count), seen = 0;

	for (size_t i = 0; i < COR_LATENCY_CELLS; i++) {
		seen += latencies->cells[i];
		if (seen > wanted || (seen && seen == latencies->count))
			return upper(i) < latencies->max_ns ? upper(i) : latencies->max_ns;
	}
	return 0;
}
