/* SPDX-License-Identifier: MIT */
/** What jobs find on the threads, and in the processes, of a service's executors. */
#ifndef CORACLE_SERVICE_WORKPLACE_H
#define CORACLE_SERVICE_WORKPLACE_H

#include "executor/pools.h"
#include "service/dispatcher.h"
#include "service/executor_metrics.h"

struct cor_workplace {
	struct cor_dispatcher_options options;     /* of each thread's own dispatcher */
	const struct cor_composition *composition; /* of the options' service */
	struct cor_environment *shared;            /* its state and metrics are for all of them */
	struct cor_nursery *nursery;               /* NULL: no executor has processes */
	uint32_t units[COR_EXECUTORS_MAX];         /* of the services that list the executors */
};

/**
 * Make what the jobs of one thread or process share, there; `arg` is the workplace. Returns 0 or a
 * negative code.
 */
int cor_workplace_begin(void *arg, struct cor_environment *ret, void **ret_own) COR_CHECKED;

/** Undo it. */
void cor_workplace_end(void *own);

/**
 * Fork what the processes of its executors come from, if any has processes: before there are
 * threads. `begin` makes what the jobs of a process share, as cor_workplace_begin() does. Returns 0
 * or as cor_nursery_open(); the caller closes workplace->nursery.
 */
int cor_workplace_prepare(struct cor_workplace *workplace,
	int (*begin)(void *arg, struct cor_environment *ret, void **ret_own),
	void *arg) COR_CHECKED;

/**
 * Make the pools of the service's executors. `workplace` is borrowed until they are destroyed.
 * *ret is NULL if there are none. Returns 0 or -ENOMEM.
 */
int cor_workplace_open(struct cor_workplace *workplace, struct cor_pools **ret) COR_CHECKED;

#endif
