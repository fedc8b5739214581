/* SPDX-License-Identifier: MIT */
#include "document/make.h"

#include <string.h>

#include "base/decimal.h"
#include "base/number.h"
#include "base/utf8.h"
#include "document/members.h"
#include "document/node.h"

struct cor_node *cor_node_new(struct cor_arena *arena, enum cor_json_type type)
{
	struct cor_node *node = cor_arena_zalloc(arena, sizeof *node);

	if (!node)
		return NULL;
	node->type = (uint8_t)type;
	node->height = type == COR_JSON_OBJECT || type == COR_JSON_ARRAY;
	return node;
}

static struct cor_node *new_text(
	struct cor_arena *arena, enum cor_json_type type, const char *data, size_t len)
{
	struct cor_node *node = cor_node_new(arena, type);

	if (!node)
		return NULL;
	node->text = cor_arena_copy(arena, data, len);
	node->len = len;
	return node->text ? node : NULL;
}

struct cor_node *cor_node_object(struct cor_arena *arena)
{
	return cor_node_new(arena, COR_JSON_OBJECT);
}

struct cor_node *cor_node_array(struct cor_arena *arena)
{
	return cor_node_new(arena, COR_JSON_ARRAY);
}

struct cor_node *cor_node_null(struct cor_arena *arena)
{
	return cor_node_new(arena, COR_JSON_NULL);
}

struct cor_node *cor_node_bool(struct cor_arena *arena, bool value)
{
	struct cor_node *node = cor_node_new(arena, COR_JSON_BOOL);

	if (node)
		node->truth = value;
	return node;
}

struct cor_node *cor_node_int64(struct cor_arena *arena, int64_t value)
{
	char out[COR_NUMBER_BYTES];

	return new_text(arena, COR_JSON_NUMBER, out, cor_number_print_int64(value, out));
}

struct cor_node *cor_node_uint64(struct cor_arena *arena, uint64_t value)
{
	char out[COR_NUMBER_BYTES];

	return new_text(arena, COR_JSON_NUMBER, out, cor_number_print_uint64(value, out));
}

struct cor_node *cor_node_double(struct cor_arena *arena, double value)
{
	char out[COR_NUMBER_BYTES];
	size_t len = cor_number_print_double(value, out);

	return len > 0 ? new_text(arena, COR_JSON_NUMBER, out, len) : NULL;
}

struct cor_node *cor_node_number(struct cor_arena *arena, struct cor_str text)
{
	struct cor_decimal decimal;

	if (text.len == 0 || cor_decimal_scan(text.data, text.data + text.len, &decimal) < 0 ||
		decimal.text.len != text.len)
		return NULL;
	return new_text(arena, COR_JSON_NUMBER, text.data, text.len);
}

struct cor_node *cor_node_text(struct cor_arena *arena, struct cor_str value)
{
	if (!cor_utf8_valid(value))
		return NULL;
	return new_text(arena, COR_JSON_STRING, value.data, value.len);
}

struct cor_node *cor_node_string(struct cor_arena *arena, const char *value)
{
	return cor_node_text(arena, cor_str(value));
}

static bool copy_items(struct cor_arena *arena, struct cor_node *copy, const struct cor_node *node)
{
	if (node->len == 0)
		return true;
	copy->items = cor_arena_alloc(arena, node->len * sizeof(struct cor_node *));
	if (!copy->items)
		return false;
	copy->capacity = (uint32_t)node->len;
	for (size_t i = 0; i < node->len; i++) {
		copy->items[i] = cor_node_copy(arena, node->items[i]);
		if (!copy->items[i])
			return false;
		copy->items[i]->parent = copy;
	}
	copy->len = node->len;
	return true;
}

static bool copy_members(
	struct cor_arena *arena, struct cor_node *copy, const struct cor_node *node)
{
	if (node->len == 0)
		return true;
	if (cor_members_reserve(arena, copy, node->len) < 0)
		return false;
	for (size_t i = 0; i < node->len; i++) {
		struct cor_str key = node->members[i].key;
		struct cor_node *value = cor_node_copy(arena, node->members[i].value);
		key.data = cor_arena_copy(arena, key.data, key.len);
		if (!value || !key.data)
			return false;
		value->parent = copy;
		copy->members[i] = (struct cor_node_member){ key, value };
	}
	copy->len = node->len;
	(void)cor_members_seal(copy, COR_DUPLICATES_LAST);
	return true;
}

struct cor_node *cor_node_copy(struct cor_arena *arena, const struct cor_node *node)
{
	if (!node)
		return NULL;
	if (node->type == COR_JSON_STRING || node->type == COR_JSON_NUMBER)
		return new_text(arena, node->type, node->text, node->len);
	struct cor_node *copy = cor_node_new(arena, node->type);
	if (!copy)
		return NULL;
	copy->height = node->height;
	if (node->type == COR_JSON_BOOL)
		copy->truth = node->truth;
	bool is_whole = node->type == COR_JSON_ARRAY    ? copy_items(arena, copy, node)
			: node->type == COR_JSON_OBJECT ? copy_members(arena, copy, node)
							: true;
	return is_whole ? copy : NULL;
}
