/* SPDX-License-Identifier: MIT */
/**
 * What of the runtime a library beside libcoracle may call: the reactor, timers and waits.
 * client/carrier_calls.h hands it over.
 *
 * libcoracle exports public functions alone, so such a library is handed these as a table. What is
 * public (cor_scheduler_current(), cor_fiber_current(), cor_scope_error() ...) it calls as anybody.
 */
#ifndef CORACLE_RUNTIME_CALLS_H
#define CORACLE_RUNTIME_CALLS_H

#include <stdint.h>

#include <coracle/api.h>

#include "runtime/reactor.h"
#include "runtime/timer.h"
#include "runtime/wait.h"

/** Each is the function of that name in reactor.h, timer.h and wait.h. */
struct cor_runtime_calls {
	int (*reactor_add)(struct cor_scheduler *scheduler, struct cor_watch *watch,
		uint32_t events) COR_CHECKED;
	int (*reactor_change)(struct cor_scheduler *scheduler, struct cor_watch *watch,
		uint32_t events) COR_CHECKED;
	void (*reactor_remove)(struct cor_scheduler *scheduler, struct cor_watch *watch);

	void (*timer_arm)(struct cor_scheduler *scheduler, struct cor_timer *timer, int64_t due_ns);
	void (*timer_disarm)(struct cor_scheduler *scheduler, struct cor_timer *timer);

	void (*wait_begin)(struct cor_wait *wait, const char *call);
	int (*wait)(struct cor_wait *wait, int64_t deadline_ns) COR_CHECKED;
	void (*wait_signal)(struct cor_wait *wait);
	int (*wait_fail)(const char *call, int rc);
};

extern const struct cor_runtime_calls cor_runtime_calls;

#endif
