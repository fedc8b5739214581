/* SPDX-License-Identifier: MIT */
/**
 * The fiber itself, and the two ways to run one.
 *
 * A *request fiber* is taken from the pool, run immediately on the caller's behalf and given back:
 * see cor_fiber_run(). What cor_fiber_start() of <coracle/fiber.h> makes is built on the same,
 * queued, with a reference for the one that joins it.
 *
 * States: idle (in the pool, or taken and not yet run) -> running <-> parked -> ready (in the run
 * queue) -> running ... -> ended (its entry has returned) -> idle. All functions here belong to the
 * thread of the fiber's scheduler.
 */
#ifndef CORACLE_RUNTIME_FIBER_H
#define CORACLE_RUNTIME_FIBER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/fiber.h>
#include <coracle/sync.h>

#include "runtime/annotate.h"
#include "runtime/stack.h"
#include "runtime/task.h"
#include "runtime/timer.h"

enum cor_fiber_state {
	COR_FIBER_IDLE,
	COR_FIBER_READY,
	COR_FIBER_RUNNING,
	COR_FIBER_PARKED,
	COR_FIBER_ENDED,
};

struct cor_fiber {
	void *sp; /* its stack pointer while it does not run: what cor_switch() saved */
	struct cor_scheduler *scheduler;
	void (*entry)(void *arg);
	void (*finished)(void *arg);
	void *arg;
	struct cor_fiber *next;  /* in the run queue or in the pool */
	struct cor_scope *scope; /* the innermost one */
	const char *name;
	const char *failed_in;  /* cor_wait_failed_in() */
	const char *waits_in;   /* while it is parked: the public function, a static name */
	const char *request_id; /* of the request it serves, once that has one; NULL: none */
	uint8_t state;          /* enum cor_fiber_state */
	bool deep;              /* its stack was used deep and has not been trimmed since */
	uint16_t shields;       /* shielded scopes it is in */
	uint32_t timers;        /* somebody measures how long it does not have its thread */
	int64_t parked_ns;      /* so long it had not, whenever somebody did */
	_Atomic uint32_t cancelled;
	struct cor_scope base;  /* of the whole run: cor_fiber_set_deadline() */
	struct cor_timer timer; /* of the wait it is in */

	/* Of the stack. */
	char *bottom; /* lowest usable address; the guard is below */
	uint32_t stack_bytes;
	uint32_t nested;               /* cor_nested_here(): 0 outside a run */
	struct cor_stack_shelf *shelf; /* of the pool, where it lies when idle */

	/* For those who hold a reference. */
	_Atomic uint32_t references; /* the run, who joins, a cancellation or release on its way */
	int result;
	bool ended;
	struct cor_wait_list joiners;
	struct cor_task cancel;
	struct cor_task errand; /* adoption by its scheduler, or its release */

	/* Every fiber of the scheduler, for the debugger. */
	struct cor_fiber *all_next;
	struct cor_fiber **all_link;

	struct cor_annotation annotation;
};

/**
 * Take a fiber from the pool (or map one): named `name` (borrowed until it is given back), with
 * `stack_bytes` of stack (0: as the scheduler's). Never yields. NULL: the cap is reached or there
 * is no memory; *ret_error, if not NULL, says which: -COR_ENOSTACK, -ENOMEM or -EINVAL (a size out
 * of range).
 */
struct cor_fiber *cor_fiber_take(struct cor_scheduler *scheduler, const char *name,
	uint32_t stack_bytes, int *ret_error) COR_CHECKED;

/**
 * COR_FIBER_ROOM_BYTES of memory, 64-byte aligned, not zeroed, the caller's until the fiber is
 * given back.
 */
static inline void *cor_fiber_room(struct cor_fiber *fiber)
{
	return (char *)fiber + ((sizeof *fiber + 63) & ~(size_t)63);
}

/**
 * Run entry(arg) on the fiber's stack, now. On the loop's own stack only (a watch, a timer, a task,
 * the idle hook).
 *
 * Returns true when entry has returned without ever parking: the fiber is the caller's, to run
 * again or to give back.
 * Returns false when it parked: finished(arg) is called on the loop's stack when entry has
 * returned, and the fiber is then its callee's to run again or to give back.
 */
bool cor_fiber_run(struct cor_fiber *fiber, void (*entry)(void *arg), void *arg,
	void (*finished)(void *arg)) COR_CHECKED;

/**
 * The same, but run it behind those that are ready already: for a caller that is in a fiber.
 * finished(arg) is called in each case. The scheduler's thread.
 */
void cor_fiber_queue(
	struct cor_fiber *fiber, void (*entry)(void *arg), void *arg, void (*finished)(void *arg));

/**
 * Back into the pool; it must have ended, or never have run. Its scopes, deadline and cancellation
 * are forgotten.
 */
void cor_fiber_give_back(struct cor_fiber *fiber);

/**
 * The deadline of the whole run (monotonic; COR_FOREVER: none). Call it before the run, or inside
 * while no scope is open. cor_fiber_cancel() works on it from the loop.
 */
void cor_fiber_set_deadline(struct cor_fiber *fiber, int64_t deadline_ns);

/**
 * Stop here until woken. Wakes come early at times: look at what was waited for again. Yields; deaf
 * to deadlines and cancellation (which do wake it). Most want cor_wait() of wait.h.
 */
void cor_fiber_park(void);

/**
 * Let a parked fiber go on, behind those that are ready already; nothing for one that is not
 * parked. Never yields.
 */
void cor_fiber_wake(struct cor_fiber *fiber);

/** Private to the stacks: the idle fiber that was used last; NULL: the shelf is empty. */
static inline struct cor_fiber *cor_stack_take_idle(struct cor_stack_shelf *shelf)
{
	struct cor_fiber *fiber = shelf->first;

	if (!fiber)
		return NULL;
	shelf->first = fiber->next;
	if (--shelf->count < shelf->low)
		shelf->low = shelf->count;
	return fiber;
}

/** Private to the stacks: what a fiber does all its life. */
void cor_fiber_main(void *arg);

/** Private to the scheduler: let a ready fiber run until it parks or ends. */
void cor_fiber_resume(struct cor_fiber *fiber);

/** Private: a fresh run begins, of the name and without deadline, cancellation or scopes. */
static inline void cor_fiber_reset(struct cor_fiber *fiber, const char *name)
{
	fiber->name = name ? name : "fiber";
	fiber->failed_in = NULL;
	fiber->request_id = NULL;
	fiber->base = (struct cor_scope){ .deadline_ns = COR_FOREVER };
	fiber->scope = &fiber->base;
	fiber->shields = 0;
	atomic_store_explicit(&fiber->cancelled, 0, memory_order_relaxed);
}

/**
 * The fiber (NULL: none) serves the request of that id, which stays where it is until the run is
 * over: for crash.h.
 */
static inline void cor_fiber_serves(struct cor_fiber *fiber, const char *request_id)
{
	if (fiber)
		fiber->request_id = request_id;
}

/** The id of the request that is served here; NULL: none, or it has none yet. */
static inline const char *cor_fiber_request_id(void)
{
	const struct cor_fiber *fiber = cor_fiber_current();

	return fiber ? fiber->request_id : NULL;
}

/** Private: go through the loop once, behind all that is ready now. */
void cor_fiber_pass(void);

#endif
