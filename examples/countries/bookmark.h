/* SPDX-License-Identifier: MIT */
/** Bookmarks as clients send and receive them; the tables are in bookmark.c. */
#ifndef COUNTRIES_BOOKMARK_H
#define COUNTRIES_BOOKMARK_H

#include "shelf.h"

extern const struct cor_enum_name bookmark_kinds[4];

/** Its check knows what no table can: that the lists have the code. */
COR_DECLARE_SCHEMA(draft_schema, struct draft);
COR_DECLARE_SCHEMA(bookmark_schema, struct bookmark);

/** The answer to a POST: the bookmark, and where it is. */
struct created_bookmark {
	struct bookmark bookmark;
	const char *location;
};
COR_DECLARE_SCHEMA(created_bookmark_schema, struct created_bookmark);

/** Which bookmark, from the path; embedded where a request says more. */
struct bookmark_ref {
	int64_t id;
};
COR_DECLARE_SCHEMA(bookmark_ref_schema, struct bookmark_ref);

/** A PUT: all of the draft is replaced. */
struct bookmark_put {
	struct bookmark_ref ref;
	struct draft draft;
};
COR_DECLARE_SCHEMA(bookmark_put_schema, struct bookmark_put);

/** A PATCH (RFC 7396): absent members stay, null removes. */
struct bookmark_patch {
	struct bookmark_ref ref;
	struct draft draft;
	struct cor_given given;
};
COR_DECLARE_SCHEMA(bookmark_patch_schema, struct bookmark_patch);

#endif
