/* SPDX-License-Identifier: MIT */
#include "shelf.h"

#include <stdlib.h>

static int compare_id(const void *key, const void *row)
{
	int64_t id = *(const int64_t *)key;
	const struct bookmark *bookmark = row;

	return (id > bookmark->id) - (id < bookmark->id);
}

struct bookmark *shelf_find(struct shelf *shelf, int64_t id)
{
	return bsearch(&id, shelf->bookmarks, shelf->len, sizeof *shelf->bookmarks, compare_id);
}

struct bookmark *shelf_add(struct shelf *shelf, const struct draft *draft)
{
	if (shelf->len == SHELF_MAX)
		return NULL;
	struct bookmark *bookmark = &shelf->bookmarks[shelf->len++];
	struct timespec time = cor_now();
	*bookmark = (struct bookmark){ ++shelf->last_id, *draft, .created = time, .changed = time };
	return bookmark;
}

void shelf_change(struct bookmark *bookmark, const struct draft *draft)
{
	bookmark->draft = *draft;
	bookmark->changed = cor_now();
}

void shelf_remove(struct shelf *shelf, struct bookmark *bookmark)
{
	size_t behind = (size_t)(shelf->bookmarks + shelf->len - (bookmark + 1));

	memmove(bookmark, bookmark + 1, behind * sizeof *bookmark);
	shelf->len--;
}
