/* SPDX-License-Identifier: MIT */
/* What of the shop takes time, or speaks to others. */
#include "shop.h"

#include <unistd.h>

struct nap {
	uint32_t ms;
};
static const struct cor_field nap_fields[] = { COR_FIELD(struct nap, ms, .fallback = "0") };
COR_LOCAL_SCHEMA(nap_schema, struct nap, nap_fields);

static int nap(struct cor_ctx *ctx, const struct nap *in, struct cor_str *ret)
{
	(void)ctx;
	*ret = COR_STR("rested");
	return cor_sleep_ms(in->ms);
}
COR_OPERATION(nap_get, nap, nap_schema, COR_TEXT, .timeout_ms = 30000, .summary = "Rest");
const struct cor_resource nap_resource = { .path = "/nap", .get = &nap_get };

static int hold(struct cor_ctx *ctx, const struct nap *in, struct cor_str *ret)
{
	(void)ctx;
	usleep(in->ms * 1000);
	*ret = COR_STR("held");
	return 0;
}
COR_OPERATION(hold_get, hold, nap_schema, COR_TEXT, .summary = "Hold the thread");
const struct cor_resource hold_resource = { .path = "/hold", .get = &hold_get };

static int idle(void *arg)
{
	(void)arg;
	return cor_sleep_ms(100000);
}

static int leak(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	const struct cor_fiber_options options = { .name = "forgotten" };

	(void)ctx, (void)in, (void)out;
	return cor_fiber_start(cor_scheduler_current(), idle, NULL, &options, NULL);
}
COR_OPERATION(leak_post, leak, COR_NONE, COR_NONE, .summary = "Forget a fiber");
const struct cor_resource leak_resource = { .path = "/leak", .post = &leak_post };

/* --- elsewhere --- */

const struct cor_upstream prices = { .name = "prices",
	.base_url = "http://prices:8080",
	.timeout_ms = 2000,
	.first_byte_timeout_ms = 2000 };

struct price {
	uint32_t cents;
};
static const struct cor_field price_fields[] = { COR_FIELD(struct price, cents) };
COR_LOCAL_SCHEMA(price_schema, struct price, price_fields);

static int get_price(struct cor_ctx *ctx, const struct nap *in, struct price *out)
{
	return cor_http_get(ctx, &prices, price_schema, out, COR_PATH("/prices/{}", in->ms));
}
COR_OPERATION(price_get, get_price, nap_schema, price_schema, .problems = { 502, 504 },
	.summary = "What it costs");
const struct cor_resource price_resource = { .path = "/price", .get = &price_get };

const struct cor_executor works = { .name = "works", .size = 1 };

static int work(struct cor_ctx *ctx, const struct nap *in, struct price *out)
{
	(void)ctx;
	usleep(in->ms * 1000);
	out->cents = in->ms;
	return 0;
}
COR_OPERATION(work_get, work, nap_schema, price_schema, .executor = &works, .timeout_ms = 1000,
	.summary = "Work");
const struct cor_executor apart = { .name = "apart", .kind = COR_PROCESSES, .size = 1 };

static int crash(struct cor_ctx *ctx, const struct nap *in, struct price *out)
{
	(void)ctx;
	if (in->ms == 13)
		_exit(1);
	out->cents = in->ms;
	return 0;
}
COR_OPERATION(apart_get, crash, nap_schema, price_schema, .executor = &apart, .timeout_ms = 20000,
	.summary = "Work in a process, which 13 kills");
const struct cor_resource apart_resource = { .path = "/apart", .get = &apart_get };
const struct cor_resource work_resource = { .path = "/work", .get = &work_get };

static int tick(struct cor_ctx *ctx, const struct cor_none *in, struct cor_events *events)
{
	int rc = cor_events_start(events, 2000);

	(void)in;
	for (int i = 1; rc == 0 && i <= 3; i++) {
		rc = cor_events_send(events,
			&(struct cor_event){ .data = cor_str(cor_printf(ctx, "tick %d", i)) });
		if (rc == 0 && i < 3)
			rc = cor_events_sleep_ms(events, 60000);
	}
	return rc;
}
COR_EVENTS_OPERATION(ticks_get, tick, COR_NONE, .summary = "Tick");
const struct cor_resource ticks_resource = { .path = "/ticks", .get = &ticks_get };

static int count_to(
	struct cor_ctx *ctx, const struct nap *in, struct cor_body *body, struct cor_reply *reply)
{
	int rc = cor_reply_start(reply, 0, NULL);

	(void)body;
	for (uint32_t i = 1; rc == 0 && i <= 3; i++) {
		const char *text = cor_printf(ctx, "%u", i);
		rc = cor_reply_write(reply, text, 1);
		if (rc == 0)
			rc = cor_reply_flush(reply);
		if (rc == 0)
			rc = cor_sleep_ms(in->ms);
	}
	return rc;
}
COR_STREAM_OPERATION(
	count_get, count_to, nap_schema, .summary = "Count to three", .content_type = "text/plain");
const struct cor_resource count_resource = { .path = "/count", .get = &count_get };

static int whoami(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)in;
	*out = cor_request_header(ctx, "Authorization");
	return 0;
}
COR_OPERATION(whoami_get, whoami, COR_NONE, COR_TEXT, .summary = "What was shown");
const struct cor_resource whoami_resource = { .path = "/whoami", .get = &whoami_get };

static int talk(struct cor_ctx *ctx, const struct cor_none *in, struct cor_websocket *ws)
{
	struct cor_websocket_message message;
	int rc = 0;

	(void)ctx, (void)in;
	while (rc == 0 && (rc = cor_websocket_receive(ws, &message)) == 0)
		rc = cor_websocket_send_text(ws, message.data);
	return rc;
}
COR_WEBSOCKET_OPERATION(
	talk_get, talk, COR_NONE, .summary = "Say it again", .websocket = { .idle_ms = 60000 });
const struct cor_resource talk_resource = { .path = "/talk", .get = &talk_get };

/* --- what is kept, told and scarce --- */

/* There is no such server: a test that asked it would not get far. */
const struct cor_cache made = {
	.name = "made", .store = &cor_memcached_store, .at = "192.0.2.1:11211", .ttl_ms = 30000
};

static int count(struct cor_ctx *ctx, const struct cor_none *in, struct price *out)
{
	static uint32_t calls;

	(void)ctx, (void)in;
	out->cents = ++calls;
	return 0;
}
COR_CACHED(counted, count, &made, COR_NONE, price_schema);

static int get_made(struct cor_ctx *ctx, const struct cor_none *in, struct price *out)
{
	return counted(ctx, in, out);
}
COR_OPERATION(made_get, get_made, COR_NONE, price_schema, .summary = "How often it was made");
const struct cor_resource made_resource = { .path = "/made", .get = &made_get };

const struct cor_topic news = { .name = "news" };

static int publish(struct cor_ctx *ctx, const struct cor_str *in, struct cor_none *out)
{
	(void)out;
	return cor_topic_publish(ctx, &news, NULL, *in);
}
COR_OPERATION(news_post, publish, COR_TEXT, COR_NONE, .summary = "Tell all");

static int hear(struct cor_ctx *ctx, const struct cor_none *in, struct cor_events *events)
{
	(void)ctx, (void)in;
	return cor_events_follow(events, &news);
}
COR_EVENTS_OPERATION(news_get, hear, COR_NONE, .summary = "Hear all");
const struct cor_resource news_resource = { .path = "/news", .get = &news_get, .post = &news_post };

static const struct cor_limit few = { .name = "few", .count = 2, .per_s = 60 };
COR_OPERATION(scarce_get, get_made, COR_NONE, price_schema, .limits = COR_LIMITS(&few),
	.summary = "Not for all");
const struct cor_resource scarce_resource = { .path = "/scarce", .get = &scarce_get };
