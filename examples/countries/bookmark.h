/* SPDX-License-Identifier: MIT */
/**
 * The tables of bookmarks.
 *
 * What a client sends and what it gets share rows, so these are macros: `at` is where the struct is inside c_type, with
 * the dot behind it, or nothing.
 */
#ifndef COUNTRIES_BOOKMARK_H
#define COUNTRIES_BOOKMARK_H

#include "shelf.h"

extern const struct cor_enum_name bookmark_kinds[4];

#define DRAFT_ROWS(c_type, at)                                                                     \
	COR_ENUM(c_type, at kind, bookmark_kinds, .key = "kind", .example = "\"country\"",         \
		.doc = "What is marked"),                                                          \
		COR_FIELD(c_type, at code, .key = "code", .min_length = 2, .example = "\"DE\"",    \
			.doc = "Its code, in any form that its kind has"),                         \
		COR_FIELD(c_type, at note, .key = "note", .presence = COR_OPTIONAL,                \
			.max_length = 100, .example = "\"Ask about ferries\"",                     \
			.doc = "A word to remember why"),                                          \
		COR_OPT_FIELD(c_type, at rating, .key = "rating", .presence = COR_NULLABLE,        \
			.range = COR_BETWEEN(1, 5), .example = "4",                                \
			.doc = "From 1 to 5; null: not yet")

#define BOOKMARK_ROWS(c_type, at)                                                                  \
	COR_FIELD(c_type, at id, .key = "id", .access = COR_READ_ONLY, .example = "1",             \
		.doc = "Given by the service"),                                                    \
		DRAFT_ROWS(c_type, at draft.),                                                     \
		COR_FIELD(c_type, at created, .key = "created", .access = COR_READ_ONLY,           \
			.example = "\"2026-11-23T12:00:00Z\"", .doc = "When it was made"),         \
		COR_FIELD(c_type, at changed, .key = "changed", .access = COR_READ_ONLY,           \
			.example = "\"2026-11-23T12:00:00Z\"", .doc = "When it was last changed")

#define BOOKMARK_ID_ROW(c_type, member)                                                            \
	COR_FIELD(c_type, member, .from = COR_FROM_PATH, .range = COR_MIN(1), .example = "1",      \
		.doc = "Id of the bookmark")

/**
 * What no table can know: the code must be one that the lists have. `at` is the JSON Pointer to the draft in the body.
 * Returns 0, or a negative code with its problem recorded: call it for several drafts to tell all that is wrong.
 */
int draft_check(struct cor_ctx *ctx, const struct draft *draft, const char *at) COR_CHECKED;

COR_DECLARE_SCHEMA(draft_schema, struct draft);
COR_DECLARE_SCHEMA(bookmark_schema, struct bookmark);

/** The answer to a POST: the bookmark, and where it is. */
struct created_bookmark {
	struct bookmark bookmark;
	const char *location;
};
COR_DECLARE_SCHEMA(created_bookmark_schema, struct created_bookmark);

struct bookmark_ref {
	int64_t id;
};
COR_DECLARE_SCHEMA(bookmark_ref_schema, struct bookmark_ref);

/** A PUT: all of the draft is replaced. */
struct bookmark_put {
	int64_t id;
	struct draft draft;
};
COR_DECLARE_SCHEMA(bookmark_put_schema, struct bookmark_put);

/** A PATCH (RFC 7396): absent members stay, null takes away. */
struct bookmark_patch {
	int64_t id;
	cor_opt(enum bookmark_kind) kind;
	cor_opt(typeof(((struct draft *)0)->code)) code;
	cor_opt(typeof(((struct draft *)0)->note)) note;
	opt_rating rating;
};
COR_DECLARE_SCHEMA(bookmark_patch_schema, struct bookmark_patch);

#endif
