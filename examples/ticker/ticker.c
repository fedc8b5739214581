/* SPDX-License-Identifier: MIT */
/*
 * Prices that are sent to everybody who watches, as server-sent events, and a page that shows them.
 * Whoever watches may be on another thread or in another process than who sets a price.
 *
 *     ticker --http 127.0.0.1:8080 --processes 2
 *     curl -N http://127.0.0.1:8080/prices
 *     curl -X POST --json '{"symbol": "ACME", "cents": 1299}' http://127.0.0.1:8080/prices
 */
#include <coracle/coracle.h>

#include "page.h"

struct price {
	char symbol[9];
	int64_t cents;
};
static const struct cor_field price_fields[] = {
	COR_FIELD(struct price, symbol, .min_length = 1, .pattern = "^[A-Z]+$"),
	COR_FIELD(struct price, cents, .range = COR_MIN(0)),
};
COR_LOCAL_SCHEMA(price_schema, struct price, price_fields, .doc = "A price from now on");

/* One that reads too slowly is cut, and goes on where it was: nobody misses a price. */
static const struct cor_topic prices = {
	.name = "prices",
	.messages = COR_MESSAGES(price_schema),
	.keep = 1000,
	.when_slow = COR_SLOW_CUT,
};

static int set_price(struct cor_ctx *ctx, const struct price *price, struct cor_none *none)
{
	(void)none;
	return cor_topic_publish_json(ctx, &prices, "price", price_schema, price);
}
COR_OPERATION(set_price_operation, set_price, price_schema, COR_NONE,
	.summary = "Set a price, and tell everybody");

static int watch_prices(struct cor_ctx *ctx, const struct cor_none *none, struct cor_events *events)
{
	(void)ctx, (void)none;
	return cor_events_follow(events, &prices);
}
COR_EVENTS_OPERATION(watch_prices_operation, watch_prices, COR_NONE,
	.summary = "Be told of each price", .answers = COR_ANSWERS(price_schema));

struct second {
	struct timespec now;
};
static const struct cor_field second_fields[] = { COR_FIELD(struct second, now) };
COR_LOCAL_SCHEMA(second_schema, struct second, second_fields);

struct clock_request {
	int32_t seconds;
};
static const struct cor_field clock_fields[] = {
	COR_FIELD(struct clock_request, seconds, .fallback = "60", .range = COR_BETWEEN(0, 3600),
		.presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(clock_schema, struct clock_request, clock_fields);

static int tell_time(
	struct cor_ctx *ctx, const struct clock_request *request, struct cor_events *events)
{
	int rc = 0;

	if (cor_events_last_id(events).len != 0)
		return cor_events_over(events); /* it has had its seconds */
	(void)ctx;
	for (int32_t i = 1; rc == 0 && i <= request->seconds; i++) {
		struct second second = { .now = cor_now() };
		rc = cor_events_send_json(
			events, (&(struct cor_event){ .id = "told" }), second_schema, &second);
		if (rc == 0 && i < request->seconds)
			rc = cor_events_sleep_ms(events, 1000);
	}
	return rc;
}
COR_EVENTS_OPERATION(tell_time_operation, tell_time, clock_schema,
	.summary = "Tell the time for a while", .answers = COR_ANSWERS(second_schema));

static int show_page(struct cor_ctx *ctx, const struct cor_none *none, struct cor_str *page)
{
	(void)ctx, (void)none;
	*page = cor_str(ticker_page);
	return 0;
}
COR_OPERATION(show_page_operation, show_page, COR_NONE, COR_TEXT,
	.content_type = "text/html; charset=utf-8", .summary = "A page that shows the prices");

static const struct cor_resource page_resource = { .path = "/", .get = &show_page_operation };
static const struct cor_resource prices_resource = {
	.path = "/prices", .get = &watch_prices_operation, .post = &set_price_operation
};
static const struct cor_resource clock_resource = { .path = "/clock", .get = &tell_time_operation };

static const struct cor_service ticker = {
	.name = "ticker",
	.version = "1.0.0",
	.resources = COR_RESOURCES(&page_resource, &prices_resource, &clock_resource),
	.topics = COR_TOPICS(&prices),
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &ticker);
}
