/* SPDX-License-Identifier: MIT */
/**
 * Timers: call a function on the loop's stack when a point in time has come.
 *
 * States: zeroed but for `fire` (idle) -> armed -> fired (idle again) or disarmed. A timer belongs
 * to one scheduler and its thread. Timers fire in the order of their due times; those due at the
 * same nanosecond in any order.
 *
 * Moving a timer later costs one store: its place in the heap is left as it is, and when that comes
 * up too early the timer is put back. So a deadline that is pushed on with every request costs
 * nothing, and a wait that ended in time calls cor_timer_rest() rather than cor_timer_disarm().
 */
#ifndef CORACLE_RUNTIME_TIMER_H
#define CORACLE_RUNTIME_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/fiber.h>

struct cor_scheduler;

struct cor_timer {
	int64_t due_ns; /* monotonic; COR_FOREVER: at rest */
	int64_t key_ns; /* private: what the heap is ordered by; never later than due_ns */
	void (*fire)(struct cor_timer *timer);
	uint32_t slot; /* private: place in the heap; 0: not in it */
};

_Static_assert(sizeof(struct cor_timer) <= 32, "a connection holds a timer, and must stay small");

struct cor_timer_slot {
	int64_t key_ns;
	struct cor_timer *timer;
};

/**
 * A heap of four branches in memory that is reserved once and touched as it is needed: arming
 * cannot fail.
 */
struct cor_timer_heap {
	struct cor_timer_slot *slots; /* 1-based */
	uint32_t count;
	int64_t floor_ns; /* while timers fire: no key is set earlier than this */
};

#define COR_TIMERS_MAX (1u << 22)

/** Reserve the address space of a heap. Returns 0 or -ENOMEM. */
int cor_timer_heap_init(struct cor_timer_heap *heap) COR_CHECKED;

/** Give it back. Timers that are still armed are idle from now on. */
void cor_timer_heap_finish(struct cor_timer_heap *heap);

/** The earliest key, at which the loop must look again; COR_FOREVER when the heap is empty. */
static inline int64_t cor_timer_heap_next(const struct cor_timer_heap *heap)
{
	return heap->count != 0 ? heap->slots[1].key_ns : COR_FOREVER;
}

/**
 * Fire what is due at now_ns. A timer armed meanwhile waits for the next call, even if it is due.
 */
void cor_timer_heap_fire(struct cor_timer_heap *heap, int64_t now_ns);

/** Private to cor_timer_arm(): put the timer where its due time belongs. */
void cor_timer_place(struct cor_scheduler *scheduler, struct cor_timer *timer);

/** Fire at `due_ns`, once; an armed timer is moved. Never yields, never fails. */
static inline void cor_timer_arm(
	struct cor_scheduler *scheduler, struct cor_timer *timer, int64_t due_ns)
{
	timer->due_ns = due_ns;
	if (timer->slot == 0 || due_ns < timer->key_ns)
		cor_timer_place(scheduler, timer);
}

/**
 * Do not fire. One store: the heap drops the timer later, so keep its memory, or disarm it.
 */
static inline void cor_timer_rest(struct cor_timer *timer)
{
	timer->due_ns = COR_FOREVER;
}

/** Do not fire, and forget the timer: its memory may go. */
void cor_timer_disarm(struct cor_scheduler *scheduler, struct cor_timer *timer);

#endif
