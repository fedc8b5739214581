/* SPDX-License-Identifier: MIT */
/**
 * An adaptive concurrency limit: an upstream that becomes slow gets fewer requests at a time, so
 * that those it gets are answered as fast as it can.
 *
 *     static const struct cor_upstream prices = {
 *             .name = "prices",
 *             .base_url = "http://prices:8080",
 *             .adaptive_limit = &(const struct cor_adaptive_limit){ .wait_ms = 100 },
 *     };
 *
 * What a server can do at the same time nobody knows, and it changes; above it, requests wait there
 * in a queue, and more of them only make all of them late. So it is measured: as long as answers
 * take hardly longer than at best, the limit grows by the square root of itself; when they take
 * longer it falls in proportion (a gradient, as Netflix's concurrency-limits and Envoy's adaptive
 * concurrency filter have it). What they take at best is measured anew each 30 s, if it was not
 * seen: for some 50 answers the limit is a quarter. So a server that is slower for good gets its
 * load again. All services do that at the same time of day, since they share the server's queue:
 * those on other machines should have the same .measured_ms, and a clock that is right.
 *
 * A request counts from when it is sent until the head of its answer, and so long it took: a stream
 * does not, that goes on behind it. A hedged request counts, one that follows an equal one, waits
 * for its retry or leads to another server does not. 429, 503 and 504 count as too much, whatever
 * they took; other 5xx and lost connections say nothing of speed. Timeouts, and calls that nobody
 * waited for, took at least so long, which makes the limit smaller, but never larger. It does not
 * grow while less than half of it is used.
 *
 * It is one for all workers and threads of a service, and one for all targets of an upstream. Each
 * thread gets its share, by how many requests it has, and one at least. .in_flight bounds whole
 * calls of each thread, as without it. A request above the limit waits, in order; one that has
 * waited for too long fails as COR_FAILED_FULL, a 503, and counts as shed in /metrics. The log says
 * what the limit is, and why, each 5 s at most. A ctx of cor_ctx_create() has its own.
 *
 * Take it where calls of an upstream cost about the same. For one that fails there is breaker.h,
 * and both go together.
 */
#ifndef CORACLE_ADAPTIVE_LIMIT_H
#define CORACLE_ADAPTIVE_LIMIT_H

#include <stdint.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

#define COR_ADAPTIVE_MIN               1
#define COR_ADAPTIVE_START             10
#define COR_ADAPTIVE_TOLERANCE_PERCENT 20
#define COR_ADAPTIVE_MEASURED_MS       30000

struct cor_adaptive_limit {
	/** It is never less: not above .in_flight. 0: COR_ADAPTIVE_MIN. */
	uint32_t min;
	/** What it is at first: .min to .in_flight. 0: COR_ADAPTIVE_START, or what of these is
	 * next to it. */
	uint32_t start;
	/** Answers may take so much longer than at best, in percent of that, before it falls.
	 * 0: COR_ADAPTIVE_TOLERANCE_PERCENT; 1000 at most. */
	uint32_t tolerance_percent;
	/** How often what they take at best is measured, in milliseconds: when the time of day is a
	 * multiple of it. 0: COR_ADAPTIVE_MEASURED_MS; from 2000. */
	uint32_t measured_ms;
	/** How long a request waits while the limit is reached, in milliseconds: 1 refuses at once.
	 * 0: .connect_timeout_ms of the upstream, as a call waits for .in_flight. */
	uint32_t wait_ms;
};

COR_END_DECLS
#endif
