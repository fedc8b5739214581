/* SPDX-License-Identifier: MIT */
#include "subdivision_list.h"

static const struct cor_enum_name sorts[] = {
	{ "code", SUBDIVISION_CODE },
	{ "name", SUBDIVISION_NAME },
	{ "type", SUBDIVISION_TYPE },
};

static const struct cor_field subdivision_query_fields[] = {
	COR_EMBED(struct subdivision_query, list, list_query_schema),
	COR_ENUM(struct subdivision_query, sort, sorts, .fallback = "\"code\"",
		.doc = "What to sort by"),
	COR_FIELD(struct subdivision_query, type, .presence = COR_OPTIONAL, .max_length = 50,
		.example = "\"Province\"", .doc = "Only subdivisions of this type"),
};
COR_SCHEMA(subdivision_query_schema, subdivision_query_fields);

static const struct cor_field country_subdivisions_query_fields[] = {
	COR_FIELD(struct country_subdivisions_query, code, .from = COR_FROM_PATH,
		.pattern = COUNTRY_CODE_PATTERN, .example = "\"DE\"",
		.doc = "The country's alpha-2, alpha-3 or numeric code"),
	COR_EMBED(struct country_subdivisions_query, of, subdivision_query_schema),
};
COR_SCHEMA(country_subdivisions_query_schema, country_subdivisions_query_fields);

static const struct cor_field subdivision_page_fields[] = {
	COR_OBJECT_ARRAY(struct subdivision_page, items, subdivision_schema),
	COR_EMBED(struct subdivision_page, end, list_end_schema),
};
COR_SCHEMA(subdivision_page_schema, subdivision_page_fields, .doc = "A page of subdivisions");
