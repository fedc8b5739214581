/* SPDX-License-Identifier: MIT */
#include "runtime/task.h"

#include <unistd.h>

#include "runtime/scheduler.h"

/*
 * The inbox is a stack that senders push on and the loop takes as a whole. Before it waits the loop
 * says that it is asleep and looks once more; a sender pushes and then asks whether it sleeps. One
 * of the two sees the other.
 */
void cor_scheduler_post(struct cor_scheduler *scheduler, struct cor_task *task)
{
	/*
	 * While this is counted the scheduler is not freed, though the task may already have run.
	 */
	atomic_fetch_add(&scheduler->posting, 1);
	task->next = atomic_load_explicit(&scheduler->inbox, memory_order_relaxed);
	while (!atomic_compare_exchange_weak(&scheduler->inbox, &task->next, task))
		;
	cor_scheduler_awake(scheduler);
	atomic_fetch_sub(&scheduler->posting, 1);
}

void cor_scheduler_awake(struct cor_scheduler *scheduler)
{
	static const uint64_t one = 1;

	const struct cor_reactor *reactor = &scheduler->reactor;

	if (atomic_exchange(&scheduler->sleeping, 0) == 0)
		return;
	if (reactor->poller->wake) {
		reactor->poller->wake(reactor->poller, reactor->poll);
		return;
	}
	ssize_t written = write(scheduler->wake.fd, &one, sizeof one);
	(void)written; /* fails only when the counter is full, and then the loop wakes as well */
}

void cor_scheduler_run_tasks(struct cor_scheduler *scheduler)
{
	if (!atomic_load_explicit(&scheduler->inbox, memory_order_relaxed))
		return;
	struct cor_task *newest = atomic_exchange(&scheduler->inbox, NULL);
	struct cor_task *oldest = NULL;

	while (newest) {
		struct cor_task *next = newest->next;
		newest->next = oldest;
		oldest = newest;
		newest = next;
	}
	while (oldest) {
		struct cor_task *task = oldest;
		oldest = task->next;
		task->run(task);
	}
}
