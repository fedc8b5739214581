/* SPDX-License-Identifier: MIT */
/**
 * Who is refused when more comes than can be done.
 *
 * It is a handler that stands before the service's own while a thread is behind, and is not there
 * otherwise: then it costs nothing. Each request that it routes is either passed on or answered 503
 * with Retry-After, for one of these reasons, in this order:
 *
 * - its time was up before its turn came: it has waited as long as it may take;
 * - memory is short, and other requests wait (runtime/memory.h);
 * - a queue stands that is longer than --queue-target-ms (runtime/lag.h).
 *
 * One that finds no fiber is refused by the protocol itself. The thread of its loop.
 */
#ifndef CORACLE_SERVER_ADMISSION_H
#define CORACLE_SERVER_ADMISSION_H

#include "exchange/exchange.h"
#include "serving/serving.h"
#include "runtime/memory.h"
#include "server/settings.h"

struct cor_admission {
	struct cor_handler handler;
	const struct cor_handler *real; /* the service's */
	struct cor_serving *serving;
	int64_t timeout_ns;              /* of a request whose operation has none */
	const struct cor_memory *memory; /* NULL: it has no limit that is known */
	struct cor_timer look;           /* at the memory, while requests wait */
	bool is_short;                   /* of memory, when it was looked at last */
};

/**
 * Watch the loop of `serving`, which is ready. Memory is looked at ten times a second while
 * requests wait for something, and only then: one that does not wait takes nothing that it does not
 * give back. From nine tenths of the limit on, those who come while others wait are refused.
 */
void cor_admission_init(struct cor_admission *admission, struct cor_serving *serving,
	const struct cor_server_settings *settings, const struct cor_memory *memory);

#endif
