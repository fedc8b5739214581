/* SPDX-License-Identifier: MIT */
/* A job that a handler waits for. */
#include <coracle/executor.h>

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "base/block.h"
#include "base/compiler.h"
#include "executor/borrow.h"
#include "executor/future.h"
#include "executor/submit.h"
#include "executor/pool.h"
#include "executor/typed.h"
#include "runtime/clock.h"
#include "runtime/duty.h"
#include "runtime/scope.h"

/* --- a job that goes on without its handler --- */

struct job_hold {
	struct cor_hold hold;
	struct cor_future *future;
};

static void await_end(struct cor_future *future)
{
	struct cor_scope scope;

	cor_scope_shield(&scope, COR_FOREVER);
	while (cor_future_wait(future) < 0)
		;
	cor_scope_leave(&scope);
}

/*
 * What it has allocated is the account's. The future counts there no longer: the pool may drop it
 * later than the request ends.
 */
static void settle(struct cor_future *future, struct cor_arena *account)
{
	if (!future->left)
		return;
	cor_arena_adopt(account, &future->left->arena);
	future->left->arena.account = NULL;
}

static void await_job(struct cor_hold *hold)
{
	struct cor_future *future = cor_container_of(hold, struct job_hold, hold)->future;

	await_end(future);
	settle(future, future->account);
	cor_future_drop(future);
}

/* It may read the memory of ctx until it has ended. Without memory for that note, wait for it. */
static void leave_alone(struct cor_ctx *ctx, struct cor_future *future)
{
	struct job_hold *held = cor_arena_alloc(&ctx->arena, sizeof *held);

	if (!held) {
		await_end(future);
		settle(future, future->account);
		return;
	}
	held->hold.await = await_job;
	held->future = cor_future_keep(future);
	cor_ctx_hold(ctx, &held->hold);
	if (ctx->environment && ctx->environment->leaves_job)
		ctx->environment->leaves_job(ctx);
}

/* --- one that has ended --- */

static int take_over(struct cor_ctx *ctx, struct cor_future *future, void *call)
{
	if (cor_future_state(future) == COR_FUTURE_CANCELLED)
		return -COR_ECLOSED; /* nobody else has the future: its pool was shut down */
	cor_future_copy_call(future, call);
	cor_typed_adopt(future, &ctx->arena);
	if (!future->left)
		return future->result;
	(void)cor_ctx_take_problem(ctx, future->left, future->result);
	settle(future, &ctx->arena);
	return future->result;
}

static int wait_for(struct cor_ctx *ctx, struct cor_future *future, void *call)
{
	int rc = cor_future_wait_in(future, "cor_offload");

	if (rc == 0)
		return take_over(ctx, future, call);
	if (cor_future_cancel(future))
		return rc;
	if (cor_future_is_done(future))
		settle(future, future->account);
	else
		leave_alone(ctx, future);
	return rc;
}

/* A child ctx may be gone before the job begins, but its memory is its parent's. */
static const char *lasting_id(struct cor_ctx *ctx)
{
	const char *id = cor_request_id(ctx);

	return ctx->arena.account ? cor_arena_copy(&ctx->arena, id, COR_REQUEST_ID_BYTES) : id;
}

/* Which executor it is, and what about it, as the code alone does not say. */
static int say_why(struct cor_ctx *ctx, const struct cor_pool *pool, size_t bytes, int rc)
{
	const char *name = pool->executor->name, *detail = "";

	if (rc == -COR_EBUSY)
		detail = cor_printf(ctx, "executor %s has no place in its .queue of %u", name,
			(unsigned)pool->queue_max);
	else if (rc == -COR_EBROKEN)
		detail = cor_printf(ctx,
			"executor %s takes no jobs until the service is started again or "
			"reloaded: its log line says why",
			name);
	else if (rc == -COR_ETOOLARGE)
		detail = cor_printf(ctx,
			"a call of %zu bytes is larger than the %zu .call_bytes of executor %s",
			bytes, pool->call_max, name);
	else
		return rc;
	return cor_ctx_fail(ctx, 0, rc, detail ? detail : "");
}

static int offload(
	struct cor_ctx *ctx, struct cor_pool *pool, struct cor_future *future, void *call)
{
	size_t bytes = future->bytes;

	future->request_id = lasting_id(ctx);
	future->account = cor_arena_account(&ctx->arena);
	if (ctx->environment)
		future->unit = ctx->environment->unit;
	future->operation = ctx->request ? cor_duty_operation() : NULL; /* others may end first */
	future->deadline_ns = cor_scope_deadline_ns();
	int rc = cor_pool_borrow(pool, future) ? 0 : cor_pool_take(pool, future, ctx->environment);
	rc = rc == 0 ? wait_for(ctx, future, call) : say_why(ctx, pool, bytes, rc);
	cor_future_drop(future);
	return rc;
}

static int find_pool(
	struct cor_ctx *ctx, const struct cor_executor *executor, struct cor_pool **ret)
{
	bool are_there = ctx->environment && ctx->environment->pools;

	*ret = cor_pool_of(ctx, executor);
	if (*ret)
		return 0;
	return cor_ctx_fail(ctx, 500, -EINVAL,
		are_there ? "the service does not list that executor in its .executors"
			  : "there are no executors here: either the service lists none in its "
			    ".executors, or this runs before .start or in a process of a pool");
}

int cor_offload_call(struct cor_ctx *ctx, const struct cor_executor *executor, cor_call *fn,
	void *call, size_t bytes)
{
	struct cor_pool *pool;
	int rc = find_pool(ctx, executor, &pool);

	if (rc < 0)
		return rc;
	struct cor_future *future = cor_future_create(pool, fn, call, bytes, NULL);
	return future ? offload(ctx, pool, future, call) : -ENOMEM;
}

int cor_offload_typed_call(struct cor_ctx *ctx, const struct cor_executor *executor, cor_call *fn,
	const struct cor_schema *schema, void *call)
{
	struct cor_future *future;
	struct cor_pool *pool;
	int rc = find_pool(ctx, executor, &pool);

	if (rc == 0)
		rc = cor_typed_create(pool, fn, schema, call, NULL, &future);
	return rc == 0 ? offload(ctx, pool, future, call) : rc;
}
