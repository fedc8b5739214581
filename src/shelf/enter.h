/* SPDX-License-Identifier: MIT */
/** The lock of a part. */
#ifndef CORACLE_SHELF_ENTER_H
#define CORACLE_SHELF_ENTER_H

#include "shelf/shelf.h"

/** Make it, before others see it. Returns 0 or a code of pthread_mutex_init(). */
int cor_shelf_lock_init(struct cor_lock *lock, bool is_shared) COR_CHECKED;

/** Private to cor_shelf_enter(). */
int cor_shelf_enter_shared(const struct cor_shelf_part *part) COR_CHECKED;

/** Returns 0, or -EBUSY: counted as an error. */
static inline int cor_shelf_enter(const struct cor_shelf *shelf, const struct cor_shelf_part *part)
{
	if (shelf->is_shared)
		return cor_shelf_enter_shared(part);
	pthread_mutex_lock(&part->state->lock.mutex);
	return 0;
}

static inline void cor_shelf_leave(const struct cor_shelf_part *part)
{
	pthread_mutex_unlock(&part->state->lock.mutex);
}

#endif
