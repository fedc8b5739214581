/* SPDX-License-Identifier: MIT */
/* Fibers that are started, joined and cancelled through their reference. */
#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stddef.h>

#include <coracle/error.h>

#include "runtime/depth.h"
#include "runtime/scheduler.h"
#include "runtime/scope.h"
#include "runtime/wait.h"
#include "runtime/wait_list.h"

/* What a started fiber keeps in its room. */
struct start {
	int (*entry)(void *arg);
	void *arg;
};

static struct start *start_of(struct cor_fiber *fiber)
{
	return cor_fiber_room(fiber);
}

/* The last reference gives the stack back, which only the fiber's own thread may do. */
static void drop(struct cor_fiber *fiber)
{
	if (atomic_fetch_sub(&fiber->references, 1) != 1)
		return;
	if (cor_this_thread.scheduler == fiber->scheduler)
		cor_stack_give_back(fiber);
	else
		cor_scheduler_post(fiber->scheduler, &fiber->errand);
}

static void release(struct cor_task *task)
{
	cor_stack_give_back(cor_container_of(task, struct cor_fiber, errand));
}

static void deliver_cancel(struct cor_task *task)
{
	struct cor_fiber *fiber = cor_container_of(task, struct cor_fiber, cancel);

	cor_fiber_wake(fiber);
	drop(fiber);
}

static void run(void *arg)
{
	struct cor_fiber *fiber = arg;
	struct start *start = start_of(fiber);

	fiber->result = start->entry(start->arg);
}

static void finished(void *arg)
{
	struct cor_fiber *fiber = arg;

	fiber->scheduler->in_use--;
	cor_stack_settle_depth(fiber);
	fiber->name = "an ended fiber"; /* its own may go from now on */
	cor_wait_list_lock(&fiber->joiners);
	fiber->ended = true;
	struct cor_waiter *joiner = cor_wait_list_take(&fiber->joiners);
	cor_wait_list_unlock(&fiber->joiners);
	if (joiner)
		cor_wait_signal(&joiner->wait);
	drop(fiber);
}

static void prepare(
	struct cor_fiber *fiber, int (*entry)(void *arg), void *arg, uint32_t references)
{
	*start_of(fiber) = (struct start){ .entry = entry, .arg = arg };
	atomic_store(&fiber->references, references);
	fiber->entry = run;
	fiber->arg = fiber;
	fiber->finished = finished;
	fiber->result = 0;
	fiber->ended = false;
	fiber->joiners = (struct cor_wait_list){ 0 };
	fiber->cancel.run = deliver_cancel;
	fiber->errand.run = release;
}

static int start_here(struct cor_scheduler *scheduler, const struct cor_fiber_options *options,
	struct cor_fiber **ret)
{
	int rc = 0;

	*ret = cor_fiber_take(scheduler, options->name, options->stack_bytes, &rc);
	return rc;
}

static void make_ready(struct cor_fiber *fiber)
{
	if (fiber->scheduler->cancelled)
		atomic_store(&fiber->cancelled, 1);
	cor_scheduler_ready(fiber->scheduler, fiber);
}

/* The fiber's own thread enters into its books what another thread made. */
static void adopt(struct cor_task *task)
{
	struct cor_fiber *fiber = cor_container_of(task, struct cor_fiber, errand);

	fiber->errand.run = release;
	fiber->scheduler->in_use++;
	cor_stack_adopt(fiber);
	make_ready(fiber);
}

/* The pool belongs to the scheduler's thread, so this one maps a stack. */
static int make_elsewhere(struct cor_scheduler *scheduler, const struct cor_fiber_options *options,
	struct cor_fiber **ret)
{
	int rc = cor_stack_map(scheduler, options->stack_bytes, ret);

	if (rc == 0)
		cor_fiber_reset(*ret, options->name);
	return rc;
}

int cor_fiber_start(struct cor_scheduler *scheduler, int (*entry)(void *arg), void *arg,
	const struct cor_fiber_options *options, struct cor_fiber **ret)
{
	static const struct cor_fiber_options defaults = { 0 };
	struct cor_scheduler *here = cor_this_thread.scheduler;
	struct cor_fiber *fiber;

	if (!scheduler)
		scheduler = here;
	if (!scheduler)
		return -EINVAL;
	if (!options)
		options = &defaults;
	int rc = scheduler == here ? start_here(scheduler, options, &fiber)
				   : make_elsewhere(scheduler, options, &fiber);
	if (rc < 0)
		return rc;
	prepare(fiber, entry, arg, ret ? 2 : 1);
	if (ret)
		*ret = fiber;
	if (scheduler == here) {
		make_ready(fiber);
	} else {
		fiber->errand.run = adopt;
		cor_scheduler_post(scheduler, &fiber->errand);
	}
	return 0;
}

void cor_fiber_join(struct cor_fiber *fiber, int *ret_result)
{
	struct cor_waiter joiner;

	cor_wait_begin(&joiner.wait, "cor_fiber_join");
	cor_wait_list_lock(&fiber->joiners);
	bool ended = fiber->ended;
	if (!ended)
		cor_wait_list_add(&fiber->joiners, &joiner);
	cor_wait_list_unlock(&fiber->joiners);
	if (!ended)
		cor_wait_settle(&joiner.wait);
	if (ret_result)
		*ret_result = fiber->result;
	drop(fiber);
}

void cor_fiber_cancel(struct cor_fiber *fiber)
{
	if (cor_this_thread.scheduler == fiber->scheduler) {
		atomic_store(&fiber->cancelled, 1);
		cor_fiber_wake(fiber);
		return;
	}
	if (atomic_exchange(&fiber->cancelled, 1) != 0)
		return;
	atomic_fetch_add(&fiber->references, 1);
	cor_scheduler_post(fiber->scheduler, &fiber->cancel);
}

static int look_at_scope(struct cor_fiber *fiber)
{
	return fiber ? cor_fiber_interruption(fiber, fiber->scheduler->now_ns) : cor_scope_error();
}

int cor_yield(void)
{
	struct cor_fiber *fiber = cor_fiber_current();
	int rc = look_at_scope(fiber);

	if (rc == 0) {
		if (fiber)
			cor_fiber_pass();
		else
			sched_yield();
		rc = look_at_scope(fiber);
	}
	return rc < 0 ? cor_wait_fail("cor_yield", rc) : 0;
}
