/* SPDX-License-Identifier: MIT */
/*
 * A struct is copied byte by byte; then what its members point to is copied, and they point to the
 * copy.
 */
#include "schema/copy.h"

#include <errno.h>

#include <coracle/error.h>
#include <coracle/schema_custom.h>

#include "schema/copier.h"
#include "schema/value.h"
#include "schema/walk.h"

static bool is_there(const struct cor_copier *copier, const void *data, size_t bytes)
{
	return !copier->foreign || cor_foreign_has(copier->foreign, data, bytes);
}

/* Bytes with a NUL behind them, into the member at `at`. */
static int copy_bytes(struct cor_copier *copier, const char *data, size_t len, const char **ret)
{
	if (!is_there(copier, data, len))
		return -COR_EINVALID;
	*ret = cor_arena_copy(copier->arena, data, len);
	return *ret ? 0 : -ENOMEM;
}

/* --- kinds --- */

/* Anything else than 0 and 1 is no bool, and undefined. */
int cor_copy_bool(struct cor_copier *copier, const struct cor_field *field, void *at)
{
	unsigned char *byte = at;

	(void)copier;
	(void)field;
	*byte = *byte != 0;
	return 0;
}

int cor_copy_text(struct cor_copier *copier, const struct cor_field *field, void *at)
{
	const char *text;
	size_t len;

	(void)field;
	cor_member_get(at, &text);
	if (!text)
		return 0;
	if (!copier->foreign)
		len = strlen(text);
	else if (!cor_foreign_text(copier->foreign, text, &len))
		return -COR_EINVALID;
	int rc = copy_bytes(copier, text, len, &text);
	if (rc == 0)
		cor_member_put(at, text);
	return rc;
}

int cor_copy_str(struct cor_copier *copier, const struct cor_field *field, void *at)
{
	struct cor_str text;

	(void)field;
	cor_member_get(at, &text);
	if (!text.data)
		return text.len == 0 ? 0 : -COR_EINVALID;
	int rc = copy_bytes(copier, text.data, text.len, &text.data);
	if (rc == 0)
		cor_member_put(at, text);
	return rc;
}

static int copy_members(struct cor_copier *copier, const struct cor_schema *schema, void *base);

/* Structs inside one another count alike, whether they are members or pointed to. */
static int copy_nested(struct cor_copier *copier, const struct cor_schema *schema, void *base)
{
	if (schema->is_flat)
		return 0;
	if (++copier->depth > COR_JSON_OUTPUT_DEPTH_MAX)
		return -COR_ETOOLARGE;
	int rc = copy_members(copier, schema, base);
	copier->depth--;
	return rc;
}

int cor_copy_object(struct cor_copier *copier, const struct cor_field *field, void *at)
{
	return copy_nested(copier, field->type.schema, at);
}

int cor_copy_embed(struct cor_copier *copier, const struct cor_field *field, void *at)
{
	return copy_members(copier, field->type.schema, at);
}

int cor_copy_pointer(struct cor_copier *copier, const struct cor_field *field, void *at)
{
	const void *nested;

	cor_member_get(at, &nested);
	if (!nested)
		return 0;
	if (!is_there(copier, nested, field->type.size))
		return -COR_EINVALID;
	void *copy = cor_arena_alloc(copier->arena, field->type.size);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, nested, field->type.size);
	cor_member_put(at, copy);
	return copy_nested(copier, field->type.schema, copy);
}

/* --- arrays --- */

/* Whoever looks one up takes each for a text. */
static int copy_key(struct cor_copier *copier, const struct cor_field *field, char *item)
{
	const char *key;

	cor_member_get(item, &key);
	return key ? cor_copy_text(copier, field, item) : -COR_EINVALID;
}

static size_t item_bytes(const struct cor_field *field)
{
	return field->shape == COR_SHAPE_DICT ? field->item_bytes : field->type.size;
}

static int copy_items(struct cor_copier *copier, const struct cor_field *field,
	const struct cor_array_value *array)
{
	cor_copy_value *copy = cor_kind_facts(field->type.kind)->copy;
	bool is_dict = field->shape == COR_SHAPE_DICT;
	int rc = 0;

	for (size_t i = 0; (copy || is_dict) && i < array->len && rc == 0; i++) {
		char *item = (char *)array->items + i * item_bytes(field);
		if (is_dict)
			rc = copy_key(copier, field, item);
		if (rc == 0 && copy)
			rc = copy(copier, field, item + field->value_offset);
	}
	return rc;
}

static int copy_array(struct cor_copier *copier, const struct cor_field *field, void *at)
{
	struct cor_array_value array;
	size_t bytes;

	cor_member_get(at, &array);
	if (!array.items)
		return array.len == 0 ? 0 : -COR_EINVALID;
	if (__builtin_mul_overflow(array.len, item_bytes(field), &bytes) ||
		(bytes != 0 && !is_there(copier, array.items, bytes)))
		return -COR_EINVALID;
	void *items = cor_arena_alloc(copier->arena, bytes);
	if (!items)
		return -ENOMEM;
	if (bytes != 0)
		memcpy(items, array.items, bytes);
	array.items = items;
	cor_member_put(at, array);
	return copy_items(copier, field, &array);
}

/* --- structs --- */

int cor_copier_copy(
	struct cor_copier *copier, const struct cor_schema *schema, const void *value, void *ret)
{
	memcpy(ret, value, schema->size);
	return copy_nested(copier, schema, ret);
}

static bool is_absent(const struct cor_field *field, const void *base)
{
	enum cor_opt_state state;

	if (!field->is_opt)
		return false;
	cor_member_get((const char *)base + field->state_offset, &state);
	return state != COR_SET;
}

static int copy_member(struct cor_copier *copier, const struct cor_field *field, void *base)
{
	cor_copy_value *copy = cor_kind_facts(field->type.kind)->copy;
	char *at = (char *)base + field->offset;

	if (is_absent(field, base))
		return 0;
	if (field->shape != COR_SHAPE_ONE)
		return copy_array(copier, field, at);
	return copy ? copy(copier, field, at) : 0;
}

static int copy_members(struct cor_copier *copier, const struct cor_schema *schema, void *base)
{
	int rc = 0;

	for (size_t i = 0; i < schema->len && rc == 0; i++)
		rc = schema->fields[i].computed ? 0 : copy_member(copier, &schema->fields[i], base);
	return rc;
}

static int copy(
	struct cor_copier *copier, const struct cor_schema *schema, const void *value, void *ret)
{
	if (!is_there(copier, value, schema->size))
		return -COR_EINVALID;
	memmove(ret, value, schema->size);
	if (schema->media == COR_MEDIA_TEXT || schema->media == COR_MEDIA_BYTES)
		return cor_copy_str(copier, NULL, ret);
	return copy_nested(copier, schema, ret);
}

int cor_copy_struct(
	struct cor_arena *arena, const struct cor_schema *schema, const void *value, void *ret)
{
	struct cor_copier copier = { .arena = arena };

	return copy(&copier, schema, value, ret);
}

int cor_copy_foreign(struct cor_arena *arena, const struct cor_foreign *foreign,
	const struct cor_schema *schema, const void *value, void *ret)
{
	struct cor_copier copier = { .arena = arena, .foreign = foreign };

	return copy(&copier, schema, value, ret);
}

/* --- obstacles --- */

#define SEEN_MAX 1024

struct search {
	const struct cor_schema *seen[SEEN_MAX];
	size_t len;
};

static bool is_seen(const struct search *search, const struct cor_schema *schema)
{
	for (size_t i = 0; i < search->len; i++)
		if (search->seen[i] == schema)
			return true;
	return search->len == SEEN_MAX;
}

static const struct cor_schema *find_obstacle(
	struct search *search, const struct cor_schema *schema)
{
	const struct cor_schema *found = NULL, *nested;

	if (schema->is_flat || is_seen(search, schema))
		return NULL;
	search->seen[search->len++] = schema;
	for (size_t i = 0; !found && i < schema->len; i++) {
		const struct cor_type *type = &schema->fields[i].type;
		if (type->mapping || (type->text_kind && !type->text_kind->is_flat))
			return schema;
		for (size_t j = 0; !found && (nested = cor_type_schema(type, j)); j++)
			found = find_obstacle(search, nested);
	}
	return found;
}

const struct cor_schema *cor_copy_obstacle(const struct cor_schema *schema)
{
	struct search search;

	search.len = 0;
	return find_obstacle(&search, schema);
}
