/* SPDX-License-Identifier: MIT */
/**
 * A thread that waits for its job anyway does what a thread of a pool of processes would do for it.
 * That saves two of four wake-ups: the process and the caller hand a word to each other.
 */
#ifndef CORACLE_EXECUTOR_BORROW_H
#define CORACLE_EXECUTOR_BORROW_H

#include <stdbool.h>

#include <coracle/api.h>

struct cor_future;
struct cor_pool;

/**
 * Run the job, which nobody else knows yet, in the process of an idle thread; its future has ended.
 * False: there is none, or the caller could not wait for it like this. It is deaf to scopes, so it
 * is for jobs without a deadline. Blocks, outside fibers.
 */
bool cor_pool_borrow(struct cor_pool *pool, struct cor_future *future) COR_CHECKED;

#endif
