/* SPDX-License-Identifier: MIT */
#include "document/edit.h"

#include <errno.h>
#include <string.h>

#include <coracle/error.h>

#include "base/utf8.h"
#include "document/members.h"
#include "document/node.h"

#define CAPACITY_FIRST 4

/* The exact height; what is noted may be more, once something was taken out. */
static uint8_t measure(struct cor_node *node)
{
	unsigned highest = 0;

	if (!cor_node_is_container(node))
		return 0;
	for (size_t i = 0; i < node->len; i++) {
		unsigned height = measure(*cor_node_slot(node, i));
		if (height > highest)
			highest = height;
	}
	node->height = (uint8_t)(highest + 1);
	return node->height;
}

int cor_node_may_hold(const struct cor_node *parent, struct cor_node *value)
{
	unsigned depth = 0;

	if (!value || value->parent)
		return -EINVAL;
	for (const struct cor_node *above = parent; above; above = above->parent) {
		if (above == value)
			return -EINVAL;
		depth++;
	}
	if (depth + value->height > COR_NODE_DEPTH_MAX &&
		depth + measure(value) > COR_NODE_DEPTH_MAX)
		return -COR_ETOOLARGE;
	return 0;
}

void cor_node_adopt(struct cor_node *parent, struct cor_node *value)
{
	unsigned height = value->height;

	value->parent = parent;
	for (; parent && parent->height <= height; parent = parent->parent)
		parent->height = (uint8_t)++height;
}

void cor_node_put(struct cor_node *parent, size_t index, struct cor_node *value)
{
	struct cor_node **slot = cor_node_slot(parent, index);

	(*slot)->parent = NULL;
	*slot = value;
	cor_node_adopt(parent, value);
}

struct cor_node *cor_node_take(struct cor_node *parent, size_t index)
{
	struct cor_node *value = *cor_node_slot(parent, index);

	if (parent->type == COR_JSON_OBJECT) {
		cor_members_remove(parent, index);
	} else {
		parent->len--;
		memmove(parent->items + index, parent->items + index + 1,
			(parent->len - index) * sizeof *parent->items);
	}
	value->parent = NULL;
	return value;
}

/* The capacity for one more, so that many of them are copied seldom. */
static size_t grown(const struct cor_node *node)
{
	if (node->len < node->capacity)
		return node->capacity;
	return node->capacity > CAPACITY_FIRST / 2 ? 2 * (size_t)node->capacity : CAPACITY_FIRST;
}

static int add_member(struct cor_arena *arena, struct cor_node *object, struct cor_str key,
	struct cor_node *value)
{
	if (!cor_utf8_valid(key))
		return -COR_EINVALID;
	int rc = cor_members_reserve(arena, object, grown(object));
	if (rc < 0)
		return rc;
	key.data = cor_arena_copy(arena, key.data, key.len);
	if (!key.data)
		return -ENOMEM;
	cor_members_add(object, key, value);
	cor_node_adopt(object, value);
	return 0;
}

int cor_node_set_text(struct cor_arena *arena, struct cor_node *object, struct cor_str key,
	struct cor_node *value)
{
	if (cor_node_type(object) != COR_JSON_OBJECT)
		return -EINVAL;
	int rc = cor_node_may_hold(object, value);
	if (rc < 0)
		return rc;
	ptrdiff_t at = cor_members_find(object, key);
	if (at < 0)
		return add_member(arena, object, key, value);
	cor_node_put(object, (size_t)at, value);
	return 0;
}

int cor_node_set(
	struct cor_arena *arena, struct cor_node *object, const char *key, struct cor_node *value)
{
	return cor_node_set_text(arena, object, cor_str(key), value);
}

static int reserve_items(struct cor_arena *arena, struct cor_node *array)
{
	size_t capacity = grown(array);

	if (capacity == array->capacity)
		return 0;
	if (capacity > COR_NODE_LEN_MAX)
		return -COR_ETOOLARGE;
	struct cor_node **items = cor_arena_alloc(arena, capacity * sizeof *items);
	if (!items)
		return -ENOMEM;
	if (array->len > 0)
		memcpy(items, array->items, array->len * sizeof *items);
	array->items = items;
	array->capacity = (uint32_t)capacity;
	return 0;
}

int cor_node_insert(
	struct cor_arena *arena, struct cor_node *array, size_t index, struct cor_node *value)
{
	if (cor_node_type(array) != COR_JSON_ARRAY)
		return -EINVAL;
	if (index > array->len)
		return -ENOENT;
	int rc = cor_node_may_hold(array, value);
	if (rc == 0)
		rc = reserve_items(arena, array);
	if (rc < 0)
		return rc;
	memmove(array->items + index + 1, array->items + index,
		(array->len - index) * sizeof *array->items);
	array->items[index] = value;
	array->len++;
	cor_node_adopt(array, value);
	return 0;
}

int cor_node_append(struct cor_arena *arena, struct cor_node *array, struct cor_node *value)
{
	return cor_node_insert(arena, array, cor_node_len(array), value);
}

/* Where a node is in its parent. */
static size_t place_of(const struct cor_node *node)
{
	size_t index = 0;

	while (*cor_node_slot(node->parent, index) != node)
		index++;
	return index;
}

int cor_node_replace(struct cor_node *node, struct cor_node *value)
{
	if (!node || !node->parent)
		return -ENOENT;
	int rc = cor_node_may_hold(node->parent, value);
	if (rc == 0)
		cor_node_put(node->parent, place_of(node), value);
	return rc;
}

void cor_node_remove(struct cor_node *node)
{
	if (node && node->parent)
		(void)cor_node_take(node->parent, place_of(node));
}
