/* SPDX-License-Identifier: MIT */
/*
 * A gateway in front of examples/countries: three calls make one answer, and one is passed on.
 *
 *     countries --http 127.0.0.1:8081
 *     gateway --http 127.0.0.1:8080
 *     curl 'http://127.0.0.1:8080/trips/CH?currency=CHF'
 *
 * Both programs have the structs and the tables of countries, so that neither can misread the
 * other.
 */
#include <coracle/coracle.h>

#include "../countries/subdivision_list.h"

/* Countries says itself how long its records hold, an hour: all workers keep them together. */
static const struct cor_cache answers = {
	.name = "answers",
	.doc = "What countries has answered",
	.store = &cor_shared_store,
	.bytes = 4 * 1024 * 1024,
	.value_bytes = 256 * 1024,
};

/* Elsewhere --upstream-countries-url says where it is. */
static const struct cor_upstream countries = {
	.name = "countries",
	.doc = "The service whose records this one puts together",
	.base_url = "http://127.0.0.1:8081",
	.timeout_ms = 2000,
	.retries = 1,
	.cache = &answers,
};

/* What changes once in some years is asked for once an hour, for all workers together. */
static const struct cor_cache currencies = {
	.name = "currencies",
	.doc = "Currencies by their codes",
	.store = &cor_shared_store,
	.bytes = 256 * 1024,
	.value_bytes = 4096,
	.ttl_ms = 3600 * 1000,
};

/* GET /trips/{country}: what a traveller wants to know, from three calls at the same time */

struct trip_query {
	const char *country;
	const char *currency;
	uint32_t regions;
};
static const struct cor_field trip_query_fields[] = {
	COR_FIELD(struct trip_query, country, .from = COR_FROM_PATH,
		.pattern = COUNTRY_CODE_PATTERN, .example = "\"CH\"", .doc = "Where to"),
	COR_FIELD(struct trip_query, currency, .pattern = "^[A-Za-z]{3}$", .example = "\"CHF\"",
		.doc = "What to pay with"),
	COR_FIELD(struct trip_query, regions, .range = COR_BETWEEN(1, 200), .fallback = "5",
		.doc = "How many regions to name"),
};
COR_LOCAL_SCHEMA(trip_query_schema, struct trip_query, trip_query_fields);

struct trip {
	struct country country;
	struct currency currency;
	cor_array(struct subdivision) regions;
	uint32_t regions_total;
};
static const struct cor_field trip_fields[] = {
	COR_OBJECT(struct trip, country, country_schema),
	COR_OBJECT(struct trip, currency, currency_schema),
	COR_OBJECT_ARRAY(struct trip, regions, subdivision_schema, .doc = "The first, by name"),
	COR_FIELD(struct trip, regions_total, .doc = "How many there are"),
};
COR_LOCAL_SCHEMA(trip_schema, struct trip, trip_fields, .doc = "A country to travel to");

/* What the three calls read, and where each leaves what it has found. */
struct planning {
	const struct trip_query *query;
	struct trip *trip;
};

/* That countries does not know a code is our client's mistake: a 404 is a 404. */
static int found(struct cor_ctx *ctx, int status, const char *what, const char *code)
{
	return status == 404 ? cor_problem(ctx, 404, 0, "no %s has the code %s", what, code) : 0;
}

static int find_country(struct cor_ctx *ctx, const struct planning *planning)
{
	const char *code = planning->query->country;
	int status;
	int rc = cor_http_get(ctx, &countries, country_schema, &planning->trip->country,
		COR_PATH("/countries/{}", code), .ret_status = &status, .expects = { 404 });

	return rc < 0 ? rc : found(ctx, status, "country", code);
}

static int load_currency(struct cor_ctx *ctx, const void *arg, void *ret)
{
	const char *code = arg;
	struct currency *currency = ret;
	int status;
	int rc = cor_http_get(ctx, &countries, currency_schema, currency,
		COR_PATH("/currencies/{}", code), .ret_status = &status, .expects = { 404 });

	return rc < 0 ? rc : found(ctx, status, "currency", code);
}

/* An unknown code is kept, too, but not for long; and an old currency is better than none. */
static int find_currency(struct cor_ctx *ctx, const struct planning *planning)
{
	const char *code = planning->query->currency;

	return cor_cache_load(ctx, &currencies, currency_schema, &planning->trip->currency,
		load_currency, code, COR_KEY("{}", code), .missing_ms = 60 * 1000,
		.stale_ms = 24 * 3600 * 1000);
}

/* A list is asked for with the struct that its handler gets: path and query come from its table. */
static int find_regions(struct cor_ctx *ctx, const struct planning *planning)
{
	const struct country_subdivisions_query query = {
		.code = planning->query->country,
		.of = { .sort = SUBDIVISION_NAME, .list = { .limit = planning->query->regions } },
	};
	struct subdivision_page page;
	int status;
	int rc = cor_http_get(ctx, &countries, subdivision_page_schema, &page,
		COR_PATH("/countries/{code}/subdivisions"),
		.in = COR_VALUE(country_subdivisions_query_schema, &query), .ret_status = &status,
		.expects = { 404 });

	if (rc == 0)
		rc = found(ctx, status, "country", query.code);
	if (rc < 0)
		return rc;
	planning->trip->regions.items = page.items.items;
	planning->trip->regions.len = page.items.len;
	planning->trip->regions_total = page.end.total;
	return 0;
}

/* The first that fails ends the others, and its problem is the answer. */
static int plan_trip(struct cor_ctx *ctx, const struct trip_query *query, struct trip *trip)
{
	const struct planning planning = { query, trip };
	struct cor_group group;

	cor_group_begin(&group, ctx, COR_ALL);
	cor_group_start(&group, find_country, &planning);
	cor_group_start(&group, find_currency, &planning);
	cor_group_start(&group, find_regions, &planning);
	return cor_group_wait(&group);
}
COR_OPERATION(plan_trip_operation, plan_trip, trip_query_schema, trip_schema,
	.summary = "Plan a trip", .problems = { 404, 502, 503, 504 },
	.doc = "A country, its first regions and the currency, asked for at the same time.");

static const struct cor_resource trip_resource = {
	.path = "/trips/{country}",
	.get = &plan_trip_operation,
};

/* GET /regions: an answer passed on while it comes, whatever its length */

static int export_regions(struct cor_ctx *ctx, const struct cor_none *none, struct cor_body *body,
	struct cor_reply *reply)
{
	struct cor_answer *answer;
	int rc = cor_http_open(ctx, &countries, &answer, COR_PATH("/export/subdivisions"));

	(void)none;
	(void)body;
	return rc < 0 ? rc : cor_reply_relay(reply, answer);
}
COR_STREAM_OPERATION(export_regions_operation, export_regions, COR_NONE,
	.summary = "Export the regions of all countries as JSON lines",
	.content_type = "application/x-ndjson", .problems = { 502, 503, 504 });

static const struct cor_resource regions_resource = {
	.path = "/regions",
	.get = &export_regions_operation,
};

static const struct cor_service gateway = {
	.name = "gateway",
	.version = "1.0.0",
	.title = "Trips around the world",
	.resources = COR_RESOURCES(&trip_resource, &regions_resource),
	.upstreams = COR_UPSTREAMS(&countries),
	.caches = COR_CACHES(&answers, &currencies),
	/* What is sent and received, but is no input or output of ours. */
	.schemas = COR_SCHEMAS(country_subdivisions_query_schema, subdivision_page_schema),
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &gateway);
}
