/* SPDX-License-Identifier: MIT */
/* GET /currencies and GET /currencies/{code} */
#include "code.h"
#include "headers.h"
#include "list.h"
#include "resources.h"
#include "state.h"

static const struct cor_enum_name sorts[] = {
	{ "alpha_3", CURRENCY_ALPHA_3 },
	{ "numeric", CURRENCY_NUMERIC },
	{ "name", CURRENCY_NAME },
};

struct currency_query {
	struct list_query list;
	enum currency_sort sort;
};
static const struct cor_field currency_query_fields[] = {
	COR_EMBED(struct currency_query, list, list_query_schema),
	COR_ENUM(struct currency_query, sort, sorts, .fallback = "\"alpha_3\"",
		.doc = "What to sort by"),
};
COR_LOCAL_SCHEMA(currency_query_schema, struct currency_query, currency_query_fields);

struct currency_page {
	cor_array(struct currency) items;
	struct list_end end;
};
static const struct cor_field currency_page_fields[] = {
	COR_OBJECT_ARRAY(struct currency_page, items, currency_schema),
	COR_EMBED(struct currency_page, end, list_end_schema),
};
COR_LOCAL_SCHEMA(currency_page_schema, struct currency_page, currency_page_fields,
	.doc = "A page of currencies");

static bool keep_currency(const void *row, const void *arg)
{
	const struct currency *currency = row;
	const struct currency_query *query = arg;

	return list_found(&query->list, currency->name);
}

static int list_currencies(
	struct cor_ctx *ctx, const struct currency_query *query, struct currency_page *page)
{
	const struct index *index = &data_of(ctx)->currencies[query->sort];
	const struct list_filter filter = { keep_currency, query };

	page->items.items = list_cut(
		ctx, index, &query->list, filter, &page->items.len, &page->end);
	return page->items.items ? 0 : -ENOMEM;
}
COR_OPERATION(list_currencies_operation, list_currencies, currency_query_schema,
	currency_page_schema, .summary = "List currencies", .doc = "`q` searches the name.");

static const struct cor_field currency_ref_fields[] = {
	COR_FIELD(struct code_ref, code, .from = COR_FROM_PATH,
		.pattern = "^([A-Za-z]{3}|[0-9]{3})$", .example = "\"EUR\"",
		.doc = "Three-letter or numeric code"),
};
COR_LOCAL_SCHEMA(currency_ref_schema, struct code_ref, currency_ref_fields);

static int get_currency(struct cor_ctx *ctx, const struct code_ref *ref, struct currency *ret)
{
	const struct currency *currency = data_currency(data_of(ctx), ref->code);

	if (!currency)
		return code_unknown(ctx, "currency", ref->code);
	*ret = *currency;
	return 0;
}
COR_OPERATION(get_currency_operation, get_currency, currency_ref_schema, currency_schema,
	.summary = "Fetch one currency", .problems = { 404 });

const struct cor_resource currencies_resource = {
	.path = "/currencies",
	.get = &list_currencies_operation,
	.middleware = COR_MIDDLEWARE(&cacheable),
	.tag = "currencies",
};
const struct cor_resource currency_resource = {
	.path = "/currencies/{code}",
	.get = &get_currency_operation,
	.middleware = COR_MIDDLEWARE(&cacheable),
	.tag = "currencies",
};
