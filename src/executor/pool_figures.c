/* SPDX-License-Identifier: MIT */
#include "executor/pool_figures.h"

#include "segment/counter.h"

void cor_pool_show_in(struct cor_pool *pool, const struct cor_pool_gauges *gauges)
{
	pool->gauges = *gauges;
	atomic_store(gauges->processes, 0); /* a process before this one may have written there */
	cor_pool_show(pool);
}

void cor_pool_show_nowhere(struct cor_pool *pool)
{
	_Atomic uint64_t *cells = pool->own_cells;

	pool->gauges = (struct cor_pool_gauges){
		.threads = &cells[0],
		.running = &cells[1],
		.queued = &cells[2],
		.processes = &cells[3],
		.starts = &cells[4],
		.broken = &cells[5],
		.ends = &cells[6],
		.deaths = &cells[6 + COR_JOB_ENDS],
		.retirements = &cells[6 + COR_JOB_ENDS + COR_DEATHS],
	};
}

void cor_pool_show(const struct cor_pool *pool)
{
	const struct cor_pool_gauges *gauges = &pool->gauges;

	atomic_store_explicit(gauges->threads, pool->threads_len, memory_order_relaxed);
	atomic_store_explicit(gauges->running, pool->running, memory_order_relaxed);
	atomic_store_explicit(gauges->queued, pool->queued, memory_order_relaxed);
	atomic_store_explicit(gauges->broken, pool->is_broken, memory_order_relaxed);
}

void cor_pool_tell(struct cor_pool *pool, struct cor_pool_thread *thread)
{
	uint64_t done = cor_counter_read(&thread->done);
	uint64_t failed = cor_counter_read(&thread->failed);

	cor_count(&pool->gauges.ends[COR_JOB_DONE], done - thread->done_told);
	cor_count(&pool->gauges.ends[COR_JOB_FAILED], failed - thread->failed_told);
	thread->done_told = done;
	thread->failed_told = failed;
}

void cor_pool_count_cancelled(struct cor_pool *pool)
{
	pool->cancelled++;
	cor_count(&pool->gauges.ends[COR_JOB_CANCELLED], 1);
}

void cor_pool_count_refused(struct cor_pool *pool)
{
	pool->refused++;
	cor_count(&pool->gauges.ends[COR_JOB_REFUSED], 1);
}

static void count_end(struct cor_pool *pool, bool has_failed)
{
	cor_count(has_failed ? &pool->failed_here : &pool->done_here, 1);
	cor_count(&pool->gauges.ends[has_failed ? COR_JOB_FAILED : COR_JOB_DONE], 1);
}

void cor_pool_count_failed(struct cor_pool *pool)
{
	count_end(pool, true);
}

void cor_pool_count_here(struct cor_pool *pool, int result)
{
	cor_pool_lock(pool);
	pool->running--;
	cor_pool_show(pool);
	count_end(pool, result < 0);
	cor_pool_unlock(pool);
}

struct cor_pool_figures cor_pool_look(struct cor_pool *pool)
{
	struct cor_pool_figures figures = {
		.done = cor_counter_read(&pool->done_here),
		.failed = cor_counter_read(&pool->failed_here),
	};

	cor_pool_lock(pool);
	figures.is_broken = pool->is_broken;
	figures.threads = pool->threads_len;
	figures.queued = pool->queued;
	figures.running = pool->running;
	figures.submitted = pool->submitted;
	figures.cancelled = pool->cancelled;
	figures.refused = pool->refused;
	for (const struct cor_pool_thread *at = pool->threads; at; at = at->next) {
		figures.done += cor_counter_read(&at->done);
		figures.failed += cor_counter_read(&at->failed);
	}
	cor_pool_unlock(pool);
	return figures;
}

void cor_pool_count_process(struct cor_pool *pool, bool is_there)
{
	if (is_there) {
		cor_count_shared(pool->gauges.starts, 1);
		cor_count_shared(pool->gauges.processes, 1);
	} else {
		atomic_fetch_sub_explicit(pool->gauges.processes, 1, memory_order_relaxed);
	}
}

void cor_pool_count_death(struct cor_pool *pool, enum cor_death death)
{
	cor_count_shared(&pool->gauges.deaths[death], 1);
}

void cor_pool_count_retirement(struct cor_pool *pool, enum cor_turnover_cause cause)
{
	cor_count_shared(&pool->gauges.retirements[cause], 1);
}
