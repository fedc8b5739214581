/* SPDX-License-Identifier: MIT */
/** The lock of a part. */
#ifndef CORACLE_SHELF_ENTER_H
#define CORACLE_SHELF_ENTER_H

#include "shelf/shelf.h"

/** Private to cor_shelf_enter(). */
int cor_shelf_enter_shared(const struct cor_shelf_part *part) COR_CHECKED;

/** Returns 0, or -EBUSY: counted as an error. */
static inline int cor_shelf_enter(const struct cor_shelf_part *part)
{
	if (part->is_shared)
		return cor_shelf_enter_shared(part);
	cor_latch_take(&part->state->latch);
	return 0;
}

static inline void cor_shelf_leave(const struct cor_shelf_part *part)
{
	if (part->is_shared)
		cor_lock_give(&part->state->lock);
	else
		cor_latch_give(&part->state->latch);
}

#endif
