/* SPDX-License-Identifier: MIT */
#include "runtime/wait.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/scheduler.h"
#include "runtime/scope.h"

/* Of a wait's word. A thread sleeps on it, and the signal wakes it only then. */
enum { WAITING, SIGNALLED, ASLEEP };

static void deliver(struct cor_task *task)
{
	struct cor_wait *wait = cor_container_of(task, struct cor_wait, task);

	atomic_store_explicit(&wait->signalled, SIGNALLED, memory_order_relaxed);
	cor_fiber_wake(wait->fiber);
}

void cor_wait_begin(struct cor_wait *wait, const char *call)
{
	/* cppcheck-suppress ctunullpointer */
	wait->task.run = deliver;
	wait->call = call;
	wait->fiber = cor_fiber_current();
	atomic_init(&wait->signalled, WAITING);
}

/*
 * Another thread may not touch the fiber, so the wait itself travels there. It stays until that has
 * arrived.
 */
void cor_wait_signal(struct cor_wait *wait)
{
	struct cor_fiber *fiber = wait->fiber;

	if (!fiber) {
		if (atomic_exchange(&wait->signalled, SIGNALLED) == ASLEEP)
			syscall(SYS_futex, &wait->signalled, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	} else if (cor_this_thread.scheduler == fiber->scheduler) {
		deliver(&wait->task);
	} else {
		cor_scheduler_post(fiber->scheduler, &wait->task);
	}
}

static bool is_signalled(const struct cor_wait *wait)
{
	return atomic_load_explicit(&wait->signalled, memory_order_acquire) == SIGNALLED;
}

/* Time is not the system's, so the system cannot wait for it. Returns 0 or -ETIMEDOUT. */
static int wait_by_clock(
	const struct cor_wait *wait, const struct cor_clock *clock, int64_t deadline_ns)
{
	while (!is_signalled(wait)) {
		if (clock->monotonic_ns(clock) >= deadline_ns)
			return -ETIMEDOUT;
		clock->sleep_until(clock, deadline_ns);
	}
	return 0;
}

/* Returns 0 or -ETIMEDOUT. */
static int wait_in_thread(struct cor_wait *wait, int64_t deadline_ns)
{
	const struct cor_clock *clock = cor_clock_here();

	if (deadline_ns != COR_FOREVER && clock != &cor_system_clock)
		return wait_by_clock(wait, clock, deadline_ns);
	struct timespec until = { deadline_ns / COR_NS_PER_S, deadline_ns % COR_NS_PER_S };
	uint32_t expected = WAITING;

	(void)atomic_compare_exchange_strong(&wait->signalled, &expected, ASLEEP);
	while (!is_signalled(wait)) {
		long rc = syscall(SYS_futex, &wait->signalled, FUTEX_WAIT_BITSET_PRIVATE, ASLEEP,
			deadline_ns == COR_FOREVER ? NULL : &until, NULL, FUTEX_BITSET_MATCH_ANY);
		if (rc < 0 && errno == ETIMEDOUT)
			return is_signalled(wait) ? 0 : -ETIMEDOUT;
	}
	return 0;
}

/* Whoever lists the requests in flight sees in what they wait. */
static void park_for(const struct cor_wait *wait)
{
	wait->fiber->waits_in = wait->call ? wait->call : "cor_sleep_ms";
	cor_fiber_park();
}

static int wait_in_fiber(struct cor_wait *wait, int64_t deadline_ns)
{
	struct cor_fiber *fiber = wait->fiber;
	struct cor_scheduler *scheduler = fiber->scheduler;

	cor_clock_settle(scheduler);
	int rc = cor_fiber_interruption(fiber, scheduler->now_ns);
	if (rc < 0)
		return cor_wait_fail(wait->call, rc);
	int64_t until_ns = fiber->scope->deadline_ns;
	if (deadline_ns < until_ns)
		until_ns = deadline_ns;
	if (until_ns != COR_FOREVER)
		cor_timer_arm(scheduler, &fiber->timer, until_ns);
	while (!is_signalled(wait)) {
		park_for(wait);
		if (is_signalled(wait))
			break;
		rc = cor_fiber_interruption(fiber, scheduler->now_ns);
		if (rc == 0 && deadline_ns <= scheduler->now_ns)
			rc = -ETIMEDOUT;
		if (rc < 0)
			break;
	}
	cor_timer_rest(&fiber->timer);
	return rc < 0 ? cor_wait_fail(wait->call, rc) : 0;
}

int cor_wait(struct cor_wait *wait, int64_t deadline_ns)
{
	if (is_signalled(wait))
		return 0;
	if (wait->fiber)
		return wait_in_fiber(wait, deadline_ns);
	struct cor_scope *scope = cor_scope_innermost();
	int rc = cor_scope_error();
	if (rc < 0)
		return cor_wait_fail(wait->call, rc);
	if (scope && scope->deadline_ns < deadline_ns)
		deadline_ns = scope->deadline_ns;
	if (wait_in_thread(wait, deadline_ns) == 0)
		return 0;
	rc = cor_scope_error(); /* the scope remembers when the time was up for it, too */
	return cor_wait_fail(wait->call, rc < 0 ? rc : -ETIMEDOUT);
}

static const char **failed_in(void)
{
	struct cor_fiber *fiber = cor_fiber_current();

	return fiber ? &fiber->failed_in : &cor_this_thread.failed_in;
}

int cor_wait_fail(const char *call, int rc)
{
	if (call)
		*failed_in() = call;
	return rc;
}

const char *cor_wait_failed_in(void)
{
	return *failed_in();
}

void cor_wait_settle(struct cor_wait *wait)
{
	if (!wait->fiber) {
		(void)wait_in_thread(wait, COR_FOREVER);
		return;
	}
	while (!is_signalled(wait))
		park_for(wait);
}
