/* SPDX-License-Identifier: MIT */
/**
 * Hedged calls: where an answer is late, the same request is sent once more, and the first answer
 * that comes is taken (Dean and Barroso, "The Tail at Scale", 2013).
 *
 *     static const struct cor_upstream prices = {
 *             .name = "prices",
 *             .targets = COR_TARGETS("http://a:8080", "http://b:8080"),
 *             .hedge = &(const struct cor_hedge){ .percentile = 95 },
 *     };
 *
 * The second request goes to another target, if there is one, or else over another connection. It
 * is sent where it does no harm (the method is idempotent, or the call says that it may be
 * repeated) and the body can be sent again from memory. It is paid for as a retry is: at most a
 * tenth of the calls of an upstream get one, of either kind, and half of what can be saved up is
 * left to retries. The request that loses is dropped with its connection; it counts neither for nor
 * against its target.
 *
 * Calls are hedged within a fiber, and cost two more there. An upstream that answers in time
 * but for a few is what hedging is for; one that is slow as a whole it makes slower.
 */
#ifndef CORACLE_HEDGE_H
#define CORACLE_HEDGE_H

#include <stdint.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

#define COR_HEDGE_PERCENTILE 95
#define COR_HEDGE_LEAST_MS   5
#define COR_HEDGE_ANSWERS    20 /* that must have come before a percentile says anything */

struct cor_hedge {
	/** When the second request is sent, if no head of an answer has come: in milliseconds.
	 * 0: .percentile says. */
	uint32_t after_ms;
	/**
	 * When so many of a hundred answers would have come: of the last 128 that the thread has
	 * got from the upstream. 1 to 99; 0: COR_HEDGE_PERCENTILE.
	 */
	uint32_t percentile;
	/** It is never sent before, whatever the percentile says: in milliseconds.
	 * 0: COR_HEDGE_LEAST_MS. */
	uint32_t least_ms;
};

COR_END_DECLS
#endif
