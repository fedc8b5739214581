/* SPDX-License-Identifier: MIT */
/**
 * The bookmarks that the service holds: in memory, bounded, and gone when it stops.
 *
 * Handlers run on several threads: hold the mutex during every call and while you use what a call
 * returned. A bookmark has its text inside, so assigning the struct copies all of it out of the
 * memory of a request.
 */
#ifndef COUNTRIES_SHELF_H
#define COUNTRIES_SHELF_H

#include <coracle/coracle.h>

#define SHELF_MAX      1000
#define NOTE_MAX_BYTES 400

enum bookmark_kind { BOOKMARK_COUNTRY, BOOKMARK_SUBDIVISION, BOOKMARK_CURRENCY, BOOKMARK_LANGUAGE };

/** What a client says about a bookmark. */
struct draft {
	enum bookmark_kind kind;
	char code[8];
	char note[NOTE_MAX_BYTES + 1]; /* "": none */
	cor_opt(int32_t) rating;
};

struct bookmark {
	int64_t id;
	struct draft draft;
	struct timespec created;
	struct timespec changed;
};

struct shelf {
	struct cor_mutex mutex;
	int64_t last_id;
	size_t len;
	struct bookmark bookmarks[SHELF_MAX]; /* by id */
};

/** Returns NULL if there is none. */
struct bookmark *shelf_find(struct shelf *shelf, int64_t id);

/** Add a bookmark, with the next id and the current time. Returns NULL if the shelf is full. */
struct bookmark *shelf_add(struct shelf *shelf, const struct draft *draft);

/** Replace the draft of a bookmark on the shelf. */
void shelf_change(struct bookmark *bookmark, const struct draft *draft);

/** Remove a bookmark from the shelf. */
void shelf_remove(struct shelf *shelf, struct bookmark *bookmark);

#endif
