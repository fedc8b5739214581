/* SPDX-License-Identifier: MIT */
#include "figures/timed.h"

#include <stdio.h>

#define US UINT64_C(1000)
#define MS (1000 * US)
#define S  (1000 * MS)

const uint64_t cor_timed_bounds_ns[COR_TIMED_BOUNDS] = { US, 5 * US / 2, 5 * US, 10 * US, 25 * US,
	50 * US, 100 * US, 250 * US, 500 * US, MS, 5 * MS / 2, 5 * MS, 10 * MS, 25 * MS, 50 * MS,
	100 * MS, 250 * MS, 500 * MS, S, 5 * S / 2, 5 * S, 10 * S };

struct cor_ledger_row cor_timed_row(const char *name)
{
	struct cor_ledger_row row = {
		.shape = COR_TIMED_BOUNDS,
		.len = sizeof(struct cor_timed_cells) / sizeof(uint64_t),
	};

	snprintf(row.name, sizeof row.name, "%s", name);
	return row;
}

static void raise(_Atomic uint64_t *cell, bool is_shared, uint64_t value)
{
	uint64_t before = atomic_load_explicit(cell, memory_order_relaxed);

	while (value > before) {
		if (!is_shared) {
			atomic_store_explicit(cell, value, memory_order_relaxed);
			return;
		}
		if (atomic_compare_exchange_weak_explicit(
			    cell, &before, value, memory_order_relaxed, memory_order_relaxed))
			return;
	}
}

static inline void add(_Atomic uint64_t *cell, bool is_shared, uint64_t n)
{
	if (is_shared)
		cor_count_shared(cell, n);
	else
		cor_count(cell, n);
}

static inline void count(struct cor_timed_part *part, const struct cor_histogram_bounds *bounds,
	bool is_shared, uint64_t ns)
{
	add(&part->cells[cor_histogram_cell(bounds, ns)], is_shared, 1);
	atomic_signal_fence(memory_order_seq_cst); /* the sum comes second */
	add(&part->sum, is_shared, ns);
	raise(&part->most, is_shared, ns);
	raise(&part->least, is_shared, ~ns);
}

void cor_timed_count(struct cor_timed_cells *cells, const struct cor_histogram_bounds *bounds,
	bool is_shared, struct cor_timed_sample sample)
{
	if (sample.wall_ns == sample.thread_ns) {
		count(&cells->straight, bounds, is_shared, sample.wall_ns);
	} else {
		count(&cells->waited, bounds, is_shared, sample.wall_ns);
		count(&cells->waited_thread, bounds, is_shared, sample.thread_ns);
	}
	if (sample.is_error)
		add(&cells->errors, is_shared, 1);
}

/* --- reading --- */

static void add_part(struct cor_timed_sum *sum, const struct cor_timed_part *part)
{
	uint64_t most = cor_counter_read(&part->most), least = cor_counter_read(&part->least);

	sum->sum += cor_counter_read(&part->sum);
	sum->most = most > sum->most ? most : sum->most;
	sum->least = least > sum->least ? least : sum->least;
	for (size_t i = 0; i <= COR_TIMED_BOUNDS; i++) {
		uint64_t n = cor_counter_read(&part->cells[i]);
		sum->cells[i] += n;
		sum->count += n;
	}
}

void cor_timed_total_add(struct cor_timed_total *total, const struct cor_timed_cells *cells)
{
	total->errors += cor_counter_read(&cells->errors);
	add_part(&total->wall, &cells->straight);
	add_part(&total->wall, &cells->waited);
	add_part(&total->thread, &cells->straight);
	add_part(&total->thread, &cells->waited_thread);
}
