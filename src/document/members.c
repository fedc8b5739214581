/* SPDX-License-Identifier: MIT */
#include "document/members.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "document/order.h"

static uint32_t *index_of(const struct cor_node *object)
{
	return (uint32_t *)(void *)(object->members + object->capacity);
}

/* How many members of the index come before the key. */
static size_t lower_bound(const struct cor_node *object, struct cor_str key)
{
	const uint32_t *index = index_of(object);
	size_t low = 0, high = object->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (cor_order_by_length(object->members[index[middle]].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static ptrdiff_t find_among(const struct cor_node *object, size_t len, struct cor_str key)
{
	for (size_t i = 0; i < len; i++) {
		if (cor_str_equal(object->members[i].key, key))
			return (ptrdiff_t)i;
	}
	return -1;
}

ptrdiff_t cor_members_find(const struct cor_node *object, struct cor_str key)
{
	if (object->len <= COR_MEMBERS_FEW)
		return find_among(object, object->len, key);
	size_t low = lower_bound(object, key);
	if (low == object->len)
		return -1;
	uint32_t place = index_of(object)[low];
	return cor_str_equal(object->members[place].key, key) ? (ptrdiff_t)place : -1;
}

int cor_members_reserve(struct cor_arena *arena, struct cor_node *object, size_t len)
{
	size_t index_bytes = len > COR_MEMBERS_FEW ? sizeof(uint32_t) : 0;

	if (len > COR_NODE_LEN_MAX)
		return -COR_ETOOLARGE;
	if (len <= object->capacity)
		return 0;
	struct cor_node_member *members = cor_arena_alloc(
		arena, len * (sizeof *members + index_bytes));
	if (!members)
		return -ENOMEM;
	if (object->len > 0)
		memcpy(members, object->members, object->len * sizeof *members);
	if (object->len > COR_MEMBERS_FEW)
		memcpy(members + len, index_of(object), object->len * sizeof(uint32_t));
	object->members = members;
	object->capacity = (uint32_t)len;
	return 0;
}

static void sort(const struct cor_node *object)
{
	cor_order_members(index_of(object), object->members, object->len, cor_order_by_length);
}

void cor_members_add(struct cor_node *object, struct cor_str key, struct cor_node *value)
{
	size_t len = object->len, low = 0;
	uint32_t *index = index_of(object);

	object->members[len] = (struct cor_node_member){ key, value };
	if (len > COR_MEMBERS_FEW) {
		low = lower_bound(object, key);
		memmove(index + low + 1, index + low, (len - low) * sizeof *index);
		index[low] = (uint32_t)len;
	}
	object->len++;
	if (len == COR_MEMBERS_FEW)
		sort(object);
}

void cor_members_remove(struct cor_node *object, size_t at)
{
	uint32_t *index = index_of(object);
	size_t kept = 0;

	if (object->len > COR_MEMBERS_FEW + 1) {
		for (size_t i = 0; i < object->len; i++) {
			if (index[i] != at)
				index[kept++] = index[i] - (index[i] > at);
		}
	}
	object->len--;
	memmove(object->members + at, object->members + at + 1,
		(object->len - at) * sizeof *object->members);
}

void cor_members_compact(struct cor_node *object)
{
	size_t kept = 0;

	for (size_t i = 0; i < object->len; i++) {
		if (object->members[i].value)
			object->members[kept++] = object->members[i];
	}
	object->len = kept;
	if (kept > COR_MEMBERS_FEW)
		sort(object);
}

/* The later member's value counts, in the place of the first. */
static void override(struct cor_node *object, size_t first, size_t later)
{
	object->members[first].value->parent = NULL;
	object->members[first].value = object->members[later].value;
	object->members[later].value = NULL;
}

static ptrdiff_t seal_few(struct cor_node *object, enum cor_duplicates duplicates)
{
	bool doubled = false;

	for (size_t i = 1; i < object->len; i++) {
		ptrdiff_t first = find_among(object, i, object->members[i].key);
		if (first < 0)
			continue;
		if (duplicates == COR_DUPLICATES_REFUSED)
			return (ptrdiff_t)i;
		override(object, (size_t)first, i);
		doubled = true;
	}
	if (doubled)
		cor_members_compact(object);
	return -1;
}

ptrdiff_t cor_members_seal(struct cor_node *object, enum cor_duplicates duplicates)
{
	uint32_t *index = index_of(object);
	size_t first = 0;
	bool doubled = false;

	if (object->len <= COR_MEMBERS_FEW)
		return seal_few(object, duplicates);
	sort(object);
	for (size_t i = 1; i < object->len; i++) {
		if (!cor_str_equal(
			    object->members[index[first]].key, object->members[index[i]].key)) {
			first = i;
			continue;
		}
		if (duplicates == COR_DUPLICATES_REFUSED)
			return (ptrdiff_t)index[i];
		override(object, index[first], index[i]);
		doubled = true;
	}
	if (doubled)
		cor_members_compact(object);
	return -1;
}
