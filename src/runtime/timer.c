/* SPDX-License-Identifier: MIT */
#include "runtime/timer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "runtime/scheduler.h"

/*
 * Child k of slot i is slot 4i - 2 + k, the parent of slot i is slot (i + 2) / 4. The first slot
 * stands so that four children share a cache line.
 */
#define BRANCHES 4
#define SKEW     2
#define BYTES    ((size_t)(COR_TIMERS_MAX + SKEW) * sizeof(struct cor_timer_slot))

int cor_timer_heap_init(struct cor_timer_heap *heap)
{
	void *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return -ENOMEM;
	*heap = (struct cor_timer_heap){ .slots = (struct cor_timer_slot *)memory + SKEW,
		.floor_ns = INT64_MIN };
	return 0;
}

/* Whoever holds a timer may outlive it: it is idle again, and can be disarmed. */
void cor_timer_heap_finish(struct cor_timer_heap *heap)
{
	for (uint32_t at = 1; at <= heap->count; at++)
		heap->slots[at].timer->slot = 0;
	if (heap->slots)
		munmap(heap->slots - SKEW, BYTES);
	*heap = (struct cor_timer_heap){ 0 };
}

static void put(struct cor_timer_heap *heap, uint32_t at, struct cor_timer_slot entry)
{
	heap->slots[at] = entry;
	entry.timer->slot = at;
}

/* Move the hole at `at` up to where `entry` belongs, and fill it. */
static void sift_up(struct cor_timer_heap *heap, uint32_t at, struct cor_timer_slot entry)
{
	while (at > 1) {
		uint32_t parent = (at + 2) / BRANCHES;

		if (heap->slots[parent].key_ns <= entry.key_ns)
			break;
		put(heap, at, heap->slots[parent]);
		at = parent;
	}
	put(heap, at, entry);
}

static uint32_t earliest_child(const struct cor_timer_heap *heap, uint32_t at)
{
	uint32_t first = BRANCHES * at - 2;
	uint32_t last = first + BRANCHES - 1;

	if (last > heap->count)
		last = heap->count;
	uint32_t best = first;
	for (uint32_t child = first + 1; child <= last; child++)
		if (heap->slots[child].key_ns < heap->slots[best].key_ns)
			best = child;
	return best;
}

static void sift_down(struct cor_timer_heap *heap, uint32_t at, struct cor_timer_slot entry)
{
	while (BRANCHES * at - 2 <= heap->count) {
		uint32_t child = earliest_child(heap, at);

		if (heap->slots[child].key_ns >= entry.key_ns)
			break;
		put(heap, at, heap->slots[child]);
		at = child;
	}
	put(heap, at, entry);
}

static void take_out(struct cor_timer_heap *heap, struct cor_timer *timer)
{
	uint32_t at = timer->slot;
	struct cor_timer_slot last = heap->slots[heap->count--];

	timer->slot = 0;
	if (last.timer == timer)
		return;
	if (at > 1 && last.key_ns < heap->slots[(at + 2) / BRANCHES].key_ns)
		sift_up(heap, at, last);
	else
		sift_down(heap, at, last);
}

void cor_timer_place(struct cor_scheduler *scheduler, struct cor_timer *timer)
{
	struct cor_timer_heap *heap = &scheduler->timers;

	if (timer->slot == 0) {
		if (timer->due_ns == COR_FOREVER)
			return;
		/*
		 * More timers than descriptors and stacks can be: something arms them in a circle.
		 */
		if (heap->count + 1 >= COR_TIMERS_MAX)
			abort();
		timer->slot = ++heap->count;
	}
	if (timer->due_ns < heap->floor_ns)
		timer->due_ns = heap->floor_ns;
	timer->key_ns = timer->due_ns;
	sift_up(heap, timer->slot, (struct cor_timer_slot){ timer->key_ns, timer });
}

void cor_timer_disarm(struct cor_scheduler *scheduler, struct cor_timer *timer)
{
	timer->due_ns = COR_FOREVER;
	if (timer->slot != 0)
		take_out(&scheduler->timers, timer);
}

/* The earliest entry has come up: what it says may be old. */
static void settle_first(struct cor_timer_heap *heap, int64_t now_ns, struct cor_timer **fired)
{
	struct cor_timer *timer = heap->slots[1].timer;

	if (timer->due_ns <= now_ns) {
		take_out(heap, timer);
		timer->due_ns = COR_FOREVER;
		*fired = timer;
	} else if (timer->due_ns == COR_FOREVER) {
		take_out(heap, timer);
	} else {
		timer->key_ns = timer->due_ns;
		sift_down(heap, 1, (struct cor_timer_slot){ timer->key_ns, timer });
	}
}

void cor_timer_heap_fire(struct cor_timer_heap *heap, int64_t now_ns)
{
	heap->floor_ns = now_ns + 1;
	while (cor_timer_heap_next(heap) <= now_ns) {
		struct cor_timer *fired = NULL;

		settle_first(heap, now_ns, &fired);
		if (fired)
			fired->fire(fired);
	}
	heap->floor_ns = INT64_MIN;
}
