/* SPDX-License-Identifier: MIT */
#include <coracle/group.h>

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "fanout/child.h"

#define FIRST_ENDS 8

void cor_group_begin(struct cor_group *group, struct cor_ctx *ctx, enum cor_group_rule rule)
{
	struct cor_fanout *fanout = cor_alloc(ctx, sizeof *fanout);

	group->fanout = fanout;
	if (!fanout)
		return;
	fanout->ctx = ctx;
	fanout->parent = cor_fiber_current();
	fanout->rule = rule;
	fanout->hold.await = cor_fanout_abandoned;
	cor_ctx_hold(ctx, &fanout->hold);
}

void cor_group_limit(struct cor_group *group, uint32_t at_once)
{
	if (group->fanout)
		group->fanout->at_once = at_once;
}

/*
 * Wait until at most so many children are running, or the parent may wait no longer, which decides
 * the group. Returns 0 or that reason; *wait is still to be signalled then.
 */
static int wait_for(
	struct cor_fanout *fanout, uint32_t running, const char *who, struct cor_wait *wait)
{
	assert(fanout->parent == cor_fiber_current());
	cor_wait_begin(wait, who);
	fanout->wakes_at = running;
	fanout->wait = wait;
	int rc = cor_wait(wait, COR_FOREVER);
	if (rc < 0)
		cor_fanout_decide(fanout, rc, 0);
	return rc;
}

static int wait_for_fewer(struct cor_fanout *fanout, uint32_t running, const char *who)
{
	struct cor_wait wait;
	int rc = wait_for(fanout, running, who, &wait);

	fanout->wait = NULL;
	return rc;
}

/* An end for one more child. Returns false without memory. */
static bool add_end(struct cor_fanout *fanout)
{
	if (fanout->started == fanout->ends_max) {
		uint32_t max = fanout->ends_max == 0 ? FIRST_ENDS : fanout->ends_max * 2;
		struct cor_child_end *ends = NULL;

		if (max < UINT32_MAX / 2)
			ends = cor_arena_alloc(&fanout->ctx->arena, max * sizeof *ends);
		if (!ends)
			return false;
		if (fanout->started != 0)
			memcpy(ends, fanout->ends, fanout->started * sizeof *ends);
		fanout->ends = ends;
		fanout->ends_max = max;
	}
	fanout->ends[fanout->started++] = (struct cor_child_end){ .result = -EINPROGRESS };
	return true;
}

static void start(struct cor_fanout *fanout, const struct cor_child *what)
{
	int rc = 0;

	if (fanout->is_decided)
		rc = -ECANCELED;
	else if (fanout->parent)
		rc = cor_child_start(fanout, what);
	else
		cor_child_run_here(fanout, what);
	if (rc < 0)
		cor_fanout_note(fanout, what->index, rc, NULL);
}

void cor_group_start_call(
	struct cor_group *group, cor_call *call, const void *argument, const char *name)
{
	struct cor_fanout *fanout = group->fanout;

	if (!fanout)
		return;
	assert(fanout->parent == cor_fiber_current());
	if (fanout->at_once != 0 && fanout->running >= fanout->at_once && !fanout->is_decided)
		cor_ignore(wait_for_fewer(fanout, fanout->at_once - 1, "cor_group_start"));
	if (!add_end(fanout)) {
		fanout->is_short = true;
		cor_fanout_decide(fanout, -ENOMEM, 0);
		return;
	}
	/* One that takes a pointer to const gets what it was given. */
	start(fanout, &(struct cor_child){ .call = call,
			      .argument = (void *)(uintptr_t)argument,
			      .name = name,
			      .index = fanout->started - 1 });
}

/* Which child tells best what all have waited for; 0: none. */
static uint32_t find_late(const struct cor_fanout *fanout)
{
	for (uint32_t i = 0; i < fanout->started; i++)
		if (fanout->ends[i].result == -ETIMEDOUT && fanout->ends[i].problem)
			return i + 1;
	return 0;
}

/* All have ended. */
static void conclude(struct cor_fanout *fanout)
{
	if (!fanout->is_decided && fanout->rule == COR_ANY_SUCCESS && fanout->failed != 0)
		cor_fanout_decide(fanout, fanout->ends[fanout->failed - 1].result, fanout->failed);
	cor_fanout_decide(fanout, 0, 0);
	fanout->is_waited_for = true;
	if (fanout->result == -ETIMEDOUT && fanout->decider == 0)
		fanout->decider = find_late(fanout);
	cor_ctx_release(fanout->ctx, &fanout->hold);
	if (fanout->decider != 0)
		cor_ignore(cor_ctx_take_record(
			fanout->ctx, fanout->ends[fanout->decider - 1].problem, fanout->result));
}

int cor_group_wait(struct cor_group *group)
{
	struct cor_fanout *fanout = group->fanout;
	struct cor_wait wait;

	if (!fanout)
		return -ENOMEM;
	if (fanout->running != 0 && wait_for(fanout, 0, "cor_group_wait", &wait) < 0)
		cor_wait_settle(&wait);
	if (!fanout->is_waited_for)
		conclude(fanout);
	return fanout->result;
}

int cor_group_next(struct cor_group *group, size_t *ret_index)
{
	struct cor_fanout *fanout = group->fanout;

	if (!fanout || (fanout->first == 0 && fanout->running == 0))
		return 0;
	if (fanout->first == 0) {
		int rc = wait_for_fewer(fanout, fanout->running - 1, "cor_group_next");
		if (rc < 0)
			return rc;
	}
	uint32_t who = fanout->first;
	fanout->first = fanout->ends[who - 1].next;
	*ret_index = who - 1;
	return 1;
}

int cor_group_result(struct cor_group *group, size_t index)
{
	const struct cor_fanout *fanout = group->fanout;

	if (!fanout)
		return -ENOMEM;
	if (index >= fanout->started)
		return fanout->is_short ? -ENOMEM : -EINVAL;
	const struct cor_child_end *end = &fanout->ends[index];
	return cor_ctx_take_record(fanout->ctx, end->problem, end->result);
}
