/* SPDX-License-Identifier: MIT */
/** The threads of a pool: made when a job needs one, and given one job after another. */
#ifndef CORACLE_EXECUTOR_POOL_THREADS_H
#define CORACLE_EXECUTOR_POOL_THREADS_H

#include "executor/pool.h"

/**
 * Make the thread that was counted for that job. Returns 0 or, if it cannot be made and there is no
 * other to run the job, -EAGAIN or -ENOMEM: then the job is not submitted.
 */
int cor_pool_grow(struct cor_pool *pool, struct cor_future *future) COR_CHECKED;

/** The thread's next job, or wait for one; NULL: it is to end. */
struct cor_future *cor_pool_next(struct cor_pool_thread *thread) COR_CHECKED;

/** The start of a thread has failed; whoever waits learns it. */
void cor_pool_break(struct cor_pool *pool);

/** The thread ends. */
void cor_pool_leave(struct cor_pool_thread *thread);

#endif
