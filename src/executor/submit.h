/* SPDX-License-Identifier: MIT */
/** Giving jobs to a pool. */
#ifndef CORACLE_EXECUTOR_SUBMIT_H
#define CORACLE_EXECUTOR_SUBMIT_H

#include "executor/pool.h"

/**
 * Give it a future that cor_future_create() made: as cor_pool_submit(). Takes over the pool's
 * reference, and drops it if it fails. `environment` is for a job that runs here; NULL: the pool's.
 */
int cor_pool_take(struct cor_pool *pool, struct cor_future *future,
	const struct cor_environment *environment) COR_CHECKED;

#endif
