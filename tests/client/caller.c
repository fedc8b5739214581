/* SPDX-License-Identifier: MIT */
/* A service that calls others, by HTTP as they are. */
#include <coracle/coracle.h>

struct price {
	int64_t cents;
	const char *currency;
};
static const struct cor_field price_fields[] = {
	COR_FIELD(struct price, cents, .range = COR_MIN(0)),
	COR_FIELD(struct price, currency, .fallback = "\"EUR\""),
};
COR_LOCAL_SCHEMA(price_schema, struct price, price_fields);

static const struct cor_upstream prices = {
	.name = "prices",
	.doc = "the list of prices",
	.readiness = COR_UPSTREAM_OPTIONAL,
	.base_url = "http://127.0.0.1:9/v1",
	.retries = 1,
};
static const struct cor_upstream far_away = { .name = "far-away", .timeout_ms = 5000 };
static const struct cor_upstream mirrors = {
	.name = "mirrors",
	.targets = COR_TARGETS("http://127.0.0.1:9/v1", "http://127.0.0.2:9/v1"),
	.readiness = COR_UPSTREAM_REQUIRED,
	.balance = &(const struct cor_balance){ .ejected_ms = 100 },
	.retries = 1,
	.first_byte_timeout_ms = 1000,
};

/* Once open, it stays so for longer than a test; the other for no time at all. */
static const struct cor_upstream fragile = {
	.name = "fragile",
	.base_url = "http://127.0.0.1:9",
	.breaker = &(const struct cor_breaker){ .calls_min = 4, .open_ms = 60000 },
};
static const struct cor_upstream brittle = {
	.name = "brittle",
	.in_flight = UINT32_MAX,
	.base_url = "http://127.0.0.1:9",
	.timeout_ms = 1000,
	.breaker = &(const struct cor_breaker){ .calls_min = 4, .open_ms = 1, .probes = 1 },
};

/* One request at a time at first, of all workers, and nobody waits. */
static const struct cor_upstream burdened = {
	.name = "burdened",
	.base_url = "http://127.0.0.1:9",
	.adaptive_limit = &(const struct cor_adaptive_limit){ .start = 1, .wait_ms = 1 },
};

struct ref {
	const char *name;
};
static const struct cor_field ref_fields[] = {
	COR_FIELD(struct ref, name, .from = COR_FROM_PATH),
};
COR_LOCAL_SCHEMA(ref_schema, struct ref, ref_fields);

static int get_price(struct cor_ctx *ctx, const struct ref *ref, struct price *price)
{
	return cor_http_get(ctx, &prices, price_schema, price, COR_PATH("/prices/{}", ref->name));
}
COR_OPERATION(
	get_price_operation, get_price, ref_schema, price_schema, .problems = { 502, 503, 504 });
static const struct cor_resource price_of = { "/prices/{name}", .get = &get_price_operation };

static int get_mirrored(struct cor_ctx *ctx, const struct ref *ref, struct price *price)
{
	return cor_http_get(ctx, &mirrors, price_schema, price, COR_PATH("/prices/{}", ref->name));
}
COR_OPERATION(get_mirrored_operation, get_mirrored, ref_schema, price_schema,
	.problems = { 502, 503, 504 });
static const struct cor_upstream joined = {
	.name = "joined",
	.base_url = "http://127.0.0.1:9",
	.equal_gets = COR_ASK_ONCE,
};

static int get_joined(struct cor_ctx *ctx, const struct ref *ref, struct price *price)
{
	return cor_http_get(ctx, &joined, price_schema, price, COR_PATH("/{}", ref->name));
}
COR_OPERATION(
	get_joined_operation, get_joined, ref_schema, price_schema, .problems = { 502, 503, 504 });
static const struct cor_resource join = { "/joined/{name}", .get = &get_joined_operation };

static const struct cor_resource mirrored = { "/mirrored/{name}", .get = &get_mirrored_operation };

static int get_fragile(struct cor_ctx *ctx, const struct ref *ref, struct price *price)
{
	return cor_http_get(ctx, &fragile, price_schema, price, COR_PATH("/{}", ref->name));
}
COR_OPERATION(get_fragile_operation, get_fragile, ref_schema, price_schema,
	.problems = { 502, 503, 504 });
static const struct cor_resource fragiles = { "/fragile/{name}", .get = &get_fragile_operation };

/* Two of them at once, and other words for what became of them. */
static int ask_fragile(struct cor_ctx *ctx, void *arg)
{
	struct price price;

	(void)arg;
	return cor_http_get(ctx, &fragile, price_schema, &price, COR_PATH("/good"));
}

static int ask_fragiles(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	struct cor_group group;

	(void)in;
	(void)out;
	cor_group_begin(&group, ctx, COR_ALL);
	cor_group_start(&group, ask_fragile, NULL);
	cor_group_start(&group, ask_fragile, NULL);
	int rc = cor_group_wait(&group);
	return rc < 0 ? cor_problem(ctx, 0, rc, "not both") : 0;
}
COR_OPERATION(
	ask_fragiles_operation, ask_fragiles, COR_NONE, COR_NONE, .problems = { 502, 503, 504 });
static const struct cor_resource both_fragiles = { "/both", .get = &ask_fragiles_operation };

static int get_brittle(struct cor_ctx *ctx, const struct ref *ref, struct price *price)
{
	return cor_http_get(ctx, &brittle, price_schema, price, COR_PATH("/{}", ref->name));
}
COR_OPERATION(get_brittle_operation, get_brittle, ref_schema, price_schema,
	.problems = { 502, 503, 504 });
static const struct cor_resource brittles = { "/brittle/{name}", .get = &get_brittle_operation };

static int get_burdened(struct cor_ctx *ctx, const struct ref *ref, struct price *price)
{
	return cor_http_get(ctx, &burdened, price_schema, price, COR_PATH("/{}", ref->name));
}
COR_OPERATION(get_burdened_operation, get_burdened, ref_schema, price_schema,
	.problems = { 502, 503, 504 });
static const struct cor_resource burdens = { "/burdened/{name}", .get = &get_burdened_operation };

static int relay(
	struct cor_ctx *ctx, const struct ref *ref, struct cor_body *body, struct cor_reply *reply)
{
	struct cor_answer *answer;
	const char *method = cor_arena_copy(
		cor_ctx_arena(ctx), cor_request_method(ctx).data, cor_request_method(ctx).len);
	int rc = cor_http_open(ctx, &far_away, &answer, COR_PATH("/{}", ref->name),
		.method = method, .relayed = body);

	return rc < 0 ? rc : cor_reply_relay(reply, answer);
}
COR_STREAM_OPERATION(
	relay_operation, relay, ref_schema, .content_type = "*/*", .problems = { 502, 503, 504 });
static const struct cor_resource relays = { "/relay/{name}", .get = &relay_operation,
	.post = &relay_operation };

/* A call from a thread of an executor. */
static const struct cor_executor aside = { .name = "aside", .size = 1 };

static int ask_aside(struct cor_ctx *ctx, int64_t *cents)
{
	struct price price = { 0 };
	int rc = cor_http_get(ctx, &prices, price_schema, &price, COR_PATH("/prices/aside"));

	*cents = price.cents;
	return rc;
}

static int get_aside(struct cor_ctx *ctx, const struct cor_none *in, struct price *price)
{
	(void)in;
	price->currency = "EUR";
	return cor_offload(ctx, &aside, ask_aside, &price->cents);
}
COR_OPERATION(
	get_aside_operation, get_aside, COR_NONE, price_schema, .problems = { 502, 503, 504 });
static const struct cor_resource asides = { "/aside", .get = &get_aside_operation };

/* Many at once: how many have come back well. */
struct crowd {
	int64_t asked;
	int64_t good;
};
static const struct cor_field crowd_fields[] = {
	COR_FIELD(struct crowd, asked),
	COR_FIELD(struct crowd, good),
};
COR_LOCAL_SCHEMA(crowd_schema, struct crowd, crowd_fields);

static int ask_one(struct cor_ctx *ctx, int64_t *i)
{
	struct price price;

	return cor_http_get(ctx, &prices, price_schema, &price, COR_PATH("/prices/{}", *i));
}

#define CROWD 20

static int ask_many(struct cor_ctx *ctx, const struct cor_none *in, struct crowd *crowd)
{
	int64_t numbers[CROWD];
	struct cor_group group;

	(void)in;
	cor_group_begin(&group, ctx, COR_ALL);
	for (int i = 0; i < CROWD; i++) {
		numbers[i] = i;
		cor_group_start(&group, ask_one, &numbers[i]);
	}
	int rc = cor_group_wait(&group);
	crowd->asked = CROWD;
	crowd->good = rc == 0 ? CROWD : 0;
	return rc;
}
COR_OPERATION(ask_many_operation, ask_many, COR_NONE, crowd_schema, .problems = { 502, 503, 504 });
static const struct cor_resource crowds = { "/crowd", .get = &ask_many_operation };

/* From a hook, before there is a thread that serves. */
static int start(struct cor_ctx *ctx, void **ret_state)
{
	struct price price;
	int rc = cor_http_get(ctx, &prices, price_schema, &price, COR_PATH("/prices/start"));

	(void)ret_state;
	cor_log_info(ctx, "the start hook's call: %s", rc < 0 ? cor_errname(rc) : "good");
	return 0;
}

static const struct cor_service caller = {
	.name = "caller",
	.version = "1.0",
	.resources = COR_RESOURCES(&price_of, &mirrored, &join, &relays, &fragiles, &both_fragiles,
		&brittles, &burdens, &asides, &crowds),
	.executors = COR_EXECUTORS(&aside),
	.upstreams = COR_UPSTREAMS(
		&prices, &far_away, &mirrors, &joined, &fragile, &brittle, &burdened),
	.start = start,
};

int main(int argc, char **argv)
{
	return cor_main(argc, argv, &caller);
}
