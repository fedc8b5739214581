/* SPDX-License-Identifier: MIT */
/*
 * operationIds: the handler's name for the first operation that has it, NAME_2, NAME_3 ... for the
 * others. Names of handlers are given before any number is, so that a handler called show_2 keeps
 * its name wherever it stands. Where a service is mounted in the one of the document, the names
 * of its operations begin with its prefix, and so stay what they are when another is mounted: of
 * "/v1", list_books is v1_list_books.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "openapi/parts.h"

struct cor_operation_id {
	const struct cor_resource *resource;
	enum cor_method method;
	const char *name; /* of the handler, behind its mount's */
	const char *id;   /* NULL: not given yet */
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

/* "/v1/admin" and "list" make "v1_admin_list". NULL: there is no memory. */
static const char *qualified(const struct cor_document *document, const struct cor_documented *it)
{
	const char *prefix = it->unit->prefix + strlen(document->unit->prefix);

	if (prefix[0] == '\0')
		return it->operation->handler;
	char *id = cor_arena_printf(document->arena, "%s_%s", prefix + 1, it->operation->handler);
	for (char *at = id; at && *at; at++)
		if (!isalnum((unsigned char)*at))
			*at = '_';
	return id;
}

static int add(void *self, const struct cor_documented *it)
{
	struct cor_document *document = self;
	struct cor_operation_ids *ids = &document->ids;
	const char *name = qualified(document, it);

	if (!name)
		return -ENOMEM;
	const char *id = is_taken(ids, name) ? NULL : name;
	ids->items[ids->len++] = (struct cor_operation_id){ it->resource, it->method, name, id };
	return 0;
}

static const char *numbered(
	const struct cor_operation_ids *ids, const char *name, struct cor_arena *arena)
{
	const char *id = name;

	for (unsigned i = 2; id && is_taken(ids, id); i++)
		id = cor_arena_printf(arena, "%s_%u", name, i);
	return id;
}

int cor_operation_ids_make(struct cor_document *document)
{
	struct cor_operation_ids *ids = &document->ids;

	(void)cor_documented_each(document, count, ids);
	ids->items = cor_arena_alloc(document->arena, (ids->capacity + 1) * sizeof *ids->items);
	if (!ids->items)
		return -ENOMEM;
	int rc = cor_documented_each(document, add, document);
	for (size_t i = 0; i < ids->len && rc >= 0; i++) {
		struct cor_operation_id *item = &ids->items[i];
		if (!item->id)
			item->id = numbered(ids, item->name, document->arena);
		if (!item->id)
			rc = -ENOMEM;
	}
	return rc;
}

const char *cor_operation_id(const struct cor_operation_ids *ids, const struct cor_documented *it)
{
	for (size_t i = 0; i < ids->len; i++)
		if (ids->items[i].resource == it->resource && ids->items[i].method == it->method)
			return ids->items[i].id;
	return it->operation->handler;
}
