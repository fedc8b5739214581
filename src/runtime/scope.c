/* SPDX-License-Identifier: MIT */
#include "runtime/scope.h"

#include <assert.h>
#include <errno.h>

#include <coracle/clock.h>

#include "runtime/scheduler.h"
#include "runtime/wait.h"

static struct cor_scope **innermost(void)
{
	struct cor_fiber *fiber = cor_fiber_current();

	return fiber ? &fiber->scope : &cor_this_thread.scope;
}

struct cor_scope *cor_scope_innermost(void)
{
	return *innermost();
}

static void enter(struct cor_scope *scope, int64_t timeout_ms)
{
	struct cor_scope **at = innermost();

	*scope = (struct cor_scope){
		.outer = *at,
		.deadline_ns = timeout_ms == COR_FOREVER
				       ? COR_FOREVER
				       : cor_clock_after_ms(cor_monotonic_ns(), timeout_ms),
	};
	*at = scope;
}

void cor_scope_enter(struct cor_scope *scope, int64_t timeout_ms)
{
	enter(scope, timeout_ms);
	if (!scope->outer)
		return;
	scope->error = scope->outer->error;
	if (scope->outer->deadline_ns < scope->deadline_ns)
		scope->deadline_ns = scope->outer->deadline_ns;
}

void cor_scope_shield(struct cor_scope *scope, int64_t timeout_ms)
{
	struct cor_fiber *fiber = cor_fiber_current();

	enter(scope, timeout_ms);
	scope->shielded = true;
	if (fiber)
		fiber->shields++;
}

void cor_scope_leave(struct cor_scope *scope)
{
	struct cor_fiber *fiber = cor_fiber_current();
	struct cor_scope **at = innermost();

	assert(*at == scope);
	*at = scope->outer;
	if (scope->shielded && fiber)
		fiber->shields--;
}

/* The first reason counts, and stays. */
static int check(struct cor_scope *scope, bool cancelled, int64_t now_ns)
{
	if (scope->error == 0 && cancelled)
		scope->error = -ECANCELED;
	else if (scope->error == 0 && scope->deadline_ns <= now_ns)
		scope->error = -ETIMEDOUT;
	return scope->error;
}

int cor_fiber_interruption(struct cor_fiber *fiber, int64_t now_ns)
{
	bool cancelled = fiber->shields == 0 &&
			 atomic_load_explicit(&fiber->cancelled, memory_order_relaxed);

	return check(fiber->scope, cancelled, now_ns);
}

int cor_scope_error(void)
{
	struct cor_fiber *fiber = cor_fiber_current();

	if (fiber)
		return cor_fiber_interruption(fiber, cor_monotonic_ns());
	return cor_this_thread.scope ? check(cor_this_thread.scope, false, cor_monotonic_ns()) : 0;
}

int cor_scope_state(void)
{
	struct cor_fiber *fiber = cor_fiber_current();

	if (!fiber)
		return cor_scope_error();
	cor_clock_settle(fiber->scheduler);
	return cor_fiber_interruption(fiber, fiber->scheduler->now_ns);
}

int64_t cor_scope_remaining_ms(void)
{
	struct cor_scope *scope = *innermost();

	if (!scope || scope->deadline_ns == COR_FOREVER)
		return COR_FOREVER;
	int64_t left_ns = scope->deadline_ns - cor_monotonic_ns();
	return left_ns <= 0 ? 0 : (left_ns + COR_NS_PER_MS - 1) / COR_NS_PER_MS;
}

int cor_sleep_ms(int64_t ms)
{
	struct cor_wait wait;
	struct cor_scope *scope = *innermost();
	int64_t due_ns = cor_clock_after_ms(cor_monotonic_ns(), ms);

	cor_wait_begin(&wait, NULL);
	int rc = cor_wait(&wait, due_ns);
	/* Nobody signals this wait: it ends with its own time, or with the scope. */
	if (rc == -ETIMEDOUT && (!scope || scope->error == 0))
		return 0;
	return rc < 0 ? cor_wait_fail("cor_sleep_ms", rc) : 0;
}
