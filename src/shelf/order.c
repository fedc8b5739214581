/* SPDX-License-Identifier: MIT */
#include "shelf/order.h"

#include "shelf/queue.h"
#include "shelf/rank.h"

/*
 * --- LRU, and LFU: among those used as often, the one that was not used for longest ---
 *
 * They are ranked by what they had when they got their place. What was used since has more: whoever
 * is first and has not is the least of all.
 */

static void add_by_use(const struct cor_shelf_part *part, uint32_t unit, uint32_t often)
{
	struct cor_shelf_ranks ranks = cor_shelf_uses(part);
	struct cor_shelf_entry *entry = cor_shelf_entry(part, unit);

	entry->used = often * COR_SHELF_OFTEN;
	cor_shelf_order_use(part, unit);
	cor_shelf_rank_add(&ranks, unit, entry->used);
}

static uint32_t victim_by_use(const struct cor_shelf_part *part)
{
	struct cor_shelf_ranks ranks = cor_shelf_uses(part);

	for (;;) {
		uint32_t first = part->ranks[0].unit;
		uint64_t used = cor_shelf_entry(part, first)->used;

		if (part->ranks[0].key == used)
			return first;
		cor_shelf_rank_move(&ranks, first, used);
	}
}

/* --- random --- */

/* xorshift64 (Marsaglia 2003): never 0. */
static uint64_t chance(struct cor_shelf_state *state)
{
	uint64_t x = state->chance;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return state->chance = x;
}

/* --- as usual: S3-FIFO (Yang et al., SOSP 2023) --- */

/*
 * New entries are in a small queue, a tenth of all. Who was used twice there goes on into the main
 * queue; who was not leaves, and its key is a ghost for a while: put again, it is in the main queue
 * at once. There the oldest goes, if it was not used of late; else it is the newest again.
 */
enum { SMALL = 0, MAIN = 1 };

#define SMALL_SHARE 10

static struct cor_shelf_ghost *ghosts_of(const struct cor_shelf_part *part, uint32_t tag)
{
	uint32_t lines = part->ghosts_len / COR_SHELF_GHOSTS;

	return part->ghosts + ((uint64_t)tag * lines >> 32) * COR_SHELF_GHOSTS;
}

/* In place of the oldest there. */
static void remember(const struct cor_shelf_part *part, uint32_t tag)
{
	struct cor_shelf_ghost *ghosts = ghosts_of(part, tag);
	uint32_t now = ++part->state->ghosts, oldest = 0;

	for (uint32_t i = 1; i < COR_SHELF_GHOSTS; i++)
		if (now - ghosts[i].number > now - ghosts[oldest].number)
			oldest = i;
	ghosts[oldest] = (struct cor_shelf_ghost){ tag, now };
}

/* Whether it is one of as many as there are entries, and an eighth: more remember what is stale. */
static bool recall(const struct cor_shelf_part *part, uint32_t tag)
{
	struct cor_shelf_ghost *ghosts = ghosts_of(part, tag);
	uint32_t now = part->state->ghosts, entries = part->state->entries;

	for (uint32_t i = 0; i < COR_SHELF_GHOSTS; i++) {
		if (ghosts[i].tag != tag || ghosts[i].number == 0)
			continue;
		bool is_recent = now - ghosts[i].number < entries + entries / 8;
		ghosts[i] = (struct cor_shelf_ghost){ 0, 0 };
		return is_recent;
	}
	return false;
}

static uint32_t standing_as_usual(const struct cor_shelf_part *part, uint32_t unit)
{
	const struct cor_shelf_entry *entry = cor_shelf_entry(part, unit);

	return 1 + (entry->queue | (uint32_t)entry->uses << 1);
}

static void add_as_usual(const struct cor_shelf_part *part, uint32_t unit, uint32_t standing)
{
	struct cor_shelf_entry *entry = cor_shelf_entry(part, unit);

	if (standing != 0) {
		cor_shelf_queue_add(part, unit, (standing - 1) & 1);
		entry->uses = (uint8_t)((standing - 1) >> 1);
		return;
	}
	entry->uses = 0;
	cor_shelf_queue_add(part, unit, recall(part, entry->tag) ? MAIN : SMALL);
}

/* Each turn takes a use from somebody, or is the last. */
static uint32_t victim_as_usual(const struct cor_shelf_part *part)
{
	const struct cor_shelf_queue *queues = part->state->queues;

	for (;;) {
		bool is_small = queues[SMALL].len != 0 &&
				(queues[MAIN].len == 0 ||
					(uint64_t)queues[SMALL].len * SMALL_SHARE >=
						part->state->entries);
		uint32_t oldest = queues[is_small ? SMALL : MAIN].oldest;
		struct cor_shelf_entry *entry = cor_shelf_entry(part, oldest);

		if (entry->uses <= is_small) {
			if (is_small)
				remember(part, entry->tag);
			return oldest;
		}
		entry->uses = is_small ? 0 : entry->uses - 1;
		cor_shelf_queue_move(part, oldest, MAIN);
	}
}

/* --- the interface --- */

void cor_shelf_order_reset(const struct cor_shelf_part *part)
{
	for (size_t i = 0; i < COR_SHELF_QUEUES; i++)
		part->state->queues[i] = (struct cor_shelf_queue){ COR_SHELF_NONE, COR_SHELF_NONE,
			0 };
	part->state->ranks_len = 0;
}

uint32_t cor_shelf_order_standing(const struct cor_shelf_part *part, uint32_t unit)
{
	if (part->evicts == COR_EVICT_AS_USUAL)
		return standing_as_usual(part, unit);
	return part->evicts == COR_EVICT_LFU
		       ? (uint32_t)(cor_shelf_entry(part, unit)->used / COR_SHELF_OFTEN)
		       : 0;
}

void cor_shelf_order_add(const struct cor_shelf_part *part, uint32_t unit, uint32_t standing)
{
	struct cor_shelf_ranks ranks = cor_shelf_uses(part);

	if (part->evicts == COR_EVICT_AS_USUAL)
		add_as_usual(part, unit, standing);
	else if (part->evicts == COR_EVICT_LRU || part->evicts == COR_EVICT_LFU)
		add_by_use(part, unit, standing);
	else if (part->evicts == COR_EVICT_RANDOM)
		cor_shelf_rank_add(&ranks, unit, 0);
	else
		cor_shelf_queue_add(part, unit, 0);
}

void cor_shelf_order_again(const struct cor_shelf_part *part, uint32_t unit)
{
	if (part->evicts == COR_EVICT_FIFO)
		cor_shelf_queue_move(part, unit, 0);
	else
		cor_shelf_order_use(part, unit);
}

void cor_shelf_order_drop(const struct cor_shelf_part *part, uint32_t unit)
{
	struct cor_shelf_ranks ranks = cor_shelf_uses(part);

	if (part->ranks)
		cor_shelf_rank_drop(&ranks, unit);
	else
		cor_shelf_queue_drop(part, unit);
}

uint32_t cor_shelf_order_victim(const struct cor_shelf_part *part)
{
	struct cor_shelf_state *state = part->state;

	switch (part->evicts) {
	case COR_EVICT_LRU:
	case COR_EVICT_LFU:
		return victim_by_use(part);
	case COR_EVICT_RANDOM:
		return part->ranks[chance(state) % state->ranks_len].unit;
	case COR_EVICT_AS_USUAL:
		return victim_as_usual(part);
	default:
		return state->queues[0].oldest;
	}
}
