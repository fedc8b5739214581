/* SPDX-License-Identifier: MIT */
/**
 * What a thread counts of its calls, by upstream: cells that service/upstream_metrics.h has found.
 *
 * A call counts from where it can be made: what contradicts itself, or is not listed, is none.
 */
#ifndef CORACLE_CLIENT_CALL_FIGURES_H
#define CORACLE_CLIENT_CALL_FIGURES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/client.h>

#include "segment/histogram.h"

struct cor_answer;

#define COR_CALL_METHODS 7

/** By whose time a call counts; the last is for all others. */
extern const char *const cor_call_methods[COR_CALL_METHODS];

#define COR_CALL_CLASSES 4 /* of statuses, from 2xx to 5xx; behind them stand the failures */

#define COR_CALL_SOURCES 4 /* enum cor_answer_source: of a call that a cache was asked for */

extern const char *const cor_call_sources[COR_CALL_SOURCES];

/** Of one upstream. */
struct cor_upstream_figures {
	struct cor_histogram_cells *times[COR_CALL_METHODS]; /* NULL: nothing is counted */
	_Atomic uint64_t *results;                           /* results_len of them */
	_Atomic uint64_t *retries;
	_Atomic uint64_t *hedges;
	_Atomic uint64_t *joined;
	_Atomic uint64_t *connections; /* that were made */
	_Atomic uint64_t *in_flight, *waiting;
	_Atomic uint64_t *targets_out; /* by target; NULL: it cannot have several */
	_Atomic uint64_t *sources;     /* COR_CALL_SOURCES; NULL: it has no .cache */
};

struct cor_calls_figures {
	const struct cor_histogram_bounds *bounds; /* in ns */
	size_t results_len;
	bool is_shared; /* several threads count there */
	size_t len;
	struct cor_upstream_figures *items; /* in the order of the service's .upstreams */
};

/** The name of a result: "2xx", "connect timeout"; NULL: there are not so many. */
const char *cor_call_result_name(size_t at);

/** It goes on its way, from here to cor_call_ended(). */
void cor_call_began(struct cor_answer *answer);

/** It begins to wait for a place, or has ended to. */
void cor_call_waits(struct cor_answer *answer, bool begins);

/** A connection was made for it. */
void cor_call_connected(struct cor_answer *answer);

/** A second request is sent for it. */
void cor_call_hedged(struct cor_answer *answer);

/** It waits for the answer of another. */
void cor_call_joined(struct cor_answer *answer);

/** It is over: what it was like is in answer->fault and the head. Tells the log, too. */
void cor_call_ended(struct cor_answer *answer);

/** A target is out from now on, or in again. */
void cor_call_target_out(struct cor_answer *answer, bool is_out);

#endif
