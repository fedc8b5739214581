/* SPDX-License-Identifier: MIT */
#include "executor/borrow.h"

#include "executor/pool_figures.h"
#include "executor/pool_queue.h"
#include "executor/pool_threads.h"
#include "executor/turnover.h"
#include "executor/work.h"
#include "runtime/clock.h"
#include "runtime/scheduler.h"

static bool may_block(const struct cor_pool *pool, const struct cor_future *future)
{
	return pool->surroundings.nursery && !cor_this_thread.scheduler &&
	       future->deadline_ns == COR_FOREVER && future->bytes <= pool->call_max;
}

/* It rests on, and knows nothing of it. NULL: there is none. */
static struct cor_pool_thread *take_idle(struct cor_pool *pool, struct cor_future *future)
{
	struct cor_waiter *idle = NULL;

	cor_pool_lock(pool);
	if (!pool->is_broken && !pool->is_shut)
		idle = pool->idle.last;
	if (idle) {
		cor_wait_list_remove(&pool->idle, idle);
		cor_future_move(future, COR_FUTURE_RUNNING);
		pool->running++;
		pool->submitted++;
		cor_pool_show(pool);
	}
	cor_pool_unlock(pool);
	return idle ? cor_container_of(idle, struct cor_pool_thread, rest) : NULL;
}

/* Under the lock. Returns whether its rest is over: there is a job for it, or it is to end. */
static bool ends_rest(struct cor_pool *pool, struct cor_pool_thread *thread)
{
	struct cor_future *next = pool->first;

	if (next) {
		cor_pool_pull(pool, next);
		cor_future_move(next, COR_FUTURE_RUNNING);
		pool->running++;
		thread->rest.item = next;
		return true;
	}
	if (pool->is_shut || pool->is_broken)
		return true;
	cor_wait_list_add(&pool->idle, &thread->rest);
	return false;
}

static void give_back(struct cor_pool *pool, struct cor_pool_thread *thread)
{
	struct cor_waiter *placed = NULL;

	cor_pool_lock(pool);
	pool->running--;
	cor_pool_tell(pool, thread);
	bool is_over = ends_rest(pool, thread);
	if (is_over && thread->rest.item)
		placed = cor_pool_give_place(pool);
	cor_pool_show(pool);
	cor_pool_unlock(pool);
	if (is_over)
		cor_wait_signal(&thread->rest.wait);
	cor_waiter_signal(placed);
}

bool cor_pool_borrow(struct cor_pool *pool, struct cor_future *future)
{
	struct cor_pool_thread *thread = may_block(pool, future) ? take_idle(pool, future) : NULL;

	if (!thread)
		return false;
	cor_job_serve(thread, future);
	if (cor_turnover_renew(thread) < 0)
		cor_pool_break(pool);
	give_back(pool, thread);
	return true;
}
