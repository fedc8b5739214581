/* SPDX-License-Identifier: MIT */
#include "runtime/fiber.h"

#include <assert.h>

#include "runtime/depth.h"
#include "runtime/fine_clock.h"
#include "runtime/modes.h"
#include "runtime/scheduler.h"
#include "runtime/switch.h"

#ifdef COR_ASAN
#define OFF_THE_FAKE_STACK __attribute__((no_sanitize("address")))
#else
#define OFF_THE_FAKE_STACK
#endif

static void time_is_up(struct cor_timer *timer)
{
	cor_fiber_wake(cor_container_of(timer, struct cor_fiber, timer));
}

/*
 * Whoever changes them puts them back before it returns: C17 section 7.6. All that come later would
 * have them.
 */
static inline void assert_modes_kept(const struct cor_scheduler *scheduler)
{
#ifdef NDEBUG
	(void)scheduler;
#else
	const struct cor_modes modes = cor_modes_read();
	assert(cor_modes_same(&modes, &scheduler->modes));
#endif
}

/*
 * Between two runs the fiber is suspended here, so that a run costs a switch and nothing else. ASan
 * is told that the stack ended, which frees what it keeps for it; this frame goes on, and must not
 * be ASan's.
 */
OFF_THE_FAKE_STACK void cor_fiber_main(void *arg)
{
	struct cor_fiber *fiber = arg;

	fiber->timer = (struct cor_timer){ .due_ns = COR_FOREVER, .fire = time_is_up };
	for (;;) {
		struct cor_scheduler *scheduler = fiber->scheduler;

		cor_annotate_arrive(NULL, &scheduler->loop);
		fiber->entry(fiber->arg);
		assert_modes_kept(scheduler);
		fiber->state = COR_FIBER_ENDED;
		cor_annotate_end(&scheduler->loop);
		cor_switch(&fiber->sp, scheduler->loop_sp);
	}
}

/* From the loop to the fiber; returns when it parks or ends. */
static inline void enter(struct cor_scheduler *scheduler, struct cor_fiber *fiber)
{
	scheduler->running = fiber;
	fiber->state = COR_FIBER_RUNNING;
	cor_annotate_leave(&scheduler->loop, &fiber->annotation);
	cor_switch(&scheduler->loop_sp, fiber->sp);
	cor_annotate_arrive(scheduler->loop.fake_stack, &fiber->annotation);
	cor_clock_settle(scheduler);
	scheduler->running = NULL;
	cor_scheduler_is_back(scheduler);
}

/* From the fiber to the loop, which has its own modes; returns when it is resumed. */
static inline void leave(struct cor_fiber *fiber)
{
	struct cor_scheduler *scheduler = fiber->scheduler;
	struct cor_modes modes = cor_modes_read();
	bool usual = cor_modes_same(&modes, &scheduler->modes);

	if (!usual)
		cor_modes_write(&scheduler->modes);
	if (fiber->timers)
		fiber->parked_ns -= cor_fine_ns();
	cor_annotate_leave(&fiber->annotation, &scheduler->loop);
	cor_switch(&fiber->sp, scheduler->loop_sp);
	cor_annotate_arrive(fiber->annotation.fake_stack, &scheduler->loop);
	if (fiber->timers)
		fiber->parked_ns += cor_fine_ns();
	if (!usual)
		cor_modes_write(&modes);
}

/* No stack of the usual size is idle, or another size is wanted. */
static COR_OUT_OF_LINE struct cor_fiber *take_other(
	struct cor_scheduler *scheduler, uint32_t stack_bytes, int *ret_error)
{
	struct cor_fiber *fiber;
	int rc = cor_stack_take(scheduler, stack_bytes, &fiber);

	if (rc == 0)
		return fiber;
	if (ret_error)
		*ret_error = rc;
	return NULL;
}

struct cor_fiber *cor_fiber_take(
	struct cor_scheduler *scheduler, const char *name, uint32_t stack_bytes, int *ret_error)
{
	struct cor_fiber *fiber = NULL;

	if (stack_bytes == 0)
		fiber = cor_stack_take_idle(scheduler->pool.usual);
	if (!fiber)
		fiber = take_other(scheduler, stack_bytes, ret_error);
	if (!fiber)
		return NULL;
	cor_unpoison(fiber->bottom, fiber->stack_bytes);
	cor_fiber_reset(fiber, name);
	scheduler->in_use++;
	return fiber;
}

bool cor_fiber_run(
	struct cor_fiber *fiber, void (*entry)(void *arg), void *arg, void (*finished)(void *arg))
{
	struct cor_scheduler *scheduler = fiber->scheduler;

	assert(scheduler == cor_this_thread.scheduler && !scheduler->running);
	fiber->entry = entry;
	fiber->arg = arg;
	enter(scheduler, fiber);
	if (fiber->state == COR_FIBER_ENDED)
		return true;
	fiber->finished = finished;
	return false;
}

void cor_fiber_queue(
	struct cor_fiber *fiber, void (*entry)(void *arg), void *arg, void (*finished)(void *arg))
{
	fiber->entry = entry;
	fiber->arg = arg;
	fiber->finished = finished;
	if (fiber->scheduler->cancelled)
		atomic_store(&fiber->cancelled, 1);
	cor_scheduler_ready(fiber->scheduler, fiber);
}

void cor_fiber_resume(struct cor_fiber *fiber)
{
	enter(fiber->scheduler, fiber);
	if (fiber->state == COR_FIBER_ENDED)
		fiber->finished(fiber->arg);
}

/* With link-time optimisation `inline` counts in other folders, too: each request comes here. */
inline void cor_fiber_give_back(struct cor_fiber *fiber)
{
	fiber->scheduler->in_use--;
	cor_stack_settle_depth(fiber);
	cor_stack_give_back(fiber);
}

void cor_fiber_set_deadline(struct cor_fiber *fiber, int64_t deadline_ns)
{
	fiber->base.deadline_ns = deadline_ns;
}

void cor_fiber_park(void)
{
	struct cor_fiber *fiber = cor_this_thread.scheduler->running;

	fiber->state = COR_FIBER_PARKED;
	leave(fiber);
}

void cor_fiber_pass(void)
{
	struct cor_fiber *fiber = cor_this_thread.scheduler->running;

	cor_scheduler_ready(fiber->scheduler, fiber);
	leave(fiber);
}

void cor_fiber_wake(struct cor_fiber *fiber)
{
	if (fiber->state == COR_FIBER_PARKED)
		cor_scheduler_ready(fiber->scheduler, fiber);
}

struct cor_fiber *cor_fiber_current(void)
{
	struct cor_scheduler *scheduler = cor_this_thread.scheduler;

	return scheduler ? scheduler->running : NULL;
}
