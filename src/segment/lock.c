/* SPDX-License-Identifier: MIT */
#include "segment/lock.h"

#include <assert.h>
#include <errno.h>

int cor_lock_init(struct cor_lock *lock)
{
	pthread_mutexattr_t how;
	int error = pthread_mutexattr_init(&how);

	if (error != 0)
		return -error;
	error = pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
	if (error == 0)
		error = pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST);
	if (error == 0)
		error = pthread_mutexattr_settype(&how, PTHREAD_MUTEX_ERRORCHECK);
	if (error == 0)
		error = pthread_mutex_init(&lock->mutex, &how);
	pthread_mutexattr_destroy(&how);
	atomic_store(&lock->damaged, false);
	return -error;
}

static int repair_it(struct cor_lock *lock, cor_lock_repair repair, void *arg)
{
	int rc = repair(arg);

	if (rc < 0) {
		cor_lock_give(lock);
		return rc;
	}
	atomic_store(&lock->damaged, false);
	return 0;
}

int cor_lock_take(struct cor_lock *lock, cor_lock_repair repair, void *arg)
{
	int error = pthread_mutex_lock(&lock->mutex);

	if (error == EOWNERDEAD) {
		/* A death in what follows is told to the next owner, too. */
		atomic_store(&lock->damaged, true);
		error = pthread_mutex_consistent(&lock->mutex);
	}
	if (error != 0)
		return -error;
	if (atomic_load_explicit(&lock->damaged, memory_order_relaxed))
		return repair_it(lock, repair, arg);
	return 0;
}

void cor_lock_give(struct cor_lock *lock)
{
	int error = pthread_mutex_unlock(&lock->mutex);

	assert(error == 0);
	(void)error;
}
