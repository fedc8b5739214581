/* SPDX-License-Identifier: MIT */
/**
 * Fiber stacks: mapping, guard, pool, cap, high-water marks.
 *
 *     guard (no access) | stack, growing down ... | struct cor_fiber | room |
 *
 * One mapping holds all of it, so that a parked fiber costs one touched page: the fiber, the room
 * (memory for the request's context and its arena's first chunk) and a shallow stack share the
 * topmost one. A stack given back stays mapped in its scheduler's pool, and its fiber stays
 * suspended in its main loop: to use it again is to switch to it.
 */
#ifndef CORACLE_RUNTIME_STACK_H
#define CORACLE_RUNTIME_STACK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/fiber.h>

#include "runtime/timer.h"

#define COR_STACK_GUARD_BYTES (64 * 1024)
#define COR_STACK_MIN_BYTES   (16 * 1024)
#define COR_STACK_MAX_BYTES   (1024 * 1024 * 1024)
#define COR_FIBER_ROOM_BYTES  1536
#define COR_STACK_NAMES       64 /* names of fibers of which marks are kept */

struct cor_stack_mark {
	char name[40];             /* cut there; "": unused */
	uint32_t high_water_bytes; /* in whole pages; of what was measured */
	uint32_t measured;         /* how often */
};

/** What others may read of a scheduler's stacks. It may stand in memory that processes share. */
struct cor_stack_report {
	_Atomic uint32_t mapped; /* now, the idle ones included */
	_Atomic uint32_t max;    /* that may be */
	struct cor_stack_mark marks[COR_STACK_NAMES];
};

/** Idle stacks of one size. */
struct cor_stack_shelf {
	struct cor_fiber *first; /* the one used last */
	uint32_t count;
	uint32_t low;   /* fewest since they were last looked at: those were not needed */
	uint32_t spare; /* of those, how many are still to be unmapped */
};

#define COR_STACK_SHELVES 17 /* 16 KiB, 32 KiB ... 1 GiB */

/** The stacks of one scheduler. */
struct cor_stack_pool {
	struct cor_stack_shelf shelves[COR_STACK_SHELVES];
	struct cor_stack_shelf *usual; /* the one of stack_bytes */
	uint32_t stack_bytes;          /* where none are asked for */
	uint32_t max;                  /* limit of stacks mapped at the same time */
	_Atomic uint32_t mapped;       /* now, the idle ones included; any thread may map */
	uint32_t deep;                 /* stacks that were used deep and not trimmed */
	uint32_t unsampled;            /* the run, counted from now on, that is measured next */
	uint32_t page_bytes;           /* the system's */
	bool probe;                    /* look whether a run went deep */
	struct cor_timer shrink;
	struct cor_stack_report *report;
	struct cor_stack_report own; /* unless it was given another */
};

/**
 * The marks of a scheduler, COR_STACK_NAMES of them; unused ones have an empty name. The
 * scheduler's thread.
 */
const struct cor_stack_mark *cor_stack_marks(struct cor_scheduler *scheduler);

/**
 * Map a stack of at least `stack_bytes` (0: the scheduler's size; else rounded up to a power of
 * two) with a fiber on top that waits in its main loop. Any thread; the scheduler's thread must
 * adopt it before it runs.
 * Returns 0, -EINVAL (more than COR_STACK_MAX_BYTES), -ENOMEM or -COR_ENOSTACK.
 */
int cor_stack_map(
	struct cor_scheduler *scheduler, uint32_t stack_bytes, struct cor_fiber **ret) COR_CHECKED;

/** Enter a mapped stack into the scheduler's list. The scheduler's thread. */
void cor_stack_adopt(struct cor_fiber *fiber);

/** Take an idle stack, or map and adopt one. Returns as cor_stack_map(). The scheduler's thread. */
int cor_stack_take(
	struct cor_scheduler *scheduler, uint32_t stack_bytes, struct cor_fiber **ret) COR_CHECKED;

/** Give it back to the pool. The scheduler's thread. */
void cor_stack_give_back(struct cor_fiber *fiber);

/**
 * Report there from now on; it outlives the scheduler, and marks that are there already stay.
 * Before anything was started.
 */
void cor_stack_report_in(struct cor_scheduler *scheduler, struct cor_stack_report *in);

/** Private to the scheduler. Finishing unmaps every stack; all must be idle. */
void cor_stack_pool_init(struct cor_stack_pool *pool, const struct cor_scheduler_options *options);
void cor_stack_pool_finish(struct cor_scheduler *scheduler);

#endif
