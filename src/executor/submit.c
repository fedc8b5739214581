/* SPDX-License-Identifier: MIT */
#include "executor/submit.h"

#include <errno.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "executor/borrow.h"
#include "executor/keeper.h"
#include "executor/pool_figures.h"
#include "executor/pool_queue.h"
#include "executor/pool_threads.h"
#include "executor/typed.h"
#include "executor/work.h"
#include "runtime/fiber.h"
#include "runtime/scope.h"

enum verdict { TAKEN, NEEDS_THREAD, FULL, REFUSED };

/* What waits for a thread that is on its way takes no place. */
static bool is_full(const struct cor_pool *pool)
{
	return pool->threads_len >= pool->size &&
	       pool->queued >= (uint64_t)pool->queue_max + pool->starting;
}

/* Under the lock. *ret_idle is to be signalled: it has the job. */
static enum verdict offer(
	struct cor_pool *pool, struct cor_future *future, struct cor_waiter **ret_idle, int *ret_rc)
{
	*ret_idle = NULL;
	*ret_rc = pool->is_broken ? -COR_EBROKEN : pool->is_shut ? -COR_ECLOSED : 0;
	if (*ret_rc < 0)
		return REFUSED;
	struct cor_waiter *idle = pool->idle.last; /* its caches are the warmest */
	if (idle) {
		cor_wait_list_remove(&pool->idle, idle);
		idle->item = future;
		cor_future_move(future, COR_FUTURE_RUNNING);
		pool->running++;
		*ret_idle = idle;
	} else if (is_full(pool)) {
		return FULL;
	} else {
		cor_pool_put(pool, future);
	}
	pool->submitted++;
	bool is_short = !idle && pool->threads_len < pool->size;
	pool->threads_len += is_short;
	pool->starting += is_short;
	cor_pool_show(pool);
	return is_short ? NEEDS_THREAD : TAKEN;
}

/* Under the lock, which it gives up. */
static int wait_for_place(struct cor_pool *pool, struct cor_future *future)
{
	struct cor_waiter self;

	cor_wait_begin(&self.wait, "cor_pool_submit");
	self.item = future;
	cor_wait_list_add(&pool->room, &self);
	cor_pool_unlock(pool);
	int rc = cor_wait(&self.wait, COR_FOREVER);
	if (rc < 0) {
		cor_pool_lock(pool);
		bool is_waiting = self.queued;
		if (is_waiting)
			cor_wait_list_remove(&pool->room, &self);
		cor_pool_unlock(pool);
		if (is_waiting)
			return rc;
		cor_wait_settle(&self.wait);
	}
	return self.result;
}

/* Each of them under the lock, which it gives up. */

static int refuse(struct cor_pool *pool)
{
	cor_pool_count_refused(pool);
	cor_pool_unlock(pool);
	return -COR_EBUSY;
}

static int put_beyond(struct cor_pool *pool, struct cor_future *future)
{
	cor_pool_put(pool, future);
	pool->submitted++;
	cor_pool_show(pool);
	cor_pool_unlock(pool);
	return 0;
}

static int run_here(
	struct cor_pool *pool, struct cor_future *future, const struct cor_environment *environment)
{
	pool->submitted++;
	pool->running++;
	cor_pool_show(pool);
	cor_pool_unlock(pool);
	cor_future_move(future, COR_FUTURE_RUNNING);
	cor_job_run(future, environment);
	return 0;
}

static int take_when_full(
	struct cor_pool *pool, struct cor_future *future, const struct cor_environment *environment)
{
	enum cor_full_queue when_full = pool->executor->when_full;

	if (when_full == COR_FULL_REFUSE)
		return refuse(pool);
	if (when_full == COR_FULL_WAIT && !cor_pool_is_here(pool))
		return wait_for_place(pool, future);
	/* one of its own threads would wait for itself */
	return cor_jobs_are_deep() ? put_beyond(pool, future) : run_here(pool, future, environment);
}

/* Its process begins while it wakes up. */
static void wake(struct cor_waiter *idle)
{
	struct cor_pool_thread *thread = cor_container_of(idle, struct cor_pool_thread, rest);

	if (thread->pool->surroundings.nursery)
		cor_keeper_begin(thread, idle->item);
	cor_wait_signal(&idle->wait);
}

static int try_to_take(
	struct cor_pool *pool, struct cor_future *future, const struct cor_environment *environment)
{
	struct cor_waiter *idle;
	int rc;

	if (future->bytes > pool->call_max)
		return -COR_ETOOLARGE;
	cor_pool_lock(pool);
	enum verdict verdict = offer(pool, future, &idle, &rc);
	if (verdict == FULL)
		return take_when_full(pool, future, environment);
	cor_pool_unlock(pool);
	if (idle)
		wake(idle);
	return verdict == NEEDS_THREAD ? cor_pool_grow(pool, future) : rc;
}

int cor_pool_take(
	struct cor_pool *pool, struct cor_future *future, const struct cor_environment *environment)
{
	int rc = try_to_take(pool, future, environment);

	if (rc < 0)
		cor_future_drop(future);
	return rc;
}

static int submit(struct cor_pool *pool, struct cor_future *future, struct cor_future **ret)
{
	int rc = cor_pool_take(pool, future, NULL);

	if (rc == 0 && ret)
		*ret = future;
	else
		cor_future_drop(future);
	return rc;
}

int cor_pool_submit_call(struct cor_pool *pool, cor_call *fn, const void *call, size_t bytes,
	struct cor_future **ret)
{
	struct cor_future *future = pool ? cor_future_create(
						   pool, fn, call, bytes, cor_fiber_request_id())
					 : NULL;

	if (!pool)
		return -EINVAL;
	return future ? submit(pool, future, ret) : -ENOMEM;
}

int cor_pool_submit_typed_call(struct cor_pool *pool, cor_call *fn, const struct cor_schema *schema,
	const void *call, struct cor_future **ret)
{
	struct cor_future *future;
	int rc = pool ? cor_typed_create(pool, fn, schema, call, cor_fiber_request_id(), &future)
		      : -EINVAL;

	return rc == 0 ? submit(pool, future, ret) : rc;
}

/* Whoever leaves before its end does not learn what becomes of it. */
static int await(struct cor_pool *pool, struct cor_future *future)
{
	int rc = cor_pool_take(pool, future, NULL);

	if (rc == 0)
		rc = cor_future_wait_in(future, "cor_pool_run");
	if (rc < 0)
		(void)cor_future_cancel(future);
	return rc;
}

int cor_pool_run_call(struct cor_pool *pool, cor_call *fn, void *call, size_t bytes)
{
	struct cor_future *future = pool ? cor_future_create(
						   pool, fn, call, bytes, cor_fiber_request_id())
					 : NULL;

	if (!future)
		return pool ? -ENOMEM : -EINVAL;
	future->deadline_ns = cor_scope_deadline_ns();
	int rc = cor_pool_borrow(pool, future) ? 0 : await(pool, future);
	if (rc == 0)
		rc = cor_future_read_call(future, call, bytes);
	cor_future_drop(future);
	return rc;
}
