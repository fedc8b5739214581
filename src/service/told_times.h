/* SPDX-License-Identifier: MIT */
/**
 * Answers that say how long they took: ops that stand before those of the exchange, for as long as
 * it is served, and add header lines to whatever answer begins.
 *
 *     Server-Timing: load_price;dur=12.345, sum_up;dur=0.5;desc="3 times", total;dur=13.1
 *     X-Response-Time: 13.100ms
 *
 * Server-Timing (W3C) has what was timed before the head was sent: cor_timed().
 */
#ifndef CORACLE_SERVICE_TOLD_TIMES_H
#define CORACLE_SERVICE_TOLD_TIMES_H

#include "exchange/exchange.h"

struct cor_told_times {
	bool server_timing, response_time; /* which of the two lines */
};

/** On the stack of who serves; nothing of it is anybody else's. */
struct cor_told_exchange {
	struct cor_exchange_ops ops;
	const struct cor_exchange_ops *inner;
	struct cor_told_times tells;
	int64_t began_ns;
	struct cor_told_time *first; /* what was timed, in memory of the request */
	struct cor_told_time *last;
	size_t len;
	struct cor_told_exchange **known; /* by which those find it who have a ctx of the request */
};

/** Put the ops before those of the exchange. Returns 0 or -ENOMEM: then nothing was done. */
int cor_told_times_begin(struct cor_told_exchange *told, struct cor_exchange *x,
	struct cor_told_times tells) COR_CHECKED;

void cor_told_times_end(struct cor_told_exchange *told, struct cor_exchange *x);

/** Something was timed by that name in the request of ctx, if it is one, and on its thread. */
void cor_told_times_note(struct cor_ctx *ctx, const char *name, uint64_t ns);

#endif
