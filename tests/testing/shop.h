/* SPDX-License-Identifier: MIT */
/** The service that the tests of the kit test: books, and operations that take time. */
#ifndef CORACLE_TESTS_TESTING_SHOP_H
#define CORACLE_TESTS_TESTING_SHOP_H

#include <coracle/coracle.h>

struct book {
	int64_t id;
	const char *title;
	uint32_t pages;
};
COR_DECLARE_SCHEMA(book_schema, struct book);

struct draft {
	const char *title;
	uint32_t pages;
};
COR_DECLARE_SCHEMA(draft_schema, struct draft);

struct change {
	int64_t id; /* in the path */
	uint32_t pages;
};
COR_DECLARE_SCHEMA(change_schema, struct change);

#define BOOKS 8

/* Its state. */
struct shelf {
	struct book books[BOOKS];
	size_t len;
};

extern const struct cor_service shop;

/* What takes time, or speaks to others: shop_time.c. */
extern const struct cor_upstream prices;
extern const struct cor_executor works, apart;
extern const struct cor_cache made;
extern const struct cor_topic news;
extern const struct cor_resource nap_resource, hold_resource, leak_resource, price_resource,
	work_resource, ticks_resource, talk_resource, news_resource, made_resource, scarce_resource,
	count_resource, whoami_resource, apart_resource;

#endif
