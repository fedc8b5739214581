/* SPDX-License-Identifier: MIT */
/**
 * Fibers: straight-line code that waits without holding a thread.
 *
 * A scheduler belongs to the thread that runs it. It runs any number of fibers, one at a time, each
 * on its own stack. A fiber runs until it returns or calls a function whose description says
 * "yields"; it never moves to another thread. Outside a fiber the same calls block the thread
 * instead.
 *
 * Cancellation and deadlines are error returns: the wait returns -ECANCELED or -ETIMEDOUT, and so
 * does every later wait in the same scope (the error is sticky), so the stack unwinds normally.
 * After that only a shielded scope can wait. Calls that do not need to wait, such as locking a free
 * mutex, still succeed.
 *
 * Values of thread-local variables (errno first) do not survive a yield; their addresses do.
 */
#ifndef CORACLE_FIBER_H
#define CORACLE_FIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

struct cor_scheduler;
struct cor_fiber;

#define COR_STACK_BYTES (256 * 1024) /* address space of a stack by default */
/* no limit, where a timeout is expected */
#define COR_FOREVER INT64_MAX

/** Stack sizes are powers of two from 16 KiB to 1 GiB; other sizes are rounded up. */
struct cor_scheduler_options {
	uint32_t stack_bytes; /* for fibers that do not set their own; 0: COR_STACK_BYTES */
	/* stacks mapped at the same time; 0: as many as the system allows a process */
	uint32_t max_fibers;
};

/**
 * Create a scheduler for the thread that will call cor_scheduler_run().
 * Never yields. Returns 0, -ENOMEM, -EMFILE or -ENFILE. The caller owns *ret.
 */
COR_API int cor_scheduler_create(
	const struct cor_scheduler_options *options, struct cor_scheduler **ret) COR_CHECKED;

/**
 * Run fibers, timers and I/O until cor_scheduler_stop() has been called (before or during the run)
 * and no fiber is left. Blocks the calling thread, which owns the scheduler from then on. May be
 * called again after it returns.
 * Returns 0 or the negative errno of epoll.
 */
COR_API int cor_scheduler_run(struct cor_scheduler *scheduler) COR_CHECKED;

/**
 * Let cor_scheduler_run() return once every fiber has ended. Never yields; any thread; not a signal
 * handler.
 */
COR_API void cor_scheduler_stop(struct cor_scheduler *scheduler);

/**
 * Free it. It must not be running, every fiber must have ended, and every reference must have been
 * joined. NULL is allowed.
 */
COR_API void cor_scheduler_destroy(struct cor_scheduler *scheduler);

/** The scheduler that is running on this thread; NULL outside cor_scheduler_run(). Never yields. */
COR_API struct cor_scheduler *cor_scheduler_current(void);

struct cor_fiber_options {
	const char *name;     /* for reports; borrowed until the fiber ends. NULL: "fiber" */
	uint32_t stack_bytes; /* 0: as the scheduler's */
};

/**
 * Start a fiber that runs entry(arg) on `scheduler` (NULL: the current one) and hand out a
 * reference in *ret (NULL: nobody will join it). Pass each reference to cor_fiber_join() exactly
 * once. Never yields; any thread, but starting a fiber on another thread always maps a new stack.
 * Returns 0, -ENOMEM, -COR_ENOSTACK (the scheduler's cap is reached), or -EINVAL (no scheduler, or
 * more than 1 GiB of stack).
 */
COR_API int cor_fiber_start(struct cor_scheduler *scheduler, int (*entry)(void *arg), void *arg,
	const struct cor_fiber_options *options, struct cor_fiber **ret) COR_CHECKED;

/**
 * Wait until the fiber has ended, store what it returned in *ret_result (may be NULL) and drop the
 * reference. Yields. Ignores cancellation and deadlines: cancel the fiber, then join it. Any
 * thread.
 */
COR_API void cor_fiber_join(struct cor_fiber *fiber, int *ret_result);

/**
 * Make the fiber's current wait and all later ones return -ECANCELED, except in shielded scopes.
 * Does nothing to a fiber that has ended. Never yields; any thread that holds the reference, or
 * that of the fiber's scheduler while it runs.
 */
COR_API void cor_fiber_cancel(struct cor_fiber *fiber);

/** The running fiber; NULL outside a fiber. Never yields. */
COR_API struct cor_fiber *cor_fiber_current(void);

/**
 * Let every other runnable fiber run first; events get their turn within about a millisecond.
 * Yields.
 * Returns 0, -ECANCELED or -ETIMEDOUT (the scope's deadline).
 */
COR_API int cor_yield(void) COR_CHECKED;

/**
 * Wait for `ms` milliseconds. Yields. Returns 0, -ECANCELED or -ETIMEDOUT (the scope's deadline
 * came first).
 */
COR_API int cor_sleep_ms(int64_t ms) COR_CHECKED;

/**
 * A scope limits the waits of the code between enter and leave. Scopes nest; the earliest deadline
 * counts. Outside a fiber they limit what the thread waits for. The struct lives on the caller's
 * stack; its members are private.
 */
struct cor_scope {
	struct cor_scope *outer;
	int64_t deadline_ns; /* monotonic; INT64_MAX: none */
	int error;           /* 0, or the sticky -ECANCELED or -ETIMEDOUT */
	bool shielded;       /* does not see errors of the outer ones */
};

/**
 * Waits in this scope fail with -ETIMEDOUT after `timeout_ms` (COR_FOREVER: no limit).
 * Never yields.
 */
COR_API void cor_scope_enter(struct cor_scope *scope, int64_t timeout_ms);

/**
 * The same, but without cancellation and deadlines from outside: for clean-up that must wait. Keep
 * the timeout short. Never yields.
 */
COR_API void cor_scope_shield(struct cor_scope *scope, int64_t timeout_ms);

/** Leave the innermost scope, which must be this one. Never yields. */
COR_API void cor_scope_leave(struct cor_scope *scope);

/**
 * 0 while waits are possible, else the sticky -ECANCELED or -ETIMEDOUT: for loops that compute.
 * Never yields.
 */
COR_API int cor_scope_error(void) COR_CHECKED;

/**
 * Milliseconds until the innermost deadline, 0 when it has passed, COR_FOREVER without one. Never
 * yields.
 */
COR_API int64_t cor_scope_remaining_ms(void);

COR_END_DECLS
#endif
