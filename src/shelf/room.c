/* SPDX-License-Identifier: MIT */
#include "shelf/room.h"

#include <assert.h>

/* --- free runs --- */

static void push(const struct cor_shelf_part *part, uint32_t first, uint32_t order)
{
	struct cor_shelf_state *state = part->state;
	uint32_t next = state->free[order];

	part->begins[first] = (uint8_t)(COR_SHELF_FREE + order);
	part->links[first] = (struct cor_shelf_link){ COR_SHELF_NONE, next };
	if (next != COR_SHELF_NONE)
		part->links[next].before = first;
	state->free[order] = first;
	state->orders_free |= UINT32_C(1) << order;
}

static void pull(const struct cor_shelf_part *part, uint32_t first, uint32_t order)
{
	struct cor_shelf_state *state = part->state;
	struct cor_shelf_link link = part->links[first];

	part->begins[first] = COR_SHELF_INSIDE;
	if (link.after != COR_SHELF_NONE)
		part->links[link.after].before = link.before;
	if (link.before != COR_SHELF_NONE)
		part->links[link.before].after = link.after;
	else
		state->free[order] = link.after;
	if (state->free[order] == COR_SHELF_NONE)
		state->orders_free &= ~(UINT32_C(1) << order);
}

static void give_one(const struct cor_shelf_part *part, uint32_t first, uint32_t order)
{
	for (; order + 1 < COR_SHELF_ORDERS; order++) {
		uint32_t buddy = first ^ UINT32_C(1) << order;

		if (buddy >= part->units_len || part->begins[buddy] != COR_SHELF_FREE + order)
			break;
		pull(part, buddy, order);
		first &= ~(UINT32_C(1) << order);
	}
	push(part, first, order);
}

/* The largest order that is not longer than that. */
static uint32_t order_within(uint32_t len)
{
	return 31 - (uint32_t)__builtin_clz(len);
}

/* Runs of any length are made of ours. */
static void give(const struct cor_shelf_part *part, uint32_t first, uint32_t len)
{
	while (len != 0) {
		uint32_t order = order_within(len);

		if (first != 0 && (uint32_t)__builtin_ctz(first) < order)
			order = (uint32_t)__builtin_ctz(first);
		give_one(part, first, order);
		first += UINT32_C(1) << order;
		len -= UINT32_C(1) << order;
	}
}

/* --- the interface --- */

void cor_shelf_room_reset(const struct cor_shelf_part *part)
{
	struct cor_shelf_state *state = part->state;

	for (size_t i = 0; i < COR_SHELF_ORDERS; i++)
		state->free[i] = COR_SHELF_NONE;
	state->orders_free = 0;
	state->units_free = part->units_len;
	give(part, 0, part->units_len);
}

static uint32_t take_whole(const struct cor_shelf_part *part, uint32_t *ret_first)
{
	uint32_t order = order_within(part->state->orders_free);

	*ret_first = part->state->free[order];
	pull(part, *ret_first, order);
	return UINT32_C(1) << order;
}

uint32_t cor_shelf_room_take(const struct cor_shelf_part *part, uint32_t len, uint32_t *ret_first)
{
	struct cor_shelf_state *state = part->state;
	uint32_t order = len > 1 ? order_within(len - 1) + 1 : 0;
	uint32_t large = order < COR_SHELF_ORDERS ? state->orders_free >> order << order : 0;
	uint32_t got;

	assert(len != 0 && len <= state->units_free);
	if (large == 0) {
		got = take_whole(part, ret_first);
	} else {
		uint32_t from = (uint32_t)__builtin_ctz(large);
		uint32_t first = state->free[from];

		pull(part, first, from);
		while (from-- > order)
			push(part, first + (UINT32_C(1) << from), from);
		give(part, first + len, (UINT32_C(1) << order) - len);
		*ret_first = first;
		got = len;
	}
	state->units_free -= got;
	return got;
}

void cor_shelf_room_give(const struct cor_shelf_part *part, uint32_t first, uint32_t len)
{
	part->state->units_free += len;
	give(part, first, len);
}
