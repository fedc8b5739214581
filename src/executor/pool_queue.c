/* SPDX-License-Identifier: MIT */
#include "executor/pool_queue.h"

#include "executor/pool_figures.h"

void cor_pool_put(struct cor_pool *pool, struct cor_future *future)
{
	future->next = NULL;
	future->previous = pool->last;
	future->is_queued = true;
	if (pool->last)
		pool->last->next = future;
	else
		pool->first = future;
	pool->last = future;
	pool->queued++;
}

void cor_pool_pull(struct cor_pool *pool, struct cor_future *future)
{
	if (future->previous)
		future->previous->next = future->next;
	else
		pool->first = future->next;
	if (future->next)
		future->next->previous = future->previous;
	else
		pool->last = future->previous;
	future->is_queued = false;
	pool->queued--;
}

struct cor_future *cor_pool_pull_all(struct cor_pool *pool, enum cor_future_state to)
{
	struct cor_future *first = pool->first;

	for (struct cor_future *at = first; at; at = at->next) {
		at->is_queued = false;
		cor_future_move(at, to);
		if (to == COR_FUTURE_CANCELLED)
			cor_pool_count_cancelled(pool);
		else
			cor_pool_count_failed(pool);
	}
	pool->first = pool->last = NULL;
	pool->queued = 0;
	cor_pool_show(pool);
	return first;
}

struct cor_waiter *cor_pool_give_place(struct cor_pool *pool)
{
	struct cor_waiter *waiter = cor_wait_list_take(&pool->room);

	if (waiter) {
		waiter->result = 0;
		cor_pool_put(pool, waiter->item);
		pool->submitted++;
	}
	return waiter;
}

struct cor_waiter *cor_pool_turn_away(struct cor_pool *pool, int rc)
{
	struct cor_waiter *turned = cor_wait_list_take_all(&pool->room);

	for (struct cor_waiter *at = turned; at; at = at->next)
		at->result = rc;
	return turned;
}

bool cor_pool_withdraw(struct cor_future *future, enum cor_future_state to)
{
	struct cor_pool *pool = future->pool;
	struct cor_waiter *next = NULL;

	cor_pool_lock(pool);
	bool is_mine = future->is_queued;
	if (is_mine) {
		cor_pool_pull(pool, future);
		cor_future_move(future, to);
		if (to == COR_FUTURE_CANCELLED)
			cor_pool_count_cancelled(pool);
		else
			pool->running++;
		next = cor_pool_give_place(pool);
		cor_pool_show(pool);
	}
	cor_pool_unlock(pool);
	cor_waiter_signal(next);
	return is_mine;
}
