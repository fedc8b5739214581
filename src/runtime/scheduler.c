/* SPDX-License-Identifier: MIT */
#include "runtime/forked.h"
#include "runtime/scheduler.h"
#include "runtime/sentinel.h"
#include "runtime/signal_stack.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RUNS_A_TURN 512 /* fibers resumed before the loop looks at its descriptors again */
#define SLICE_NS                                                                                   \
	(COR_NS_PER_MS / 2)  /* or for so long, by a clock that is asked once in as much time */
#define NEAR_NS COR_NS_PER_S /* timers nearer than this are worth asking the clock for */

_Thread_local struct cor_thread cor_this_thread;

void cor_clock_ask(struct cor_scheduler *scheduler)
{
	scheduler->now_ns = cor_clock_fresh(scheduler);
	scheduler->now_ticks = cor_ticks();
	scheduler->ticks = scheduler->now_ticks;
}

void cor_clock_catch_up(struct cor_scheduler *scheduler)
{
	cor_clock_ask(scheduler);
	if (scheduler->lag.notice)
		cor_lag_see(scheduler);
	if (scheduler->now_ns - cor_scheduler_back_ns(scheduler) >= scheduler->long_run.least_ns)
		cor_long_run_see(scheduler);
}

/* By how many there were since the start: the longer ago that is, the better is the rate. */
int64_t cor_clock_of_ticks(const struct cor_scheduler *scheduler, uint64_t ticks)
{
	int64_t ns = cor_clock_fresh(scheduler) - scheduler->first_ns;
	uint64_t all = cor_ticks() - scheduler->first_ticks;

	return all == 0 ? 0 : (int64_t)((double)ticks * (double)ns / (double)all);
}

static void woken(struct cor_watch *watch, uint32_t events)
{
	/* Edge-triggered: the counter needs no reading. The inbox is looked at in each turn. */
	(void)watch;
	(void)events;
}

static int open_wake(struct cor_scheduler *scheduler)
{
	scheduler->wake = (struct cor_watch){ .fd = -1, .ready = woken };
	if (scheduler->reactor.poller->wake)
		return 0;
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	scheduler->wake.fd = fd;
	int rc = cor_reactor_add(scheduler, &scheduler->wake, EPOLLIN | EPOLLET);
	if (rc < 0)
		close(fd);
	return rc;
}

/* Descriptors and memory that creation can fail for. */
static int open_parts(struct cor_scheduler *scheduler, const struct cor_poller *poller)
{
	int rc = cor_timer_heap_init(&scheduler->timers);

	if (rc < 0)
		return rc;
	rc = cor_reactor_init(&scheduler->reactor, poller);
	if (rc < 0)
		goto no_reactor;
	rc = open_wake(scheduler);
	if (rc == 0)
		return 0;
	cor_reactor_finish(&scheduler->reactor);
no_reactor:
	cor_timer_heap_finish(&scheduler->timers);
	return rc;
}

int cor_scheduler_create_with(const struct cor_scheduler_options *options,
	const struct cor_seams *seams, struct cor_scheduler **ret)
{
	const struct cor_seams whole = cor_seams_complete(seams);
	struct cor_scheduler *scheduler = aligned_alloc(
		_Alignof(struct cor_scheduler), sizeof *scheduler);

	if (!scheduler)
		return -ENOMEM;
	*scheduler = (struct cor_scheduler){ 0 };
	cor_forked_watch();
	int rc = open_parts(scheduler, whole.poller);
	if (rc < 0) {
		free(scheduler);
		return rc;
	}
	scheduler->clock = whole.clock;
	scheduler->transport = whole.transport;
	scheduler->random.source = whole.random;
	/* A clock that is moved by hand can jump; the counter says nothing about it. */
	scheduler->ticks_last = scheduler->clock == &cor_system_clock ? cor_ticks_in_1ms() : 0;
	scheduler->ticks_few = scheduler->ticks_last / 2;
	cor_clock_ask(scheduler);
	scheduler->first_ns = scheduler->now_ns;
	scheduler->first_ticks = scheduler->now_ticks;
	scheduler->looked_ns = scheduler->now_ns;
	atomic_init(&scheduler->back_ns, COR_FOREVER);
	scheduler->long_run.least_ns = COR_FOREVER;
	cor_stack_pool_init(&scheduler->pool, options);
	*ret = scheduler;
	return 0;
}

int cor_scheduler_create(const struct cor_scheduler_options *options, struct cor_scheduler **ret)
{
	return cor_scheduler_create_with(options, NULL, ret);
}

void cor_scheduler_destroy(struct cor_scheduler *scheduler)
{
	if (!scheduler)
		return;
	/* References given up after the loop ended have left tasks behind. */
	struct cor_scheduler *outer = cor_this_thread.scheduler;
	assert(outer != scheduler);
	while (atomic_load(&scheduler->posting) != 0)
		sched_yield();
	cor_this_thread.scheduler = scheduler;
	cor_scheduler_run_tasks(scheduler);
	cor_this_thread.scheduler = outer;
	cor_stack_pool_finish(scheduler);
	assert(!scheduler->all);
	if (scheduler->wake.fd >= 0)
		close(scheduler->wake.fd);
	cor_reactor_finish(&scheduler->reactor);
	cor_timer_heap_finish(&scheduler->timers);
	free(scheduler->answer);
	free(scheduler);
}

void cor_scheduler_stop(struct cor_scheduler *scheduler)
{
	atomic_fetch_add(&scheduler->posting, 1);
	atomic_store(&scheduler->stopping, 1);
	cor_scheduler_awake(scheduler);
	atomic_fetch_sub(&scheduler->posting, 1);
}

void cor_scheduler_cancel(struct cor_scheduler *scheduler)
{
	scheduler->cancelled = true;
	for (struct cor_fiber *fiber = scheduler->all; fiber; fiber = fiber->all_next)
		if (fiber->state != COR_FIBER_IDLE && fiber->state != COR_FIBER_ENDED)
			cor_fiber_cancel(fiber);
}

struct cor_scheduler *cor_scheduler_current(void)
{
	return cor_this_thread.scheduler;
}

void cor_scheduler_set_idle(
	struct cor_scheduler *scheduler, void (*before_wait)(void *arg), void *arg)
{
	scheduler->before_wait = before_wait;
	scheduler->before_wait_arg = arg;
}

void cor_scheduler_ready(struct cor_scheduler *scheduler, struct cor_fiber *fiber)
{
	fiber->state = COR_FIBER_READY;
	fiber->next = NULL;
	if (scheduler->ready_first)
		scheduler->ready_last->next = fiber;
	else
		scheduler->ready_first = fiber;
	scheduler->ready_last = fiber;
	scheduler->ready_len++;
}

/*
 * Fibers that yield go to the end of the queue; without a time limit they would keep events
 * waiting.
 */
static void run_ready(struct cor_scheduler *scheduler)
{
	int64_t end_ns = scheduler->now_ns + SLICE_NS;

	for (int i = 0; i < RUNS_A_TURN && scheduler->ready_first; i++) {
		if (i != 0 && scheduler->now_ns >= end_ns)
			break;
		struct cor_fiber *fiber = scheduler->ready_first;
		scheduler->ready_first = fiber->next;
		scheduler->ready_len--;
		if (COR_UNLIKELY(fiber == scheduler->lag.mark))
			cor_lag_mark_passes(scheduler);
		cor_fiber_resume(fiber);
	}
}

static bool is_over(struct cor_scheduler *scheduler)
{
	return atomic_load(&scheduler->stopping) != 0 && scheduler->in_use == 0 &&
	       atomic_load(&scheduler->inbox) == NULL;
}

/* How long until then, rounded up so that the loop does not wake before a timer is due. */
static int timeout_until(struct cor_scheduler *scheduler, int64_t due_ns)
{
	if (due_ns == COR_FOREVER)
		return -1;
	int64_t left_ns = due_ns - scheduler->now_ns;
	if (left_ns < NEAR_NS)
		left_ns = due_ns - cor_clock_fresh(scheduler);
	if (left_ns <= 0)
		return 0;
	int64_t ms = (left_ns + COR_NS_PER_MS - 1) / COR_NS_PER_MS;
	return ms < INT_MAX ? (int)ms : INT_MAX;
}

static int wait_for_events(struct cor_scheduler *scheduler, enum cor_turn how)
{
	struct cor_poll_until until = { .due_ns = cor_timer_heap_next(&scheduler->timers) };

	if (how == COR_TURN_WAIT && !scheduler->ready_first)
		until.timeout_ms = timeout_until(scheduler, until.due_ns);
	if (until.timeout_ms != 0) {
		atomic_store(&scheduler->sleeping, 1);
		if (atomic_load(&scheduler->inbox) || is_over(scheduler))
			until.timeout_ms = 0;
		atomic_store_explicit(&scheduler->back_ns, COR_FOREVER, memory_order_relaxed);
	}
	int rc = cor_reactor_fetch(&scheduler->reactor, &until);
	atomic_store_explicit(&scheduler->sleeping, 0, memory_order_relaxed);
	return rc;
}

static inline void wake_sentinel(struct cor_scheduler *scheduler)
{
	if (COR_UNLIKELY(atomic_load_explicit(&scheduler->asleep, memory_order_relaxed)))
		cor_sentinel_wake(scheduler);
}

/* Returns as cor_scheduler_turn(). */
static int turn(struct cor_scheduler *scheduler, enum cor_turn how)
{
	cor_scheduler_run_tasks(scheduler);
	if (cor_timer_heap_next(&scheduler->timers) <= scheduler->looked_ns)
		cor_timer_heap_fire(&scheduler->timers, scheduler->looked_ns);
	run_ready(scheduler);
	if (scheduler->before_wait)
		scheduler->before_wait(scheduler->before_wait_arg);
	if (is_over(scheduler))
		return 0;
	int64_t turn_ns = scheduler->now_ns - scheduler->looked_ns;
	bool was_long = turn_ns >= COR_LAG_NOTICE_NS;
	/* What a look without a wait finds then has waited for it. */
	int rc = wait_for_events(scheduler, COR_UNLIKELY(was_long) ? COR_TURN_LOOK : how);
	cor_clock_ask(scheduler);
	scheduler->looked_ns = scheduler->now_ns;
	if (COR_UNLIKELY(was_long) && scheduler->reactor.fetched > 0)
		cor_lag_look_was_late(scheduler, turn_ns);
	cor_scheduler_is_back(scheduler);
	wake_sentinel(scheduler);
	if (rc < 0)
		return rc;
	cor_reactor_dispatch(&scheduler->reactor);
	return 1;
}

/* The calling thread is the scheduler's from here on. */
static void begin(struct cor_scheduler *scheduler)
{
	assert(!cor_this_thread.scheduler);
	cor_this_thread.scheduler = scheduler;
	cor_annotate_thread(&scheduler->loop);
	scheduler->modes = cor_modes_read();
	cor_clock_ask(scheduler);
	cor_scheduler_is_back(scheduler);
}

/* Returns what the last turn did. */
static int end(struct cor_scheduler *scheduler, int rc)
{
	if (rc <= 0) {
		atomic_store(&scheduler->stopping, 0);
		scheduler->cancelled = false;
	}
	cor_this_thread.scheduler = NULL;
	atomic_store(&scheduler->back_ns, COR_FOREVER);
	return rc;
}

int cor_scheduler_turn(struct cor_scheduler *scheduler, enum cor_turn how)
{
	begin(scheduler);
	return end(scheduler, turn(scheduler, how));
}

int cor_scheduler_run(struct cor_scheduler *scheduler)
{
	void *signal_stack = cor_signal_stack_set();
	int rc;

	begin(scheduler);
	atomic_store(&scheduler->thread, gettid());
	wake_sentinel(scheduler);
	do
		rc = turn(scheduler, COR_TURN_WAIT);
	while (rc > 0);
	rc = end(scheduler, rc);
	cor_signal_stack_drop(signal_stack);
	return rc;
}
