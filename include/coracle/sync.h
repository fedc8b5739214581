/* SPDX-License-Identifier: MIT */
/**
 * Mutex, condition, semaphore and channel.
 *
 * They work between fibers of any scheduler and plain threads. A zeroed object is ready for use (a
 * semaphore has no permits then). Nothing needs to be destroyed, but nobody may be waiting when the
 * memory is freed. Waiters are served in order of arrival. An uncontended operation is one atomic
 * instruction and no system call.
 *
 * "Yields" means: parks the calling fiber, or blocks the calling thread outside one. Every wait
 * obeys the scope (see fiber.h); operations that do not need to wait succeed even after its
 * deadline, except on channels. Do not hold a mutex across a wait of another kind: everyone who
 * wants it waits as well.
 */
#ifndef CORACLE_SYNC_H
#define CORACLE_SYNC_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

COR_BEGIN_DECLS

struct cor_fiber;
struct cor_waiter;

/** Private: those who wait, behind a short spin lock that is never held over a yield. */
struct cor_wait_list {
	uint32_t lock;
	struct cor_waiter *first;
	struct cor_waiter *last;
};

struct cor_mutex {
	uint32_t state; /* 0 free, 1 locked, 2 locked and somebody waits */
	struct cor_wait_list waiters;
	struct cor_fiber *holder; /* NULL: nobody, or a plain thread */
};

/**
 * Lock. Yields while another holds it. Not recursive: a fiber that holds it already gets -EDEADLK
 * at once (a plain thread waits for itself). Returns 0, -EDEADLK, or without the lock -ECANCELED or
 * -ETIMEDOUT.
 */
COR_API int cor_mutex_lock(struct cor_mutex *mutex) COR_CHECKED;

/** Lock if it is free. Never yields. Returns 0 or -EBUSY. */
COR_API int cor_mutex_try_lock(struct cor_mutex *mutex) COR_CHECKED;

/** Unlock. If somebody waits, the one who has waited longest gets it. Never yields. */
COR_API void cor_mutex_unlock(struct cor_mutex *mutex);

struct cor_condition {
	struct cor_wait_list waiters;
};

/**
 * Unlock the mutex, wait for a signal, lock the mutex again. Yields. Check the condition in a loop.
 * Returns 0, -ECANCELED or -ETIMEDOUT; the mutex is locked in each case (relocking ignores the
 * scope).
 */
COR_API int cor_condition_wait(
	struct cor_condition *condition, struct cor_mutex *mutex) COR_CHECKED;

/** Wake the one who has waited longest. Never yields. */
COR_API void cor_condition_signal(struct cor_condition *condition);

/** Wake all. Never yields. */
COR_API void cor_condition_broadcast(struct cor_condition *condition);

struct cor_semaphore {
	uint32_t permits; /* private; the top bit says that somebody may be waiting */
	struct cor_wait_list waiters;
};

/** A semaphore with `permits` permits, 2^31 - 1 at most. Never yields. */
COR_API void cor_semaphore_init(struct cor_semaphore *semaphore, uint32_t permits);

/** Take a permit. Yields while none is left. Returns 0, -ECANCELED or -ETIMEDOUT. */
COR_API int cor_semaphore_take(struct cor_semaphore *semaphore) COR_CHECKED;

/** Give a permit back. Never yields. */
COR_API void cor_semaphore_give(struct cor_semaphore *semaphore);

/** A bounded queue of pointers. */
struct cor_channel;

/**
 * Create a channel for `capacity` pointers (at least 1). Never yields. Returns 0, -EINVAL or
 * -ENOMEM.
 */
COR_API int cor_channel_create(size_t capacity, struct cor_channel **ret) COR_CHECKED;

/** Free it; nobody may be waiting. NULL is allowed. Never yields. */
COR_API void cor_channel_destroy(struct cor_channel *channel);

/**
 * Add an item. Yields while the channel is full. Returns 0, -COR_ECLOSED, -ECANCELED or -ETIMEDOUT
 * (then it was not added).
 */
COR_API int cor_channel_send(struct cor_channel *channel, void *item) COR_CHECKED;

/**
 * Take the oldest item. Yields while the channel is empty. Returns 0, -COR_ECLOSED (closed and
 * empty), -ECANCELED or -ETIMEDOUT.
 */
COR_API int cor_channel_receive(struct cor_channel *channel, void **ret_item) COR_CHECKED;

/**
 * End all sending, including sends that are waiting; items already in the channel can still be
 * received. Wakes everyone. Never yields.
 */
COR_API void cor_channel_close(struct cor_channel *channel);

COR_END_DECLS
#endif
