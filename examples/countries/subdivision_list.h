/* SPDX-License-Identifier: MIT */
/**
 * GET /countries/{code}/subdivisions: what it takes and what it gives. Both ends of a call have
 * this header: the service, and examples/gateway, which calls it.
 */
#ifndef COUNTRIES_SUBDIVISION_LIST_H
#define COUNTRIES_SUBDIVISION_LIST_H

#include "data.h"
#include "list.h"

struct subdivision_query {
	struct list_query list;
	enum subdivision_sort sort;
	char country[3];  /* "": of any country */
	const char *type; /* NULL: of any type */
};
/** Without .country: the tables that embed this one say which country. */
COR_DECLARE_SCHEMA(subdivision_query_schema, struct subdivision_query);

struct country_subdivisions_query {
	const char *code; /* of the country, in the path */
	struct subdivision_query of;
};
COR_DECLARE_SCHEMA(country_subdivisions_query_schema, struct country_subdivisions_query);

struct subdivision_page {
	cor_array(struct subdivision) items;
	struct list_end end;
};
COR_DECLARE_SCHEMA(subdivision_page_schema, struct subdivision_page);

#endif
