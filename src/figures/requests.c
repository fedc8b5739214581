/* SPDX-License-Identifier: MIT */
#include "figures/requests.h"

#include <stddef.h>

#define MS INT64_C(1000000)

const int64_t cor_latency_bounds_ns[COR_LATENCY_BOUNDS] = { MS / 2, MS, 5 * MS / 2, 5 * MS, 10 * MS,
	25 * MS, 50 * MS, 100 * MS, 250 * MS, 500 * MS, 1000 * MS, 2500 * MS, 5000 * MS,
	10000 * MS };

void cor_figures_slow(struct cor_request_figures *figures, int64_t ns)
{
	size_t above = 0; /* so many bounds */

	while (above < COR_LATENCY_BOUNDS && ns > cor_latency_bounds_ns[above])
		above++;
	if (above == 0)
		return;
	_Atomic uint64_t *cell = &figures->slow[above - 1];
	uint64_t before = cor_counter_read(cell);
	atomic_store_explicit(cell, before + 1, memory_order_release); /* its class comes first */
}

/* The cells come first: each answer is in its class before it is in one of them. */
void cor_request_total_add(
	struct cor_request_total *total, const struct cor_request_figures *figures)
{
	uint64_t slow = 0, all = 0;

	for (size_t i = 0; i < COR_LATENCY_BOUNDS; i++) {
		uint64_t cell = atomic_load_explicit(&figures->slow[i], memory_order_acquire);
		total->cells[i + 1] += cell;
		slow += cell;
	}
	total->ticks += cor_counter_read(&figures->ticks);
	for (size_t i = 0; i < sizeof figures->by_class / sizeof figures->by_class[0]; i++) {
		uint64_t answers = cor_counter_read(&figures->by_class[i]);
		total->by_class[i + 1] += answers;
		all += answers;
	}
	total->count += all;
	total->holds += cor_counter_read(&figures->holds);
	total->held_ns += cor_counter_read(&figures->held_ns);
	total->wrong += cor_counter_read(&figures->wrong);
	total->cells[0] += all - slow;
}
