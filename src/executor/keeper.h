/* SPDX-License-Identifier: MIT */
/**
 * A thread of a pool of processes: it keeps one process, hands it jobs, judges how it ends, and
 * replaces it.
 */
#ifndef CORACLE_EXECUTOR_KEEPER_H
#define CORACLE_EXECUTOR_KEEPER_H

#include <stdbool.h>

#include <coracle/api.h>

struct cor_future;
struct cor_pool_thread;

/**
 * Make the process, if there is none or it has done its share of jobs. Returns 0 (also if none can
 * be made now: the next job tries again), or -COR_EBROKEN: its start has failed, or the nursery has
 * died.
 */
int cor_keeper_renew(struct cor_pool_thread *thread) COR_CHECKED;

/**
 * Let the process of an idle thread begin with the job that the thread is about to be given, if it
 * can begin at once. On the thread of whoever gives it. Never yields.
 */
void cor_keeper_begin(struct cor_pool_thread *thread, const struct cor_future *future);

/** Let the process run the job. Its result and problem are in the future, which has not ended. */
void cor_keeper_run(struct cor_pool_thread *thread, struct cor_future *future);

/** The process ends, with its stop. */
void cor_keeper_end(struct cor_pool_thread *thread);

#endif
