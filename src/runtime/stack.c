/* SPDX-License-Identifier: MIT */
#include "runtime/stack.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <coracle/error.h>

#include "runtime/cap.h"
#include "runtime/depth.h"
#include "runtime/scheduler.h"
#include "runtime/switch.h"

#define KEEP_IDLE 64                    /* idle stacks of a size that are never unmapped */
#define SHRINK_NS (100 * COR_NS_PER_MS) /* what is idle for so long is not needed */
#define BATCH     8                     /* stacks unmapped in one go: more would stall the loop */
#define BATCH_NS  (5 * COR_NS_PER_MS)   /* between two of those */

/* The part of a mapping that is no stack: the fiber and its room, at the top. */
#define TOP_BYTES (((sizeof(struct cor_fiber) + 63) & ~(size_t)63) + COR_FIBER_ROOM_BYTES)

_Static_assert(TOP_BYTES <= 2304, "fiber, room and a shallow stack share a page");
_Static_assert(COR_STACK_MIN_BYTES << (COR_STACK_SHELVES - 1) == COR_STACK_MAX_BYTES,
	"a shelf for each size");

/* The smallest size that is enough. */
static uint32_t shelf_of(uint32_t stack_bytes)
{
	uint32_t above = (stack_bytes - 1) / COR_STACK_MIN_BYTES;

	return above == 0 ? 0 : 32 - (uint32_t)__builtin_clz(above);
}

static void *map_memory(size_t bytes)
{
	size_t whole = COR_STACK_GUARD_BYTES + bytes;
	char *memory = mmap(NULL, whole, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	/* Refused by kernels without huge pages, which is as good. */
	(void)madvise(memory, whole, MADV_NOHUGEPAGE);
	if (mprotect(memory + COR_STACK_GUARD_BYTES, bytes, PROT_READ | PROT_WRITE) < 0) {
		munmap(memory, whole);
		return NULL;
	}
	return memory + COR_STACK_GUARD_BYTES;
}

/*
 * What is mapped has changed. If two threads say so in the wrong order, the next one corrects it.
 */
static void report(struct cor_stack_pool *pool)
{
	pool->report->mapped = atomic_load(&pool->mapped);
}

/* Counts the stack in, unless the cap is reached. */
static bool reserve(struct cor_stack_pool *pool)
{
	if (atomic_fetch_add(&pool->mapped, 1) < pool->max) {
		report(pool);
		return true;
	}
	atomic_fetch_sub(&pool->mapped, 1);
	return false;
}

static void shrink(struct cor_timer *timer);

int cor_stack_map(struct cor_scheduler *scheduler, uint32_t stack_bytes, struct cor_fiber **ret)
{
	struct cor_stack_pool *pool = &scheduler->pool;

	if (stack_bytes == 0)
		stack_bytes = pool->stack_bytes;
	if (stack_bytes > COR_STACK_MAX_BYTES)
		return -EINVAL;
	if (stack_bytes < pool->page_bytes)
		stack_bytes = pool->page_bytes;
	if (!reserve(pool))
		return -COR_ENOSTACK;
	uint32_t shelf = shelf_of(stack_bytes);
	size_t bytes = (size_t)COR_STACK_MIN_BYTES << shelf;
	char *bottom = map_memory(bytes);
	if (!bottom) {
		atomic_fetch_sub(&pool->mapped, 1);
		return -ENOMEM;
	}
	struct cor_fiber *fiber = (void *)(bottom + bytes - TOP_BYTES);
	fiber->scheduler = scheduler;
	fiber->bottom = bottom;
	fiber->stack_bytes = (uint32_t)bytes;
	fiber->shelf = &scheduler->pool.shelves[shelf];
	cor_annotate_create(&fiber->annotation, bottom, bytes - TOP_BYTES);
	fiber->sp = cor_switch_prepare(fiber, cor_fiber_main, fiber);
	*ret = fiber;
	return 0;
}

void cor_stack_adopt(struct cor_fiber *fiber)
{
	struct cor_scheduler *scheduler = fiber->scheduler;

	fiber->all_next = scheduler->all;
	if (fiber->all_next)
		fiber->all_next->all_link = &fiber->all_next;
	fiber->all_link = &scheduler->all;
	scheduler->all = fiber;
}

static void unmap(struct cor_fiber *fiber)
{
	struct cor_scheduler *scheduler = fiber->scheduler;

	cor_timer_disarm(scheduler, &fiber->timer);
	*fiber->all_link = fiber->all_next;
	if (fiber->all_next)
		fiber->all_next->all_link = fiber->all_link;
	if (fiber->deep)
		scheduler->pool.deep--;
	cor_annotate_destroy(&fiber->annotation);
	cor_unpoison(fiber->bottom, fiber->stack_bytes);
	munmap(fiber->bottom - COR_STACK_GUARD_BYTES,
		COR_STACK_GUARD_BYTES + (size_t)fiber->stack_bytes);
	atomic_fetch_sub(&scheduler->pool.mapped, 1);
	report(&scheduler->pool);
}

/* At the cap, an idle stack of another size is unmapped to make room. */
static bool make_place(struct cor_stack_pool *pool)
{
	if (atomic_load(&pool->mapped) < pool->max)
		return true;
	for (uint32_t i = 0; i < COR_STACK_SHELVES; i++) {
		struct cor_fiber *fiber = cor_stack_take_idle(&pool->shelves[i]);
		if (fiber) {
			unmap(fiber);
			return true;
		}
	}
	return false;
}

static COR_OUT_OF_LINE int take_fresh(
	struct cor_scheduler *scheduler, uint32_t stack_bytes, struct cor_fiber **ret)
{
	if (!make_place(&scheduler->pool))
		return -COR_ENOSTACK;
	int rc = cor_stack_map(scheduler, stack_bytes, ret);
	if (rc == 0)
		cor_stack_adopt(*ret);
	return rc;
}

int cor_stack_take(struct cor_scheduler *scheduler, uint32_t stack_bytes, struct cor_fiber **ret)
{
	struct cor_stack_pool *pool = &scheduler->pool;

	if (stack_bytes == 0)
		stack_bytes = pool->stack_bytes;
	if (stack_bytes > COR_STACK_MAX_BYTES)
		return -EINVAL;
	if (stack_bytes < pool->page_bytes)
		stack_bytes = pool->page_bytes;
	struct cor_fiber *fiber = cor_stack_take_idle(&pool->shelves[shelf_of(stack_bytes)]);
	if (!fiber)
		return take_fresh(scheduler, stack_bytes, ret);
	*ret = fiber;
	return 0;
}

void cor_stack_give_back(struct cor_fiber *fiber)
{
	struct cor_scheduler *scheduler = fiber->scheduler;
	struct cor_stack_shelf *shelf = fiber->shelf;

	if (COR_POISONS)
		cor_stack_forget(fiber);
	fiber->state = COR_FIBER_IDLE;
	fiber->next = shelf->first;
	shelf->first = fiber;
	if (++shelf->count > KEEP_IDLE && scheduler->pool.shrink.due_ns == COR_FOREVER)
		cor_timer_arm(scheduler, &scheduler->pool.shrink, scheduler->now_ns + SHRINK_NS);
}

/* What was idle all the time since the last call is to go. */
static void find_spare(struct cor_stack_shelf *shelf)
{
	uint32_t idle = shelf->low < shelf->count ? shelf->low : shelf->count;

	shelf->spare = idle > KEEP_IDLE ? idle - KEEP_IDLE : 0;
	shelf->low = shelf->count;
}

/* Unmap a part of what is to go, as far as it is still idle. */
static void unmap_spare(struct cor_stack_shelf *shelf)
{
	for (int i = 0; i < BATCH && shelf->spare != 0 && shelf->count > KEEP_IDLE; i++) {
		struct cor_fiber *fiber = cor_stack_take_idle(shelf);
		if (!fiber)
			break;
		unmap(fiber);
		shelf->spare--;
	}
	if (shelf->count <= KEEP_IDLE)
		shelf->spare = 0;
}

static void shrink(struct cor_timer *timer)
{
	struct cor_scheduler *scheduler = cor_container_of(
		timer, struct cor_scheduler, pool.shrink);
	bool more = false, spare = false;

	for (uint32_t i = 0; i < COR_STACK_SHELVES; i++) {
		struct cor_stack_shelf *shelf = &scheduler->pool.shelves[i];
		if (shelf->spare == 0)
			find_spare(shelf);
		unmap_spare(shelf);
		spare |= shelf->spare != 0;
		more |= shelf->count > KEEP_IDLE;
	}
	if (more)
		cor_timer_arm(scheduler, timer, scheduler->now_ns + (spare ? BATCH_NS : SHRINK_NS));
}

void cor_stack_pool_init(struct cor_stack_pool *pool, const struct cor_scheduler_options *options)
{
	uint32_t page_bytes = (uint32_t)sysconf(_SC_PAGESIZE);
	uint32_t stack_bytes = options && options->stack_bytes != 0 ? options->stack_bytes
								    : COR_STACK_BYTES;

	if (stack_bytes < page_bytes)
		stack_bytes = page_bytes; /* 64 KiB on some aarch64 kernels */
	*pool = (struct cor_stack_pool){
		.stack_bytes = stack_bytes,
		.page_bytes = page_bytes,
		.probe = cor_annotate_may_probe(),
		.max = options && options->max_fibers != 0 ? options->max_fibers : cor_stack_cap(),
		.shrink = { .due_ns = COR_FOREVER, .fire = shrink },
		.unsampled = 1,
		.report = &pool->own,
	};
	pool->usual = &pool->shelves[shelf_of(stack_bytes)];
}

void cor_stack_pool_finish(struct cor_scheduler *scheduler)
{
	for (uint32_t i = 0; i < COR_STACK_SHELVES; i++) {
		struct cor_fiber *fiber;
		while ((fiber = cor_stack_take_idle(&scheduler->pool.shelves[i])))
			unmap(fiber);
	}
	cor_timer_disarm(scheduler, &scheduler->pool.shrink);
}

void cor_stack_report_in(struct cor_scheduler *scheduler, struct cor_stack_report *in)
{
	scheduler->pool.report = in;
	in->max = scheduler->pool.max;
	report(&scheduler->pool);
}

const struct cor_stack_mark *cor_stack_marks(struct cor_scheduler *scheduler)
{
	return scheduler->pool.report->marks;
}
