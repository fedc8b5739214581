/* SPDX-License-Identifier: MIT */
#include "executor/pool_threads.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include <coracle/error.h>

#include "executor/pool_figures.h"
#include "executor/pool_queue.h"
#include "executor/work.h"
#include "observe/logger.h"
#include "runtime/signal_stack.h"

static int start_thread(struct cor_pool_thread *thread)
{
	sigset_t others, before;

	cor_signals_of_others(&others);
	pthread_sigmask(SIG_SETMASK, &others, &before);
	int rc = -pthread_create(&thread->id, NULL, cor_pool_work, thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

/* It was counted before. */
static int add_thread(struct cor_pool *pool)
{
	struct cor_pool_thread *thread = calloc(1, sizeof *thread);

	if (!thread)
		return -ENOMEM;
	thread->pool = pool;
	cor_pool_lock(pool);
	thread->number = ++pool->threads_made;
	thread->next = pool->threads;
	pool->threads = thread;
	cor_pool_unlock(pool);
	int rc = start_thread(thread);
	if (rc == 0)
		return 0;
	cor_pool_lock(pool);
	struct cor_pool_thread **at = &pool->threads;
	while (*at != thread)
		at = &(*at)->next;
	*at = thread->next;
	cor_pool_unlock(pool);
	free(thread);
	return rc;
}

/* Without any thread nobody would ever run the job, nor others that count on the same thread. */
int cor_pool_grow(struct cor_pool *pool, struct cor_future *future)
{
	struct cor_future *others = NULL;
	struct cor_waiter *turned = NULL, *gone = NULL;
	int rc = add_thread(pool);

	if (rc == 0)
		return 0;
	cor_pool_lock(pool);
	pool->starting--;
	bool is_last = --pool->threads_len == 0;
	bool is_alone = is_last && future->is_queued;
	if (is_alone) {
		pool->submitted--;
		cor_pool_pull(pool, future);
		others = cor_pool_pull_all(pool, COR_FUTURE_RUNNING);
	}
	if (is_last) {
		turned = cor_pool_turn_away(pool, rc);
		gone = cor_wait_list_take_all(&pool->gone);
	}
	cor_pool_show(pool);
	cor_pool_unlock(pool);
	cor_wait_list_signal_all(turned);
	cor_wait_list_signal_all(gone);
	cor_future_end_all(others, COR_FUTURE_ENDED, rc);
	return is_alone ? rc : 0;
}

struct cor_future *cor_pool_next(struct cor_pool_thread *thread)
{
	struct cor_pool *pool = thread->pool;
	struct cor_waiter *next = NULL;

	cor_pool_lock(pool);
	cor_pool_tell(pool, thread);
	pool->starting -= !thread->has_started;
	thread->has_started = true;
	pool->running -= thread->has_job;
	struct cor_future *future = pool->first;
	thread->has_job = future != NULL;
	if (future) {
		cor_pool_pull(pool, future);
		cor_future_move(future, COR_FUTURE_RUNNING);
		pool->running++;
		next = cor_pool_give_place(pool);
	} else if (!pool->is_shut && !pool->is_broken) {
		cor_wait_begin(&thread->rest.wait, NULL);
		thread->rest.item = NULL;
		cor_wait_list_add(&pool->idle, &thread->rest);
		cor_pool_show(pool);
		cor_pool_unlock(pool);
		cor_wait_settle(&thread->rest.wait);
		thread->has_job = thread->rest.item != NULL; /* counted by whoever gave it */
		return thread->rest.item;
	}
	cor_pool_show(pool);
	cor_pool_unlock(pool);
	cor_waiter_signal(next);
	return future;
}

static void tell_broken(const struct cor_pool *pool)
{
	if (pool->surroundings.logger)
		cor_logger_log(pool->surroundings.logger, COR_LOG_ERROR, NULL,
			"executor %s is broken: it takes no jobs until the service is started "
			"again or reloaded",
			pool->executor->name);
}

void cor_pool_break(struct cor_pool *pool)
{
	cor_pool_lock(pool);
	bool is_news = !pool->is_broken && !pool->is_shut;
	pool->is_broken = true;
	struct cor_future *queued = cor_pool_pull_all(pool, COR_FUTURE_RUNNING);
	struct cor_waiter *turned = cor_pool_turn_away(pool, -COR_EBROKEN);
	struct cor_waiter *idle = cor_wait_list_take_all(&pool->idle);
	cor_pool_show(pool);
	cor_pool_unlock(pool);
	if (is_news)
		tell_broken(pool);
	cor_wait_list_signal_all(turned);
	cor_wait_list_signal_all(idle);
	cor_future_end_all(queued, COR_FUTURE_ENDED, -COR_EBROKEN);
}

void cor_pool_leave(struct cor_pool_thread *thread)
{
	struct cor_pool *pool = thread->pool;
	struct cor_waiter *gone = NULL;

	cor_pool_lock(pool);
	pool->starting -= !thread->has_started;
	pool->threads_len--;
	cor_pool_show(pool);
	if (pool->threads_len == 0)
		gone = cor_wait_list_take_all(&pool->gone);
	cor_pool_unlock(pool);
	cor_wait_list_signal_all(gone);
}
