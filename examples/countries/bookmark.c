/* SPDX-License-Identifier: MIT */
#include "bookmark.h"

#include "state.h"

const struct cor_enum_name bookmark_kinds[4] = {
	{ "country", BOOKMARK_COUNTRY },
	{ "subdivision", BOOKMARK_SUBDIVISION },
	{ "currency", BOOKMARK_CURRENCY },
	{ "language", BOOKMARK_LANGUAGE },
};

static bool code_exists(const struct data *data, const struct draft *draft)
{
	switch (draft->kind) {
	case BOOKMARK_COUNTRY:
		return data_country(data, draft->code);
	case BOOKMARK_SUBDIVISION:
		return data_subdivision(data, draft->code);
	case BOOKMARK_CURRENCY:
		return data_currency(data, draft->code);
	case BOOKMARK_LANGUAGE:
		return data_language(data, draft->code);
	}
	return false;
}

static int check_draft(struct cor_ctx *ctx, const struct draft *draft)
{
	if (code_exists(data_of(ctx), draft))
		return 0;
	return cor_invalid_at(ctx, draft_schema, code, "no %s has the code %s",
		bookmark_kinds[draft->kind].name, draft->code);
}
COR_CHECK(draft_check, check_draft, struct draft);

static const struct cor_field draft_fields[] = {
	COR_ENUM(struct draft, kind, bookmark_kinds, .example = "\"country\"",
		.doc = "What the bookmark is for"),
	COR_FIELD(struct draft, code, .min_length = 2, .example = "\"DE\"",
		.doc = "Its code, in any form that the kind allows"),
	COR_FIELD(struct draft, note, .presence = COR_OPTIONAL, .max_length = 100,
		.example = "\"Ask about ferries\"", .doc = "Why you marked it"),
	COR_OPT_FIELD(struct draft, rating, .presence = COR_NULLABLE, .range = COR_BETWEEN(1, 5),
		.example = "4", .doc = "From 1 to 5; null if not rated yet"),
};
COR_SCHEMA(draft_schema, draft_fields, .name = "bookmark_draft", .check = &draft_check,
	.doc = "What to bookmark");

static const struct cor_field bookmark_fields[] = {
	COR_FIELD(struct bookmark, id, .access = COR_READ_ONLY, .example = "1",
		.doc = "Assigned by the service"),
	COR_EMBED(struct bookmark, draft, draft_schema),
	COR_FIELD(struct bookmark, created, .access = COR_READ_ONLY,
		.example = "\"2026-11-23T12:00:00Z\"", .doc = "When it was made"),
	COR_FIELD(struct bookmark, changed, .access = COR_READ_ONLY,
		.example = "\"2026-11-23T12:00:00Z\"", .doc = "When it was last changed"),
};
COR_SCHEMA(bookmark_schema, bookmark_fields, .doc = "A bookmark");

static const struct cor_field created_bookmark_fields[] = {
	COR_EMBED(struct created_bookmark, bookmark, bookmark_schema),
	COR_FIELD(struct created_bookmark, location, .key = "Location", .to = COR_TO_HEADER,
		.example = "\"/bookmarks/1\"", .doc = "Where the bookmark is"),
};
COR_SCHEMA(created_bookmark_schema, created_bookmark_fields, .doc = "A new bookmark");

static const struct cor_field bookmark_ref_fields[] = {
	COR_FIELD(struct bookmark_ref, id, .from = COR_FROM_PATH, .range = COR_MIN(1),
		.example = "1", .doc = "Id of the bookmark"),
};
COR_SCHEMA(bookmark_ref_schema, bookmark_ref_fields);

static const struct cor_field bookmark_put_fields[] = {
	COR_EMBED(struct bookmark_put, ref, bookmark_ref_schema),
	COR_EMBED(struct bookmark_put, draft, draft_schema),
};
COR_SCHEMA(bookmark_put_schema, bookmark_put_fields, .doc = "What to bookmark instead");

static const struct cor_field bookmark_patch_fields[] = {
	COR_EMBED(struct bookmark_patch, ref, bookmark_ref_schema),
	COR_PARTIAL(struct bookmark_patch, draft, given, draft_schema),
};
COR_SCHEMA(bookmark_patch_schema, bookmark_patch_fields, .doc = "What to change in a bookmark");
