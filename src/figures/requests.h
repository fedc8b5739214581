/* SPDX-License-Identifier: MIT */
/**
 * What one thread counts of the requests of one operation: answers by class, and how long they
 * took.
 *
 * One thread writes it, with plain loads and stores; anybody may read. It is never reset, so that
 * the sum over threads stays exact while workers come and go; only the gauge starts from 0 with
 * each writer.
 *
 * Nearly all requests are quick, so a quick one is counted in its class and in `ticks` alone. How
 * many were quick is what the slower cells leave of all answers.
 */
#ifndef CORACLE_FIGURES_REQUESTS_H
#define CORACLE_FIGURES_REQUESTS_H

#include <stdint.h>

#include "segment/counter.h"

#define COR_LATENCY_BOUNDS 14 /* 0.5 ms ... 10 s */

struct cor_request_figures {
	_Atomic uint64_t by_class[5]; /* answers by the first digit of their status, from 1 */
	_Atomic uint64_t wrong;       /* answers and messages that broke their tables */
	_Atomic uint64_t ticks; /* that all of them took: the processor's, see runtime/ticks.h */
	/* of them, those that took longer than bound i and no longer than the next */
	_Atomic uint64_t slow[COR_LATENCY_BOUNDS];
	_Atomic int64_t waiting;  /* requests whose fiber has parked and has not ended */
	_Atomic uint64_t holds;   /* times that it held its thread for too long */
	_Atomic uint64_t held_ns; /* and for how long in sum */
};
_Static_assert(sizeof(struct cor_request_figures) % 64 == 0, "no line is shared");

/** The bounds of the histogram, in nanoseconds. */
extern const int64_t cor_latency_bounds_ns[COR_LATENCY_BOUNDS];

/** Where the figures of a route stand, from its handler's first ones: see struct cor_route. */
static inline struct cor_request_figures *cor_request_figures_at(
	struct cor_request_figures *first, uint32_t offset)
{
	return (struct cor_request_figures *)((char *)first + offset);
}

/** An answer of that status, which is 100 to 599. */
static inline void cor_figures_answer(struct cor_request_figures *figures, uint16_t status)
{
	/* nearly all are 2xx, and no final status is below 200 */
	cor_count(&figures->by_class[(status < 300 ? 2 : status / 100) - 1], 1);
}

/** The answer that was counted last took so long. For those that were not quick. */
void cor_figures_slow(struct cor_request_figures *figures, int64_t ns);

/** Several of them, added up. Starts zeroed. */
struct cor_request_total {
	uint64_t by_class[6]; /* the first one is 0 */
	uint64_t count;
	uint64_t ticks;
	uint64_t cells[COR_LATENCY_BOUNDS +
		       1]; /* not cumulative; the last one is above all bounds */
	int64_t waiting;
	uint64_t holds, held_ns;
	uint64_t wrong;
};

/** Add all but the gauge: the reader knows whether its writer lives. */
void cor_request_total_add(
	struct cor_request_total *total, const struct cor_request_figures *figures);

#endif
