/* SPDX-License-Identifier: MIT */
#include "executor/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "executor/nursery.h"
#include "executor/pool_figures.h"
#include "executor/pool_queue.h"
#include "executor/turnover.h"
#include "runtime/cpus.h"
#include "runtime/forked.h"

#define QUEUE_DEFAULT   1000
#define THREADS_DEFAULT 32 /* at most */

static uint32_t size_of(const struct cor_executor *executor)
{
	if (executor->kind == COR_PROCESSES)
		return cor_nursery_size(executor);
	uint32_t size = executor->size ? executor->size : cor_cpus_usable() + 4;

	return executor->size || size < THREADS_DEFAULT ? size : THREADS_DEFAULT;
}

int cor_pool_create_in(const struct cor_executor *executor,
	const struct cor_pool_surroundings *surroundings, struct cor_pool **ret)
{
	struct cor_pool *pool = aligned_alloc(_Alignof(struct cor_pool), sizeof *pool);

	if (!pool)
		return -ENOMEM;
	memset(pool, 0, sizeof *pool);
	cor_forked_settle();
	pool->executor = executor;
	pool->surroundings = *surroundings;
	pool->size = size_of(executor);
	pool->queue_max = executor->queue ? executor->queue : QUEUE_DEFAULT;
	cor_pool_show_nowhere(pool);
	pool->call_max = SIZE_MAX;
	if (executor->kind == COR_PROCESSES) {
		pool->call_max = cor_nursery_call_bytes(executor);
		atomic_init(&pool->slots_end, cor_nursery_slot(surroundings->nursery, executor));
	} else {
		pool->surroundings.nursery = NULL;
	}
	*ret = pool;
	return 0;
}

static int create_with_nursery(const struct cor_executor *executor, struct cor_pool **ret)
{
	const struct cor_nursery_options options = {
		.executors = (const struct cor_executor *const[]){ executor, NULL },
	};
	struct cor_pool_surroundings surroundings = { 0 };
	int rc = cor_nursery_open(&options, &surroundings.nursery);

	if (rc < 0)
		return rc;
	rc = cor_pool_create_in(executor, &surroundings, ret);
	if (rc < 0)
		cor_nursery_close(surroundings.nursery);
	else
		(*ret)->has_nursery = true;
	return rc;
}

int cor_pool_create(const struct cor_executor *executor, struct cor_pool **ret)
{
	if (cor_executor_fault(executor))
		return -COR_ETABLE;
	if (executor->kind == COR_PROCESSES)
		return create_with_nursery(executor, ret);
	return cor_pool_create_in(executor, &(struct cor_pool_surroundings){ 0 }, ret);
}

void cor_pool_shut_down(struct cor_pool *pool, enum cor_shutdown how)
{
	struct cor_future *cancelled = NULL;

	cor_pool_lock(pool);
	pool->is_shut = true;
	if (how == COR_SHUTDOWN_CANCEL)
		cancelled = cor_pool_pull_all(pool, COR_FUTURE_CANCELLED);
	struct cor_waiter *turned = cor_pool_turn_away(pool, -COR_ECLOSED);
	struct cor_waiter *idle = cor_wait_list_take_all(&pool->idle);
	cor_pool_unlock(pool);
	cor_wait_list_signal_all(turned);
	cor_wait_list_signal_all(idle);
	cor_future_end_all(cancelled, COR_FUTURE_CANCELLED, 0);
}

int cor_pool_await(struct cor_pool *pool)
{
	struct cor_waiter self;

	cor_wait_begin(&self.wait, "cor_pool_destroy");
	cor_pool_lock(pool);
	bool waits = pool->threads_len != 0;
	if (waits)
		cor_wait_list_add(&pool->gone, &self);
	cor_pool_unlock(pool);
	int rc = waits ? cor_wait(&self.wait, COR_FOREVER) : 0;
	if (rc == 0)
		return 0;
	cor_pool_lock(pool);
	bool is_waiting = self.queued;
	if (is_waiting)
		cor_wait_list_remove(&pool->gone, &self);
	cor_pool_unlock(pool);
	if (!is_waiting)
		cor_wait_settle(&self.wait);
	return is_waiting ? rc : 0;
}

void cor_pool_destroy(struct cor_pool *pool)
{
	struct cor_scope scope;

	if (!pool)
		return;
	cor_pool_shut_down(pool, COR_SHUTDOWN_FINISH);
	cor_scope_shield(&scope, COR_FOREVER);
	cor_ignore(cor_pool_await(pool));
	cor_scope_leave(&scope);
	while (pool->threads) {
		struct cor_pool_thread *thread = pool->threads;
		pool->threads = thread->next;
		pthread_join(thread->id, NULL);
		free(thread);
	}
	if (pool->has_nursery)
		cor_nursery_close(pool->surroundings.nursery);
	cor_slab_end(&pool->futures);
	free(pool);
}
