/* SPDX-License-Identifier: MIT */
/** The queue of a pool. Under the pool's lock, but for cor_pool_withdraw(). */
#ifndef CORACLE_EXECUTOR_POOL_QUEUE_H
#define CORACLE_EXECUTOR_POOL_QUEUE_H

#include "executor/pool.h"

/** Queue it, as the last. */
void cor_pool_put(struct cor_pool *pool, struct cor_future *future);

/** Take it out of the queue, in which it is. */
void cor_pool_pull(struct cor_pool *pool, struct cor_future *future);

/** All that is queued, as a list by `next`, in that state. */
struct cor_future *cor_pool_pull_all(struct cor_pool *pool, enum cor_future_state to);

/** Who has waited longest for the place that is free now has it. To be signalled; NULL: nobody. */
struct cor_waiter *cor_pool_give_place(struct cor_pool *pool);

/** Those who wait for a place get none, but `rc`. To be signalled. */
struct cor_waiter *cor_pool_turn_away(struct cor_pool *pool, int rc);

static inline void cor_waiter_signal(struct cor_waiter *waiter)
{
	if (waiter)
		cor_wait_signal(&waiter->wait);
}

/** Take a future out of the queue, and let it go on to that state. False: it is not in it. */
bool cor_pool_withdraw(struct cor_future *future, enum cor_future_state to) COR_CHECKED;

#endif
