/* SPDX-License-Identifier: MIT */
/** What jobs find on the threads of a service's executors: settings, codec, log, metrics. */
#ifndef CORACLE_SERVICE_WORKPLACE_H
#define CORACLE_SERVICE_WORKPLACE_H

#include "executor/pools.h"
#include "service/dispatcher.h"

struct cor_workplace {
	struct cor_dispatcher_options options; /* of each thread's own dispatcher */
	const struct cor_environment *shared;  /* its state and metrics are for all of them */
};

/**
 * Make the pools of the service's executors. `workplace` is borrowed until they are destroyed.
 * *ret is NULL if there are none. Returns 0 or -ENOMEM.
 */
int cor_workplace_open(struct cor_workplace *workplace, struct cor_pools **ret) COR_CHECKED;

#endif
