/* SPDX-License-Identifier: MIT */
#include "fanout/child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "runtime/scheduler.h"
#include "runtime/scope.h"

_Static_assert(sizeof(struct cor_child) <= COR_FIBER_ROOM_BYTES, "a child has room in its fiber");

/* --- the rule --- */

/* Time is up for it, too: it ends by itself, and tells what it was waiting for. */
static bool has_run_out(const struct cor_child *child)
{
	const struct cor_fiber *fiber = child->fiber;

	return fiber->base.deadline_ns <= cor_clock_now(fiber->scheduler);
}

void cor_fanout_decide(struct cor_fanout *fanout, int result, uint32_t decider)
{
	if (fanout->is_decided)
		return;
	fanout->is_decided = true;
	fanout->result = result;
	fanout->decider = decider;
	for (struct cor_child *child = fanout->children; child; child = child->next) {
		child->ctx.is_unneeded = decider != 0 || fanout->ctx->is_unneeded;
		if (result != -ETIMEDOUT || decider != 0 || !has_run_out(child))
			cor_fiber_cancel(child->fiber);
	}
}

static void apply_rule(struct cor_fanout *fanout, int result, uint32_t who)
{
	if (result < 0 && fanout->failed == 0)
		fanout->failed = who;
	switch (fanout->rule) {
	case COR_ALL:
		if (result < 0)
			cor_fanout_decide(fanout, result, who);
		return;
	case COR_FIRST:
		cor_fanout_decide(fanout, result, who);
		return;
	case COR_ANY_SUCCESS:
		if (result == 0)
			cor_fanout_decide(fanout, result, who);
		return;
	case COR_BEST_EFFORT:
		return;
	}
}

void cor_fanout_note(
	struct cor_fanout *fanout, uint32_t index, int result, const struct cor_ctx_record *problem)
{
	struct cor_child_end *end = &fanout->ends[index];
	uint32_t who = index + 1;

	*end = (struct cor_child_end){ .result = result, .problem = problem };
	if (fanout->first == 0)
		fanout->first = who;
	else
		fanout->ends[fanout->last - 1].next = who;
	fanout->last = who;
	apply_rule(fanout, result, who);
}

/* --- a group that nobody has waited for --- */

#define WHO_BYTES 192

static void name_culprit(char ret[WHO_BYTES])
{
	const char *operation = cor_duty_operation();
	const char *executor = cor_fiber_current() ? NULL : cor_this_thread.duty.executor;

	if (operation && executor)
		snprintf(ret, WHO_BYTES, "%.80s, on executor %.64s,", operation, executor);
	else if (operation)
		snprintf(ret, WHO_BYTES, "%.80s", operation);
	else if (executor)
		snprintf(ret, WHO_BYTES, "a job of executor %.64s", executor);
	else
		snprintf(ret, WHO_BYTES, "a function outside a fiber");
}

/*
 * Its children use the memory of a function that has returned. Nothing here can be trusted any
 * more, the log included.
 */
COR_COLD void cor_fanout_abandoned(struct cor_hold *hold)
{
	char who[WHO_BYTES], text[WHO_BYTES + 160];

	(void)hold;
	name_culprit(who);
	int len = snprintf(text, sizeof text,
		"coracle: %s began a group and returned without cor_group_wait(), although "
		"children use its memory: call it on every way out\n",
		who);
	(void)!write(STDERR_FILENO, text, (size_t)len);
	abort();
}

static void check_groups(const struct cor_ctx *ctx)
{
	for (struct cor_hold *hold = ctx->holds; hold; hold = hold->next)
		if (hold->await == cor_fanout_abandoned)
			hold->await(hold);
}

/* --- the life of a child --- */

/*
 * The macros have checked that the function takes what the argument points to. It is called as one
 * that takes a void *, which is passed like any other pointer to an object on every machine that
 * Linux knows.
 */
#ifdef __clang__
__attribute__((no_sanitize("function")))
#endif
static int
call(struct cor_child *child)
{
	return child->call(&child->ctx, child->argument);
}

static void run(struct cor_child *child)
{
	int rc = call(child);

	if (COR_UNLIKELY(child->ctx.holds != NULL))
		check_groups(&child->ctx);
	if (COR_UNLIKELY(rc > 0)) {
		const char *who = cor_printf(&child->ctx, "%s() ", child->name);
		rc = cor_ctx_positive(&child->ctx, who ? who : "a child ", rc);
	}
	child->result = rc;
}

/*
 * Where children decide nothing, one that fails because time is up for all, or because all are
 * cancelled, tells what its parent has not been told yet.
 */
static void look_for_interruption(const struct cor_child *child)
{
	struct cor_fiber *fiber = child->fiber;
	int rc = fiber ? cor_fiber_interruption(fiber, fiber->scheduler->now_ns)
		       : cor_scope_error();

	if (rc < 0)
		cor_fanout_decide(child->fanout, rc, 0);
}

/* It leaves its memory and how it ended to the parent. */
static void conclude(struct cor_child *child)
{
	struct cor_fanout *fanout = child->fanout;
	const struct cor_ctx_record *problem = NULL;

	if (child->result < 0 && fanout->rule == COR_BEST_EFFORT)
		look_for_interruption(child);
	if (child->result < 0)
		problem = cor_ctx_keep_problem(fanout->ctx, &child->ctx);
	cor_ctx_end_child(&child->ctx, fanout->ctx);
	cor_fanout_note(fanout, child->index, child->result, problem);
}

static void run_in_fiber(void *arg)
{
	struct cor_child *child = arg;

	if (!child->fanout->is_decided)
		run(child);
}

/* On the loop: the fiber has ended. */
static void finished(void *arg)
{
	struct cor_child *child = arg;
	struct cor_fanout *fanout = child->fanout;
	struct cor_wait *wait = fanout->wait;

	*child->link = child->next;
	if (child->next)
		child->next->link = child->link;
	conclude(child);
	cor_fiber_give_back(child->fiber);
	fanout->running--;
	if (!wait || fanout->running > fanout->wakes_at)
		return;
	fanout->wait = NULL;
	cor_wait_signal(wait);
}

static void begin(struct cor_child *child, struct cor_fanout *fanout, const struct cor_child *what)
{
	child->fanout = fanout;
	child->call = what->call;
	child->argument = what->argument;
	child->name = what->name;
	child->index = what->index;
	child->result = -ECANCELED; /* unless it runs */
	cor_ctx_begin_child(&child->ctx, fanout->ctx);
}

static struct cor_fiber *take_fiber(
	const struct cor_fiber *parent, const char *name, int *ret_error)
{
	struct cor_scheduler *scheduler = parent->scheduler;
	bool is_usual = parent->shelf == scheduler->pool.usual;

	return cor_fiber_take(scheduler, name, is_usual ? 0 : parent->stack_bytes, ret_error);
}

int cor_child_start(struct cor_fanout *fanout, const struct cor_child *what)
{
	int rc = 0;
	struct cor_fiber *fiber = take_fiber(fanout->parent, what->name, &rc);

	if (!fiber)
		return rc;
	struct cor_child *child = cor_fiber_room(fiber);
	begin(child, fanout, what);
	child->fiber = fiber;
	child->next = fanout->children;
	child->link = &fanout->children;
	if (child->next)
		child->next->link = &child->next;
	fanout->children = child;
	fanout->running++;
	cor_fiber_serves(fiber, child->ctx.request_id);
	cor_fiber_set_deadline(fiber, fanout->parent->scope->deadline_ns);
	cor_fiber_queue(fiber, run_in_fiber, child, finished);
	if (fanout->parent->shields != 0) /* it cleans up, although all fibers are cancelled */
		atomic_store(&fiber->cancelled, 0);
	return 0;
}

void cor_child_run_here(struct cor_fanout *fanout, const struct cor_child *what)
{
	struct cor_child child = { .fiber = NULL };

	begin(&child, fanout, what);
	run(&child);
	conclude(&child);
}
