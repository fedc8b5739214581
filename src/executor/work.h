/* SPDX-License-Identifier: MIT */
/** What the threads of a pool do: run jobs. */
#ifndef CORACLE_EXECUTOR_WORK_H
#define CORACLE_EXECUTOR_WORK_H

#include <stdbool.h>

#include <coracle/api.h>

struct cor_environment;
struct cor_future;

/** A thread of the future's pool runs it here, if it is still queued. Returns whether it has. */
bool cor_pool_helps(struct cor_future *future) COR_CHECKED;

/** Run the job here, with that environment; its future ends. */
void cor_job_run(struct cor_future *future, const struct cor_environment *environment);

/** The life of a thread; its argument is the struct cor_pool_thread. */
void *cor_pool_work(void *thread);

#endif
