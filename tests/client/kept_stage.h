/* SPDX-License-Identifier: MIT */
/* A service whose upstreams keep answers, and what its calls are asked for in tests. */
#ifndef TESTS_CLIENT_KEPT_STAGE_H
#define TESTS_CLIENT_KEPT_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/cache.h>
#include <coracle/compression.h>

#include "../cache/fake.h"
#include "stage.h"

#define FRESH                                                                                      \
	{                                                                                          \
		"Cache-Control", "max-age=10"                                                      \
	}
#define ETAG                                                                                       \
	{                                                                                          \
		"ETag", "\"a\""                                                                    \
	}
#define F(...) COR_HTTP_FIELDS(__VA_ARGS__)

static const struct cor_cache answers = {
	.name = "answers", .ttl_ms = 3600 * 1000, .value_bytes = 2000
};

static const struct cor_upstream plain = {
	.name = "plain",
	.base_url = "http://plain",
	.cache = &answers,
	.retries = 1,
	.codings = COR_CODINGS(&cor_gzip),
};
static const struct cor_upstream same = {
	.name = "same", .base_url = "http://plain", .cache = &answers
};
static const struct cor_upstream tight = {
	.name = "tight",
	.base_url = "http://tight",
	.cache = &answers,
	.in_flight = 1,
	.breaker = &(const struct cor_breaker){ .calls_min = 1, .open_ms = 60000, .probes = 1 },
};
static const struct cor_upstream joined = {
	.name = "joined",
	.base_url = "http://joined",
	.cache = &answers,
	.equal_gets = COR_ASK_ONCE,
};
static const struct cor_upstream late = {
	.name = "late",
	.base_url = "http://late",
	.cache = &answers,
	.hedge = &(const struct cor_hedge){ .after_ms = 50 },
};
static const struct cor_upstream many = {
	.name = "many",
	.targets = COR_TARGETS("http://a:81/v1", "http://b:82/v1"),
	.cache = &answers,
};
static const struct cor_upstream lenient = {
	.name = "lenient",
	.base_url = "http://lenient",
	.cache = &answers,
	.caching = &(const struct cor_http_caching){ .stale_if_error_s = 60 },
};

static const struct cor_cache frail_answers = { .name = "frail", .store = &fake_common_store };
static const struct cor_upstream frail = {
	.name = "frail", .base_url = "http://frail", .cache = &frail_answers
};

static const struct cor_service service = {
	.name = "stage",
	.upstreams = COR_UPSTREAMS(&plain, &same, &tight, &joined, &late, &many, &lenient, &frail),
	.caches = COR_CACHES(&answers, &frail_answers),
	.schemas = COR_SCHEMAS(price_schema),
};

static inline int open_stage(void **state)
{
	return stage_open_service(&service, state);
}

static inline void pass_s(struct stage *stage, int64_t s)
{
	stage->now_ns += s * 1000000000;
}

/* A call of the path; its body goes to *body, and its source is returned. */
static inline enum cor_answer_source get(struct stage *stage, const struct cor_upstream *upstream,
	const char *path, struct cor_str *body)
{
	enum cor_answer_source source;

	assert_int_equal(cor_http_get(stage->ctx, upstream, COR_BYTES, body, COR_PATH_AS_IS(path),
				 .ret_source = &source),
		0);
	return source;
}

static inline void expect(struct stage *stage, const struct cor_upstream *upstream,
	enum cor_answer_source source, const char *body)
{
	struct cor_str got;

	assert_int_equal(get(stage, upstream, "/p", &got), source);
	assert_int_equal(got.len, strlen(body));
	assert_memory_equal(got.data, body, got.len);
}

static inline void asked(const struct stage *stage, size_t times)
{
	assert_int_equal(cor_script_len(stage->script), times);
}

#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, open_stage, stage_close)

#endif
