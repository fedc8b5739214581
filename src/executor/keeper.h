/* SPDX-License-Identifier: MIT */
/**
 * A thread of a pool of processes hands a job to the process that it keeps, and judges how that
 * ends.
 */
#ifndef CORACLE_EXECUTOR_KEEPER_H
#define CORACLE_EXECUTOR_KEEPER_H

#include <stdbool.h>

#include <coracle/api.h>

struct cor_future;
struct cor_pool_thread;

/**
 * Let the process of an idle thread begin with the job that the thread is about to be given, if it
 * can begin at once. On the thread of whoever gives it. Never yields.
 */
void cor_keeper_begin(struct cor_pool_thread *thread, const struct cor_future *future);

/** Let the process run the job. Its result and problem are in the future, which has not ended. */
void cor_keeper_run(struct cor_pool_thread *thread, struct cor_future *future);

#endif
