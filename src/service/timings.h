/* SPDX-License-Identifier: MIT */
/**
 * Where a writer counts what it has timed: a thread that serves, or all others of the worker
 * together.
 *
 * Names are found by their address in a small hash table, and get their cells, in a ledger that
 * processes share or in memory of the writer, when they are timed first.
 */
#ifndef CORACLE_SERVICE_TIMINGS_H
#define CORACLE_SERVICE_TIMINGS_H

#include <coracle/timed.h>

#include "figures/timed.h"

struct cor_timings;

struct cor_timings_options {
	struct cor_ledger *ledger; /* of names alone; NULL: cells of its own, which start at 0 */
	uint32_t slot, thread;     /* of the writer, in the ledger; COR_LEDGER_OTHERS: see there */
	bool tells_clients;        /* answers say what was timed: Server-Timing */
	bool is_off;
};

/**
 * Make it; *ret is NULL if it is off. Returns 0, -ENOMEM, or as cor_ledger_block(). The ledger
 * outlives it. The caller owns *ret.
 */
int cor_timings_create(
	const struct cor_timings_options *options, struct cor_timings **ret) COR_CHECKED;

/** What is told of the cells of a name. */
struct cor_timed cor_timed_of(const struct cor_timed_total *total);

/** NULL is allowed. */
void cor_timings_destroy(struct cor_timings *timings);

#endif
