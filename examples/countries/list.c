/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE 1 /* strcasestr */

#include "list.h"

const struct cor_enum_name list_orders[2] = {
	{ "asc", LIST_ASCENDING },
	{ "desc", LIST_DESCENDING },
};

static const struct cor_field list_query_fields[] = {
	COR_FIELD(struct list_query, q, .presence = COR_OPTIONAL, .min_length = 1,
		.max_length = 100, .example = "\"land\"",
		.doc = "Only records that contain this text, ignoring case"),
	COR_ENUM(struct list_query, order, list_orders, .fallback = "\"asc\"",
		.doc = "Ascending or descending"),
	COR_FIELD(struct list_query, limit, .range = COR_BETWEEN(1, 200), .fallback = "20",
		.doc = "Records per page"),
	COR_FIELD(struct list_query, offset, .range = COR_MAX(1000000), .fallback = "0",
		.doc = "Records to skip"),
};
COR_SCHEMA(list_query_schema, list_query_fields);

static const struct cor_field list_end_fields[] = {
	COR_FIELD(struct list_end, total, .example = "249",
		.doc = "Records that match, on all pages"),
	COR_FIELD(struct list_end, link, .key = "Link", .to = COR_TO_HEADER,
		.presence = COR_OPTIONAL, .example = "\"<?offset=20>; rel=\\\"next\\\"\"",
		.doc = "Link to the next page (RFC 8288); absent on the last page"),
};
COR_SCHEMA(list_end_schema, list_end_fields);

bool list_found(const struct list_query *query, const char *text)
{
	return !query->q || (text && strcasestr(text, query->q));
}

static bool is_offset(const char *parameter, size_t len)
{
	static const char name[] = "offset=";

	return len >= strlen(name) && memcmp(parameter, name, strlen(name)) == 0;
}

/* The request's query with another offset; the rest stays as it was sent. */
static const char *query_at(struct cor_ctx *ctx, uint32_t offset)
{
	struct cor_str rest = cor_request_query(ctx);
	const char *query = cor_printf(ctx, "?offset=%" PRIu32, offset);

	while (query && rest.len > 0) {
		const char *and = memchr(rest.data, '&', rest.len);
		size_t len = and? (size_t)(and-rest.data) : rest.len;

		if (len > 0 && !is_offset(rest.data, len))
			query = cor_printf(ctx, "%s&%.*s", query, (int)len, rest.data);
		len += and != NULL;
		rest = (struct cor_str){ rest.data + len, rest.len - len };
	}
	return query;
}

/* A relative reference, so that it works behind any proxy. */
static int link_next(struct cor_ctx *ctx, const struct list_query *query, struct list_end *end)
{
	uint32_t next = query->offset + query->limit;

	if (next >= end->total)
		return 0;
	const char *target = query_at(ctx, next);
	if (target)
		end->link = cor_printf(ctx, "<%s>; rel=\"next\"", target);
	return end->link ? 0 : -ENOMEM;
}

static const void *row_at(const struct index *index, enum list_order order, size_t i)
{
	return index->rows[order == LIST_DESCENDING ? index->len - 1 - i : i];
}

void *list_cut(struct cor_ctx *ctx, const struct index *index, const struct list_query *query,
	struct list_filter filter, size_t *ret_len, struct list_end *ret_end)
{
	char *items = cor_alloc(ctx, query->limit * index->row_bytes);
	struct list_end end = { 0 };
	size_t len = 0;

	if (!items)
		return NULL;
	for (size_t i = 0; i < index->len; i++) {
		const void *row = row_at(index, query->order, i);

		if (!filter.keep(row, filter.query))
			continue;
		if (end.total++ >= query->offset && len < query->limit)
			memcpy(items + len++ * index->row_bytes, row, index->row_bytes);
	}
	if (link_next(ctx, query, &end) < 0)
		return NULL;
	*ret_len = len;
	*ret_end = end;
	return items;
}
