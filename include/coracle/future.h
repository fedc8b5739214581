/* SPDX-License-Identifier: MIT */
/**
 * Futures: what will have become of a job that was given to a pool.
 *
 *     QUEUED -> RUNNING -> ENDED
 *     QUEUED -> CANCELLED
 *
 * A future is a reference: whoever has one drops it, at any time and in any order; the job goes on
 * whether or not anybody waits for it. Fibers and plain threads alike may wait for a future, any
 * number of them, and what is said of yielding means: parks the calling fiber, or blocks the
 * calling thread outside one.
 *
 * All functions may be called on any thread. A future may outlive its pool, but cancel it while the
 * pool is there.
 */
#ifndef CORACLE_FUTURE_H
#define CORACLE_FUTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/context.h>

COR_BEGIN_DECLS

struct cor_future;

enum cor_future_state {
	COR_FUTURE_QUEUED,    /* it has not begun */
	COR_FUTURE_RUNNING,   /* its function runs */
	COR_FUTURE_ENDED,     /* its function has returned */
	COR_FUTURE_CANCELLED, /* it never began, and will not */
};

/** How it stands. Never yields. */
COR_API enum cor_future_state cor_future_state(const struct cor_future *future);

/** Whether it has ended or was cancelled. Never yields. */
COR_API bool cor_future_is_done(const struct cor_future *future);

/**
 * Wait until it is done. Yields. A thread of the pool that waits for a job in the pool's own queue
 * runs that job itself, so a pool never waits for itself. Returns 0, -ETIMEDOUT or -ECANCELED (of
 * the caller's scope: the job goes on).
 */
COR_API int cor_future_wait(struct cor_future *future) COR_CHECKED;

/**
 * What the function returned; -ECANCELED if the future was cancelled, -EBUSY if it is not done.
 * Never yields.
 */
COR_API int cor_future_result(const struct cor_future *future);

/**
 * Copy the call back, with what the function has written into it. Checked when it is compiled only
 * as far as C can: the size must be that of the call which was submitted.
 *
 *     rc = cor_future_wait(future);
 *     if (rc == 0)
 *             rc = cor_future_read(future, &call);
 *
 * Returns cor_future_result(); the call is left as it is unless the function has returned. Never
 * yields.
 */
#define cor_future_read(future, call) cor_future_read_call((future), (call), sizeof *(call))
COR_API int cor_future_read_call(
	const struct cor_future *future, void *call, size_t bytes) COR_CHECKED;

/**
 * The problem that the function has recorded with cor_problem(), in the future's memory; NULL:
 * none, or it is not done. Never yields.
 */
COR_API const struct cor_problem *cor_future_problem(const struct cor_future *future);

/**
 * Let it not begin. Returns true if it never will, however often it is asked; false if it runs or
 * has ended. Never yields; callbacks run here.
 */
COR_API bool cor_future_cancel(struct cor_future *future);

/**
 * Call done(future, arg) once it is done: on the thread on which it ends or is cancelled, or here
 * and now if it is done already. Callbacks run in the order in which they were added: one that is
 * added while others run comes after them, on their thread. They must not wait. Never yields.
 * Returns 0 or -ENOMEM (it will not be called).
 */
COR_API int cor_future_on_done(struct cor_future *future,
	void (*done)(struct cor_future *future, void *arg), void *arg) COR_CHECKED;

/** Another reference. Never yields. */
COR_API struct cor_future *cor_future_keep(struct cor_future *future);

/** Drop a reference. NULL is allowed. Never yields. */
COR_API void cor_future_drop(struct cor_future *future);

/* --- several of them --- */

enum cor_wait_for {
	COR_WAIT_ALL,           /* all are done */
	COR_WAIT_FIRST,         /* one is done */
	COR_WAIT_FIRST_FAILURE, /* one has failed (a cancelled one has not), or all are done */
};

/**
 * Wait for futures; the array may be empty, and may have one several times. Yields. Returns 0,
 * -ETIMEDOUT, -ECANCELED (of the caller's scope) or -ENOMEM; which of them are done, and how, each
 * one says.
 */
COR_API int cor_futures_wait(
	struct cor_future *const *futures, size_t len, enum cor_wait_for what) COR_CHECKED;

/**
 * Go over futures as they are done, those that are done already first, in the order of the array:
 *
 *     struct cor_completion completion;
 *     struct cor_future *future;
 *
 *     rc = cor_completion_begin(&completion, futures, len);
 *     while (rc == 0 && (rc = cor_completion_next(&completion, &future)) == 0 && future)
 *             use(future);
 *     cor_completion_end(&completion);
 *
 * Begun, it must be ended, whatever begin has returned. Members are private; one fiber or thread
 * uses it.
 */
struct cor_completion {
	struct cor_completion_set *set;
	size_t left;
};

/** Begin. One that stands in the array several times comes once. Never yields. 0 or -ENOMEM. */
COR_API int cor_completion_begin(struct cor_completion *completion,
	struct cor_future *const *futures, size_t len) COR_CHECKED;

/**
 * The next one that is done, borrowed from the array, in *ret; NULL when all have come. Whoever
 * has its reference may drop it now. Yields.
 * Returns 0, -ETIMEDOUT or -ECANCELED (of the caller's scope; it may be called again).
 */
COR_API int cor_completion_next(
	struct cor_completion *completion, struct cor_future **ret) COR_CHECKED;

/** How many have not come yet. Never yields. */
static inline size_t cor_completion_left(const struct cor_completion *completion)
{
	return completion->left;
}

/** End. The futures go on. Never yields. */
COR_API void cor_completion_end(struct cor_completion *completion);

COR_END_DECLS
#endif
