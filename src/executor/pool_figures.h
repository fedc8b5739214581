/* SPDX-License-Identifier: MIT */
/** How a pool stands, and how its jobs have ended. Under its lock unless a line says otherwise. */
#ifndef CORACLE_EXECUTOR_POOL_FIGURES_H
#define CORACLE_EXECUTOR_POOL_FIGURES_H

#include "executor/pool.h"

/** Write how it stands elsewhere from now on, before the first job. Without the lock. */
void cor_pool_show_in(struct cor_pool *pool, const struct cor_pool_gauges *gauges);

/** Nobody reads how it stands, but by cor_pool_look(). */
void cor_pool_show_nowhere(struct cor_pool *pool);

/** The members that the gauges show have changed. */
void cor_pool_show(const struct cor_pool *pool);

/** Show what the thread has done since it was here last. */
void cor_pool_tell(struct cor_pool *pool, struct cor_pool_thread *thread);

void cor_pool_count_cancelled(struct cor_pool *pool);
void cor_pool_count_refused(struct cor_pool *pool);

/** A job has failed that never began. */
void cor_pool_count_failed(struct cor_pool *pool);

/** A job has run where it was submitted. Without the lock. */
void cor_pool_count_here(struct cor_pool *pool, int result);

/** A process is there, or is gone. Without the lock. */
void cor_pool_count_process(struct cor_pool *pool, bool is_there);

/** Why one is gone. Without the lock. */
void cor_pool_count_death(struct cor_pool *pool, enum cor_death death);
void cor_pool_count_retirement(struct cor_pool *pool, enum cor_turnover_cause cause);

#endif
