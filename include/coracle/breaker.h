/* SPDX-License-Identifier: MIT */
/**
 * A circuit breaker: an upstream that fails gets no calls for a while, and its callers learn at
 * once that there is no use in waiting.
 *
 *     static const struct cor_upstream prices = {
 *             .name = "prices",
 *             .base_url = "http://prices:8080",
 *             .breaker = &(const struct cor_breaker){ .failed_percent = 30 },
 *     };
 *
 * Closed, it counts how the tries of calls end, over a window of time. A failure is no connection,
 * a timeout of the upstream's own, a lost or broken answer, a 5xx; not a 4xx, nor a call that was
 * cancelled, or had no more time from its request. When enough of them have failed it opens: calls
 * fail as COR_FAILED_OPEN, a 503 with Retry-After. After a while it is half open: a few calls are
 * let through as probes. When so many were answered it is closed again, and begins to count anew;
 * with the first that fails it is open again.
 *
 * It is one for all workers and threads of a service, and one for all targets of an upstream; a
 * target that fails alone is for balance.h. A ctx of cor_ctx_create() has its own. Each change is a
 * line in the log, of whoever has made it, and a figure of /metrics. A probe that does not come
 * back, since its worker was killed, gives its place to another when its timeout is over.
 */
#ifndef CORACLE_BREAKER_H
#define CORACLE_BREAKER_H

#include <stdint.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

#define COR_BREAKER_WINDOW_MS      10000
#define COR_BREAKER_CALLS_MIN      20
#define COR_BREAKER_FAILED_PERCENT 50
#define COR_BREAKER_OPEN_MS        5000
#define COR_BREAKER_PROBES         3
#define COR_BREAKER_PROBES_MAX     16

struct cor_breaker {
	/** Over which failures are counted; it moves on by tenths. 0: COR_BREAKER_WINDOW_MS. */
	uint32_t window_ms;
	/** With fewer tries in the window it stays closed. 0: COR_BREAKER_CALLS_MIN. */
	uint32_t calls_min;
	/** It opens when so many of a hundred have failed. 0: COR_BREAKER_FAILED_PERCENT. */
	uint32_t failed_percent;
	/** How long no call is let through. 0: COR_BREAKER_OPEN_MS. */
	uint32_t open_ms;
	/** How many calls must be answered, at once or one after the other, before it is closed.
	 * 0: COR_BREAKER_PROBES; COR_BREAKER_PROBES_MAX at most. */
	uint32_t probes;
};

COR_END_DECLS
#endif
