/* SPDX-License-Identifier: MIT */
#include <coracle/sync.h>

#include "runtime/mutex.h"
#include "runtime/wait_list.h"

int cor_condition_wait(struct cor_condition *condition, struct cor_mutex *mutex)
{
	const void *place = __builtin_return_address(0);
	struct cor_waiter waiter;

	cor_wait_begin(&waiter.wait, "cor_condition_wait");
	cor_wait_list_lock(&condition->waiters);
	cor_wait_list_add(&condition->waiters, &waiter);
	cor_wait_list_unlock(&condition->waiters);
	cor_mutex_unlock(mutex);
	int rc = cor_wait_list_wait(&condition->waiters, &waiter);
	cor_mutex_lock_anyway(mutex, place);
	return rc;
}

void cor_condition_signal(struct cor_condition *condition)
{
	cor_wait_list_lock(&condition->waiters);
	struct cor_waiter *waiter = cor_wait_list_take(&condition->waiters);
	cor_wait_list_unlock(&condition->waiters);
	if (waiter)
		cor_wait_signal(&waiter->wait);
}

void cor_condition_broadcast(struct cor_condition *condition)
{
	cor_wait_list_lock(&condition->waiters);
	struct cor_waiter *waiters = cor_wait_list_take_all(&condition->waiters);
	cor_wait_list_unlock(&condition->waiters);
	cor_wait_list_signal_all(waiters);
}
