/* SPDX-License-Identifier: MIT */
/* Calls as they are written and answered: what is sent, what is decoded, what fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/error.h>

#include "client/upstreams.h"
#include "stage.h"

#define OK "{\"cents\":250}"

static void test_get(void **state)
{
	struct stage *stage = *state;
	struct price price;

	stage_line(
		stage, &(struct cor_scripted){ .body = "{\"cents\":250,\"new\":[1,{}]}",
			       .headers = COR_HTTP_FIELDS({ "etag", "\"7\"" }, { "Age", "12" }) });
	assert_int_equal(
		cor_http_get(stage->ctx, &prices, price_schema, &price, COR_PATH("/p/{}", 7)), 0);
	assert_int_equal(price.cents, 250);
	assert_string_equal(price.currency, "EUR");
	assert_string_equal(price.etag, "\"7\"");
	assert_int_equal(price.age, 12);
	const struct cor_script_call *call = stage_call(stage, 0);
	assert_string_equal(call->method, "GET");
	assert_string_equal(call->path, "/v1/p/7");
	assert_string_equal(call->upstream, "prices:8080");
	assert_string_equal(cor_script_header(call, "Accept"), "application/json");
	assert_string_equal(cor_script_header(call, "Accept-Encoding"), "gzip");
	assert_memory_equal(cor_script_header(call, "User-Agent"), "coracle/", 8);
	assert_string_equal(cor_script_header(call, "X-Client"), "tests");
	assert_string_equal(cor_script_header(call, "X-Left-Ms"), "30000");
	assert_string_equal(cor_script_header(call, "X-Request-Id"), cor_request_id(stage->ctx));
	assert_int_equal(call->body.len, 0);
	assert_null(cor_http_failure(stage->ctx));
}

static void test_rows_go_where_they_come_from(void **state)
{
	struct stage *stage = *state;
	const char *tags[] = { "a b", "c&d" };
	const struct question question = {
		.shelf = "a/b?c",
		.limit = -5,
		.tags = { tags, 2 },
		.tenant = "t1",
		.session = "s;1",
		.cents = 9,
		.made = 1,
	};

	stage_line(stage, &(struct cor_scripted){ .status = 201 });
	assert_int_equal(
		cor_http_post(stage->ctx, &prices, COR_NONE, NULL, COR_PATH("/shelves/{shelf}?x=1"),
			.in = COR_VALUE(question_schema, &question)),
		0);
	const struct cor_script_call *call = stage_call(stage, 0);
	assert_string_equal(call->method, "POST");
	assert_string_equal(call->path, "/v1/shelves/a%2Fb%3Fc?x=1&limit=-5&tags=a%20b&tags=c%26d");
	assert_string_equal(cor_script_header(call, "X-Tenant"), "t1");
	assert_string_equal(cor_script_header(call, "Cookie"), "session=s%3B1");
	assert_string_equal(cor_script_header(call, "Content-Type"), "application/json");
	assert_string_equal(call->body.data, "{\"cents\":9}");
}

static void test_form(void **state)
{
	struct stage *stage = *state;
	const struct question question = { .shelf = "s", .tenant = "t", .cents = 9 };

	stage_line(stage, &(struct cor_scripted){ 0 });
	assert_int_equal(
		cor_http_put(stage->ctx, &prices, COR_NONE, NULL, COR_PATH("/{shelf}"),
			.in = COR_VALUE(question_schema, &question), .sent_as = COR_SENT_AS_FORM),
		0);
	assert_string_equal(cor_script_header(stage_call(stage, 0), "Content-Type"),
		"application/x-www-form-urlencoded");
	assert_string_equal(stage_call(stage, 0)->body.data, "cents=9");
}

static void test_bytes(void **state)
{
	struct stage *stage = *state;
	struct cor_str ret;

	stage_line(stage, &(struct cor_scripted){ .body = "a\0b", .body_bytes = 3 });
	assert_int_equal(cor_http_request("PATCH", stage->ctx, &prices, COR_BYTES, &ret,
				 COR_PATH("/"), .body = COR_STR("xyz"), .content_type = "text/x",
				 .headers = COR_HTTP_FIELDS({ "Accept", "text/x" },
					 { "x-client", NULL }, { "User-Agent", NULL })),
		0);
	assert_int_equal(ret.len, 3);
	assert_memory_equal(ret.data, "a\0b", 3);
	const struct cor_script_call *call = stage_call(stage, 0);
	assert_string_equal(call->body.data, "xyz");
	assert_string_equal(cor_script_header(call, "Content-Type"), "text/x");
	assert_string_equal(cor_script_header(call, "Accept"), "text/x");
	assert_null(cor_script_header(call, "X-Client"));
	assert_null(cor_script_header(call, "User-Agent"));
}

static void test_text(void **state)
{
	struct stage *stage = *state;
	struct cor_str ret;

	stage_line(stage, &(struct cor_scripted){ .body = "caf\xc3\xa9",
				  .headers = COR_HTTP_FIELDS({ "Content-Type", "text/plain" }) });
	assert_int_equal(cor_http_get(stage->ctx, &prices, COR_TEXT, &ret, COR_PATH("/")), 0);
	assert_true(cor_str_equal(ret, COR_STR("caf\xc3\xa9")));
	stage_line(stage, &(struct cor_scripted){ .body = "caf\xe9",
				  .headers = COR_HTTP_FIELDS(
					  { "Content-Type", "text/plain; charset=iso-8859-1" }) });
	assert_int_equal(
		cor_http_get(stage->ctx, &prices, COR_TEXT, &ret, COR_PATH("/")), -EBADMSG);
	assert_int_equal(stage_failure(stage), COR_FAILED_MEDIA_TYPE);
}

/* --- what cannot be written --- */

static void refuse(struct stage *stage, int rc, const char *text)
{
	assert_int_equal(rc, -EINVAL);
	assert_int_equal(stage_failure(stage), COR_FAILED_CALL);
	print_message("# %s\n", cor_http_failure(stage->ctx)->text);
	assert_non_null(strstr(cor_http_failure(stage->ctx)->text, text));
	assert_int_equal(cor_script_len(stage->script), 0);
}

#define GET(...) cor_http_get(stage->ctx, &prices, COR_NONE, NULL, __VA_ARGS__)

static void test_calls_that_contradict_themselves(void **state)
{
	struct stage *stage = *state;
	const struct question empty = { .shelf = "", .tenant = "t" };
	const struct question broken = { .shelf = "s", .tenant = "a\r\nX: y" };
	const struct cor_value in = COR_VALUE(question_schema, &empty);

	refuse(stage, GET(COR_PATH("p")), "does not begin with '/'");
	refuse(stage,
		cor_http_request("CONNECT", stage->ctx, &prices, COR_NONE, NULL, COR_PATH("/")),
		"CONNECT makes a tunnel, which is no call");
	refuse(stage,
		cor_http_request("HEAD", stage->ctx, &prices, COR_NONE, NULL, COR_PATH("/"),
			.body = COR_STR("x")),
		"a HEAD has no body");
	refuse(stage, GET(COR_PATH("/{}")), "more {} than arguments");
	refuse(stage, GET(COR_PATH("/{}", 1, 2)), "fewer {} than arguments");
	refuse(stage, GET(COR_PATH("/{}", (const char *)NULL)), "an argument is NULL");
	refuse(stage, GET(COR_PATH("/{}", "")), "an argument is empty");
	refuse(stage, GET(COR_PATH("/{}/x", "..")), "a segment of dots");
	refuse(stage, GET(COR_PATH("/a b")), "must be an argument");
	refuse(stage, GET(COR_PATH("/{id}")), ".in has no row of that name");
	refuse(stage, GET(COR_PATH("/{shelf}"), .in = in), "row shelf is empty");
	refuse(stage, GET(COR_PATH("/{shelf}"), .in = COR_VALUE(question_schema, &broken)),
		"\"X-Tenant\" has a value that cannot be that of a header");
	refuse(stage, GET(COR_PATH("/"), .headers = COR_HTTP_FIELDS({ "a b", "c" })),
		"\"a b\" cannot be the name");
	refuse(stage, GET(COR_PATH("/"), .headers = COR_HTTP_FIELDS({ "A", "b\nc" })),
		"\"A\" has a value that cannot be that of a header");
	refuse(stage, GET(COR_PATH("/"), .headers = COR_HTTP_FIELDS({ "content-length", "3" })),
		"\"content-length\" is the client's own");
	refuse(stage, cor_http_request("G T", stage->ctx, &prices, COR_NONE, NULL, COR_PATH("/")),
		".method is not a token");
	const struct cor_http_source source = { .bytes = 0 };
	refuse(stage,
		cor_http_post(stage->ctx, &prices, COR_NONE, NULL, COR_PATH("/"),
			.body = COR_STR("x"), .source = &source),
		"more than one body");
}

static void test_arguments_are_data(void **state)
{
	struct stage *stage = *state;
	const struct cor_uuid uuid = { { 0x12, 0x34 } };

	stage_line(stage, &(struct cor_scripted){ .times = COR_SCRIPT_ALWAYS });
	assert_int_equal(GET(COR_PATH("/{}/{}/{}?q={}", "a/../b", "%2e", uuid, "x&y=1#z")), 0);
	assert_string_equal(stage_call(stage, 0)->path,
		"/v1/a%2F..%2Fb/%252e/12340000-0000-0000-0000-000000000000?q=x%26y%3D1%23z");
	assert_int_equal(GET(COR_PATH("/{}/{}/{}", COR_STR("\r\n"), INT64_MIN, UINT64_MAX)), 0);
	assert_string_equal(
		stage_call(stage, 1)->path, "/v1/%0D%0A/-9223372036854775808/18446744073709551615");
}

/* RFC 9110 section 5.3. */
static void test_fields_of_one_name_are_a_list(void **state)
{
	struct stage *stage = *state;
	struct price price;

	stage_line(stage, &(struct cor_scripted){ .body = OK,
				  .headers = COR_HTTP_FIELDS({ "ETag", "<a>; rel=prev" },
					  { "Age", "7" }, { "etag", "<b>; rel=next" }) });
	assert_int_equal(cor_http_get(stage->ctx, &prices, price_schema, &price, COR_PATH("/")), 0);
	assert_string_equal(price.etag, "<a>; rel=prev, <b>; rel=next");
	assert_int_equal(price.age, 7);
	stage_line(stage, &(struct cor_scripted){ .body = OK,
				  .headers = COR_HTTP_FIELDS({ "Age", "7" }, { "Age", "8" }) });
	assert_int_equal(
		cor_http_get(stage->ctx, &prices, price_schema, &price, COR_PATH("/")), -EBADMSG);
}

/* --- answers that are of no use --- */

static const struct {
	struct cor_scripted line;
	enum cor_failure kind;
	int code;
	int status; /* of the problem */
	const char *text;
} failures[] = {
	{ { .status = 404,
		  .body = "{\"title\":\"Not Found\",\"detail\":\"no price 7\"}",
		  .headers = COR_HTTP_FIELDS({ "Content-Type", "application/problem+json" }) },
		COR_FAILED_STATUS, -COR_ESTATUS, 502, "it answered 404 Not Found: no price 7" },
	{ { .status = 500, .body = "<p>" }, COR_FAILED_STATUS, -COR_ESTATUS, 502,
		"it answered 500 Internal Server Error" },
	{ { .body = "{\"cents\":-1}" }, COR_FAILED_SCHEMA, -EBADMSG, 502,
		"its answer breaks price_schema: /cents must be at least 0" },
	{ { .body = "{}" }, COR_FAILED_SCHEMA, -EBADMSG, 502, "/cents is required" },
	{ { .body = "{\"cents\":" }, COR_FAILED_SYNTAX, -EBADMSG, 502, "not JSON" },
	{ { .body = "" }, COR_FAILED_SYNTAX, -EBADMSG, 502, "not JSON" },
	{ { .status = 204 }, COR_FAILED_SYNTAX, -EBADMSG, 502, "a 204, which has no body" },
	{ { .body = OK, .headers = COR_HTTP_FIELDS({ "Content-Type", "text/html" }) },
		COR_FAILED_MEDIA_TYPE, -EBADMSG, 502, "its answer is not JSON, but text/html" },
	{ { .body = OK, .headers = COR_HTTP_FIELDS({ "Age", "x" }) }, COR_FAILED_SCHEMA, -EBADMSG,
		502, "Age" },
	{ { .body = OK, .headers = COR_HTTP_FIELDS({ "Content-Encoding", "br" }) },
		COR_FAILED_CODING, -EBADMSG, 502, "encoded with \"br\", which was not asked for" },
	{ { .fault = COR_SCRIPT_GARBAGE }, COR_FAILED_PROTOCOL, -EBADMSG, 502, "is no HTTP" },
	{ { .status = 302, .headers = COR_HTTP_FIELDS({ "Location", "file:///etc/passwd" }) },
		COR_FAILED_REDIRECT, -EBADMSG, 502, "does not begin with http" },
	{ { .status = 302,
		  .times = COR_SCRIPT_ALWAYS,
		  .headers = COR_HTTP_FIELDS({ "Location", "again" }) },
		COR_FAILED_REDIRECT, -EBADMSG, 502, "5 redirects were followed" },
};

static void test_failures(void **state)
{
	struct price price;

	(void)state;
	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
		void *fresh;
		stage_open(&fresh);
		struct stage *stage = fresh;
		stage_line(stage, &failures[i].line);
		int rc = cor_http_get(
			stage->ctx, &safe, price_schema, &price, COR_PATH("/p/{}?secret=1", 7));
		const struct cor_http_failure *failure = cor_http_failure(stage->ctx);
		assert_non_null(failure);
		print_message("# %s\n", failure->text);
		assert_int_equal(rc, failures[i].code);
		assert_int_equal(failure->code, failures[i].code);
		assert_int_equal(failure->kind, failures[i].kind);
		assert_non_null(strstr(failure->text, failures[i].text));
		assert_non_null(strstr(failure->text, "(GET http://safe/"));
		assert_null(strstr(failure->text, "secret"));
		assert_string_equal(failure->upstream, "safe");
		assert_int_equal(cor_problem_of(stage->ctx)->status, failures[i].status);
		assert_null(strstr(cor_problem_of(stage->ctx)->detail, "http"));
		stage_close(&fresh);
	}
}

static void test_what_a_failure_says(void **state)
{
	struct stage *stage = *state;
	struct price price;

	stage_line(stage, &(struct cor_scripted){ .body = "{\"cents\":\"x\",\"currency\":1}" });
	assert_int_equal(
		cor_http_get(stage->ctx, &prices, price_schema, &price, COR_PATH("/")), -EBADMSG);
	const struct cor_http_failure *failure = cor_http_failure(stage->ctx);
	assert_non_null(failure->violations);
	assert_int_equal(failure->violations->count, 2);
	assert_string_equal(failure->violations->first->where, "/cents");
	assert_int_equal(failure->status, 200);
	assert_int_equal(failure->retry_after_ms, -1);

	stage_line(stage, &(struct cor_scripted){ .status = 503,
				  .body = "full",
				  .times = COR_SCRIPT_ALWAYS,
				  .headers = COR_HTTP_FIELDS({ "Retry-After", "3600" }) });
	assert_int_equal(cor_http_get(stage->ctx, &prices, price_schema, &price, COR_PATH("/")),
		-COR_ESTATUS);
	failure = cor_http_failure(stage->ctx);
	assert_int_equal(failure->status, 503);
	assert_int_equal(failure->retry_after_ms, 3600000);
	assert_int_equal(failure->body.len, 4);
	assert_memory_equal(failure->body.data, "full", 4);
	assert_int_equal(failure->attempts, 1); /* nobody waits for an hour */
}

static void test_status_as_a_value(void **state)
{
	struct stage *stage = *state;
	struct price price = { .cents = 5 };
	int status = 0;

	stage_line(stage, &(struct cor_scripted){ .status = 404, .body = "{}" });
	stage_line(stage, &(struct cor_scripted){ .body = OK });
	for (int i = 0; i < 2; i++) {
		assert_int_equal(cor_http_get(stage->ctx, &prices, price_schema, &price,
					 COR_PATH("/"), .ret_status = &status),
			0);
		assert_int_equal(status, i == 0 ? 404 : 200);
		assert_int_equal(price.cents, i == 0 ? 5 : 250);
	}
	assert_null(cor_http_failure(stage->ctx));
}

/* What a call expects is a value, and nothing else. */
static void test_statuses_that_are_expected(void **state)
{
	struct stage *stage = *state;
	struct price price = { .cents = 5 };
	int status = 0;

#define GET_PRICE(...)                                                                             \
	cor_http_get(stage->ctx, &prices, price_schema, &price, COR_PATH("/"), __VA_ARGS__)
	stage_line(stage, &(struct cor_scripted){ .status = 404, .body = "{}" });
	stage_line(stage, &(struct cor_scripted){ .body = OK });
	stage_line(stage, &(struct cor_scripted){ .status = 410, .body = "gone" });
	assert_int_equal(GET_PRICE(.ret_status = &status, .expects = { 409, 404 }), 0);
	assert_int_equal(status, 404);
	assert_int_equal(price.cents, 5);
	assert_int_equal(GET_PRICE(.ret_status = &status, .expects = { 409, 404 }), 0);
	assert_int_equal(status, 200);
	assert_int_equal(price.cents, 250);
	assert_int_equal(GET_PRICE(.ret_status = &status, .expects = { 409, 404 }), -COR_ESTATUS);
	assert_int_equal(status, 200);
	assert_int_equal(cor_http_failure(stage->ctx)->status, 410);
	assert_memory_equal(cor_http_failure(stage->ctx)->body.data, "gone", 4);

	/* without an output nothing needs to be told apart */
	stage_line(stage, &(struct cor_scripted){ .status = 404 });
	assert_int_equal(cor_http_delete(stage->ctx, &prices, COR_NONE, NULL, COR_PATH("/"),
				 .expects = { 404 }),
		0);
	assert_int_equal(GET_PRICE(.expects = { 404 }), -EINVAL);
	assert_non_null(strstr(cor_http_failure(stage->ctx)->text, ".expects needs .ret_status"));
	assert_int_equal(GET_PRICE(.expects = { 404, 99 }), -EINVAL);
	assert_non_null(strstr(cor_http_failure(stage->ctx)->text, ".expects has 99, which no "));
	assert_int_equal(cor_script_len(stage->script), 4);
}

static void test_an_opened_answer_is_checked_by_choice(void **state)
{
	struct stage *stage = *state;
	struct cor_answer *answer;
	int status = 0;

	stage_line(stage, &(struct cor_scripted){ .status = 404, .body = "none", .times = 3 });
	assert_int_equal(
		cor_http_open(stage->ctx, &prices, &answer, COR_PATH("/"), .ret_status = &status),
		0);
	assert_int_equal(status, 404);
	assert_int_equal(cor_answer_check_status(answer), -COR_ESTATUS);
	assert_memory_equal(cor_http_failure(stage->ctx)->body.data, "none", 4);
	assert_int_equal(cor_problem_of(stage->ctx)->status, 502);
	assert_int_equal(cor_answer_check_status(answer), -COR_ECLOSED);
	assert_int_equal(
		cor_http_open(stage->ctx, &prices, &answer, COR_PATH("/"), .expects = { 404 }), 0);
	assert_int_equal(cor_answer_check_status(answer), 0);
	cor_answer_close(answer);
}

static void test_limits(void **state)
{
	struct stage *stage = *state;
	char body[1002];
	struct cor_str ret;

	memset(body, 'x', sizeof body);
	for (size_t len = 1000; len <= 1001; len++) {
		body[len] = '\0';
		stage_line(stage, &(struct cor_scripted){ .body = body, .piece_bytes = 10 });
		int rc = cor_http_get(stage->ctx, &prices, COR_BYTES, &ret, COR_PATH("/"));
		assert_int_equal(rc, len == 1000 ? 0 : -EMSGSIZE);
		body[len] = 'x';
	}
	assert_int_equal(stage_failure(stage), COR_FAILED_TOO_LARGE);
}

static void test_unlisted(void **state)
{
	struct stage *stage = *state;
	struct price price;

	assert_int_equal(cor_http_get(stage->ctx, &unlisted, price_schema, &price, COR_PATH("/")),
		-COR_ETABLE);
	assert_int_equal(stage_failure(stage), COR_FAILED_UNLISTED);
	assert_int_equal(cor_problem_of(stage->ctx)->status, 500);
}

static void test_groups_of_failures(void **state)
{
	(void)state;
	assert_true(cor_failure_is(COR_FAILED_CONNECT_TIMEOUT, COR_FAILED_TIMEOUT));
	assert_true(cor_failure_is(COR_FAILED_REFUSED, COR_FAILED_CONNECTION));
	assert_false(cor_failure_is(COR_FAILED_REFUSED, COR_FAILED_TLS));
	assert_true(cor_failure_is(COR_FAILED_PIN, COR_FAILED_TLS));
	assert_true(cor_failure_is(COR_FAILED_PIN, COR_FAILED_CONNECTION));
	assert_false(cor_failure_is(COR_FAILED_PIN, COR_FAILED_NAME));
	assert_true(cor_failure_is(COR_FAILED_STATUS, COR_FAILED_ANSWER));
	assert_false(cor_failure_is(COR_FAILED_NOT, COR_FAILED_NOT));
	assert_false(cor_failure_is(COR_FAILED_NOT, COR_FAILED_TIMEOUT));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

/* A service does not start with what each of its calls would fail for. */
static void test_upstreams_that_cannot_be_called(void **state)
{
	static const struct {
		struct cor_http_field header;
		const char *deadline_header;
		const char *why;
	} rows[] = {
		{ { "Host", "a" }, NULL, "header \"Host\", which is the client's own to send" },
		{ { "a b", "c" }, NULL, "header \"a b\", which cannot be the name of a header" },
		{ { "A", "b\nc" }, NULL, "which has a value that cannot be that of a header" },
		{ { NULL, NULL }, "a b", ".deadline_header \"a b\", which cannot be the name" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct cor_http_field headers[] = { rows[i].header, { NULL, NULL } };
		const struct cor_upstream upstream = { .name = "u",
			.base_url = "http://u",
			.headers = headers,
			.deadline_header = rows[i].deadline_header };
		struct cor_arena arena;
		cor_arena_init(&arena, NULL, 0, 0);
		assert_non_null(strstr(cor_upstream_fault(&arena, &upstream, NULL), rows[i].why));
		cor_arena_finish(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_upstreams_that_cannot_be_called),
		TEST(test_get),
		TEST(test_rows_go_where_they_come_from),
		TEST(test_form),
		TEST(test_bytes),
		TEST(test_text),
		TEST(test_calls_that_contradict_themselves),
		TEST(test_arguments_are_data),
		TEST(test_fields_of_one_name_are_a_list),
		cmocka_unit_test(test_failures),
		TEST(test_what_a_failure_says),
		TEST(test_status_as_a_value),
		TEST(test_statuses_that_are_expected),
		TEST(test_an_opened_answer_is_checked_by_choice),
		TEST(test_limits),
		TEST(test_unlisted),
		cmocka_unit_test(test_groups_of_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
