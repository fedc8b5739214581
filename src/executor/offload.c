/* SPDX-License-Identifier: MIT */
/* A job that a handler waits for. */
#include <coracle/executor.h>

#include <errno.h>
#include <string.h>

#include "base/compiler.h"
#include "executor/future.h"
#include "executor/pool.h"
#include "runtime/clock.h"
#include "runtime/scope.h"

/* --- a job that goes on without its handler --- */

static void await_job(struct cor_hold *hold)
{
	struct cor_future *future = cor_container_of(hold, struct cor_future, hold);
	struct cor_scope scope;

	cor_scope_shield(&scope, COR_FOREVER);
	while (cor_future_wait(future) < 0)
		;
	cor_scope_leave(&scope);
	cor_future_drop(future);
}

/* It may read the memory of ctx until it has ended. */
static void leave_alone(struct cor_ctx *ctx, struct cor_future *future)
{
	future->hold.await = await_job;
	(void)cor_future_keep(future);
	cor_ctx_hold(ctx, &future->hold);
}

/* --- one that has ended --- */

static int take_over(struct cor_ctx *ctx, struct cor_future *future, void *call)
{
	memcpy(call, future->call, future->bytes);
	if (!future->left)
		return future->result;
	(void)cor_ctx_take_problem(ctx, future->left, future->result);
	cor_ctx_end_child(future->left, ctx);
	return future->result;
}

static int wait_for(struct cor_ctx *ctx, struct cor_future *future, void *call)
{
	int rc = cor_future_wait_in(future, "cor_offload");

	if (rc == 0)
		return take_over(ctx, future, call);
	if (!cor_future_cancel(future) && !cor_future_is_done(future))
		leave_alone(ctx, future);
	return rc;
}

static int64_t deadline_here(void)
{
	const struct cor_scope *scope = cor_scope_innermost();

	return scope ? scope->deadline_ns : COR_FOREVER;
}

int cor_offload_call(struct cor_ctx *ctx, const struct cor_executor *executor, cor_job *fn,
	void *call, size_t bytes)
{
	struct cor_pool *pool = cor_pool_of(ctx, executor);

	if (!pool)
		return cor_ctx_fail(ctx, 500, -EINVAL,
			"the service does not list that executor in its .executors");
	struct cor_future *future = cor_future_create(pool, fn, call, bytes);
	if (!future)
		return -ENOMEM;
	future->caller = ctx->environment;
	future->deadline_ns = deadline_here();
	memcpy(future->request_id, cor_request_id(ctx), sizeof future->request_id);
	int rc = cor_pool_take(pool, future);
	if (rc == 0)
		rc = wait_for(ctx, future, call);
	cor_future_drop(future);
	return rc;
}
