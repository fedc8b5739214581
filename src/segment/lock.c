/* SPDX-License-Identifier: MIT */
#include "segment/lock.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

#define NS_PER_S 1000000000

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

/* With the error of whoever has locked the mutex. */
static int taken(struct cor_lock *lock, int error, cor_lock_repair repair, void *arg)
{
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

int cor_lock_take(struct cor_lock *lock, cor_lock_repair repair, void *arg)
{
	return taken(lock, pthread_mutex_lock(&lock->mutex), repair, arg);
}

int cor_lock_take_until(
	struct cor_lock *lock, int64_t deadline_ns, cor_lock_repair repair, void *arg)
{
	const struct timespec deadline = { deadline_ns / NS_PER_S, deadline_ns % NS_PER_S };
	int error = pthread_mutex_trylock(&lock->mutex);

	if (error == EBUSY && deadline_ns != 0)
		error = pthread_mutex_timedlock(&lock->mutex, &deadline);
	if (error == ETIMEDOUT)
		error = EBUSY;
	return taken(lock, error, repair, arg);
}

void cor_lock_give(struct cor_lock *lock)
{
	int error = pthread_mutex_unlock(&lock->mutex);

	assert(error == 0);
	(void)error;
}
