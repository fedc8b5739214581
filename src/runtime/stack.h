/* SPDX-License-Identifier: MIT */
/**
 * Fiber stacks: mapping, guard, pool, cap, high-water marks.
 *
 *     guard (no access) | stack, growing down ... | struct cor_fiber | room |
 *
 * One mapping holds all of it, so that a parked fiber costs one touched page: the fiber, the room (memory for the
 * request's context and its arena's first chunk) and a shallow stack share the topmost one. A stack given back stays
 * mapped in its scheduler's pool, and its fiber stays suspended in its main loop: to use it again is to switch to it.
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
	const char *name;
	uint32_t high_water_bytes; /* in whole pages; of what was measured */
	uint32_t measured;         /* how often */
};

/** The stacks of one scheduler. */
struct cor_stack_pool {
	struct cor_fiber *idle; /* of the scheduler's stack_bytes, the one used last first */
	uint32_t stack_bytes;   /* of those */
	uint32_t max;           /* stacks mapped at once */
	_Atomic uint32_t
		mapped; /* stacks mapped now, the idle ones included; other threads may map, too */
	uint32_t idle_count;
	uint32_t idle_low;   /* fewest idle since the pool last shrank: those were not needed */
	uint32_t idle_deep;  /* idle ones that were used deep and not trimmed */
	uint32_t given_back; /* counts, for sampling */
	struct cor_timer shrink;
	struct cor_stack_mark marks[COR_STACK_NAMES];
};

/** How many stacks vm.max_map_count and the memory limit of this process allow, all schedulers together. At least 16. */
uint32_t cor_stack_cap(void);

/**
 * Report the overflow of a fiber's stack by the fiber's name on stderr before the process dies of it: a handler of
 * SIGSEGV and SIGBUS that ends in the default action. Once a process; it works on threads that run a scheduler.
 * Never yields. Returns 0 or the errno of sigaction.
 */
int cor_stack_guard_install(void) COR_CHECKED;

/** The marks of a scheduler, COR_STACK_NAMES of them; unused ones have no name. The scheduler's thread. */
const struct cor_stack_mark *cor_stack_marks(struct cor_scheduler *scheduler);

/** Map a stack with a fiber on top that waits in its main loop. Any thread. Returns 0, -ENOMEM or -COR_ENOSTACK. */
int cor_stack_map(
	struct cor_scheduler *scheduler, uint32_t stack_bytes, struct cor_fiber **ret) COR_CHECKED;

/** Take an idle stack or map one. Returns 0, -EINVAL (the size), -ENOMEM or -COR_ENOSTACK. The scheduler's thread. */
int cor_stack_take(
	struct cor_scheduler *scheduler, uint32_t stack_bytes, struct cor_fiber **ret) COR_CHECKED;

/** Give it back to the pool, or unmap it. The scheduler's thread. */
void cor_stack_give_back(struct cor_fiber *fiber);

/** Private to the scheduler. */
void cor_stack_pool_init(struct cor_stack_pool *pool, const struct cor_scheduler_options *options);
void cor_stack_pool_finish(struct cor_scheduler *scheduler);

#endif
