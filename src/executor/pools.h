/* SPDX-License-Identifier: MIT */
/** The pools of a service: one for each of its executors. */
#ifndef CORACLE_EXECUTOR_POOLS_H
#define CORACLE_EXECUTOR_POOLS_H

#include <coracle/executor.h>

#include "executor/pool.h"

struct cor_pools {
	size_t len;
	struct cor_pool *items[];
};

/** Make them; `executors` has NULL at its end. Returns 0 or -ENOMEM. The caller owns *ret. */
int cor_pools_create(const struct cor_executor *const *executors,
	const struct cor_pool_surroundings *surroundings, struct cor_pools **ret) COR_CHECKED;

/**
 * Cancel what has not begun, and wait for what runs, as long as the scope allows. Yields. Returns
 * the executor whose jobs have not ended then, as the first of several; NULL: none is left.
 */
const struct cor_executor *cor_pools_end(struct cor_pools *pools) COR_CHECKED;

/** An executor that runs jobs now; NULL: none does. Never yields. */
const struct cor_executor *cor_pools_busy(const struct cor_pools *pools) COR_CHECKED;

/** Whether a job runs, or is queued for a thread that is there, or starts. Never yields. */
bool cor_pools_work(const struct cor_pools *pools) COR_CHECKED;

/** Wait for what runs, cancel what has not begun, free them. NULL is allowed. Yields. */
void cor_pools_destroy(struct cor_pools *pools);

#endif
