/* SPDX-License-Identifier: MIT */
/** Which entry goes when there is no room: enum cor_eviction. */
#ifndef CORACLE_SHELF_ORDER_H
#define CORACLE_SHELF_ORDER_H

#include "shelf/part.h"

/** There is none. */
void cor_shelf_order_reset(const struct cor_shelf_part *part);

/** A new one, whose key had that standing before; 0: none. */
void cor_shelf_order_add(const struct cor_shelf_part *part, uint32_t unit, uint32_t standing);

/** It was got, or touched. As usual (S3-FIFO) that changes one byte, which a death leaves sound. */
void cor_shelf_order_use(const struct cor_shelf_part *part, uint32_t unit);

/** Fetch what cor_shelf_order_use() will change, while there is something else to do. */
static inline void cor_shelf_order_fetch(const struct cor_shelf_part *part, uint32_t unit)
{
	struct cor_shelf_link link = part->links[unit];

	if (part->evicts != COR_EVICT_LRU)
		return;
	if (link.before != COR_SHELF_NONE)
		__builtin_prefetch(&part->links[link.before], 1);
	if (link.after != COR_SHELF_NONE)
		__builtin_prefetch(&part->links[link.after], 1);
}

/** It was put again. */
void cor_shelf_order_again(const struct cor_shelf_part *part, uint32_t unit);

/** It goes. */
void cor_shelf_order_drop(const struct cor_shelf_part *part, uint32_t unit);

/** What it has by its uses, for one that takes its place. */
uint32_t cor_shelf_order_standing(const struct cor_shelf_part *part, uint32_t unit);

/** The one to go, which is dropped next; there are some. */
uint32_t cor_shelf_order_victim(const struct cor_shelf_part *part);

#endif
