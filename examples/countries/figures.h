/* SPDX-License-Identifier: MIT */
/** What the service counts itself, for /metrics. */
#ifndef COUNTRIES_FIGURES_H
#define COUNTRIES_FIGURES_H

#include "shelf.h"

enum bookmark_change { BOOKMARK_ADDED, BOOKMARK_CHANGED, BOOKMARK_REMOVED };

extern const struct cor_counter bookmark_changes;
extern const struct cor_gauge bookmarks_kept;

/** Count this many changed bookmarks; the caller holds the shelf's mutex. */
void count_changes(
	struct cor_ctx *ctx, const struct shelf *shelf, enum bookmark_change change, uint64_t n);

#endif
