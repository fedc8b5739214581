/* SPDX-License-Identifier: MIT */
/**
 * A lock between threads of one or several processes that survives the death of its owner.
 *
 * It stands in the memory it protects. If its owner dies, at any instruction, the next thread gets
 * the lock and repairs the data first, so nobody waits forever. If that thread dies during the
 * repair, the one after it repairs again: a repair must be able to start from anything that an
 * unfinished update or an unfinished repair leaves behind.
 *
 * States: zeroed (not a lock yet) -> sound <-> damaged. Damaged means that an owner died and no
 * repair has succeeded since. Nobody gets a damaged lock.
 *
 * The owner is the thread, not the fiber. Never hold a lock across a yield: another fiber of the
 * thread could neither get it nor wait for it. Hold it for a short computation in memory, not for a
 * system call that may block. Nothing here yields, but taking a lock may block the thread.
 */
#ifndef CORACLE_SEGMENT_LOCK_H
#define CORACLE_SEGMENT_LOCK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>

struct cor_lock {
	pthread_mutex_t mutex;
	atomic_bool damaged;
};

/**
 * Bring the data that a lock protects back into a valid state, or drop it by making it empty. Runs
 * with the lock held. Returns 0, or a negative code if it can do neither.
 */
typedef int (*cor_lock_repair)(void *arg);

/**
 * Make the lock before others can see it: in the .init of a region. Returns 0, or the code of
 * pthread_mutex_init() (-ENOTSUP, -ENOMEM).
 */
int cor_lock_init(struct cor_lock *lock) COR_CHECKED;

/**
 * Wait for the lock and take it. If it is damaged, repair(arg) runs first, under the lock.
 *
 * Returns 0: the caller has it, and the data is valid. With any other code the caller does not have
 * it: -EDEADLK (this thread already has it), or the code of a repair that failed. That lock stays
 * damaged and is given back; the next thread that takes it tries the repair again.
 */
int cor_lock_take(struct cor_lock *lock, cor_lock_repair repair, void *arg) COR_CHECKED;

/**
 * The same, but wait until `deadline_ns` (realtime, nanoseconds since 1970) at most, for an owner
 * that does not die but was stopped: 0 does not wait. Returns also -EBUSY.
 */
int cor_lock_take_until(
	struct cor_lock *lock, int64_t deadline_ns, cor_lock_repair repair, void *arg) COR_CHECKED;

/** Give it back. The caller is the thread that took it. */
void cor_lock_give(struct cor_lock *lock);

#endif
