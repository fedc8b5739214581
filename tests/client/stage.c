/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <coracle/clock.h>
#include <coracle/compression.h>

#include "runtime/scheduler.h"
#include "stage.h"
#include "world/turns.h"

static const struct cor_field price_fields[] = {
	COR_FIELD(struct price, cents, .range = COR_MIN(0)),
	COR_FIELD(struct price, currency, .fallback = "\"EUR\""),
	COR_FIELD(struct price, etag, .key = "ETag", .to = COR_TO_HEADER, .presence = COR_OPTIONAL),
	COR_FIELD(struct price, age, .key = "Age", .from = COR_FROM_HEADER, .fallback = "0"),
};
COR_SCHEMA(price_schema, price_fields);

static const struct cor_field question_fields[] = {
	COR_FIELD(struct question, shelf, .from = COR_FROM_PATH),
	COR_FIELD(struct question, limit, .from = COR_FROM_QUERY),
	COR_ARRAY(struct question, tags, .from = COR_FROM_QUERY, .presence = COR_OPTIONAL),
	COR_FIELD(struct question, tenant, .key = "X-Tenant", .from = COR_FROM_HEADER),
	COR_FIELD(struct question, session, .from = COR_FROM_COOKIE, .presence = COR_OPTIONAL),
	COR_FIELD(struct question, cents),
	COR_FIELD(struct question, made, .access = COR_READ_ONLY),
};
COR_SCHEMA(question_schema, question_fields);

const struct cor_upstream prices = {
	.name = "prices",
	.base_url = "http://prices:8080/v1/",
	.retries = 2,
	.answer_limit_bytes = 1000,
	.codings = COR_CODINGS(&cor_gzip),
	.headers = COR_HTTP_FIELDS({ "X-Client", "tests" }, { "Authorization", "Bearer secret" }),
	.deadline_header = "X-Left-Ms",
};
static const struct cor_upstream_tls known = {
	.ca_file = "ca.pem",
	.certificate_file = "own.pem",
	.key_file = "own.key",
	.server_name = "safe",
	.pin = "sha256//x",
	.verification = COR_TLS_UNVERIFIED,
};
const struct cor_upstream safe = { .name = "safe", .base_url = "http://safe", .tls = &known };
const struct cor_upstream several = {
	.name = "several",
	.targets = COR_TARGETS("http://a:81/v1", "http://b:82/v1/", "http://c:83/v1"),
	.retries = 2,
};
const struct cor_upstream unlisted = { .name = "unlisted", .base_url = "http://unlisted" };

const struct cor_upstream guarded = {
	.name = "guarded",
	.base_url = "http://guarded",
	.retries = 2,
	.breaker = &(const struct cor_breaker){ .window_ms = 60000,
		.calls_min = 4,
		.open_ms = 60000,
		.probes = 1 },
};

const struct cor_upstream hedged = {
	.name = "hedged",
	.deadline_header = "X-Left-Ms",
	.targets = COR_TARGETS("http://a:81", "http://b:82"),
	.hedge = &(const struct cor_hedge){ .after_ms = 50 },
};

const struct cor_upstream usual = {
	.name = "usual",
	.base_url = "http://usual",
	.hedge = &(const struct cor_hedge){ .percentile = 90, .least_ms = 10 },
};

const struct cor_upstream shared = {
	.name = "shared",
	.base_url = "http://shared",
	.equal_gets = COR_ASK_ONCE,
	.timeout_ms = 1000,
	.answer_limit_bytes = 1000,
};

const struct cor_upstream narrow = {
	.name = "narrow", .base_url = "http://narrow", .in_flight = 1
};

const struct cor_upstream limited = {
	.name = "limited",
	.base_url = "http://limited",
	.deadline_header = "X-Left-Ms",
	.first_byte_timeout_ms = 2000,
	.retries = 1,
	.adaptive_limit = &(const struct cor_adaptive_limit){ .start = 2, .wait_ms = 100 },
};

static const struct cor_adaptive_limit one = { .start = 1, .wait_ms = 100 };

const struct cor_upstream limited_hedged = {
	.name = "limited-hedged",
	.base_url = "http://hedged",
	.hedge = &(const struct cor_hedge){ .after_ms = 50 },
	.adaptive_limit = &one,
};

const struct cor_upstream limited_shared = {
	.name = "limited-shared",
	.base_url = "http://shared",
	.equal_gets = COR_ASK_ONCE,
	.adaptive_limit = &one,
};

const struct cor_upstream limited_guarded = {
	.name = "limited-guarded",
	.base_url = "http://guarded",
	.breaker = &(const struct cor_breaker){ .calls_min = 1, .open_ms = 60000 },
	.adaptive_limit = &one,
};

static const struct cor_service service = {
	.name = "stage",
	.upstreams = COR_UPSTREAMS(&prices, &safe, &several, &guarded, &hedged, &usual, &shared,
		&narrow, &limited, &limited_hedged, &limited_shared, &limited_guarded),
	.schemas = COR_SCHEMAS(price_schema, question_schema),
};

#define NOW_S 1795000000

static int64_t monotonic_ns(const struct cor_clock *clock)
{
	return ((const struct stage *)clock)->now_ns; /* its first member */
}

static int64_t realtime_ns(const struct cor_clock *clock)
{
	return monotonic_ns(clock);
}

static void sleep_until(const struct cor_clock *clock, int64_t due_ns)
{
	struct stage *stage = (struct stage *)(uintptr_t)clock;

	if (stage->now_ns < due_ns)
		stage->now_ns = due_ns;
}

int stage_open(void **state)
{
	return stage_open_service(&service, state);
}

int stage_open_service(const struct cor_service *its, void **state)
{
	struct stage *stage = calloc(1, sizeof *stage);

	assert_non_null(stage);
	stage->clock = (struct cor_clock){ monotonic_ns, realtime_ns, sleep_until };
	stage->now_ns = NOW_S * INT64_C(1000000000);
	assert_int_equal(cor_script_create(&stage->script), 0);
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = its,
						.script = stage->script,
						.clock = &stage->clock },
				 &stage->ctx),
		0);
	stage->began_ns = cor_monotonic_ns();
	*state = stage;
	return 0;
}

int stage_close(void **state)
{
	struct stage *stage = *state;

	cor_ctx_destroy(stage->ctx);
	cor_script_destroy(stage->script);
	free(stage);
	return 0;
}

ssize_t pieces_give(void *arg, void *buffer, size_t size)
{
	struct pieces *pieces = arg;
	size_t left = pieces->bytes - pieces->given, n = left < 7 ? left : 7;

	if (pieces->rc < 0)
		return pieces->rc;
	n = n < size ? n : size;
	memset(buffer, 'x', n);
	pieces->given += n;
	return (ssize_t)n;
}

int pieces_rewind(void *arg)
{
	struct pieces *pieces = arg;

	pieces->given = 0;
	pieces->rewound++;
	return 0;
}

void stage_line(struct stage *stage, const struct cor_scripted *line)
{
	assert_int_equal(cor_script_add(stage->script, line), 0);
}

int64_t stage_ms(const struct stage *stage)
{
	return (cor_monotonic_ns() - stage->began_ns) / 1000000;
}

const struct cor_script_call *stage_call(const struct stage *stage, size_t i)
{
	const struct cor_script_call *call = cor_script_call(stage->script, i);

	assert_non_null(call);
	return call;
}

enum cor_failure stage_failure(const struct stage *stage)
{
	const struct cor_http_failure *failure = cor_http_failure(stage->ctx);

	assert_non_null(failure);
	return failure->kind;
}

struct play {
	struct stage *stage;
	void (*act)(struct stage *stage);
};

static int run_act(void *arg)
{
	struct play *play = arg;

	play->act(play->stage);
	return 0;
}

void stage_in_fiber(struct stage *stage, void (*act)(struct stage *stage))
{
	struct play play = { stage, act };
	struct cor_world *world = cor_world_create();
	struct cor_seams seams = cor_world_seams(world);
	struct cor_scheduler *scheduler;

	assert_int_equal(cor_scheduler_create_with(NULL, &seams, &scheduler), 0);
	assert_int_equal(cor_fiber_start(scheduler, run_act, &play, NULL, NULL), 0);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_world_run(world, scheduler), 0);
	cor_scheduler_destroy(scheduler);
	cor_world_destroy(world);
}
