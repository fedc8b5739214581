/* SPDX-License-Identifier: MIT */
/* Answers that are kept, and what else a call has: limits, retries, breakers, credentials. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include <coracle/cache.h>
#include <coracle/compression.h>
#include <coracle/cookie_jar.h>
#include <coracle/credentials.h>
#include <coracle/error.h>
#include <coracle/fiber.h>

#include "client/call_figures.h"
#include "context/context.h"
#include "kept_stage.h"

/* --- limits and what is whole --- */

static void test_too_large_passes(void **state)
{
	static char body[2100];
	struct stage *stage = *state;
	struct cor_str got;

	memset(body, 'x', sizeof body - 1);
	for (size_t i = 0; i < 2; i++) {
		stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = body });
		assert_int_equal(get(stage, &plain, "/p", &got), COR_ANSWERED_BY_SERVER);
		assert_int_equal(got.len, sizeof body - 1);
	}
	/* its head does not fit */
	body[1990] = '\0';
	for (size_t i = 0; i < 2; i++) {
		stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = body });
		assert_int_equal(get(stage, &plain, "/q", &got), COR_ANSWERED_BY_SERVER);
	}
	asked(stage, 4);
}

/* Nobody knows its length before it is read. */
static void test_too_large_drops_what_was_kept(void **state)
{
	static char body[3000];
	struct stage *stage = *state;
	struct cor_str got;

	stage_line(stage,
		&(struct cor_scripted){
			.headers = F({ "Cache-Control", "max-age=1, stale-if-error=100" }, ETAG),
			.body = "a" });
	expect(stage, &same, COR_ANSWERED_BY_SERVER, "a");
	pass_s(stage, 5);
	memset(body, 'x', sizeof body - 1);
	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = body });
	assert_int_equal(get(stage, &same, "/p", &got), COR_ANSWERED_BY_SERVER);
	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_REFUSED });
	assert_true(cor_http_get(stage->ctx, &same, COR_BYTES, &got, COR_PATH("/p")) < 0);
}

static void test_what_breaks_off_is_not_kept(void **state)
{
	struct stage *stage = *state;
	struct cor_str got;

	for (size_t i = 0; i < 2; i++)
		stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH),
					  .body = "abc",
					  .fault = COR_SCRIPT_RESET,
					  .fails_after = 2 });
	assert_int_equal(
		cor_http_get(stage->ctx, &plain, COR_BYTES, &got, COR_PATH("/p")), -ECONNRESET);
	asked(stage, 2); /* one retry */
	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "abc" });
	expect(stage, &plain, COR_ANSWERED_BY_SERVER, "abc");
	expect(stage, &plain, COR_ANSWERED_FRESH, "abc");
}

static void test_what_a_retry_brings_is_kept(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .status = 503 });
	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "a" });
	expect(stage, &plain, COR_ANSWERED_BY_SERVER, "a");
	expect(stage, &plain, COR_ANSWERED_FRESH, "a");
	asked(stage, 2);
}

static void test_a_stream_is_kept_once_it_was_read(void **state)
{
	struct stage *stage = *state;
	struct cor_answer *answer;
	char piece[3];

	for (size_t i = 0; i < 2; i++) {
		stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "abcd" });
		assert_int_equal(cor_http_open(stage->ctx, &plain, &answer, COR_PATH("/p")), 0);
		assert_int_equal(cor_answer_read(answer, piece, 3), 3);
		if (i == 1) {
			assert_int_equal(cor_answer_read(answer, piece, 3), 1);
			assert_int_equal(cor_answer_read(answer, piece, 3), 0);
		}
		cor_answer_close(answer);
	}
	expect(stage, &plain, COR_ANSWERED_FRESH, "abcd");
	asked(stage, 2);
}

static void test_what_breaks_its_schema_is_not_kept(void **state)
{
	struct stage *stage = *state;
	struct price price;

	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "{\"cents\":-1}" });
	assert_int_equal(
		cor_http_get(stage->ctx, &plain, price_schema, &price, COR_PATH("/p")), -EBADMSG);
	stage_line(stage,
		&(struct cor_scripted){ .headers = F(FRESH, ETAG), .body = "{\"cents\":7}" });
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(
			cor_http_get(stage->ctx, &plain, price_schema, &price, COR_PATH("/p")), 0);
		assert_int_equal(price.cents, 7);
		assert_string_equal(price.etag, "\"a\"");
	}
	asked(stage, 2);
}

/* Of another version of the program, perhaps: it is asked for anew. */
static void test_what_does_not_decode_is_asked_for(void **state)
{
	struct stage *stage = *state;
	enum cor_answer_source source;
	struct price price;

	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "{\"old\":7}" });
	expect(stage, &plain, COR_ANSWERED_BY_SERVER, "{\"old\":7}");
	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "{\"cents\":7}" });
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(cor_http_get(stage->ctx, &plain, price_schema, &price,
					 COR_PATH("/p"), .ret_source = &source),
			0);
		assert_int_equal(price.cents, 7);
		assert_int_equal(source, i ? COR_ANSWERED_FRESH : COR_ANSWERED_BY_SERVER);
	}
	asked(stage, 2);
}

static void test_an_expected_error_is_kept(void **state)
{
	struct stage *stage = *state;
	struct price price;
	int status;

	stage_line(
		stage, &(struct cor_scripted){ .status = 404, .headers = F(FRESH), .body = "no" });
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(cor_http_get(stage->ctx, &plain, price_schema, &price,
					 COR_PATH("/p"), .ret_status = &status, .expects = { 404 }),
			0);
		assert_int_equal(status, 404);
	}
	assert_int_equal(cor_http_get(stage->ctx, &plain, price_schema, &price, COR_PATH("/p")),
		-COR_ESTATUS);
	assert_string_equal(cor_http_failure(stage->ctx)->body.data, "no");
	asked(stage, 1);
	/* one that nobody expected is, too */
	stage_line(
		stage, &(struct cor_scripted){ .status = 410, .headers = F(FRESH), .body = "no" });
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
			cor_http_get(stage->ctx, &plain, price_schema, &price, COR_PATH("/q")),
			-COR_ESTATUS);
	asked(stage, 2);
}

static void test_compressed(void **state)
{
	struct stage *stage = *state;
	char packed[200];
	z_stream stream = { .next_in = (unsigned char *)(uintptr_t) "hello",
		.avail_in = 5,
		.next_out = (unsigned char *)packed,
		.avail_out = sizeof packed };

	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	deflateEnd(&stream);
	stage_line(
		stage, &(struct cor_scripted){ .headers = F(FRESH, { "Content-Encoding", "gzip" }),
			       .body = packed,
			       .body_bytes = stream.total_out,
			       .piece_bytes = 3 });
	expect(stage, &plain, COR_ANSWERED_BY_SERVER, "hello");
	expect(stage, &plain, COR_ANSWERED_FRESH, "hello");
	asked(stage, 1);
}

/* --- fields --- */

static void test_fields(void **state)
{
	struct stage *stage = *state;
	struct cor_answer *answer;
	char piece[8];

	stage_line(stage,
		&(struct cor_scripted){
			.headers = F({ "Cache-Control", "max-age=10, no-cache=\"x-secret, b\"" },
				ETAG, { "Connection", "close, X-Hop" }, { "X-Hop", "1" },
				{ "Keep-Alive", "timeout=5" }, { "X-Secret", "1" },
				{ "X-Stays", "1" }, { "Content-Type", "text/plain" }),
			.body = "a" });
	expect(stage, &plain, COR_ANSWERED_BY_SERVER, "a");
	pass_s(stage, 10);
	stage_line(
		stage, &(struct cor_scripted){ .status = 304,
			       .headers = F(FRESH, ETAG, { "X-Stays", "2" }, { "X-New", "3" },
				       { "Content-Length", "77" }, { "Content-Type", "text/x" }) });
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(cor_http_open(stage->ctx, &plain, &answer, COR_PATH("/p")), 0);
		assert_null(cor_answer_header(answer, "Connection"));
		assert_null(cor_answer_header(answer, "X-Hop"));
		assert_null(cor_answer_header(answer, "Keep-Alive"));
		assert_null(cor_answer_header(answer, "X-Secret"));
		assert_string_equal(cor_answer_header(answer, "X-Stays"), "2");
		assert_string_equal(cor_answer_header(answer, "X-New"), "3");
		assert_string_equal(cor_answer_header(answer, "Age"), "0");
		assert_int_equal(cor_answer_length(answer), 1);
		assert_int_equal(cor_answer_read(answer, piece, sizeof piece), 1);
		assert_int_equal(cor_answer_read(answer, piece, sizeof piece), 0);
		cor_answer_close(answer);
	}
	asked(stage, 2);
}

static void test_a_304_of_another_is_asked_again(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH, ETAG), .body = "a" });
	expect(stage, &plain, COR_ANSWERED_BY_SERVER, "a");
	pass_s(stage, 10);
	stage_line(stage,
		&(struct cor_scripted){ .status = 304, .headers = F(FRESH, { "ETag", "\"b\"" }) });
	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "b" });
	expect(stage, &plain, COR_ANSWERED_BY_SERVER, "b");
	assert_non_null(cor_script_header(stage_call(stage, 1), "If-None-Match"));
	assert_null(cor_script_header(stage_call(stage, 2), "If-None-Match"));
	expect(stage, &plain, COR_ANSWERED_FRESH, "b");
}

static void test_redirects(void **state)
{
	struct stage *stage = *state;

	stage_line(stage,
		&(struct cor_scripted){
			.status = 301, .path = "/p", .headers = F(FRESH, { "Location", "/q" }) });
	stage_line(stage,
		&(struct cor_scripted){ .path = "/q", .headers = F(FRESH, ETAG), .body = "q" });
	expect(stage, &plain, COR_ANSWERED_BY_SERVER, "q");
	expect(stage, &plain, COR_ANSWERED_FRESH, "q");
	asked(stage, 2);
	pass_s(stage, 10);
	stage_line(
		stage, &(struct cor_scripted){
			       .status = 302, .path = "/p", .headers = F({ "Location", "/q" }) });
	stage_line(
		stage, &(struct cor_scripted){ .path = "/q", .status = 304, .headers = F(FRESH) });
	expect(stage, &plain, COR_ANSWERED_VALIDATED, "q");
	assert_null(cor_script_header(stage_call(stage, 2), "If-None-Match"));
	assert_string_equal(cor_script_header(stage_call(stage, 3), "If-None-Match"), "\"a\"");
}

/* --- whose it is --- */

static void test_upstreams_do_not_share(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "a" });
	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "b" });
	expect(stage, &plain, COR_ANSWERED_BY_SERVER, "a");
	expect(stage, &same, COR_ANSWERED_BY_SERVER, "b");
	expect(stage, &plain, COR_ANSWERED_FRESH, "a");
}

static void test_targets_share(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "a" });
	expect(stage, &many, COR_ANSWERED_BY_SERVER, "a");
	for (size_t i = 0; i < 4; i++)
		expect(stage, &many, COR_ANSWERED_FRESH, "a");
}

static const char *user_a(struct cor_ctx *ctx)
{
	(void)ctx;
	return "a";
}

static const char *user_b(struct cor_ctx *ctx)
{
	(void)ctx;
	return "b";
}

static const char *nobody(struct cor_ctx *ctx)
{
	(void)ctx;
	return NULL;
}

static int sign(struct cor_ctx *ctx, struct cor_signing *signing)
{
	(void)ctx;
	return cor_signing_header(signing, "X-Signed", "1");
}

/* Each of them is asked for once, and then found again; all but the last. */
static const struct cor_credentials *const identities[] = {
	COR_CREDENTIALS(.bearer = user_a),
	COR_CREDENTIALS(.bearer = user_b),
	COR_CREDENTIALS(.basic = { .user = "a", .password = user_a }),
	COR_CREDENTIALS(.basic = { .user = "a", .password = user_b }),
	COR_CREDENTIALS(.basic = { .user = "b", .password = user_a }),
	COR_CREDENTIALS(.header = { "X-Api-Key", user_a }),
	COR_CREDENTIALS(.header = { "X-Api-Key", user_b }),
	COR_CREDENTIALS(.header = { "X-Other-Key", user_a }),
	COR_CREDENTIALS(.query = { "key", user_a }),
	COR_CREDENTIALS(.query = { "key", user_b }),
	COR_NO_CREDENTIALS,
	COR_CREDENTIALS(.sign = sign),
};
#define IDENTITIES (sizeof identities / sizeof identities[0])

static void test_credentials(void **state)
{
	struct stage *stage = *state;
	struct cor_str got;
	char body[] = "0";

	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; i < IDENTITIES; i++) {
			enum cor_answer_source source;
			bool is_new = round == 0 || i == IDENTITIES - 1;
			body[0] = (char)('a' + i);
			if (is_new)
				stage_line(stage, &(struct cor_scripted){
							  .headers = F(FRESH), .body = body });
			assert_int_equal(
				cor_http_get(stage->ctx, &plain, COR_BYTES, &got, COR_PATH("/p"),
					.credentials = identities[i], .ret_source = &source),
				0);
			assert_int_equal(
				source, is_new ? COR_ANSWERED_BY_SERVER : COR_ANSWERED_FRESH);
			assert_int_equal(got.data[0], body[0]);
		}
	asked(stage, IDENTITIES + 1);
	assert_int_equal(cor_http_get(stage->ctx, &plain, COR_BYTES, &got, COR_PATH("/p"),
				 .credentials = COR_CREDENTIALS(.bearer = nobody)),
		-EINVAL);
	assert_int_equal(stage_failure(stage), COR_FAILED_CREDENTIALS);
}

static void test_a_jar_passes_by(void **state)
{
	struct stage *stage = *state;
	struct cor_cookie_jar *jar;

	assert_int_equal(cor_cookie_jar_create(&jar), 0);
	for (size_t i = 0; i < 3; i++) {
		stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "a" });
		assert_int_equal(cor_http_get(stage->ctx, &plain, COR_NONE, NULL, COR_PATH("/p"),
					 .jar = i < 2 ? jar : NULL),
			0);
	}
	asked(stage, 3);
	cor_cookie_jar_destroy(jar);
}

/* --- limits, breaker, deadline --- */

static void test_a_hit_needs_no_place_and_no_breaker(void **state)
{
	struct stage *stage = *state;
	struct cor_answer *open;
	struct cor_str got;

	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "a" });
	expect(stage, &tight, COR_ANSWERED_BY_SERVER, "a");
	stage_line(stage, &(struct cor_scripted){ .body = "bc" });
	assert_int_equal(cor_http_open(stage->ctx, &tight, &open, COR_PATH("/q")), 0);
	expect(stage, &tight, COR_ANSWERED_FRESH, "a");
	cor_answer_close(open);
	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_REFUSED, .times = 2 });
	for (size_t i = 0; i < 2; i++)
		assert_true(cor_http_get(stage->ctx, &tight, COR_BYTES, &got, COR_PATH("/q")) < 0);
	assert_int_equal(
		cor_http_get(stage->ctx, &tight, COR_BYTES, &got, COR_PATH("/q")), -COR_EUNTRIED);
	assert_int_equal(stage_failure(stage), COR_FAILED_OPEN);
	expect(stage, &tight, COR_ANSWERED_FRESH, "a");
	asked(stage, 4);
}

static void test_stale_if_the_breaker_is_open(void **state)
{
	struct stage *stage = *state;
	struct cor_str got;

	stage_line(stage, &(struct cor_scripted){
				  .headers = F({ "Cache-Control", "max-age=1, stale-if-error=30" }),
				  .body = "a" });
	expect(stage, &tight, COR_ANSWERED_BY_SERVER, "a");
	pass_s(stage, 5);
	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_REFUSED });
	expect(stage, &tight, COR_ANSWERED_STALE, "a");
	for (size_t i = 0; i < 3; i++)
		expect(stage, &tight, COR_ANSWERED_STALE, "a");
	asked(stage, 2);
	pass_s(stage, 30);
	assert_int_equal(
		cor_http_get(stage->ctx, &tight, COR_BYTES, &got, COR_PATH("/p")), -COR_EUNTRIED);
}

static void test_stale_if_the_upstream_says_so(void **state)
{
	struct stage *stage = *state;
	struct cor_str got;

	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "a" });
	expect(stage, &lenient, COR_ANSWERED_BY_SERVER, "a");
	pass_s(stage, 60);
	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_RESET });
	expect(stage, &lenient, COR_ANSWERED_STALE, "a");
	pass_s(stage, 1);
	stage_line(stage, &(struct cor_scripted){ .body = "xy",
				  .fault = COR_SCRIPT_RESET,
				  .fails_after = 1,
				  .headers = F(FRESH) });
	expect(stage, &lenient, COR_ANSWERED_STALE, "a");
	pass_s(stage, 10);
	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_RESET });
	assert_true(cor_http_get(stage->ctx, &lenient, COR_BYTES, &got, COR_PATH("/p")) < 0);
}

static void be_late(struct stage *stage)
{
	struct cor_scope scope;
	int64_t before_ms;

	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "a" });
	expect(stage, &lenient, COR_ANSWERED_BY_SERVER, "a");
	assert_int_equal(cor_sleep_ms(20000), 0);
	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_SILENT });
	before_ms = stage_ms(stage);
	cor_scope_enter(&scope, 1000);
	expect(stage, &lenient, COR_ANSWERED_STALE, "a");
	assert_int_equal(stage_ms(stage) - before_ms, 900);
	assert_int_equal(cor_scope_error(), 0);
	cor_scope_leave(&scope);
}

static void test_stale_if_the_deadline_is_near(void **state)
{
	stage_in_fiber(*state, be_late);
}

/* --- the store --- */

/* A cache that fails has nothing, and a call goes on. */
static void test_a_store_that_fails(void **state)
{
	struct stage *stage = *state;

	fake_reset();
	for (int step = 0; step < 3; step++) {
		stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH, ETAG), .body = "a" });
		if (step == 0)
			fake_fail(-EIO);
		else if (step == 1)
			fake_fail_puts(-EIO);
		expect(stage, &frail, COR_ANSWERED_BY_SERVER, "a");
		fake_fail(0);
		fake_fail_puts(0);
	}
	expect(stage, &frail, COR_ANSWERED_FRESH, "a");
	fake_fail_puts(-EIO); /* what cannot be marked as changed is dropped */
	stage_line(stage, &(struct cor_scripted){ 0 });
	assert_int_equal(cor_http_post(stage->ctx, &frail, COR_NONE, NULL, COR_PATH("/p")), 0);
	stage_line(stage, &(struct cor_scripted){ .body = "b" });
	expect(stage, &frail, COR_ANSWERED_BY_SERVER, "b");
	fake_fail(-EIO);
	stage_line(stage, &(struct cor_scripted){ 0 });
	assert_int_equal(cor_http_post(stage->ctx, &frail, COR_NONE, NULL, COR_PATH("/p")), 0);
	fake_reset();
	asked(stage, 6);
}

/* Neither key nor value has a secret in it. */
static void test_no_secret_is_in_the_store(void **state)
{
	struct stage *stage = *state;

	fake_reset();
	stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = "a" });
	assert_int_equal(
		cor_http_get(stage->ctx, &frail, COR_NONE, NULL, COR_PATH_AS_IS("/p?token=sesame"),
			.headers = F({ "Authorization", "Bearer sesame" })),
		0);
	assert_int_equal(fake_len(), 2);
	for (size_t i = 0; i < fake_len(); i++) {
		struct cor_str value = fake_at(fake_key(i));
		assert_null(strstr(fake_key(i), "sesame"));
		assert_null(memmem(value.data, value.len, "sesame", 6));
	}
	fake_reset();
}

/* --- what is counted --- */

static void test_sources_are_counted(void **state)
{
	struct stage *stage = *state;
	const struct cor_calls_figures *figures = stage->ctx->environment->calls;
	_Atomic uint64_t *sources = figures->items[0].sources;
	static const uint64_t counts[COR_CALL_SOURCES] = { 1, 2, 1, 1 };

	assert_non_null(sources);
	stage_line(stage,
		&(struct cor_scripted){
			.headers = F({ "Cache-Control", "max-age=10, stale-if-error=60" }, ETAG),
			.body = "a" });
	expect(stage, &plain, COR_ANSWERED_BY_SERVER, "a");
	expect(stage, &plain, COR_ANSWERED_FRESH, "a");
	expect(stage, &plain, COR_ANSWERED_FRESH, "a");
	pass_s(stage, 10);
	stage_line(stage, &(struct cor_scripted){ .status = 304 });
	expect(stage, &plain, COR_ANSWERED_VALIDATED, "a");
	pass_s(stage, 10);
	stage_line(stage, &(struct cor_scripted){ .status = 500 });
	expect(stage, &plain, COR_ANSWERED_STALE, "a");
	stage_line(stage, &(struct cor_scripted){ 0 });
	assert_int_equal(cor_http_post(stage->ctx, &plain, COR_NONE, NULL, COR_PATH("/q")), 0);
	for (size_t i = 0; i < COR_CALL_SOURCES; i++)
		assert_int_equal(cor_counter_read(&sources[i]), counts[i]);
}

/* --- the clock --- */

static void test_a_clock_that_is_set(void **state)
{
	static const int64_t by_s[] = { -1, -3600, -86400, -INT64_C(30) * 365 * 86400, 3600, 86400,
		INT64_C(30) * 365 * 86400 };
	struct stage *stage = *state;
	char body[] = "0";
	size_t made = 0;

	for (size_t i = 0; i < sizeof by_s / sizeof by_s[0]; i++) {
		body[0] = (char)('a' + i);
		stage_line(stage, &(struct cor_scripted){ .headers = F(FRESH), .body = body });
		expect(stage, &plain, COR_ANSWERED_BY_SERVER, body);
		expect(stage, &plain, COR_ANSWERED_FRESH, body);
		pass_s(stage, by_s[i]);
		asked(stage, ++made);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_STAGE(test_too_large_passes),
		ON_STAGE(test_too_large_drops_what_was_kept),
		ON_STAGE(test_what_breaks_off_is_not_kept),
		ON_STAGE(test_what_a_retry_brings_is_kept),
		ON_STAGE(test_a_stream_is_kept_once_it_was_read),
		ON_STAGE(test_what_breaks_its_schema_is_not_kept),
		ON_STAGE(test_what_does_not_decode_is_asked_for),
		ON_STAGE(test_an_expected_error_is_kept),
		ON_STAGE(test_compressed),
		ON_STAGE(test_fields),
		ON_STAGE(test_a_304_of_another_is_asked_again),
		ON_STAGE(test_redirects),
		ON_STAGE(test_upstreams_do_not_share),
		ON_STAGE(test_targets_share),
		ON_STAGE(test_credentials),
		ON_STAGE(test_a_jar_passes_by),
		ON_STAGE(test_a_hit_needs_no_place_and_no_breaker),
		ON_STAGE(test_stale_if_the_breaker_is_open),
		ON_STAGE(test_stale_if_the_upstream_says_so),
		ON_STAGE(test_stale_if_the_deadline_is_near),
		ON_STAGE(test_a_store_that_fails),
		ON_STAGE(test_no_secret_is_in_the_store),
		ON_STAGE(test_sources_are_counted),
		ON_STAGE(test_a_clock_that_is_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
