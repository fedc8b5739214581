/* SPDX-License-Identifier: MIT */
/*
 * operationIds: the handler's name for the first operation that has it, NAME_2, NAME_3 ... for the
 * others. Names of handlers are given before any number is, so that a handler called show_2 keeps
 * its name wherever it stands.
 */
#include <errno.h>
#include <string.h>

#include "openapi/parts.h"

struct cor_operation_id {
	const struct cor_resource *resource;
	enum cor_method method;
	const char *handler;
	const char *id; /* NULL: not given yet */
};

static bool is_taken(const struct cor_operation_ids *ids, const char *id)
{
	for (size_t i = 0; i < ids->len; i++)
		if (ids->items[i].id && strcmp(ids->items[i].id, id) == 0)
			return true;
	return false;
}

static int count(void *self, const struct cor_documented *it)
{
	struct cor_operation_ids *ids = self;

	(void)it;
	ids->capacity++;
	return 0;
}

static int add(void *self, const struct cor_documented *it)
{
	struct cor_operation_ids *ids = self;
	const char *handler = it->operation->handler;
	const char *id = is_taken(ids, handler) ? NULL : handler;

	ids->items[ids->len++] = (struct cor_operation_id){ it->resource, it->method, handler, id };
	return 0;
}

static const char *numbered(
	const struct cor_operation_ids *ids, const char *handler, struct cor_arena *arena)
{
	const char *id = handler;

	for (unsigned i = 2; id && is_taken(ids, id); i++)
		id = cor_arena_printf(arena, "%s_%u", handler, i);
	return id;
}

int cor_operation_ids_make(
	const struct cor_service *service, struct cor_arena *arena, struct cor_operation_ids *ret)
{
	struct cor_operation_ids ids = { 0 };

	(void)cor_documented_each(service, count, &ids);
	ids.items = cor_arena_alloc(arena, (ids.capacity + 1) * sizeof *ids.items);
	if (!ids.items)
		return -ENOMEM;
	(void)cor_documented_each(service, add, &ids);
	for (size_t i = 0; i < ids.len; i++) {
		struct cor_operation_id *item = &ids.items[i];
		if (!item->id)
			item->id = numbered(&ids, item->handler, arena);
		if (!item->id)
			return -ENOMEM;
	}
	*ret = ids;
	return 0;
}

const char *cor_operation_id(const struct cor_operation_ids *ids, const struct cor_documented *it)
{
	for (size_t i = 0; i < ids->len; i++)
		if (ids->items[i].resource == it->resource && ids->items[i].method == it->method)
			return ids->items[i].id;
	return it->operation->handler;
}
