/* SPDX-License-Identifier: MIT */
/* The course of calls: redirects, tries, waits, and answers read in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/group.h>

#include "course_bodies.h"
#include "runtime/wait.h"
#include "stage.h"

#define OK      "{\"cents\":250}"
#define ANSWERS .times = COR_SCRIPT_ALWAYS

#define GET(...)  cor_http_get(stage->ctx, &prices, COR_NONE, NULL, __VA_ARGS__)
#define POST(...) cor_http_post(stage->ctx, &prices, COR_NONE, NULL, __VA_ARGS__)

/* --- redirects: RFC 9110 section 15.4 --- */

static const struct {
	const char *method;
	uint16_t status;
	const char *next; /* the method of the second request */
	bool keeps_body;
} redirects[] = {
	{ "GET", 301, "GET", false },
	{ "GET", 307, "GET", false },
	{ "HEAD", 302, "HEAD", false },
	{ "HEAD", 303, "HEAD", false },
	{ "POST", 301, "GET", false },
	{ "POST", 302, "GET", false },
	{ "POST", 303, "GET", false },
	{ "POST", 307, "POST", true },
	{ "POST", 308, "POST", true },
	{ "PUT", 301, "PUT", true },
	{ "PUT", 302, "GET", false },
	{ "PUT", 303, "GET", false },
	{ "PUT", 307, "PUT", true },
};

static void test_redirects(void **state)
{
	struct stage *stage = *state;
	size_t made = 0;

	for (size_t i = 0; i < sizeof redirects / sizeof redirects[0]; i++) {
		bool has_body = redirects[i].method[0] == 'P';
		stage_line(stage, &(struct cor_scripted){ .status = redirects[i].status,
					  .headers = COR_HTTP_FIELDS({ "Location", "../w?z" }) });
		stage_line(stage, &(struct cor_scripted){ 0 });
		print_message("# %s %d\n", redirects[i].method, redirects[i].status);
		assert_int_equal(
			cor_http_request(redirects[i].method, stage->ctx, &prices, COR_NONE, NULL,
				COR_PATH("/a/b"),
				.body = has_body ? COR_STR("x") : (struct cor_str){ NULL, 0 }),
			0);
		const struct cor_script_call *next = stage_call(stage, made + 1);
		assert_string_equal(next->method, redirects[i].next);
		assert_string_equal(next->path, "/v1/w?z");
		assert_string_equal(next->body.data, redirects[i].keeps_body ? "x" : "");
		assert_true(!!cor_script_header(next, "Content-Type") == redirects[i].keeps_body);
		assert_string_equal(cor_script_header(next, "Authorization"), "Bearer secret");
		made += 2;
		assert_int_equal(cor_script_len(stage->script), made);
	}
}

static void test_secrets_stay_with_their_origin(void **state)
{
	static const char *const elsewhere[] = { "http://other:8080/x", "http://prices:81/x",
		"https://prices:8080/x", "//other/x" };
	struct stage *stage = *state;
	const struct question question = { .shelf = "s", .tenant = "t", .session = "1" };

	for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
		stage_line(
			stage, &(struct cor_scripted){ .status = 307,
				       .headers = COR_HTTP_FIELDS({ "Location", elsewhere[i] }) });
		stage_line(stage, &(struct cor_scripted){ 0 });
		assert_int_equal(
			GET(COR_PATH("/{shelf}"), .in = COR_VALUE(question_schema, &question)), 0);
		const struct cor_script_call *first = stage_call(stage, 2 * i);
		const struct cor_script_call *second = stage_call(stage, 2 * i + 1);
		assert_non_null(cor_script_header(first, "Authorization"));
		assert_non_null(cor_script_header(first, "Cookie"));
		assert_null(cor_script_header(second, "Authorization"));
		assert_null(cor_script_header(second, "Cookie"));
		assert_string_equal(cor_script_header(second, "X-Tenant"), "t");
	}
}

/* What is meant for one server says nothing of another, and is not for it to see. */
static void test_tls_stays_with_its_origin(void **state)
{
	static const char *const places[] = { "/x", "https://safe/x", "http://safe:81/x",
		"//other/x" };
	struct stage *stage = *state;

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		stage_line(stage, &(struct cor_scripted){ .status = 302,
					  .headers = COR_HTTP_FIELDS({ "Location", places[i] }) });
		stage_line(stage, &(struct cor_scripted){ 0 });
		assert_int_equal(cor_http_get(stage->ctx, &safe, COR_NONE, NULL, COR_PATH("/")), 0);
		const struct cor_upstream_tls *tls = stage_call(stage, 2 * i + 1)->tls;
		assert_string_equal(tls->ca_file, "ca.pem");
		assert_true(!!tls->certificate_file == (i == 0));
		assert_true(!!tls->key_file == (i == 0));
		assert_true(!!tls->server_name == (i == 0));
		assert_true(!!tls->pin == (i == 0));
		assert_true((tls->verification == COR_TLS_UNVERIFIED) == (i == 0));
	}
}

static void test_redirect_as_an_answer(void **state)
{
	struct stage *stage = *state;
	int status;

	stage_line(stage, &(struct cor_scripted){ .status = 302,
				  .headers = COR_HTTP_FIELDS({ "Location", "/x" }) });
	assert_int_equal(
		GET(COR_PATH("/"), .redirects = COR_REDIRECT_IS_ANSWER, .ret_status = &status), 0);
	assert_int_equal(status, 302);
	stage_line(stage, &(struct cor_scripted){ .status = 304 }); /* leads nowhere */
	assert_int_equal(GET(COR_PATH("/"), .ret_status = &status), 0);
	assert_int_equal(status, 304);
	stage_line(stage, &(struct cor_scripted){ .status = 301 }); /* without a Location */
	assert_int_equal(GET(COR_PATH("/"), .ret_status = &status), 0);
	assert_int_equal(status, 301);
}

/* --- tries --- */

static const struct {
	const char *method;
	struct cor_scripted line;
	size_t requests; /* with two retries */
} tries[] = {
	{ "GET", { .status = 503, ANSWERS }, 3 },
	{ "GET", { .status = 502, ANSWERS }, 3 },
	{ "GET", { .status = 504, ANSWERS }, 3 },
	{ "GET", { .status = 500, ANSWERS }, 1 },
	{ "GET", { .status = 429, ANSWERS }, 1 },
	{ "GET", { .status = 429, ANSWERS, .headers = COR_HTTP_FIELDS({ "Retry-After", "1" }) },
		3 },
	{ "PUT", { .status = 503, ANSWERS }, 3 },
	{ "POST", { .status = 503, ANSWERS }, 1 },
	{ "PATCH", { .status = 503, ANSWERS }, 1 },
	{ "GET", { .fault = COR_SCRIPT_RESET, ANSWERS }, 3 },
	{ "POST", { .fault = COR_SCRIPT_RESET, ANSWERS }, 1 },
	{ "POST", { .fault = COR_SCRIPT_REFUSED, ANSWERS }, 3 },
	{ "POST", { .fault = COR_SCRIPT_UNRESOLVED, ANSWERS }, 3 },
	{ "GET", { .fault = COR_SCRIPT_GARBAGE, ANSWERS }, 1 },
	{ "GET", { .fault = COR_SCRIPT_SILENT, ANSWERS }, 3 },
	{ "POST", { .fault = COR_SCRIPT_SILENT, ANSWERS }, 1 },
};

static void test_retries(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		void *fresh;
		stage_open(&fresh);
		struct stage *stage = fresh;
		stage_line(stage, &tries[i].line);
		print_message("# %s %d %d\n", tries[i].method, tries[i].line.status,
			(int)tries[i].line.fault);
		assert_true(cor_http_request(tries[i].method, stage->ctx, &prices, COR_NONE, NULL,
				    COR_PATH("/"), .timeout_ms = 100000) < 0);
		assert_int_equal(cor_script_len(stage->script), tries[i].requests);
		assert_int_equal(cor_http_failure(stage->ctx)->attempts, tries[i].requests);
		stage_close(&fresh);
	}
}

static void test_a_call_that_may_be_repeated(void **state)
{
	struct stage *stage = *state;
	struct price price;

	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_RESET });
	stage_line(stage, &(struct cor_scripted){ .status = 503 });
	stage_line(stage, &(struct cor_scripted){ .body = OK });
	assert_int_equal(cor_http_post(stage->ctx, &prices, price_schema, &price, COR_PATH("/"),
				 .body = COR_STR("x"), .repeats = COR_REPEATABLE),
		0);
	assert_int_equal(price.cents, 250);
	assert_int_equal(cor_script_len(stage->script), 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(stage_call(stage, i)->body.data, "x");
	/* with full jitter, of 50 and of 100 ms */
	assert_in_range(stage_ms(stage), 0, 150);
}

/* It is lost as one without a head is, or comes as late. */
static void test_a_body_that_breaks_off_is_tried_again(void **state)
{
	static const enum cor_script_fault faults[] = { COR_SCRIPT_RESET, COR_SCRIPT_STALLED };
	struct stage *stage = *state;
	struct price price;

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		const struct cor_scripted cut = {
			.body = OK, .fault = faults[i], .fails_after = 2
		};
		size_t before = cor_script_len(stage->script);
		stage_line(stage, &cut);
		stage_line(stage, &cut);
		stage_line(stage, &(struct cor_scripted){ .body = OK });
		assert_int_equal(
			cor_http_get(stage->ctx, &prices, price_schema, &price, COR_PATH("/")), 0);
		assert_int_equal(price.cents, 250);
		assert_int_equal(cor_script_len(stage->script), before + 3);
		/* not one that may not be repeated, nor more often than .retries says */
		stage_line(stage, &cut);
		assert_true(cor_http_post(
				    stage->ctx, &prices, price_schema, &price, COR_PATH("/")) < 0);
		assert_int_equal(cor_http_failure(stage->ctx)->attempts, 1);
		for (int j = 0; j < 3; j++)
			stage_line(stage, &cut);
		assert_true(cor_http_get(stage->ctx, &prices, price_schema, &price, COR_PATH("/"),
				    .timeout_ms = 100000) < 0);
		assert_int_equal(cor_http_failure(stage->ctx)->attempts, 3);
	}
}

static void test_retry_after(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .status = 503,
				  .headers = COR_HTTP_FIELDS({ "Retry-After", "7" }) });
	stage_line(stage, &(struct cor_scripted){ 0 });
	assert_int_equal(GET(COR_PATH("/")), 0);
	assert_int_equal(stage_ms(stage), 7000);
	/* 1795000000 is Wed, 18 Nov 2026 11:06:40 GMT */
	stage_line(stage, &(struct cor_scripted){ .status = 503,
				  .headers = COR_HTTP_FIELDS(
					  { "Retry-After", "Wed, 18 Nov 2026 11:06:50 GMT" }) });
	stage_line(stage, &(struct cor_scripted){ 0 });
	assert_int_equal(GET(COR_PATH("/")), 0);
	assert_int_equal(stage_ms(stage), 10000);
	/* nobody waits for longer than there is time */
	stage_line(stage, &(struct cor_scripted){ .status = 503,
				  ANSWERS,
				  .headers = COR_HTTP_FIELDS({ "Retry-After", "3" }) });
	assert_int_equal(GET(COR_PATH("/"), .timeout_ms = 2000), -COR_ESTATUS);
	assert_int_equal(stage_ms(stage), 10000);
}

/* The request that is served has an end, too: who waits beyond it learns nothing of the failure. */
static void test_no_wait_is_longer_than_there_is_time(void **state)
{
	struct stage *stage = *state;
	struct cor_scope scope;

	stage_line(stage, &(struct cor_scripted){ .status = 503,
				  .headers = COR_HTTP_FIELDS({ "Retry-After", "3" }) });
	cor_scope_enter(&scope, 2000);
	assert_int_equal(GET(COR_PATH("/")), -COR_ESTATUS);
	cor_scope_leave(&scope);
	assert_int_equal(stage_ms(stage), 0);
	/* by chance it is a wait of up to 50 ms */
	stage_line(stage, &(struct cor_scripted){ .status = 503, ANSWERS });
	for (int i = 0; i < 100; i++) {
		assert_int_equal(GET(COR_PATH("/"), .timeout_ms = 10), -COR_ESTATUS);
		assert_int_equal(cor_http_failure(stage->ctx)->status, 503);
	}
}

static void test_retries_are_paid_for(void **state)
{
	struct stage *stage = *state;
	size_t calls = 0;

	stage_line(stage, &(struct cor_scripted){ .status = 503, ANSWERS });
	for (; calls < 1000; calls++)
		assert_int_equal(GET(COR_PATH("/")), -COR_ESTATUS);
	/* ten were saved up, which is all that can be, and each call earns a tenth */
	assert_int_equal(cor_script_len(stage->script), calls + 10 + (calls - 1) / 10);
}

/* --- time --- */

static const struct {
	struct cor_scripted line;
	enum cor_failure kind;
	int64_t ms;
	const char *text;
} waits[] = {
	{ { .connect_ms = 100000 }, COR_FAILED_CONNECT_TIMEOUT, 3000,
		"no connection within 3000 ms" },
	{ { .head_ms = 100000 }, COR_FAILED_FIRST_BYTE_TIMEOUT, 10000,
		"no answer within 10000 ms" },
	{ { .fault = COR_SCRIPT_SILENT }, COR_FAILED_FIRST_BYTE_TIMEOUT, 10000,
		"no answer within 10000 ms" },
	{ { .body = "{}", .fault = COR_SCRIPT_STALLED, .fails_after = 1, .head_ms = 9000 },
		COR_FAILED_BETWEEN_TIMEOUT, 19000, "no more of its answer within 10000 ms" },
	{ { .body = "0123456789", .piece_bytes = 1, .piece_ms = 9000 }, COR_FAILED_TOTAL_TIMEOUT,
		30000, "no whole answer within 30000 ms" },
};

static void test_timeouts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
		struct cor_str ret;
		void *fresh;
		stage_open(&fresh);
		struct stage *stage = fresh;
		stage_line(stage, &waits[i].line);
		int rc = cor_http_get(stage->ctx, &safe, COR_BYTES, &ret, COR_PATH("/"));
		const struct cor_http_failure *failure = cor_http_failure(stage->ctx);
		print_message("# %s\n", failure ? failure->text : "none");
		assert_int_equal(rc, -ETIMEDOUT);
		assert_int_equal(failure->kind, waits[i].kind);
		assert_non_null(strstr(failure->text, waits[i].text));
		assert_int_equal(stage_ms(stage), waits[i].ms);
		assert_int_equal(cor_problem_of(stage->ctx)->status, 504);
		stage_close(&fresh);
	}
}

/* What is left of a request's time is all that its calls have, and they say so. */
static void test_deadline_of_the_request(void **state)
{
	struct stage *stage = *state;
	struct cor_scope scope;

	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_SILENT });
	cor_scope_enter(&scope, 250);
	int rc = GET(COR_PATH("/"));
	cor_scope_leave(&scope);
	assert_int_equal(rc, -ETIMEDOUT);
	assert_int_equal(stage_failure(stage), COR_FAILED_TOTAL_TIMEOUT);
	assert_string_equal(cor_wait_failed_in(), "cor_http_call"); /* and not in a sleep */
	assert_int_equal(stage_ms(stage), 250);
	assert_string_equal(cor_script_header(stage_call(stage, 0), "X-Left-Ms"), "250");
}

static void test_what_is_left_is_told_for_each_try(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .status = 503,
				  .headers = COR_HTTP_FIELDS({ "Retry-After", "7" }) });
	stage_line(stage, &(struct cor_scripted){ 0 });
	assert_int_equal(GET(COR_PATH("/")), 0);
	assert_string_equal(cor_script_header(stage_call(stage, 0), "X-Left-Ms"), "30000");
	assert_string_equal(cor_script_header(stage_call(stage, 1), "X-Left-Ms"), "23000");
}

/* A wait that is longer than what is left is not begun: what has failed is told. */
static void test_a_retry_that_has_no_time(void **state)
{
	struct stage *stage = *state;
	struct cor_scope scope;

	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_REFUSED, ANSWERS });
	for (int i = 0; i < 4; i++) {
		cor_scope_enter(&scope, i % 2 ? 1 : COR_FOREVER);
		assert_int_equal(GET(COR_PATH("/"), .timeout_ms = i % 2 ? 0 : 1), -ECONNREFUSED);
		cor_scope_leave(&scope);
		assert_int_equal(stage_failure(stage), COR_FAILED_REFUSED);
	}
}

/* A call that is canceled in the wait before a retry is told as that, not as what failed before. */
static int get_canceled(void *arg)
{
	struct stage *stage = arg;
	int rc = GET(COR_PATH("/"));

	if (cor_http_failure(stage->ctx)->attempts < 3) {
		assert_int_equal(rc, -ECANCELED);
		assert_int_equal(stage_failure(stage), COR_FAILED_CANCELED);
	}
	return 0;
}

static int cancel_in_the_wait(void *arg)
{
	struct stage *stage = arg;
	struct cor_fiber *call;

	assert_int_equal(cor_fiber_start(NULL, get_canceled, stage, NULL, &call), 0);
	while (cor_script_len(stage->script) == 0)
		assert_int_equal(cor_yield(), 0);
	cor_fiber_cancel(call);
	cor_fiber_join(call, NULL);
	return 0;
}

static void test_a_cancel_in_the_wait_for_a_retry(void **state)
{
	struct stage *stage = *state;
	struct cor_scheduler *scheduler;

	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_REFUSED, ANSWERS });
	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	assert_int_equal(cor_fiber_start(scheduler, cancel_in_the_wait, stage, NULL, NULL), 0);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	cor_scheduler_destroy(scheduler);
}

/* --- in groups --- */

static int get_slowly(struct cor_ctx *ctx, void *nothing)
{
	(void)nothing;
	return cor_http_get(ctx, &safe, COR_NONE, NULL, COR_PATH("/slow"));
}

static int get_at_once(struct cor_ctx *ctx, void *nothing)
{
	(void)nothing;
	return cor_http_get(ctx, &prices, COR_NONE, NULL, COR_PATH("/fast"));
}

/* Whose time is up says who was slow, also where others wait for it. */
static void wait_together(struct stage *stage)
{
	struct cor_group group;
	struct cor_scope scope;

	stage_line(stage,
		&(struct cor_scripted){ .path = "/slow", .fault = COR_SCRIPT_SILENT, ANSWERS });
	stage_line(stage, &(struct cor_scripted){ .path = "/v1/fast", ANSWERS });
	cor_scope_enter(&scope, 100);
	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_start(&group, get_at_once, NULL);
	cor_group_start(&group, get_slowly, NULL);
	assert_int_equal(cor_group_wait(&group), -ETIMEDOUT);
	cor_scope_leave(&scope);
	const struct cor_problem *problem = cor_problem_of(stage->ctx);
	assert_non_null(problem);
	assert_int_equal(problem->status, 504);
	assert_string_equal(problem->detail, "upstream safe: total timeout");
}

static void test_a_deadline_of_a_group(void **state)
{
	stage_in_fiber(*state, wait_together);
}

static int get_refused(struct cor_ctx *ctx, void *nothing)
{
	(void)nothing;
	assert_int_not_equal(cor_http_get(ctx, &safe, COR_NONE, NULL, COR_PATH("/slow")), 0);
	return 0;
}

/* The last of a line, which somebody else has used up when both were connecting. */
static void connect_together(struct stage *stage)
{
	struct cor_group group;
	uint32_t left;

	stage_line(stage, &(struct cor_scripted){
				  .fault = COR_SCRIPT_REFUSED, .connect_ms = 10, .times = 1 });
	cor_group_begin(&group, stage->ctx, COR_ALL);
	cor_group_start(&group, get_refused, NULL);
	cor_group_start(&group, get_refused, NULL);
	assert_int_equal(cor_group_wait(&group), 0);
	assert_null(cor_script_unused(stage->script, 0, &left));
}

static void test_two_that_are_refused_by_one_line(void **state)
{
	stage_in_fiber(*state, connect_together);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_redirects),
		TEST(test_a_deadline_of_a_group),
		TEST(test_two_that_are_refused_by_one_line),
		TEST(test_secrets_stay_with_their_origin),
		TEST(test_tls_stays_with_its_origin),
		TEST(test_redirect_as_an_answer),
		cmocka_unit_test(test_retries),
		TEST(test_a_call_that_may_be_repeated),
		TEST(test_a_body_that_breaks_off_is_tried_again),
		TEST(test_retry_after),
		TEST(test_no_wait_is_longer_than_there_is_time),
		TEST(test_retries_are_paid_for),
		cmocka_unit_test(test_timeouts),
		TEST(test_deadline_of_the_request),
		TEST(test_what_is_left_is_told_for_each_try),
		TEST(test_a_retry_that_has_no_time),
		TEST(test_a_cancel_in_the_wait_for_a_retry),
		TEST(test_sources),
		TEST(test_sources_that_fail),
		TEST(test_a_source_that_takes_too_long),
		TEST(test_a_body_that_nobody_wants),
		TEST(test_answers_in_pieces),
		TEST(test_an_answer_that_is_cut),
		TEST(test_codings),
		TEST(test_codings_that_nobody_asked_for),
		TEST(test_bombs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
