/* SPDX-License-Identifier: MIT */
#include "runtime/scheduler.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RUNS_A_TURN     512 /* fibers resumed before the loop looks at its descriptors again */
#define NEAR_NS         COR_NS_PER_S /* timers nearer than this are worth asking the clock for */
#define ALTERNATE_BYTES (32 * 1024)  /* stack for signal handlers */

_Thread_local struct cor_thread cor_this_thread;

void cor_clock_ask(struct cor_scheduler *scheduler)
{
	scheduler->now_ns = cor_clock_fresh(scheduler);
	scheduler->now_ticks = cor_ticks();
}

static void woken(struct cor_watch *watch, uint32_t events)
{
	/* Edge-triggered: the counter needs no reading. The inbox is looked at in each turn. */
	(void)watch;
	(void)events;
}

static int open_wake(struct cor_scheduler *scheduler)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	scheduler->wake = (struct cor_watch){ .fd = fd, .ready = woken };
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
	static const struct cor_seams none = { 0 };
	struct cor_scheduler *scheduler = aligned_alloc(
		_Alignof(struct cor_scheduler), sizeof *scheduler);

	if (!scheduler)
		return -ENOMEM;
	if (!seams)
		seams = &none;
	*scheduler = (struct cor_scheduler){ 0 };
	int rc = open_parts(scheduler, seams->poller ? seams->poller : &cor_system_poller);
	if (rc < 0) {
		free(scheduler);
		return rc;
	}
	scheduler->clock = seams->clock ? seams->clock : &cor_system_clock;
	scheduler->transport = seams->transport ? seams->transport : &cor_system_transport;
	scheduler->random.source = seams->random ? seams->random : &cor_system_random;
	/* A clock that is moved by hand moves at once: no counter tells. */
	scheduler->ticks_last = scheduler->clock == &cor_system_clock ? cor_ticks_in_1ms() : 0;
	cor_clock_ask(scheduler);
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
	close(scheduler->wake.fd);
	cor_reactor_finish(&scheduler->reactor);
	cor_timer_heap_finish(&scheduler->timers);
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
}

static void run_ready(struct cor_scheduler *scheduler)
{
	for (int i = 0; i < RUNS_A_TURN && scheduler->ready_first; i++) {
		struct cor_fiber *fiber = scheduler->ready_first;
		scheduler->ready_first = fiber->next;
		cor_fiber_resume(fiber);
	}
}

static bool is_over(struct cor_scheduler *scheduler)
{
	return atomic_load(&scheduler->stopping) != 0 && scheduler->in_use == 0 &&
	       atomic_load(&scheduler->inbox) == NULL;
}

/* How long the loop may wait, rounded up so that no timer is looked for in vain. */
static int timeout_ms(struct cor_scheduler *scheduler)
{
	int64_t next_ns = cor_timer_heap_next(&scheduler->timers);

	if (scheduler->ready_first)
		return 0;
	if (next_ns == COR_FOREVER)
		return -1;
	int64_t left_ns = next_ns - scheduler->now_ns;
	if (left_ns < NEAR_NS)
		left_ns = next_ns - cor_clock_fresh(scheduler);
	if (left_ns <= 0)
		return 0;
	int64_t ms = (left_ns + COR_NS_PER_MS - 1) / COR_NS_PER_MS;
	return ms < INT_MAX ? (int)ms : INT_MAX;
}

static int wait_for_events(struct cor_scheduler *scheduler)
{
	int timeout = timeout_ms(scheduler);

	if (timeout != 0) {
		atomic_store(&scheduler->sleeping, 1);
		if (atomic_load(&scheduler->inbox) || is_over(scheduler))
			timeout = 0;
	}
	int rc = cor_reactor_fetch(&scheduler->reactor, timeout);
	atomic_store_explicit(&scheduler->sleeping, 0, memory_order_relaxed);
	return rc;
}

static int turn(struct cor_scheduler *scheduler)
{
	for (;;) {
		cor_scheduler_run_tasks(scheduler);
		if (cor_timer_heap_next(&scheduler->timers) <= scheduler->now_ns)
			cor_timer_heap_fire(&scheduler->timers, scheduler->now_ns);
		run_ready(scheduler);
		if (scheduler->before_wait)
			scheduler->before_wait(scheduler->before_wait_arg);
		if (is_over(scheduler))
			return 0;
		int rc = wait_for_events(scheduler);
		cor_clock_ask(scheduler);
		if (rc < 0)
			return rc;
		cor_reactor_dispatch(&scheduler->reactor);
	}
}

/* A handler of signals cannot run on a stack that has overflowed. Another's alternative stack is left alone. */
static void *set_signal_stack(void)
{
	stack_t now;

	if (sigaltstack(NULL, &now) < 0 || !(now.ss_flags & SS_DISABLE))
		return NULL;
	stack_t alternate = { .ss_sp = malloc(ALTERNATE_BYTES), .ss_size = ALTERNATE_BYTES };
	if (alternate.ss_sp)
		sigaltstack(&alternate, NULL);
	return alternate.ss_sp;
}

static void drop_signal_stack(void *stack)
{
	const stack_t none = { .ss_flags = SS_DISABLE };

	if (stack)
		sigaltstack(&none, NULL);
	free(stack);
}

int cor_scheduler_run(struct cor_scheduler *scheduler)
{
	assert(!cor_this_thread.scheduler);
	void *signal_stack = set_signal_stack();
	cor_this_thread.scheduler = scheduler;
	cor_annotate_thread(&scheduler->loop);
	scheduler->modes = cor_modes_read();
	cor_clock_ask(scheduler);
	int rc = turn(scheduler);
	atomic_store(&scheduler->stopping, 0);
	scheduler->cancelled = false;
	cor_this_thread.scheduler = NULL;
	drop_signal_stack(signal_stack);
	return rc;
}
