/* SPDX-License-Identifier: MIT */
/* /bookmarks and /bookmarks/{id}: a small collection with every verb. */
#include "bookmark.h"
#include "figures.h"
#include "list.h"
#include "resources.h"
#include "state.h"

static int no_bookmark(struct cor_ctx *ctx, int64_t id)
{
	return cor_problem(ctx, 404, 0, "no bookmark %" PRId64, id);
}

/* The list */

struct bookmark_query {
	struct list_query list;
	cor_opt(enum bookmark_kind) kind;
};
static const struct cor_field bookmark_query_fields[] = {
	COR_EMBED(struct bookmark_query, list, list_query_schema),
	COR_OPT_ENUM(struct bookmark_query, kind, bookmark_kinds, .doc = "Only of this kind"),
};
COR_LOCAL_SCHEMA(bookmark_query_schema, struct bookmark_query, bookmark_query_fields);

struct bookmark_page {
	cor_array(struct bookmark) items;
	struct list_end end;
};
static const struct cor_field bookmark_page_fields[] = {
	COR_OBJECT_ARRAY(struct bookmark_page, items, bookmark_schema),
	COR_EMBED(struct bookmark_page, end, list_end_schema),
};
COR_LOCAL_SCHEMA(bookmark_page_schema, struct bookmark_page, bookmark_page_fields,
	.doc = "A page of bookmarks");

static bool keep_bookmark(const void *row, const void *arg)
{
	const struct bookmark *bookmark = row;
	const struct bookmark_query *query = arg;

	if (query->kind.state == COR_SET && query->kind.value != bookmark->draft.kind)
		return false;
	return list_found(&query->list, bookmark->draft.note) ||
	       list_found(&query->list, bookmark->draft.code);
}

/* The shelf is in id order, so an index of it needs no sorting. */
static int index_shelf(struct cor_ctx *ctx, const struct shelf *shelf, struct index *index)
{
	*index = (struct index){
		.rows = cor_alloc(ctx, SHELF_MAX * sizeof *index->rows),
		.len = shelf->len,
		.row_bytes = sizeof *shelf->bookmarks,
	};
	if (!index->rows)
		return -ENOMEM;
	for (size_t i = 0; i < shelf->len; i++)
		index->rows[i] = &shelf->bookmarks[i];
	return 0;
}

static int list_bookmarks(
	struct cor_ctx *ctx, const struct bookmark_query *query, struct bookmark_page *page)
{
	const struct list_filter filter = { keep_bookmark, query };
	struct shelf *shelf = shelf_of(ctx);
	struct index index;
	int rc = cor_mutex_lock(&shelf->mutex);

	if (rc < 0)
		return rc;
	if (index_shelf(ctx, shelf, &index) == 0)
		page->items.items = list_cut(
			ctx, &index, &query->list, filter, &page->items.len, &page->end);
	cor_mutex_unlock(&shelf->mutex);
	return page->items.items ? 0 : -ENOMEM;
}
COR_OPERATION(list_bookmarks_operation, list_bookmarks, bookmark_query_schema, bookmark_page_schema,
	.summary = "List bookmarks",
	.doc = "In the order they were made. `q` searches note and code.");

/* One of them */

static int add_bookmark(
	struct cor_ctx *ctx, const struct draft *draft, struct created_bookmark *created)
{
	struct shelf *shelf = shelf_of(ctx);
	int rc = cor_mutex_lock(&shelf->mutex);

	if (rc < 0)
		return rc;
	const struct bookmark *bookmark = shelf_add(shelf, draft);
	if (bookmark) {
		created->bookmark = *bookmark;
		count_changes(ctx, shelf, BOOKMARK_ADDED, 1);
	}
	cor_mutex_unlock(&shelf->mutex);
	if (!bookmark)
		return cor_problem(ctx, 507, 0, "there are %d bookmarks already", SHELF_MAX);
	created->location = cor_printf(ctx, "/bookmarks/%" PRId64, created->bookmark.id);
	return created->location ? 0 : -ENOMEM;
}
COR_OPERATION(add_bookmark_operation, add_bookmark, draft_schema, created_bookmark_schema,
	.summary = "Add a bookmark", .status = 201, .problems = { 507 },
	.doc = "The code must be in the lists.");

static int get_bookmark(struct cor_ctx *ctx, const struct bookmark_ref *ref, struct bookmark *ret)
{
	struct shelf *shelf = shelf_of(ctx);
	int rc = cor_mutex_lock(&shelf->mutex);

	if (rc < 0)
		return rc;
	const struct bookmark *bookmark = shelf_find(shelf, ref->id);
	if (bookmark)
		*ret = *bookmark;
	cor_mutex_unlock(&shelf->mutex);
	return bookmark ? 0 : no_bookmark(ctx, ref->id);
}
COR_OPERATION(get_bookmark_operation, get_bookmark, bookmark_ref_schema, bookmark_schema,
	.summary = "Fetch one bookmark", .problems = { 404 });

static int replace_bookmark(
	struct cor_ctx *ctx, const struct bookmark_put *put, struct bookmark *ret)
{
	struct shelf *shelf = shelf_of(ctx);
	int rc = cor_mutex_lock(&shelf->mutex);

	if (rc < 0)
		return rc;
	struct bookmark *bookmark = shelf_find(shelf, put->ref.id);
	if (bookmark) {
		shelf_change(bookmark, &put->draft);
		*ret = *bookmark;
		count_changes(ctx, shelf, BOOKMARK_CHANGED, 1);
	}
	cor_mutex_unlock(&shelf->mutex);
	return bookmark ? 0 : no_bookmark(ctx, put->ref.id);
}
COR_OPERATION(replace_bookmark_operation, replace_bookmark, bookmark_put_schema, bookmark_schema,
	.summary = "Replace a bookmark", .problems = { 404 },
	.doc = "Whatever the body leaves out is removed.");

static int patch_locked(struct cor_ctx *ctx, struct shelf *shelf,
	const struct bookmark_patch *patch, struct bookmark *ret)
{
	struct bookmark *bookmark = shelf_find(shelf, patch->ref.id);

	if (!bookmark)
		return no_bookmark(ctx, patch->ref.id);
	struct draft draft = bookmark->draft;
	cor_apply(&patch->given, draft_schema, &patch->draft, &draft);
	int rc = cor_check(ctx, draft_schema, &draft);
	if (rc < 0)
		return rc;
	shelf_change(bookmark, &draft);
	*ret = *bookmark;
	count_changes(ctx, shelf, BOOKMARK_CHANGED, 1);
	return 0;
}

static int patch_bookmark(
	struct cor_ctx *ctx, const struct bookmark_patch *patch, struct bookmark *ret)
{
	struct shelf *shelf = shelf_of(ctx);
	int rc = cor_mutex_lock(&shelf->mutex);

	if (rc < 0)
		return rc;
	rc = patch_locked(ctx, shelf, patch, ret);
	cor_mutex_unlock(&shelf->mutex);
	return rc;
}
COR_OPERATION(patch_bookmark_operation, patch_bookmark, bookmark_patch_schema, bookmark_schema,
	.summary = "Change a bookmark", .problems = { 404 },
	.doc = "Absent members stay as they are; `null` removes a note or a rating.");

static int remove_bookmark(
	struct cor_ctx *ctx, const struct bookmark_ref *ref, struct cor_none *none)
{
	struct shelf *shelf = shelf_of(ctx);
	int rc = cor_mutex_lock(&shelf->mutex);

	(void)none;
	if (rc < 0)
		return rc;
	struct bookmark *bookmark = shelf_find(shelf, ref->id);
	if (bookmark) {
		shelf_remove(shelf, bookmark);
		count_changes(ctx, shelf, BOOKMARK_REMOVED, 1);
	}
	cor_mutex_unlock(&shelf->mutex);
	return bookmark ? 0 : no_bookmark(ctx, ref->id);
}
COR_OPERATION(remove_bookmark_operation, remove_bookmark, bookmark_ref_schema, COR_NONE,
	.summary = "Remove a bookmark", .problems = { 404 });

const struct cor_resource bookmarks_resource = {
	.path = "/bookmarks",
	.get = &list_bookmarks_operation,
	.post = &add_bookmark_operation,
	.tag = "bookmarks",
};
const struct cor_resource bookmark_resource = {
	.path = "/bookmarks/{id}",
	.get = &get_bookmark_operation,
	.put = &replace_bookmark_operation,
	.patch = &patch_bookmark_operation,
	.delete = &remove_bookmark_operation,
	.tag = "bookmarks",
};

/* Whether there is room. Without it, all but one operation work: clients may still come. */

static int check_room(struct cor_ctx *ctx, void *state)
{
	struct shelf *shelf = &((struct state *)state)->shelf;
	int rc = cor_mutex_lock(&shelf->mutex);

	if (rc < 0)
		return rc;
	size_t len = shelf->len;
	cor_mutex_unlock(&shelf->mutex);
	return len < SHELF_MAX ? 0 : cor_problem(ctx, 507, 0, "there are %d bookmarks", SHELF_MAX);
}
const struct cor_readiness bookmarks_readiness = {
	.name = "room for bookmarks", .check = check_room, .need = COR_READINESS_OPTIONAL
};
