/* SPDX-License-Identifier: MIT */
/** Which entry goes when there is no room: enum cor_eviction. */
#ifndef CORACLE_SHELF_ORDER_H
#define CORACLE_SHELF_ORDER_H

#include "shelf/part.h"

#define COR_SHELF_USES_OF_LATE 3 /* at most, of S3-FIFO */

/* In an entry's .used: how often it was, of LFU; and which of all uses of its part was the last. */
#define COR_SHELF_LAST_BITS 36
#define COR_SHELF_OFTEN     (UINT64_C(1) << COR_SHELF_LAST_BITS)

/** There is none. */
void cor_shelf_order_reset(const struct cor_shelf_part *part);

/** A new one, whose key had that standing before; 0: none. */
void cor_shelf_order_add(const struct cor_shelf_part *part, uint32_t unit, uint32_t standing);

/** Private to cor_shelf_order_use(). */
static inline uint64_t cor_shelf_order_once_more(const struct cor_shelf_part *part, uint64_t used)
{
	uint64_t often = used / COR_SHELF_OFTEN, last = ++part->state->uses % COR_SHELF_OFTEN;

	return (often < UINT64_MAX / COR_SHELF_OFTEN ? often + 1 : often) * COR_SHELF_OFTEN + last;
}

/**
 * It was got, or touched. That changes one number of its own, which a death leaves sound: what is
 * behind is put in its place when it would be the one to go.
 */
static inline void cor_shelf_order_use(const struct cor_shelf_part *part, uint32_t unit)
{
	struct cor_shelf_entry *entry = cor_shelf_entry(part, unit);

	if (part->evicts == COR_EVICT_AS_USUAL)
		entry->uses += entry->uses < COR_SHELF_USES_OF_LATE;
	else if (part->evicts == COR_EVICT_LRU)
		entry->used = ++part->state->uses;
	else if (part->evicts == COR_EVICT_LFU)
		entry->used = cor_shelf_order_once_more(part, entry->used);
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
