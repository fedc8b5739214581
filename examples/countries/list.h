/* SPDX-License-Identifier: MIT */
/**
 * Lists: the records that match, sorted, a page at a time.
 *
 * A list's input struct holds a struct list_query, its output struct a struct list_end after the
 * records, and their tables embed the two schemas:
 *
 *     struct country_page {
 *             cor_array(struct country) items;
 *             struct list_end end;
 *     };
 *     static const struct cor_field country_page_fields[] = {
 *             COR_OBJECT_ARRAY(struct country_page, items, country_schema),
 *             COR_EMBED(struct country_page, end, list_end_schema),
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

COR_DECLARE_SCHEMA(list_query_schema, struct list_query);

/** What an answer says about the list besides the records. */
struct list_end {
	uint32_t total;   /* records that match, on all pages */
	const char *link; /* to the next page; NULL on the last */
};
COR_DECLARE_SCHEMA(list_end_schema, struct list_end);

/** Which records belong to the list: `keep` gets each record and `query`. */
struct list_filter {
	bool (*keep)(const void *row, const void *query);
	const void *query;
};

/**
 * Cut a page out of an index: copies of its records, in the memory of ctx. Returns NULL if there is
 * no memory. Never yields.
 */
void *list_cut(struct cor_ctx *ctx, const struct index *index, const struct list_query *query,
	struct list_filter filter, size_t *ret_len, struct list_end *ret_end) COR_CHECKED;

/** Whether `text` (which may be NULL) contains query->q, or there is no search. */
bool list_found(const struct list_query *query, const char *text);

#endif
