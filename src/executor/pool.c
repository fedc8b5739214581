/* SPDX-License-Identifier: MIT */
#include "executor/pool.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include <coracle/error.h>

#include "base/compiler.h"
#include "executor/nursery.h"
#include "executor/work.h"
#include "runtime/cpus.h"
#include "runtime/wait_list.h"
#include "segment/counter.h"

#define QUEUE_DEFAULT   1000
#define THREADS_DEFAULT 32 /* at most */

static void lock(struct cor_pool *pool)
{
	cor_wait_list_lock(&pool->idle);
}

static void unlock(struct cor_pool *pool)
{
	cor_wait_list_unlock(&pool->idle);
}

/* --- figures, under the lock --- */

static void show(const struct cor_pool *pool)
{
	const struct cor_pool_gauges *gauges = &pool->gauges;

	atomic_store_explicit(gauges->threads, pool->threads_len, memory_order_relaxed);
	atomic_store_explicit(gauges->running, pool->running, memory_order_relaxed);
	atomic_store_explicit(gauges->queued, pool->queued, memory_order_relaxed);
}

/* What the thread has done since it was here last. */
static void tell(struct cor_pool *pool, struct cor_pool_thread *thread)
{
	uint64_t done = cor_counter_read(&thread->done);
	uint64_t failed = cor_counter_read(&thread->failed);

	cor_count(&pool->gauges.ends[COR_JOB_DONE], done - thread->done_told);
	cor_count(&pool->gauges.ends[COR_JOB_FAILED], failed - thread->failed_told);
	thread->done_told = done;
	thread->failed_told = failed;
}

static void count_cancelled(struct cor_pool *pool)
{
	pool->cancelled++;
	cor_count(&pool->gauges.ends[COR_JOB_CANCELLED], 1);
}

void cor_pool_count_here(struct cor_pool *pool, int result)
{
	bool has_failed = result < 0;

	lock(pool);
	pool->running--;
	show(pool);
	cor_count(has_failed ? &pool->failed_here : &pool->done_here, 1);
	cor_count(&pool->gauges.ends[has_failed ? COR_JOB_FAILED : COR_JOB_DONE], 1);
	unlock(pool);
}

void cor_pool_show_in(struct cor_pool *pool, const struct cor_pool_gauges *gauges)
{
	pool->gauges = *gauges;
	show(pool);
}

/* --- the queue, under the lock --- */

static void put(struct cor_pool *pool, struct cor_future *future)
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

static void pull(struct cor_pool *pool, struct cor_future *future)
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

static void move(struct cor_future *future, enum cor_future_state to)
{
	atomic_store_explicit(&future->state, to, memory_order_release);
}

/* Returns who has waited longest for the place that is free now, to be signalled; NULL: nobody. */
static struct cor_waiter *give_place(struct cor_pool *pool)
{
	struct cor_waiter *waiter = cor_wait_list_take(&pool->room);

	if (waiter) {
		waiter->result = 0;
		put(pool, waiter->item);
		pool->submitted++;
	}
	return waiter;
}

static void signal_if(struct cor_waiter *waiter)
{
	if (waiter)
		cor_wait_signal(&waiter->wait);
}

bool cor_pool_withdraw(struct cor_future *future, enum cor_future_state to)
{
	struct cor_pool *pool = future->pool;
	struct cor_waiter *next = NULL;

	lock(pool);
	bool is_mine = future->is_queued;
	if (is_mine) {
		pull(pool, future);
		move(future, to);
		if (to == COR_FUTURE_CANCELLED)
			count_cancelled(pool);
		else
			pool->running++;
		next = give_place(pool);
		show(pool);
	}
	unlock(pool);
	signal_if(next);
	return is_mine;
}

/* --- threads --- */

/* Signals are for the threads that know what to do with them. */
static int start_thread(struct cor_pool_thread *thread)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
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
	lock(pool);
	thread->number = ++pool->threads_made;
	thread->next = pool->threads;
	pool->threads = thread;
	unlock(pool);
	int rc = start_thread(thread);
	if (rc == 0)
		return 0;
	lock(pool);
	struct cor_pool_thread **at = &pool->threads;
	while (*at != thread)
		at = &(*at)->next;
	*at = thread->next;
	unlock(pool);
	free(thread);
	return rc;
}

static void end_all(struct cor_future *future, enum cor_future_state state, int result)
{
	while (future) {
		struct cor_future *next = future->next;
		future->result = result;
		cor_future_end(future, state);
		future = next;
	}
}

/* All that is queued, as a list by `next`. */
static struct cor_future *pull_all(struct cor_pool *pool, enum cor_future_state to)
{
	struct cor_future *first = pool->first;

	for (struct cor_future *at = first; at; at = at->next) {
		at->is_queued = false;
		move(at, to);
		if (to == COR_FUTURE_CANCELLED) {
			count_cancelled(pool);
		} else {
			cor_count(&pool->failed_here, 1);
			cor_count(&pool->gauges.ends[COR_JOB_FAILED], 1);
		}
	}
	pool->first = pool->last = NULL;
	pool->queued = 0;
	show(pool);
	return first;
}

/* Those who wait for a place get none, but `rc`. Under the lock; to be signalled. */
static struct cor_waiter *turn_away(struct cor_pool *pool, int rc)
{
	struct cor_waiter *turned = cor_wait_list_take_all(&pool->room);

	for (struct cor_waiter *at = turned; at; at = at->next)
		at->result = rc;
	return turned;
}

/* Without any thread nobody would ever run the job, nor others that count on the same thread. */
static int grow(struct cor_pool *pool, struct cor_future *future)
{
	struct cor_future *others = NULL;
	struct cor_waiter *turned = NULL, *gone = NULL;
	int rc = add_thread(pool);

	if (rc == 0)
		return 0;
	lock(pool);
	pool->starting--;
	bool is_last = --pool->threads_len == 0;
	bool is_alone = is_last && future->is_queued;
	if (is_alone) {
		pool->submitted--;
		pull(pool, future);
		others = pull_all(pool, COR_FUTURE_RUNNING);
	}
	if (is_last) {
		turned = turn_away(pool, rc);
		gone = cor_wait_list_take_all(&pool->gone);
	}
	show(pool);
	unlock(pool);
	cor_wait_list_signal_all(turned);
	cor_wait_list_signal_all(gone);
	end_all(others, COR_FUTURE_ENDED, rc);
	return is_alone ? rc : 0;
}

struct cor_future *cor_pool_next(struct cor_pool_thread *thread)
{
	struct cor_pool *pool = thread->pool;
	struct cor_waiter self, *next = NULL;

	lock(pool);
	tell(pool, thread);
	pool->starting -= !thread->has_started;
	thread->has_started = true;
	pool->running -= thread->has_job;
	struct cor_future *future = pool->first;
	thread->has_job = future != NULL;
	if (future) {
		pull(pool, future);
		move(future, COR_FUTURE_RUNNING);
		pool->running++;
		next = give_place(pool);
	} else if (!pool->is_shut && !pool->is_broken) {
		cor_wait_begin(&self.wait, NULL);
		self.item = NULL;
		cor_wait_list_add(&pool->idle, &self);
		show(pool);
		unlock(pool);
		cor_wait_settle(&self.wait);
		thread->has_job = self.item != NULL; /* counted by whoever gave it */
		return self.item;
	}
	show(pool);
	unlock(pool);
	signal_if(next);
	return future;
}

void cor_pool_break(struct cor_pool *pool)
{
	lock(pool);
	pool->is_broken = true;
	struct cor_future *queued = pull_all(pool, COR_FUTURE_RUNNING);
	struct cor_waiter *turned = turn_away(pool, -COR_EBROKEN);
	struct cor_waiter *idle = cor_wait_list_take_all(&pool->idle);
	unlock(pool);
	cor_wait_list_signal_all(turned);
	cor_wait_list_signal_all(idle);
	end_all(queued, COR_FUTURE_ENDED, -COR_EBROKEN);
}

void cor_pool_leave(struct cor_pool_thread *thread)
{
	struct cor_pool *pool = thread->pool;
	struct cor_waiter *gone = NULL;

	lock(pool);
	pool->starting -= !thread->has_started;
	pool->threads_len--;
	show(pool);
	if (pool->threads_len == 0)
		gone = cor_wait_list_take_all(&pool->gone);
	unlock(pool);
	cor_wait_list_signal_all(gone);
}

/* --- submitting --- */

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
		move(future, COR_FUTURE_RUNNING);
		pool->running++;
		*ret_idle = idle;
	} else if (is_full(pool)) {
		return FULL;
	} else {
		put(pool, future);
	}
	pool->submitted++;
	bool is_short = !idle && pool->threads_len < pool->size;
	pool->threads_len += is_short;
	pool->starting += is_short;
	show(pool);
	return is_short ? NEEDS_THREAD : TAKEN;
}

/* Under the lock, which it gives up. */
static int wait_for_place(struct cor_pool *pool, struct cor_future *future)
{
	struct cor_waiter self;

	cor_wait_begin(&self.wait, "cor_pool_submit");
	self.item = future;
	cor_wait_list_add(&pool->room, &self);
	unlock(pool);
	int rc = cor_wait(&self.wait, COR_FOREVER);
	if (rc < 0) {
		lock(pool);
		bool is_waiting = self.queued;
		if (is_waiting)
			cor_wait_list_remove(&pool->room, &self);
		unlock(pool);
		if (is_waiting)
			return rc;
		cor_wait_settle(&self.wait);
	}
	return self.result;
}

/* Under the lock, which it gives up. There is no place, and no room on the stack. */
static void put_beyond(struct cor_pool *pool, struct cor_future *future)
{
	put(pool, future);
	pool->submitted++;
	show(pool);
	unlock(pool);
}

/* Under the lock, which it gives up. */
static int take_when_full(
	struct cor_pool *pool, struct cor_future *future, const struct cor_environment *environment)
{
	enum cor_full_queue when_full = pool->executor->when_full;

	/* one of its own threads would wait for itself */
	if (when_full == COR_FULL_WAIT && !cor_pool_is_here(pool))
		return wait_for_place(pool, future);
	if (when_full == COR_FULL_WAIT && cor_pool_is_deep()) {
		put_beyond(pool, future);
		return 0;
	}
	bool is_refused = when_full == COR_FULL_REFUSE;
	pool->refused += is_refused;
	cor_count(&pool->gauges.ends[COR_JOB_REFUSED], is_refused);
	pool->submitted += !is_refused;
	pool->running += !is_refused;
	show(pool);
	unlock(pool);
	if (is_refused)
		return -COR_EBUSY;
	move(future, COR_FUTURE_RUNNING);
	cor_job_run(future, environment);
	return 0;
}

static int try_to_take(
	struct cor_pool *pool, struct cor_future *future, const struct cor_environment *environment)
{
	struct cor_waiter *idle;
	int rc;

	if (future->bytes > pool->call_max)
		return -COR_ETOOLARGE;
	lock(pool);
	enum verdict verdict = offer(pool, future, &idle, &rc);
	if (verdict == FULL)
		return take_when_full(pool, future, environment);
	unlock(pool);
	signal_if(idle);
	return verdict == NEEDS_THREAD ? grow(pool, future) : rc;
}

int cor_pool_take(
	struct cor_pool *pool, struct cor_future *future, const struct cor_environment *environment)
{
	int rc = try_to_take(pool, future, environment);

	if (rc < 0)
		cor_future_drop(future);
	return rc;
}

int cor_pool_submit_call(
	struct cor_pool *pool, cor_job *fn, const void *call, size_t bytes, struct cor_future **ret)
{
	struct cor_future *future = cor_future_create(pool, fn, call, bytes);

	if (!future)
		return -ENOMEM;
	int rc = cor_pool_take(pool, future, NULL);
	if (rc == 0 && ret)
		*ret = future;
	else
		cor_future_drop(future);
	return rc;
}

/* --- life --- */

const char *cor_executor_contradiction(const struct cor_executor *executor)
{
	if (executor->kind == COR_PROCESSES)
		return executor->when_full == COR_FULL_RUN_HERE
			       ? "a job for a process cannot run where it is submitted: choose "
				 "another .when_full than COR_FULL_RUN_HERE"
			       : NULL;
	if (executor->isolation != COR_NO_ISOLATION)
		return "only processes have a sandbox: add .kind = COR_PROCESSES";
	if (executor->call_bytes || executor->job_timeout_ms || executor->job_cpu_ms ||
		executor->memory_bytes || executor->jobs_per_process)
		return ".call_bytes, .job_timeout_ms, .job_cpu_ms, .memory_bytes and "
		       ".jobs_per_process are for processes: add .kind = COR_PROCESSES";
	return NULL;
}

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
	struct cor_pool *pool = calloc(1, sizeof *pool);

	if (!pool)
		return -ENOMEM;
	pool->executor = executor;
	pool->surroundings = *surroundings;
	pool->size = size_of(executor);
	pool->queue_max = executor->queue ? executor->queue : QUEUE_DEFAULT;
	pool->gauges = (struct cor_pool_gauges){ &pool->own_cells[0], &pool->own_cells[1],
		&pool->own_cells[2], &pool->own_cells[3] };
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
	if (cor_executor_contradiction(executor))
		return -COR_ETABLE;
	if (executor->kind == COR_PROCESSES)
		return create_with_nursery(executor, ret);
	return cor_pool_create_in(executor, &(struct cor_pool_surroundings){ 0 }, ret);
}

void cor_pool_shut_down(struct cor_pool *pool, enum cor_shutdown how)
{
	struct cor_future *cancelled = NULL;

	lock(pool);
	pool->is_shut = true;
	if (how == COR_SHUTDOWN_CANCEL)
		cancelled = pull_all(pool, COR_FUTURE_CANCELLED);
	struct cor_waiter *turned = turn_away(pool, -COR_ECLOSED);
	struct cor_waiter *idle = cor_wait_list_take_all(&pool->idle);
	unlock(pool);
	cor_wait_list_signal_all(turned);
	cor_wait_list_signal_all(idle);
	end_all(cancelled, COR_FUTURE_CANCELLED, 0);
}

int cor_pool_await(struct cor_pool *pool)
{
	struct cor_waiter self;

	cor_wait_begin(&self.wait, "cor_pool_destroy");
	lock(pool);
	bool waits = pool->threads_len != 0;
	if (waits)
		cor_wait_list_add(&pool->gone, &self);
	unlock(pool);
	int rc = waits ? cor_wait(&self.wait, COR_FOREVER) : 0;
	if (rc == 0)
		return 0;
	lock(pool);
	bool is_waiting = self.queued;
	if (is_waiting)
		cor_wait_list_remove(&pool->gone, &self);
	unlock(pool);
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
	free(pool);
}

struct cor_pool_figures cor_pool_look(struct cor_pool *pool)
{
	struct cor_pool_figures figures = {
		.done = cor_counter_read(&pool->done_here),
		.failed = cor_counter_read(&pool->failed_here),
	};

	lock(pool);
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
	unlock(pool);
	return figures;
}
