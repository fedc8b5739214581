/* SPDX-License-Identifier: MIT */
#include "shelf/rank.h"

#define BRANCHES 4

static void set(const struct cor_shelf_ranks *ranks, uint32_t at, struct cor_shelf_rank item)
{
	ranks->items[at] = item;
	*cor_shelf_rank_place(ranks, item.unit) = at;
}

static void rise(const struct cor_shelf_ranks *ranks, uint32_t at, struct cor_shelf_rank item)
{
	while (at != 0 && item.key < ranks->items[(at - 1) / BRANCHES].key) {
		set(ranks, at, ranks->items[(at - 1) / BRANCHES]);
		at = (at - 1) / BRANCHES;
	}
	set(ranks, at, item);
}

/* The least of those below, or 0. */
static uint64_t least_below(const struct cor_shelf_ranks *ranks, uint64_t at)
{
	uint64_t first = at * BRANCHES + 1, least = first, len = *ranks->len;

	if (first >= len)
		return 0;
	for (uint64_t i = first + 1; i < first + BRANCHES && i < len; i++)
		if (ranks->items[i].key < ranks->items[least].key)
			least = i;
	return least;
}

static void sink(const struct cor_shelf_ranks *ranks, uint32_t at, struct cor_shelf_rank item)
{
	uint64_t below = least_below(ranks, at);

	while (below != 0 && ranks->items[below].key < item.key) {
		set(ranks, at, ranks->items[below]);
		at = (uint32_t)below;
		below = least_below(ranks, at);
	}
	set(ranks, at, item);
}

void cor_shelf_rank_add(const struct cor_shelf_ranks *ranks, uint32_t unit, uint64_t key)
{
	rise(ranks, (*ranks->len)++, (struct cor_shelf_rank){ .key = key, .unit = unit });
}

void cor_shelf_rank_move(const struct cor_shelf_ranks *ranks, uint32_t unit, uint64_t key)
{
	uint32_t at = *cor_shelf_rank_place(ranks, unit);
	struct cor_shelf_rank item = { .key = key, .unit = unit };

	if (key < ranks->items[at].key)
		rise(ranks, at, item);
	else
		sink(ranks, at, item);
}

void cor_shelf_rank_drop(const struct cor_shelf_ranks *ranks, uint32_t unit)
{
	uint32_t at = *cor_shelf_rank_place(ranks, unit);
	struct cor_shelf_rank last = ranks->items[--*ranks->len];
	uint64_t key = ranks->items[at].key;

	if (last.unit == unit)
		return;
	if (last.key < key)
		rise(ranks, at, last);
	else
		sink(ranks, at, last);
}
