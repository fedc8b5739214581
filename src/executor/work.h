/* SPDX-License-Identifier: MIT */
/** What the threads and processes of a pool do: run jobs. */
#ifndef CORACLE_EXECUTOR_WORK_H
#define CORACLE_EXECUTOR_WORK_H

#include <stdbool.h>

#include <coracle/executor.h>

struct cor_environment;
struct cor_future;
struct cor_pool;
struct cor_pool_thread;

/** A thread of the future's pool runs it here, if it is still queued. Returns whether it has. */
bool cor_pool_helps(struct cor_future *future) COR_CHECKED;

/** Whether the calling thread is one of the pool. */
bool cor_pool_is_here(const struct cor_pool *pool) COR_CHECKED;

/** Whether as many jobs as the caller's stack shall carry run inside each other on it. */
bool cor_jobs_are_deep(void) COR_CHECKED;

/** Call the job's function, with the deadline of whoever waits for it. Returns what it returns. */
int cor_job_call(cor_call *fn, struct cor_ctx *ctx, void *call, int64_t deadline_ns) COR_CHECKED;

/** The start `of` a "thread" or a "process" has failed, with that code: log it. */
void cor_pool_say_failure(
	const struct cor_executor *executor, const char *of, struct cor_ctx *ctx, int rc);

/**
 * Run the job here, with that environment (NULL: the one that the pool's jobs share, without a
 * codec); its future ends. What a thread of the pool has for itself, only such a thread finds; one
 * that keeps a process lets that run it.
 */
void cor_job_run(struct cor_future *future, const struct cor_environment *environment);

/** Do the job as that thread of the pool, or for it while it rests; its future ends. */
void cor_job_serve(struct cor_pool_thread *thread, struct cor_future *future);

/** The life of a thread; its argument is the struct cor_pool_thread. */
void *cor_pool_work(void *arg);

#endif
