/* SPDX-License-Identifier: MIT */
/**
 * How busy each worker is: what its watchdog saw whenever it looked at the threads, in memory that
 * the master reads.
 *
 * Samples, not sums of time: a thread that serves does nothing for them. The counters only grow, so
 * the share of a second is that of the differences.
 */
#ifndef CORACLE_MASTER_LOAD_H
#define CORACLE_MASTER_LOAD_H

#include <stdatomic.h>
#include <stdint.h>

#include "segment/segment.h"

#define COR_LOAD_PERIOD_MS 20 /* between two looks */

/** Of a slot. Its worker's watchdog writes it. */
struct cor_load {
	_Alignas(64) _Atomic uint64_t looks; /* one for each thread that was looked at */
	_Atomic uint64_t busy; /* of them, those that did not find it waiting for events */
};

/** The rows of all slots, by slot. Returns as cor_segment_region(). */
int cor_loads_find(struct cor_segment *segment, struct cor_load **ret) COR_CHECKED;

#endif
