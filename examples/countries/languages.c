/* SPDX-License-Identifier: MIT */
/* GET /languages and GET /languages/{code} */
#include "code.h"
#include "headers.h"
#include "list.h"
#include "resources.h"
#include "state.h"

static const struct cor_enum_name sorts[] = {
	{ "alpha_3", LANGUAGE_ALPHA_3 },
	{ "alpha_2", LANGUAGE_ALPHA_2 },
	{ "name", LANGUAGE_NAME },
};

struct language_query {
	struct list_query list;
	enum language_sort sort;
	cor_opt(enum language_scope) scope;
	cor_opt(enum language_type) type;
};
static const struct cor_field language_query_fields[] = {
	COR_EMBED(struct language_query, list, list_query_schema),
	COR_ENUM(struct language_query, sort, sorts, .fallback = "\"alpha_3\"",
		.doc = "What to sort by"),
	COR_OPT_ENUM(struct language_query, scope, language_scopes, .example = "\"I\"",
		.doc = "Only of this scope"),
	COR_OPT_ENUM(struct language_query, type, language_types, .example = "\"L\"",
		.doc = "Only of this type"),
};
COR_LOCAL_SCHEMA(language_query_schema, struct language_query, language_query_fields);

struct language_page {
	cor_array(struct language) items;
	struct list_end end;
};
static const struct cor_field language_page_fields[] = {
	COR_OBJECT_ARRAY(struct language_page, items, language_schema),
	COR_EMBED(struct language_page, end, list_end_schema),
};
COR_LOCAL_SCHEMA(language_page_schema, struct language_page, language_page_fields,
	.doc = "A page of languages");

static bool keep_language(const void *row, const void *arg)
{
	const struct language *language = row;
	const struct language_query *query = arg;

	if (query->scope.state == COR_SET && query->scope.value != language->scope)
		return false;
	if (query->type.state == COR_SET && query->type.value != language->type)
		return false;
	return list_found(&query->list, language->name) ||
	       list_found(&query->list, language->inverted_name) ||
	       list_found(&query->list, language->common_name);
}

static int list_languages(
	struct cor_ctx *ctx, const struct language_query *query, struct language_page *page)
{
	const struct index *index = &data_of(ctx)->languages[query->sort];
	const struct list_filter filter = { keep_language, query };

	page->items.items = list_cut(
		ctx, index, &query->list, filter, &page->items.len, &page->end);
	return page->items.items ? 0 : -ENOMEM;
}
COR_OPERATION(list_languages_operation, list_languages, language_query_schema, language_page_schema,
	.summary = "List languages", .doc = "`q` searches all names of a language.");

static const struct cor_field language_ref_fields[] = {
	COR_FIELD(struct code_ref, code, .from = COR_FROM_PATH, .pattern = "^[A-Za-z]{2,3}$",
		.example = "\"deu\"", .doc = "Three-letter or two-letter code"),
};
COR_LOCAL_SCHEMA(language_ref_schema, struct code_ref, language_ref_fields);

static int get_language(struct cor_ctx *ctx, const struct code_ref *ref, struct language *ret)
{
	const struct language *language = data_language(data_of(ctx), ref->code);

	if (!language)
		return code_unknown(ctx, "language", ref->code);
	*ret = *language;
	return 0;
}
COR_OPERATION(get_language_operation, get_language, language_ref_schema, language_schema,
	.summary = "Fetch one language", .problems = { 404 });

const struct cor_resource languages_resource = {
	.path = "/languages",
	.get = &list_languages_operation,
	.middleware = COR_MIDDLEWARE(&cacheable),
	.tag = "languages",
};
const struct cor_resource language_resource = {
	.path = "/languages/{code}",
	.get = &get_language_operation,
	.middleware = COR_MIDDLEWARE(&cacheable),
	.tag = "languages",
};
