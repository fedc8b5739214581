/* SPDX-License-Identifier: MIT */
#include "executor/work.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/log.h>

#include "executor/keeper.h"
#include "executor/pool_figures.h"
#include "executor/pool_queue.h"
#include "executor/pool_threads.h"
#include "executor/turnover.h"
#include "observe/logger.h"
#include "runtime/clock.h"
#include "runtime/forked.h"
#include "runtime/scheduler.h"
#include "runtime/signal_stack.h"
#include "segment/counter.h"

#define NAME_BYTES 16 /* of a thread: pthread_setname_np(3) */
#define INSIDE_MAX 8  /* jobs inside each other, unless one waits for the other */

/* The pool whose thread this is; NULL: it is no pool's. */
static _Thread_local struct cor_pool_thread *this_thread;

/* --- a job --- */

static void begin_scope(struct cor_scope *scope, int64_t deadline_ns)
{
	int64_t left_ns = deadline_ns - cor_monotonic_ns();

	cor_scope_enter(scope, left_ns > 0 ? left_ns / COR_NS_PER_MS + 1 : 0);
}

int cor_job_call(cor_call *fn, struct cor_ctx *ctx, void *call, int64_t deadline_ns)
{
	struct cor_scope scope;

	if (deadline_ns != COR_FOREVER)
		begin_scope(&scope, deadline_ns);
	int rc = fn(ctx, call);
	cor_forked_check();
	if (deadline_ns != COR_FOREVER)
		cor_scope_leave(&scope);
	return rc;
}

static void call(struct cor_future *future, const struct cor_environment *environment)
{
	struct cor_duty *duty = &cor_this_thread.duty, before = *duty;
	struct cor_ctx ctx;

	cor_ctx_init(&ctx, environment, NULL, 0, 0);
	if (future->account)
		cor_arena_init_part(&ctx.arena, future->account);
	if (future->request_id)
		memcpy(ctx.request_id, future->request_id, sizeof ctx.request_id);
	*duty = (struct cor_duty){
		.executor = future->pool->executor->name,
		.operation = future->operation,
		.request_id = future->request_id,
	};
	future->result = cor_job_call(future->fn, &ctx, future->call, future->deadline_ns);
	cor_ctx_await(&ctx);
	cor_future_leave(future, &ctx);
	*duty = before;
}

/* The start hook of a service may give jobs before there is a state. */
static const struct cor_environment *environment_for(
	struct cor_pool_thread *thread, const struct cor_future *future)
{
	struct cor_environment *shared = thread->pool->surroundings.shared;
	struct cor_environment *its = cor_environment_of_unit(&thread->environment, future->unit);

	its->thread_state = thread->environment.thread_state;
	if (shared)
		its->state = cor_environment_state(cor_environment_of_unit(shared, future->unit));
	return its;
}

static void work_on(struct cor_pool_thread *thread, struct cor_future *future)
{
	if (thread->pool->surroundings.nursery)
		cor_keeper_run(thread, future);
	else
		call(future, environment_for(thread, future));
}

/* What a process has not survived is in the log already. */
static bool is_told(const struct cor_pool_thread *thread, int result)
{
	return thread->pool->surroundings.nursery &&
	       (result == -COR_EDIED || result == -ETIMEDOUT || result == -COR_EBROKEN);
}

static void tell_unheard(const struct cor_pool_thread *thread, const struct cor_future *future)
{
	const struct cor_pool *pool = thread->pool;
	const struct cor_problem *problem = future->left ? cor_problem_of(future->left) : NULL;
	const char *detail = problem ? problem->detail : "";
	int cause = problem ? problem->cause : future->result;

	cor_logger_log(pool->surroundings.logger, COR_LOG_ERROR, future->request_id,
		"executor %s: a job that nobody waits for has failed: %s%s%s", pool->executor->name,
		detail, detail[0] && cause ? ": " : "", cause ? cor_strerror(cause) : "");
}

void cor_job_serve(struct cor_pool_thread *thread, struct cor_future *future)
{
	work_on(thread, future);
	if (future->result < 0 && !is_told(thread, future->result) && cor_future_is_unheard(future))
		tell_unheard(thread, future);
	cor_count(future->result < 0 ? &thread->failed : &thread->done, 1);
	cor_future_end(future, COR_FUTURE_ENDED);
}

bool cor_pool_is_here(const struct cor_pool *pool)
{
	return this_thread && this_thread->pool == pool;
}

static void end_here(struct cor_future *future)
{
	cor_pool_count_here(future->pool, future->result);
	cor_future_end(future, COR_FUTURE_ENDED);
}

bool cor_jobs_are_deep(void)
{
	return *cor_nested_here() >= INSIDE_MAX;
}

/* Inside another job, or in a callback. */
static void run_inside(struct cor_pool_thread *thread, struct cor_future *future)
{
	uint32_t *nested = cor_nested_here();

	++*nested;
	work_on(thread, future);
	end_here(future);
	--*nested;
}

/* A codec belongs to another thread, perhaps. */
static struct cor_environment shared_by_jobs(const struct cor_future *future)
{
	struct cor_environment *shared = future->pool->surroundings.shared;
	struct cor_environment environment = { 0 };

	if (!shared)
		return environment;
	shared = cor_environment_of_unit(shared, future->unit);
	environment = (struct cor_environment){
		.service = shared->service,
		.mounted = shared->mounted,
		.unit = shared->unit,
		.settings = shared->settings,
		.state = cor_environment_state(shared),
		.logger = shared->logger,
		.tally = shared->tally,
		.pools = shared->pools,
		.topics = shared->topics,
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
	here = environment ? *environment : shared_by_jobs(future);
	here.thread_state = NULL;
	uint32_t *nested = cor_nested_here();
	++*nested;
	call(future, &here);
	end_here(future);
	--*nested;
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

void cor_pool_say_failure(
	const struct cor_executor *executor, const char *of, struct cor_ctx *ctx, int rc)
{
	const struct cor_problem *problem = cor_ctx_settle(ctx, rc);

	const char *cause = problem->cause ? cor_strerror(problem->cause) : "";
	const char *detail = problem->detail[0] || cause[0] ? problem->detail : "no reason given";

	cor_log_error(ctx, "executor %s cannot start a %s: %s%s%s", executor->name, of, detail,
		detail[0] && cause[0] ? ": " : "", cause);
}

static bool begin(struct cor_pool_thread *thread)
{
	const struct cor_executor *executor = thread->pool->executor;

	if (thread->pool->surroundings.nursery) {
		cor_turnover_begin(thread, atomic_fetch_add(&thread->pool->slots_end, 1));
		return cor_turnover_renew(thread) == 0;
	}
	int rc = make_environment(thread);
	struct cor_environment *its = cor_environment_of_unit(
		&thread->environment, thread->pool->unit);

	cor_ctx_init(&thread->ctx, its, NULL, 0, 0);
	if (rc == 0 && executor->start)
		rc = executor->start(&thread->ctx, &thread->environment.thread_state);
	its->thread_state = thread->environment.thread_state;
	if (rc != 0)
		cor_pool_say_failure(executor, "thread", &thread->ctx, rc);
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

/* A process that has died is replaced before the next job comes. */
static void serve_by_process(struct cor_pool_thread *thread)
{
	struct cor_future *future;

	while ((future = cor_pool_next(thread)) != NULL) {
		cor_job_serve(thread, future);
		if (cor_turnover_renew(thread) < 0)
			cor_pool_break(thread->pool);
	}
	cor_turnover_end(thread);
}

static void serve(struct cor_pool_thread *thread)
{
	const struct cor_executor *executor = thread->pool->executor;
	struct cor_future *future;

	while ((future = cor_pool_next(thread)) != NULL)
		cor_job_serve(thread, future);
	if (executor->stop)
		executor->stop(&thread->ctx, thread->environment.thread_state);
}

static void live(struct cor_pool_thread *thread)
{
	if (!begin(thread))
		cor_pool_break(thread->pool);
	else if (thread->pool->surroundings.nursery)
		serve_by_process(thread);
	else
		serve(thread);
	end(thread);
}

void *cor_pool_work(void *arg)
{
	struct cor_pool_thread *thread = arg;
	void *signal_stack = cor_signal_stack_set();

	this_thread = thread;
	cor_this_thread.duty.executor = thread->pool->executor->name;
	name_thread(thread);
	live(thread);
	cor_signal_stack_drop(signal_stack);
	cor_pool_leave(thread);
	return NULL;
}
