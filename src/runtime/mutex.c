/* SPDX-License-Identifier: MIT */
#include <coracle/sync.h>

#include <errno.h>
#include <string.h>

#include "runtime/mutex.h"
#include "runtime/scheduler.h"
#include "runtime/wait_list.h"

/*
 * The state says whether unlocking must look for waiters. It becomes WAITED under the list's lock
 * only, so that a waiter in the list is never overlooked; it may stay so for a while without one,
 * which costs the next unlock a look.
 */
enum { FREE, LOCKED, WAITED };

static bool swap_state(struct cor_mutex *mutex, uint32_t from, uint32_t to, int order)
{
	return __atomic_compare_exchange_n(
		&mutex->state, &from, to, false, order, __ATOMIC_RELAXED);
}

/* Kept for those who wait for long: see tell_of_holder(). */
static inline void set_holder(struct cor_mutex *mutex, struct cor_fiber *holder)
{
	__atomic_store_n(&mutex->holder, holder, __ATOMIC_RELEASE);
}

/* Of the process: a mutex knows of nothing around it. NULL but in a test. */
static const struct cor_mutex_trace *tracing;

void cor_mutex_set_trace(const struct cor_mutex_trace *trace)
{
	tracing = trace;
}

static inline void tell_locked(const struct cor_mutex *mutex, const void *place)
{
	if (__builtin_expect(tracing != NULL, 0))
		tracing->locked(mutex, place);
}

static inline bool take(struct cor_mutex *mutex, const void *place)
{
	if (!swap_state(mutex, FREE, LOCKED, __ATOMIC_ACQUIRE))
		return false;
	set_holder(mutex, cor_fiber_current());
	tell_locked(mutex, place);
	return true;
}

int cor_mutex_try_lock(struct cor_mutex *mutex)
{
	return take(mutex, __builtin_return_address(0)) ? 0 : -EBUSY;
}

/* Queue up, unless it has become free meanwhile: then it is the caller's, and false is returned. */
static bool queue_up(struct cor_mutex *mutex, struct cor_waiter *waiter)
{
	cor_wait_begin(&waiter->wait, "cor_mutex_lock");
	cor_wait_list_lock(&mutex->waiters);
	bool queued = __atomic_exchange_n(&mutex->state, WAITED, __ATOMIC_ACQUIRE) != FREE;
	if (queued)
		cor_wait_list_add(&mutex->waiters, waiter);
	else
		set_holder(mutex, waiter->wait.fiber);
	cor_wait_list_unlock(&mutex->waiters);
	return queued;
}

static void copy_text(char ret[COR_MUTEX_NAME_BYTES], const char *text)
{
	size_t len = text ? strnlen(text, COR_MUTEX_NAME_BYTES - 1) : 0;

	if (len != 0)
		memcpy(ret, text, len);
	ret[len] = '\0';
}

/*
 * While somebody waits, who unlocks needs the lock of the list: the holder stays as long as that is
 * ours. Only one on this thread stands still; of others the name alone does not change.
 */
static void find_holder(
	struct cor_mutex *mutex, const struct cor_waiter *waiter, struct cor_mutex_wait *ret)
{
	cor_wait_list_lock(&mutex->waiters);
	const struct cor_fiber *holder = __atomic_load_n(&mutex->holder, __ATOMIC_ACQUIRE);
	if (holder && waiter->queued) {
		bool is_here = holder->scheduler == waiter->wait.fiber->scheduler;
		bool is_parked = is_here && holder->state == COR_FIBER_PARKED;
		copy_text(ret->holder, holder->name);
		copy_text(ret->request_id, is_here ? holder->request_id : NULL);
		copy_text(ret->waits_in, is_parked ? holder->waits_in : NULL);
	}
	cor_wait_list_unlock(&mutex->waiters);
}

/* The first part of a wait, of which somebody wants to know if it is not enough. */
static void wait_watched(struct cor_mutex *mutex, struct cor_waiter *waiter)
{
	struct cor_scheduler *scheduler = waiter->wait.fiber->scheduler;
	const struct cor_mutex_watch *watch = &scheduler->mutex_watch;
	struct cor_mutex_wait found = { .waiter = waiter->wait.fiber };

	cor_clock_settle(scheduler);
	int rc = cor_wait(
		&waiter->wait, cor_clock_after(cor_clock_now(scheduler), watch->limit_ms));
	if (rc == 0 || cor_scope_error() < 0)
		return;
	find_holder(mutex, waiter, &found);
	watch->found(watch->arg, &found);
}

/* While it runs, no other makes it the holder: only who unlocks for one that waits does. */
static bool is_own(const struct cor_mutex *mutex, const struct cor_fiber *self)
{
	return self && __atomic_load_n(&mutex->holder, __ATOMIC_RELAXED) == self;
}

static int refuse_own(struct cor_fiber *self)
{
	const struct cor_mutex_watch *watch = &self->scheduler->mutex_watch;

	if (watch->found)
		watch->found(
			watch->arg, &(struct cor_mutex_wait){ .waiter = self, .is_own = true });
	return -EDEADLK;
}

int cor_mutex_lock(struct cor_mutex *mutex)
{
	const void *place = __builtin_return_address(0);
	struct cor_waiter waiter;
	int rc = 0;

	if (take(mutex, place))
		return 0;
	if (is_own(mutex, cor_fiber_current()))
		return refuse_own(cor_fiber_current());
	if (queue_up(mutex, &waiter)) {
		if (waiter.wait.fiber && waiter.wait.fiber->scheduler->mutex_watch.found)
			wait_watched(mutex, &waiter);
		rc = cor_wait_list_wait(&mutex->waiters, &waiter);
	}
	if (rc == 0)
		tell_locked(mutex, place);
	return rc;
}

void cor_mutex_lock_anyway(struct cor_mutex *mutex, const void *place)
{
	struct cor_waiter waiter;

	if (take(mutex, place))
		return;
	if (queue_up(mutex, &waiter))
		cor_wait_settle(&waiter.wait);
	tell_locked(mutex, place);
}

void cor_mutex_unlock(struct cor_mutex *mutex)
{
	if (__builtin_expect(tracing != NULL, 0))
		tracing->unlocked(mutex);
	set_holder(mutex, NULL);
	if (swap_state(mutex, LOCKED, FREE, __ATOMIC_RELEASE))
		return;
	cor_wait_list_lock(&mutex->waiters);
	struct cor_waiter *next = cor_wait_list_take(&mutex->waiters);
	if (next)
		set_holder(mutex, next->wait.fiber);
	else
		__atomic_store_n(&mutex->state, FREE, __ATOMIC_RELEASE);
	cor_wait_list_unlock(&mutex->waiters);
	if (next)
		cor_wait_signal(&next->wait);
}
