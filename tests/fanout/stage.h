/* SPDX-License-Identifier: MIT */
/**
 * A fiber with a ctx in a world, where time stands still unless all wait: each wait lasts exactly
 * as long as it says. When the fiber has ended, nothing may be left of what it started.
 */
#ifndef TESTS_FANOUT_STAGE_H
#define TESTS_FANOUT_STAGE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include <coracle/coracle.h>

#include "runtime/scheduler.h"
#include "world/turns.h"

struct stage {
	struct cor_world *world;
	struct cor_scheduler *scheduler;
	struct cor_ctx *ctx;
};

struct act {
	struct stage *stage;
	void (*play)(struct stage *stage);
};

static inline int act_in_fiber(void *arg)
{
	struct act *act = arg;

	act->play(act->stage);
	return 0;
}

/** Play it in a fiber of its own; max_fibers 0: as many as there can be. */
static inline void stage_play(void (*play)(struct stage *stage), uint32_t max_fibers)
{
	struct stage stage = { .world = cor_world_create() };
	const struct cor_seams seams = cor_world_seams(stage.world);
	const struct cor_scheduler_options options = { .max_fibers = max_fibers };
	struct act act = { &stage, play };

	assert_int_equal(cor_scheduler_create_with(&options, &seams, &stage.scheduler), 0);
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ 0 }, &stage.ctx), 0);
	assert_int_equal(cor_fiber_start(stage.scheduler, act_in_fiber, &act, NULL, NULL), 0);
	cor_scheduler_stop(stage.scheduler);
	assert_int_equal(cor_world_run(stage.world, stage.scheduler), 0);
	assert_int_equal(stage.scheduler->in_use, 0);
	cor_ctx_destroy(stage.ctx);
	cor_scheduler_destroy(stage.scheduler);
	cor_world_destroy(stage.world);
}

/** Milliseconds since the beginning of the world. */
static inline int64_t stage_ms(const struct stage *stage)
{
	return (cor_world_now_ns(stage->world) - COR_NS_PER_S) / 1000000;
}

/** What a child does: it waits, and then returns a code, or records a problem of that status. */
struct nap {
	int64_t ms;
	int code;
	int status; /* 0: none */
	int woken;  /* what its wait returned; 1: it never ran */
	int order;  /* of its start, from 1 */
};

static inline int take_nap(struct cor_ctx *ctx, struct nap *nap)
{
	nap->woken = cor_sleep_ms(nap->ms);
	if (nap->woken < 0)
		return nap->woken;
	if (nap->status != 0)
		return cor_problem(ctx, nap->status, 0, "nap of %" PRId64 " ms", nap->ms);
	return nap->code;
}

/** Start one for each, and wait. */
static inline int nap_all(
	struct stage *stage, enum cor_group_rule rule, struct nap *naps, size_t len)
{
	struct cor_group group;

	cor_group_begin(&group, stage->ctx, rule);
	for (size_t i = 0; i < len; i++) {
		naps[i].woken = 1;
		cor_group_start(&group, take_nap, &naps[i]);
	}
	return cor_group_wait(&group);
}

#endif
