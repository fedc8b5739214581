/* SPDX-License-Identifier: MIT */
#include <coracle/sync.h>

#include <errno.h>

#include "runtime/mutex.h"
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

int cor_mutex_try_lock(struct cor_mutex *mutex)
{
	return swap_state(mutex, FREE, LOCKED, __ATOMIC_ACQUIRE) ? 0 : -EBUSY;
}

/* Queue up, unless it has become free meanwhile: then it is the caller's, and false is returned. */
static bool queue_up(struct cor_mutex *mutex, struct cor_waiter *waiter)
{
	cor_wait_begin(&waiter->wait, "cor_mutex_lock");
	cor_wait_list_lock(&mutex->waiters);
	bool queued = __atomic_exchange_n(&mutex->state, WAITED, __ATOMIC_ACQUIRE) != FREE;
	if (queued)
		cor_wait_list_add(&mutex->waiters, waiter);
	cor_wait_list_unlock(&mutex->waiters);
	return queued;
}

int cor_mutex_lock(struct cor_mutex *mutex)
{
	struct cor_waiter waiter;

	if (cor_mutex_try_lock(mutex) == 0 || !queue_up(mutex, &waiter))
		return 0;
	return cor_wait_list_wait(&mutex->waiters, &waiter);
}

void cor_mutex_lock_anyway(struct cor_mutex *mutex)
{
	struct cor_waiter waiter;

	if (cor_mutex_try_lock(mutex) == 0 || !queue_up(mutex, &waiter))
		return;
	cor_wait_settle(&waiter.wait);
}

void cor_mutex_unlock(struct cor_mutex *mutex)
{
	if (swap_state(mutex, LOCKED, FREE, __ATOMIC_RELEASE))
		return;
	cor_wait_list_lock(&mutex->waiters);
	struct cor_waiter *next = cor_wait_list_take(&mutex->waiters);
	if (!next)
		__atomic_store_n(&mutex->state, FREE, __ATOMIC_RELEASE);
	cor_wait_list_unlock(&mutex->waiters);
	if (next)
		cor_wait_signal(&next->wait);
}
