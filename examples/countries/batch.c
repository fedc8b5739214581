/* SPDX-License-Identifier: MIT */
/* POST /bookmarks/batch: many bookmarks in one request, all of them or none. */
#include <coracle/compression.h>

#include "bookmark.h"
#include "figures.h"
#include "figures.h"
#include "resources.h"
#include "state.h"

/*
 * One table for requests and answers: the rows that the service fills are read-only, as in
 * bookmark_schema, so no request may have them and every answer does.
 */
struct bookmark_batch {
	cor_array(struct bookmark) items;
};
static const struct cor_field bookmark_batch_fields[] = {
	COR_OBJECT_ARRAY(struct bookmark_batch, items, bookmark_schema, .min_items = 1,
		.max_items = 100, .doc = "In the order in which to make them"),
};
COR_LOCAL_SCHEMA(bookmark_batch_schema, struct bookmark_batch, bookmark_batch_fields,
	.doc = "Several bookmarks");

/* Call with the shelf locked. Returns false if there is no room for all of them. */
static bool put_on_shelf(struct cor_ctx *ctx, struct shelf *shelf,
	const struct bookmark_batch *batch, struct bookmark_batch *made)
{
	if (SHELF_MAX - shelf->len < batch->items.len)
		return false;
	for (size_t i = 0; i < batch->items.len; i++)
		made->items.items[i] = *shelf_add(shelf, &batch->items.items[i].draft);
	made->items.len = batch->items.len;
	count_changes(ctx, shelf, BOOKMARK_ADDED, made->items.len);
	return true;
}

static int add_bookmarks(
	struct cor_ctx *ctx, const struct bookmark_batch *batch, struct bookmark_batch *made)
{
	struct shelf *shelf = shelf_of(ctx);

	made->items.items = cor_alloc(ctx, batch->items.len * sizeof *made->items.items);
	if (!made->items.items)
		return -ENOMEM;
	int rc = cor_mutex_lock(&shelf->mutex);
	if (rc < 0)
		return rc;
	bool is_made = put_on_shelf(ctx, shelf, batch, made);
	cor_mutex_unlock(&shelf->mutex);
	return is_made ? 0
		       : cor_problem(ctx, 507, 0, "there is no room for %zu more bookmarks",
				 batch->items.len);
}
COR_OPERATION(add_bookmarks_operation, add_bookmarks, bookmark_batch_schema, bookmark_batch_schema,
	.summary = "Add several bookmarks", .status = 201, .problems = { 507 },
	.doc = "Adds all of them, or none if one is refused.",
	.accepts_encoded = COR_CODINGS(&cor_gzip));

const struct cor_resource bookmark_batch_resource = {
	.path = "/bookmarks/batch",
	.post = &add_bookmarks_operation,
	.tag = "bookmarks",
};
