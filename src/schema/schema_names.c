/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "schema/describe.h"

struct collector {
	struct cor_arena *arena;
	struct cor_schema_names names;
	size_t capacity;
};

static bool known(const struct collector *collector, const struct cor_schema *schema)
{
	for (size_t i = 0; i < collector->names.len; i++)
		if (collector->names.schemas[i] == schema)
			return true;
	return false;
}

static int grow(struct collector *collector)
{
	size_t capacity = collector->capacity ? collector->capacity * 2 : 16;
	const struct cor_schema **schemas = cor_arena_alloc(
		collector->arena, capacity * sizeof *schemas);
	const char **names = cor_arena_alloc(collector->arena, capacity * sizeof *names);

	if (!schemas || !names)
		return -ENOMEM;
	if (collector->names.len != 0) {
		memcpy(schemas, collector->names.schemas, collector->names.len * sizeof *schemas);
		memcpy(names, collector->names.names, collector->names.len * sizeof *names);
	}
	collector->names.schemas = schemas;
	collector->names.names = names;
	collector->capacity = capacity;
	return 0;
}

static bool taken(const struct collector *collector, const char *name)
{
	for (size_t i = 0; i < collector->names.len; i++)
		if (strcmp(collector->names.names[i], name) == 0)
			return true;
	return false;
}

static const char *unique_name(const struct collector *collector, const struct cor_schema *schema)
{
	struct cor_str base = cor_schema_base_name(schema);
	const char *name = cor_arena_copy(collector->arena, base.data, base.len);

	for (unsigned i = 2; name && taken(collector, name); i++)
		name = cor_arena_printf(collector->arena, "%.*s_%u", (int)base.len, base.data, i);
	return name;
}

static int add(struct collector *collector, const struct cor_schema *schema)
{
	if (schema->media != COR_MEDIA_JSON || known(collector, schema))
		return 0;
	if (collector->names.len == collector->capacity && grow(collector) < 0)
		return -ENOMEM;
	const char *name = unique_name(collector, schema);
	if (!name)
		return -ENOMEM;
	collector->names.schemas[collector->names.len] = schema;
	collector->names.names[collector->names.len++] = name;
	return 0;
}

/* Breadth first: the list is its own queue. */
int cor_schema_names_collect(const struct cor_schema *const *roots, size_t len,
	struct cor_arena *arena, struct cor_schema_names *ret)
{
	struct collector collector = { .arena = arena };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < len; i++)
		rc = add(&collector, roots[i]);
	for (size_t i = 0; rc == 0 && i < collector.names.len; i++) {
		const struct cor_schema *schema = collector.names.schemas[i];
		for (size_t j = 0; rc == 0 && j < schema->len; j++)
			if (schema->fields[j].schema)
				rc = add(&collector, schema->fields[j].schema);
	}
	if (rc == 0)
		*ret = collector.names;
	return rc;
}

const char *cor_schema_names_find(
	const struct cor_schema_names *names, const struct cor_schema *schema)
{
	for (size_t i = 0; i < names->len; i++)
		if (names->schemas[i] == schema)
			return names->names[i];
	return NULL;
}
