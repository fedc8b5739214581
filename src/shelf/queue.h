/* SPDX-License-Identifier: MIT */
/** The queues of a part: entries from the newest to the oldest. */
#ifndef CORACLE_SHELF_QUEUE_H
#define CORACLE_SHELF_QUEUE_H

#include "shelf/part.h"

static inline void cor_shelf_queue_add(
	const struct cor_shelf_part *part, uint32_t unit, uint8_t which)
{
	struct cor_shelf_queue *queue = &part->state->queues[which];

	cor_shelf_entry(part, unit)->queue = which;
	part->links[unit] = (struct cor_shelf_link){ COR_SHELF_NONE, queue->newest };
	if (queue->newest != COR_SHELF_NONE)
		part->links[queue->newest].before = unit;
	else
		queue->oldest = unit;
	queue->newest = unit;
	queue->len++;
}

static inline void cor_shelf_queue_drop(const struct cor_shelf_part *part, uint32_t unit)
{
	struct cor_shelf_queue *queue = &part->state->queues[cor_shelf_entry(part, unit)->queue];
	struct cor_shelf_link link = part->links[unit];

	if (link.before != COR_SHELF_NONE)
		part->links[link.before].after = link.after;
	else
		queue->newest = link.after;
	if (link.after != COR_SHELF_NONE)
		part->links[link.after].before = link.before;
	else
		queue->oldest = link.before;
	queue->len--;
}

/** To the front of that queue. */
static inline void cor_shelf_queue_move(
	const struct cor_shelf_part *part, uint32_t unit, uint8_t which)
{
	if (part->state->queues[which].newest == unit)
		return;
	cor_shelf_queue_drop(part, unit);
	cor_shelf_queue_add(part, unit, which);
}

#endif
