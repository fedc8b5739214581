/* SPDX-License-Identifier: MIT */
/* GET /countries and GET /countries/{code} */
#include "code.h"
#include "headers.h"
#include "list.h"
#include "resources.h"
#include "state.h"

static const struct cor_enum_name sorts[] = {
	{ "name", COUNTRY_NAME },
	{ "alpha_2", COUNTRY_ALPHA_2 },
	{ "alpha_3", COUNTRY_ALPHA_3 },
	{ "numeric", COUNTRY_NUMERIC },
};

struct country_query {
	struct list_query list;
	enum country_sort sort;
	cor_array(const char *) codes;
};
static const struct cor_field country_query_fields[] = {
	COR_EMBED(struct country_query, list, list_query_schema),
	COR_ENUM(struct country_query, sort, sorts, .fallback = "\"name\"",
		.doc = "What to sort by"),
	COR_ARRAY(struct country_query, codes, .key = "code", .presence = COR_OPTIONAL,
		.max_items = 50, .pattern = "^[A-Za-z]{2}$", .example = "[\"DE\", \"FR\"]",
		.doc = "Only countries with one of these alpha-2 codes"),
};
COR_LOCAL_SCHEMA(country_query_schema, struct country_query, country_query_fields);

struct country_page {
	cor_array(struct country) items;
	struct list_end end;
};
static const struct cor_field country_page_fields[] = {
	COR_OBJECT_ARRAY(struct country_page, items, country_schema),
	COR_EMBED(struct country_page, end, list_end_schema),
};
COR_LOCAL_SCHEMA(country_page_schema, struct country_page, country_page_fields,
	.doc = "A page of countries");

static bool has_code(const struct country_query *query, const struct country *country)
{
	for (size_t i = 0; i < query->codes.len; i++) {
		if (strcasecmp(query->codes.items[i], country->alpha_2) == 0)
			return true;
	}
	return query->codes.len == 0;
}

static bool keep_country(const void *row, const void *arg)
{
	const struct country *country = row;
	const struct country_query *query = arg;

	return has_code(query, country) &&
	       (list_found(&query->list, country->name) ||
		       list_found(&query->list, country->official_name) ||
		       list_found(&query->list, country->common_name));
}

static int list_countries(
	struct cor_ctx *ctx, const struct country_query *query, struct country_page *page)
{
	const struct index *index = &data_of(ctx)->countries[query->sort];
	const struct list_filter filter = { keep_country, query };

	page->items.items = list_cut(
		ctx, index, &query->list, filter, &page->items.len, &page->end);
	return page->items.items ? 0 : -ENOMEM;
}
COR_OPERATION(list_countries_operation, list_countries, country_query_schema, country_page_schema,
	.summary = "List countries",
	.doc = "`q` searches all names of a country. The `Link` header leads to the next page.");

static const struct cor_field country_ref_fields[] = {
	COR_FIELD(struct code_ref, code, .from = COR_FROM_PATH, .pattern = COUNTRY_CODE_PATTERN,
		.example = "\"DE\"", .doc = "Alpha-2, alpha-3 or numeric code"),
};
COR_LOCAL_SCHEMA(country_ref_schema, struct code_ref, country_ref_fields);

static int get_country(struct cor_ctx *ctx, const struct code_ref *ref, struct country *ret)
{
	const struct country *country = data_country(data_of(ctx), ref->code);

	if (!country)
		return code_unknown(ctx, "country", ref->code);
	*ret = *country;
	return 0;
}
COR_OPERATION(get_country_operation, get_country, country_ref_schema, country_schema,
	.summary = "Fetch one country", .problems = { 404 });

const struct cor_resource countries_resource = {
	.path = "/countries",
	.get = &list_countries_operation,
	.middleware = COR_MIDDLEWARE(&cacheable),
	.tag = "countries",
};
const struct cor_resource country_resource = {
	.path = "/countries/{code}",
	.get = &get_country_operation,
	.middleware = COR_MIDDLEWARE(&cacheable),
	.tag = "countries",
};
