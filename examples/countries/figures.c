/* SPDX-License-Identifier: MIT */
#include "figures.h"

static const char *const change_names[] = {
	[BOOKMARK_ADDED] = "added",
	[BOOKMARK_CHANGED] = "changed",
	[BOOKMARK_REMOVED] = "removed",
};
const struct cor_counter bookmark_changes = COR_COUNTER("countries_bookmark_changes",
	.doc = "Bookmarks that clients have changed.",
	.labels = { COR_LABEL("change", change_names) });
const struct cor_gauge bookmarks_kept = COR_GAUGE(
	"countries_bookmarks", .doc = "Bookmarks on the shelves of all workers.");

void count_changes(
	struct cor_ctx *ctx, const struct shelf *shelf, enum bookmark_change change, uint64_t n)
{
	cor_counter_add(ctx, &bookmark_changes, change, n);
	cor_gauge_set(ctx, &bookmarks_kept, 0, (int64_t)shelf->len);
}
