/* SPDX-License-Identifier: MIT */
/**
 * A call that one thread sends to another's scheduler, and the inbox it arrives in.
 */
#ifndef CORACLE_RUNTIME_TASK_H
#define CORACLE_RUNTIME_TASK_H

#include <stdatomic.h>
#include <stdbool.h>

#include <coracle/api.h>

struct cor_scheduler;

/** The memory is the sender's until run() is called, which may free it. */
struct cor_task {
	struct cor_task *next; /* private */
	void (*run)(struct cor_task *task);
};

/**
 * Call task->run(task) on the scheduler's thread, on the loop's own stack, in the order of posting.
 * Never yields, never waits, never fails; any thread; at most one system call, and none while the
 * loop is awake.
 */
void cor_scheduler_post(struct cor_scheduler *scheduler, struct cor_task *task);

/** Private to the scheduler: end the loop's wait. Any thread. */
void cor_scheduler_awake(struct cor_scheduler *scheduler);

/** Private to the scheduler: run what is in the inbox. */
void cor_scheduler_run_tasks(struct cor_scheduler *scheduler);

#endif
