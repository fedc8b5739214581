/* SPDX-License-Identifier: MIT */
#include "executor/work.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/log.h>

#include "executor/pool.h"
#include "runtime/clock.h"
#include "segment/counter.h"

#define NAME_BYTES 16 /* of a thread: pthread_setname_np(3) */

/* The pool whose thread this is; NULL: it is no pool's. */
static _Thread_local struct cor_pool_thread *this_thread;

/* --- a job --- */

/* Memory and a problem are the future's from now on. */
static void keep_left(struct cor_future *future, struct cor_ctx *ctx)
{
	future->left = malloc(sizeof *future->left);
	if (future->left) {
		*future->left = *ctx;
		future->left->environment = NULL; /* it may be gone before the future */
		return;
	}
	cor_ctx_finish(ctx);
	future->result = -ENOMEM;
}

static void begin_scope(struct cor_scope *scope, int64_t deadline_ns)
{
	int64_t left_ns = deadline_ns - cor_monotonic_ns();

	cor_scope_enter(scope, left_ns > 0 ? left_ns / COR_NS_PER_MS + 1 : 0);
}

/* Until whoever gave it the job has no time left. */
static int call_in_time(struct cor_future *future, struct cor_ctx *ctx)
{
	struct cor_scope scope;

	if (future->deadline_ns == COR_FOREVER)
		return future->fn(ctx, future->call);
	begin_scope(&scope, future->deadline_ns);
	int rc = future->fn(ctx, future->call);
	cor_scope_leave(&scope);
	return rc;
}

static void call(struct cor_future *future, const struct cor_environment *environment)
{
	struct cor_ctx ctx;

	cor_ctx_init(&ctx, environment, NULL, 0, future->memory_bytes);
	if (future->request_id)
		memcpy(ctx.request_id, future->request_id, sizeof ctx.request_id);
	future->result = call_in_time(future, &ctx);
	cor_ctx_await(&ctx);
	if (ctx.arena.chunks || ctx.problem.status != 0)
		keep_left(future, &ctx);
}

/* The start hook of a service may give jobs before there is a state. */
static void look_for_state(struct cor_pool_thread *thread)
{
	const struct cor_environment *shared = thread->pool->surroundings.shared;

	if (shared)
		thread->environment.state = cor_environment_state(shared);
}

static void run(struct cor_pool_thread *thread, struct cor_future *future)
{
	look_for_state(thread);
	call(future, &thread->environment);
	cor_count(future->result < 0 ? &thread->failed : &thread->done, 1);
	cor_future_end(future, COR_FUTURE_ENDED);
}

bool cor_pool_is_here(const struct cor_pool *pool)
{
	return this_thread && this_thread->pool == pool;
}

static void run_here(struct cor_future *future, const struct cor_environment *environment)
{
	call(future, environment);
	cor_pool_count_here(future->pool, future->result);
	cor_future_end(future, COR_FUTURE_ENDED);
}

/* Inside another job of its pool. */
static void run_inside(struct cor_pool_thread *thread, struct cor_future *future)
{
	look_for_state(thread);
	run_here(future, &thread->environment);
}

/* A codec belongs to another thread, perhaps. */
static struct cor_environment shared_by_jobs(const struct cor_pool *pool)
{
	const struct cor_environment *shared = pool->surroundings.shared;
	struct cor_environment environment = { 0 };

	if (!shared)
		return environment;
	environment = (struct cor_environment){
		.service = shared->service,
		.settings = shared->settings,
		.state = cor_environment_state(shared),
		.logger = shared->logger,
		.tally = shared->tally,
		.pools = shared->pools,
	};
	return environment;
}

void cor_job_run(struct cor_future *future, const struct cor_environment *environment)
{
	struct cor_environment here;

	if (cor_pool_is_here(future->pool)) {
		run_inside(this_thread, future);
		return;
	}
	here = environment ? *environment : shared_by_jobs(future->pool);
	here.thread_state = NULL;
	run_here(future, &here);
}

bool cor_pool_helps(struct cor_future *future)
{
	struct cor_pool_thread *thread = this_thread;

	if (!cor_pool_is_here(future->pool) || !cor_pool_withdraw(future, COR_FUTURE_RUNNING))
		return false;
	run_inside(thread, future);
	return true;
}

/* --- life --- */

static void name_thread(const struct cor_pool_thread *thread)
{
	char name[NAME_BYTES], number[12];

	snprintf(number, sizeof number, "/%u", (unsigned)thread->number);
	snprintf(name, sizeof name, "%.*s%s", (int)(sizeof name - 1 - strlen(number)),
		thread->pool->executor->name, number);
	(void)pthread_setname_np(pthread_self(), name);
}

static int make_environment(struct cor_pool_thread *thread)
{
	const struct cor_pool_surroundings *surroundings = &thread->pool->surroundings;

	if (!surroundings->begin)
		return 0;
	return surroundings->begin(surroundings->arg, &thread->environment, &thread->own);
}

static void say_failure(struct cor_pool_thread *thread, int rc)
{
	const struct cor_problem *problem = cor_ctx_settle(&thread->ctx, rc);

	cor_log_error(&thread->ctx, "executor %s cannot start a thread: %s%s%s",
		thread->pool->executor->name, problem->detail, problem->detail[0] ? ": " : "",
		problem->cause ? cor_strerror(problem->cause) : "");
}

static bool begin(struct cor_pool_thread *thread)
{
	const struct cor_executor *executor = thread->pool->executor;
	int rc = make_environment(thread);

	cor_ctx_init(&thread->ctx, &thread->environment, NULL, 0, 0);
	if (rc == 0 && executor->start)
		rc = executor->start(&thread->ctx, &thread->environment.thread_state);
	if (rc != 0)
		say_failure(thread, rc);
	return rc == 0;
}

static void end(struct cor_pool_thread *thread)
{
	const struct cor_pool_surroundings *surroundings = &thread->pool->surroundings;

	cor_ctx_await(&thread->ctx);
	cor_ctx_finish(&thread->ctx);
	if (surroundings->end && thread->own)
		surroundings->end(thread->own);
}

static void serve(struct cor_pool_thread *thread)
{
	const struct cor_executor *executor = thread->pool->executor;
	struct cor_future *future;

	while ((future = cor_pool_next(thread)) != NULL)
		run(thread, future);
	if (executor->stop)
		executor->stop(&thread->ctx, thread->environment.thread_state);
}

void *cor_pool_work(void *arg)
{
	struct cor_pool_thread *thread = arg;

	this_thread = thread;
	name_thread(thread);
	if (begin(thread))
		serve(thread);
	else
		cor_pool_break(thread->pool);
	end(thread);
	cor_pool_leave(thread);
	return NULL;
}
