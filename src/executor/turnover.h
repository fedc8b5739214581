/* SPDX-License-Identifier: MIT */
/**
 * One process of a pool follows another: after a death, or when one has served its time (after so
 * many jobs, at an age, when it has grown). Then its successor starts while it still serves, in a
 * mailbox of its own.
 */
#ifndef CORACLE_EXECUTOR_TURNOVER_H
#define CORACLE_EXECUTOR_TURNOVER_H

#include <stdbool.h>

#include <coracle/executor.h>

struct cor_pool_thread;

/** Whether processes of the executor end by plan. */
bool cor_turnover_is_planned(const struct cor_executor *executor);

/** The thread begins, with no process, in the mailbox of that slot. */
void cor_turnover_begin(struct cor_pool_thread *thread, uint32_t slot);

/** Whether it has a process that works, and no other is about to take its place. Any thread. */
bool cor_turnover_is_settled(const struct cor_pool_thread *thread);

/** Have a process for a job. Returns 0, -EAGAIN or -COR_EBROKEN; has logged why. */
int cor_turnover_find(struct cor_pool_thread *thread) COR_CHECKED;

/** While the process works: let its successor start, if this is its last job. */
void cor_turnover_prepare(struct cor_pool_thread *thread);

/**
 * Between two jobs: have a process, and replace one that has served its time. Returns 0 (also if
 * none can be made now: the next job tries again), or -COR_EBROKEN.
 */
int cor_turnover_renew(struct cor_pool_thread *thread) COR_CHECKED;

/** The thread ends: its processes leave. */
void cor_turnover_end(struct cor_pool_thread *thread);

#endif
