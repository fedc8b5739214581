/* SPDX-License-Identifier: MIT */
/* GET /subdivisions, GET /subdivisions/{code} and GET /countries/{code}/subdivisions */
#include "code.h"
#include "headers.h"
#include "list.h"
#include "resources.h"
#include "state.h"
#include "subdivision_list.h"

struct subdivisions_query {
	struct subdivision_query of;
};
static const struct cor_field subdivisions_query_fields[] = {
	COR_FIELD(struct subdivisions_query, of.country, .key = "country", .presence = COR_OPTIONAL,
		.pattern = "^[A-Za-z]{2}$", .example = "\"DE\"",
		.doc = "Only of the country with this alpha-2 code"),
	COR_EMBED(struct subdivisions_query, of, subdivision_query_schema),
};
COR_LOCAL_SCHEMA(subdivisions_query_schema, struct subdivisions_query, subdivisions_query_fields);

static bool keep_subdivision(const void *row, const void *arg)
{
	const struct subdivision *subdivision = row;
	const struct subdivision_query *query = arg;

	return strncasecmp(subdivision->code, query->country, strlen(query->country)) == 0 &&
	       (!query->type || strcasecmp(subdivision->type, query->type) == 0) &&
	       list_found(&query->list, subdivision->name);
}

/* It takes longest of all: each search reads 5,000 names. */
const struct cor_cache searches = {
	.name = "searches",
	.doc = "Searches for subdivisions, by all workers",
	.store = &cor_shared_store,
	.bytes = 4 * 1024 * 1024,
	.ttl_ms = 3600 * 1000,
};

static int list_some(
	struct cor_ctx *ctx, const struct subdivision_query *query, struct subdivision_page *page)
{
	const struct index *index = &data_of(ctx)->subdivisions[query->sort];
	const struct list_filter filter = { keep_subdivision, query };

	page->items.items = list_cut(
		ctx, index, &query->list, filter, &page->items.len, &page->end);
	return page->items.items ? 0 : -ENOMEM;
}

static int list_subdivisions(
	struct cor_ctx *ctx, const struct subdivisions_query *query, struct subdivision_page *page)
{
	return list_some(ctx, &query->of, page);
}
COR_OPERATION(list_subdivisions_operation, list_subdivisions, subdivisions_query_schema,
	subdivision_page_schema, .summary = "List subdivisions", .cache = &searches,
	.cache_rules = &(const struct cor_answer_rules){ .by_target = true }, /* the Link has it */
	.doc = "Lists those of all countries, or of one.");

static int list_subdivisions_of_country(struct cor_ctx *ctx,
	const struct country_subdivisions_query *query, struct subdivision_page *page)
{
	const struct country *country = data_country(data_of(ctx), query->code);
	struct subdivision_query of = query->of;

	if (!country)
		return code_unknown(ctx, "country", query->code);
	memcpy(of.country, country->alpha_2, sizeof of.country);
	return list_some(ctx, &of, page);
}
COR_OPERATION(list_subdivisions_of_country_operation, list_subdivisions_of_country,
	country_subdivisions_query_schema, subdivision_page_schema,
	.summary = "List the subdivisions of a country",
	.doc = "The list is empty if the country has none.", .problems = { 404 });

static const struct cor_field subdivision_ref_fields[] = {
	COR_FIELD(struct code_ref, code, .from = COR_FROM_PATH,
		.pattern = "^[A-Za-z]{2}-[A-Za-z0-9]{1,3}$", .example = "\"DE-BE\"",
		.doc = "Code of the subdivision"),
};
COR_LOCAL_SCHEMA(subdivision_ref_schema, struct code_ref, subdivision_ref_fields);

static int get_subdivision(struct cor_ctx *ctx, const struct code_ref *ref, struct subdivision *ret)
{
	const struct subdivision *subdivision = data_subdivision(data_of(ctx), ref->code);

	if (!subdivision)
		return code_unknown(ctx, "subdivision", ref->code);
	*ret = *subdivision;
	return 0;
}
COR_OPERATION(get_subdivision_operation, get_subdivision, subdivision_ref_schema,
	subdivision_schema, .summary = "Fetch one subdivision", .problems = { 404 });

const struct cor_resource subdivisions_resource = {
	.path = "/subdivisions",
	.get = &list_subdivisions_operation,
	.middleware = COR_MIDDLEWARE(&cacheable),
	.tag = "subdivisions",
};
const struct cor_resource subdivision_resource = {
	.path = "/subdivisions/{code}",
	.get = &get_subdivision_operation,
	.middleware = COR_MIDDLEWARE(&cacheable),
	.tag = "subdivisions",
};
const struct cor_resource country_subdivisions_resource = {
	.path = "/countries/{code}/subdivisions",
	.get = &list_subdivisions_of_country_operation,
	.middleware = COR_MIDDLEWARE(&cacheable),
	.tag = "countries",
};
