/* SPDX-License-Identifier: MIT */
/**
 * Lists: the records that match, in an order, a page at a time.
 *
 * A list's input struct holds a struct list_query and puts LIST_ROWS into its table; its output struct is a page, and
 * LIST_PAGE_ROWS are its table:
 *
 *     struct country_page {
 *             cor_array(struct country) items;
 *             struct list_end end;
 *     };
 */
#ifndef COUNTRIES_LIST_H
#define COUNTRIES_LIST_H

#include "index.h"

enum list_order { LIST_ASCENDING, LIST_DESCENDING };
extern const struct cor_enum_name list_orders[2];

struct list_query {
	const char *q; /* NULL: everything */
	enum list_order order;
	uint32_t limit;
	uint32_t offset;
};

#define LIST_ROWS(c_type, at)                                                                      \
	COR_FIELD(c_type, at.q, .key = "q", .presence = COR_OPTIONAL, .min_length = 1,             \
		.max_length = 100, .example = "\"land\"",                                          \
		.doc = "Only records in which this text occurs, upper and lower case alike"),      \
		COR_ENUM(c_type, at.order, list_orders, .key = "order", .fallback = "\"asc\"",     \
			.doc = "Which end comes first"),                                           \
		COR_FIELD(c_type, at.limit, .key = "limit", .range = COR_BETWEEN(1, 200),          \
			.fallback = "20", .doc = "Records a page"),                                \
		COR_FIELD(c_type, at.offset, .key = "offset", .range = COR_MAX(1000000),           \
			.fallback = "0", .doc = "Records to leave out in front")

/** What an answer says about the list beside the records themselves. */
struct list_end {
	uint32_t total;   /* records that match, on all pages */
	const char *link; /* to the next page; NULL on the last */
};

#define LIST_PAGE_ROWS(c_type, schema)                                                             \
	COR_OBJECT_ARRAY(c_type, items, schema),                                                   \
		COR_FIELD(c_type, end.total, .key = "total", .example = "249",                     \
			.doc = "Records that match, on all pages"),                                \
		COR_FIELD(c_type, end.link, .key = "Link", .to = COR_TO_HEADER,                    \
			.presence = COR_OPTIONAL, .example = "\"<?offset=20>; rel=\\\"next\\\"\"", \
			.doc = "Where the next page is (RFC 8288); not there on the last page")

/** Which records belong: `keep` sees each of them beside `query`. */
struct list_filter {
	bool (*keep)(const void *row, const void *query);
	const void *query;
};

/** Cut a page out of an index: copies of its records, in the memory of ctx; NULL if there is none. Never yields. */
void *list_cut(struct cor_ctx *ctx, const struct index *index, const struct list_query *query,
	struct list_filter filter, size_t *ret_len, struct list_end *ret_end) COR_CHECKED;

/** Whether query->q occurs in `text` (which may be NULL), or nothing is asked for. */
bool list_found(const struct list_query *query, const char *text);

#endif
