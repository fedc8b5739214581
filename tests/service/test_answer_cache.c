/* SPDX-License-Identifier: MIT */
/* Answers that are kept: what they are kept under, what is never kept, what clients are told. */
#include "answer_shop.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <coracle/answer_cache.h>
#include <coracle/caching.h>
#include <coracle/cookie.h>
#include <coracle/error.h>
#include <coracle/request.h>

#include "base/compiler.h"
#include "service/answer_record.h"

static void test_a_second_request_gets_the_same_bytes(void **state)
{
	char first[2048];

	(void)state;
	open_shop();
	assert_string_equal(ask("/things/7", ""), "{\"made\":1,\"id\":7}");
	assert_true(says("X-Note: n\n") || says("x-note: n\n"));
	assert_true(says("ETag: \""));
	assert_true(says("Cache-Control: max-age=30\n"));
	assert_true(says("Cache-Status: answers; fwd=miss; stored\n"));
	assert_false(says("Age:"));
	snprintf(first, sizeof first, "%s", strstr(got.headers, "ETag: "));
	*strchr(first, '\n') = '\0';
	shop_ms = 5600;
	assert_string_equal(ask("/things/7", ""), "{\"made\":1,\"id\":7}");
	assert_true(says("Age: 5\n"));
	assert_true(says("X-Note: n\n"));
	assert_true(says(first));
	assert_true(says("Cache-Control: max-age=30\n"));
	assert_true(says("Cache-Status: answers; hit\n"));
	assert_string_equal(got.content_type, "application/json");
	char headers[2200];
	snprintf(headers, sizeof headers, "If-None-Match: %s\n", first + strlen("ETag: "));
	assert_string_equal(ask("/things/7", headers), "");
	assert_int_equal(got.status, 304);
	assert_true(says(first) && says("Age: 5\n") && says("Vary:"));
	ask_as("HEAD", "/things/7", "");
	assert_int_equal(got.status, 200);
	assert_true(says("Age: 5\n"));
	assert_int_equal(made, 1);
	shop_ms = 30000; /* its time is over; the new one is made before the answer */
	assert_string_equal(ask("/things/7", ""), "{\"made\":2,\"id\":7}");
	close_shop();
}

/* Each of these must not have what another has. */
static const char *const different[][2] = {
	{ "/things/1", "" },
	{ "/things/2", "" },
	{ "/stamped/1", "" },
	{ "/things/1?q=a", "" },
	{ "/things/1?q=", "" },
	{ "/things/1?q=%22a%22", "" },
	{ "/things/1", "X-Tenant: t\n" },
	{ "/things/1", "X-Tenant: u\n" },
	{ "/things/1", "Cookie: crumb=t\n" },
	{ "/things/1?q=t", "" },
	{ "/things/1?fields=id", "" },
	{ "/things/1?fields=made", "" },
	{ "/things/1", "X-Fields: made,id\n" },
	{ "/things/1", "Accept-Language: de\n" },
	{ "/pages/1", "" },
	{ "/pages/1?q=a", "" },
	{ "/pages/1?q=%61", "" },
	{ "/pages/%31", "" },
	{ "/word", "" },
	{ "/word", "Accept-Language: de\n" },
	{ "/fixed", "" },
	{ "/one/fixed", "" },
	{ "/two/fixed", "" },
	{ "/one/fixed", "Host: other.example\n" },
	{ "/mine", "Authorization: Bearer ann\n" },
	{ "/mine", "Authorization: Bearer bob\n" },
	{ "/mine", "Authorization: Bearer a-writes\n" },
	{ "/ours", "Authorization: Bearer ann\n" },
};
#define LEN (sizeof different / sizeof different[0])

static void test_what_must_differ_differs(void **state)
{
	char bodies[LEN][64];

	(void)state;
	open_shop();
	for (size_t i = 0; i < LEN; i++) {
		if (is_hit(different[i][0], different[i][1]))
			fail_msg("%s %s shares", different[i][0], different[i][1]);
		snprintf(bodies[i], sizeof bodies[i], "%s", fake_body(&got));
	}
	for (size_t i = 0; i < LEN; i++) {
		if (!is_hit(different[i][0], different[i][1]))
			fail_msg("%s %s was not kept", different[i][0], different[i][1]);
		assert_string_equal(fake_body(&got), bodies[i]);
	}
	close_shop();
}

static void test_it_says_what_it_varies_with(void **state)
{
	(void)state;
	open_shop();
	ask("/things/7", "");
	assert_true(says("Vary: X-Tenant, Accept-Language\n"));
	assert_true(says("Vary: Cookie\n") && says("Vary: X-Fields\n"));
	ask("/things/7", "");
	assert_true(says("Vary: X-Tenant, Accept-Language\n"));
	assert_true(says("Vary: Cookie\n") && says("Vary: X-Fields\n"));
	ask("/fixed", "");
	assert_true(says("Cache-Control: no-cache\n"));
	assert_false(says("X-Tenant"));
	close_shop();
}

static void test_principals(void **state)
{
	(void)state;
	open_shop();
	assert_string_equal(ask("/mine", "Authorization: Bearer ann\n"), "ann 1");
	assert_true(says("Cache-Control: private, max-age=30\n"));
	/* a browser must not give what it keeps to who logs in next */
	assert_true(says("Vary: Authorization, Accept-Language\n"));
	assert_string_equal(ask("/mine", "Authorization: Bearer a-second-of-ann\n"), "ann 1");
	assert_string_equal(ask("/mine", "Authorization: Bearer bob\n"), "bob 2");
	assert_string_equal(ask("/mine", "Authorization: Bearer a-writes\n"), "ann writes 3");
	ask("/mine", "Authorization: Bearer no\n");
	assert_int_equal(got.status, 401);
	assert_string_equal(ask("/ours", "Authorization: Bearer ann\n"), "ours 4");
	assert_string_equal(ask("/ours", "Authorization: Bearer bob\n"), "ours 4");
	assert_true(says("Cache-Control: private, max-age=30\n"));
	ask("/ours", "");
	assert_int_equal(got.status, 401);
	/* that is said to be for all, and is not */
	assert_string_equal(ask("/wrong", "Authorization: Bearer ann\n"), "ann 5");
	assert_true(says("Cache-Control: no-store\n"));
	assert_string_equal(ask("/wrong", "Authorization: Bearer bob\n"), "bob 6");
	for (int i = 0; i < 2; i++) {
		assert_string_equal(ask("/said", "Authorization: Bearer bob\n"), "said 7");
		assert_true(says("Cache-Control: max-age=5\n"));
		assert_true(says("Cache-Control: private\n"));
	}
	close_shop();
}

static int look_at_header(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return (int)cor_request_header(ctx, "X-Other").len * 0;
}
static int look_at_query(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return (int)cor_request_query(ctx).len * 0;
}
static int look_at_client(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_request_client(ctx) ? 0 : -ENOMEM;
}
static int look_at_value(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_ctx_get(ctx, user_schema) ? 0 : 0;
}
static int set_cookie(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_reply_header(ctx, "Set-Cookie", "a=b");
}
static int forbid(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_reply_header(ctx, "Cache-Control", "max-age=5, No-Store");
}
static int keep_private(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_reply_header(ctx, "Cache-Control", "private");
}
static int vary_by_all(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_reply_header(ctx, "Vary", "*");
}
/* A proxy may have a prefix for this client, which goes before it. */
static int say_where(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_reply_header(ctx, "Content-Location", "/things/7");
}

static void test_what_is_one_requests_alone_is_not_kept(void **state)
{
	static int (*const all[])(struct cor_ctx *, struct thing *) = { look_at_header,
		look_at_query, look_at_client, look_at_value, set_cookie, forbid, keep_private,
		vary_by_all, say_where };

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		open_shop();
		instead = all[i];
		assert_false(is_hit("/stamped/7", ""));
		if (is_hit("/stamped/7", ""))
			fail_msg("%zu is kept", i);
		assert_false(says("stored"));
		close_shop();
	}
}

/* What the log has of an answer that a handler has made. */
static void expect_logged(int (*handler)(struct cor_ctx *, struct thing *), const char *expected)
{
	char text[2000] = "";
	int ends[2], saved = dup(STDERR_FILENO);

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	open_shop();
	instead = handler;
	assert_false(is_hit("/stamped/7", ""));
	close_shop();
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	close(saved);
	close(ends[1]);
	assert_true(read(ends[0], text, sizeof text - 1) >= 0);
	close(ends[0]);
	if (!strstr(text, expected))
		fail_msg("%s: not in %s", expected, text);
}

static void test_the_log_names_what_it_is_for(void **state)
{
	(void)state;
	expect_logged(set_cookie, "an answer is not kept: it has the header Set-Cookie, which");
	expect_logged(look_at_header, "an answer is not kept: cor_request_header(), which its");
	expect_logged(look_at_query, "an answer is not kept: cor_request_query(), which its");
	expect_logged(look_at_client, "an answer is not kept: cor_request_client(), which its");
	expect_logged(look_at_value, "an answer is not kept: cor_ctx_get(), which its handler");
	expect_logged(say_where, "an answer is not kept: cor_reply_header(), which its handler");
}

static int say_more(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	int rc = cor_reply_header(ctx, "Link", "</a>; rel=next");

	if (rc == 0)
		rc = cor_reply_header(ctx, "Cache-Control", "max-age=3");
	if (rc == 0)
		rc = cor_reply_header(ctx, "X-Frame-Options", "DENY");
	return rc < 0 ? rc : cor_reply_status_set(ctx, 203);
}

static void test_headers_and_status_are_kept(void **state)
{
	(void)state;
	open_shop();
	instead = say_more;
	for (int i = 1; i <= 2; i++) {
		ask("/stamped/7", "");
		assert_int_equal(got.status, 203);
		assert_true(says("Link: </a>; rel=next\n"));
		assert_true(says("Cache-Control: max-age=3\n"));
		assert_false(says("max-age=30"));
		/* as it would be without a cache: what the handler says comes last */
		assert_true(says("X-Frame-Options: DENY\n"));
		assert_false(says("SAMEORIGIN"));
		/* what middleware says is said of each request */
		assert_true(says(i == 1 ? "X-Stamp: 1\n" : "X-Stamp: 2\n"));
		assert_int_equal(made, 1);
	}
	close_shop();
}

static int miss(struct cor_ctx *ctx, struct thing *out)
{
	return cor_problem(ctx, 404, 0, "no thing %d", (int)out->id);
}
static int refuse(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_problem(ctx, 403, 0, "not today");
}
static int fail_later(struct cor_ctx *ctx, struct thing *out)
{
	(void)out;
	return cor_problem(ctx, 503, 0, "later");
}

static void test_problems(void **state)
{
	(void)state;
	open_shop();
	instead = miss;
	ask("/things/7", "");
	assert_int_equal(got.status, 404);
	assert_non_null(strstr(ask("/things/7", ""), "no thing 7"));
	assert_int_equal(got.status, 404);
	assert_int_equal(made, 1);
	shop_ms = 5000;
	ask("/things/7", "");
	assert_int_equal(made, 2);
	instead = refuse;
	ask("/things/8", "");
	ask("/things/8", "");
	assert_int_equal(got.status, 403);
	assert_int_equal(made, 4);
	close_shop();
}

static void test_an_old_one_stands_for_a_failure_of_the_service_alone(void **state)
{
	(void)state;
	open_shop();
	ask("/things/7", "");
	shop_ms = 31000;
	instead = fail_later;
	assert_string_equal(ask("/things/7", ""), "{\"made\":1,\"id\":7}");
	assert_int_equal(got.status, 200);
	assert_true(says("Age: 31\n") && says("hit; ttl=0; detail=stale\n"));
	instead = refuse;
	ask("/things/7", "");
	assert_int_equal(got.status, 403);
	shop_ms = 51000;
	instead = fail_later;
	ask("/things/7", "");
	assert_int_equal(got.status, 503);
	close_shop();
}

static int say_and_fail(struct cor_ctx *ctx, struct thing *out)
{
	int rc = cor_reply_header(ctx, "X-Failed", "yes");

	if (rc == 0)
		rc = cor_reply_header(ctx, "ETag", "\"of the failure\"");
	return rc < 0 ? rc : fail_later(ctx, out);
}

static void test_an_old_one_has_nothing_of_the_failure(void **state)
{
	(void)state;
	open_shop();
	ask("/stamped/7", "");
	shop_ms = 31000;
	instead = say_and_fail;
	assert_string_equal(ask("/stamped/7", ""), "{\"made\":1,\"id\":7}");
	assert_int_equal(got.status, 200);
	assert_true(says("X-Stamp: 2\n"));
	assert_false(says("X-Failed"));
	assert_false(says("of the failure"));
	ask("/stamped/8", ""); /* where it is told, it is told with that */
	assert_int_equal(got.status, 503);
	assert_true(says("X-Stamp: 3\n") && says("X-Failed: yes\n"));
	close_shop();
}

/* A store may give back what nobody has put there. */
static void test_a_time_that_cannot_be_is_no_record(void **state)
{
	static const struct {
		int64_t made_ms;
		int rc;
	} cases[] = { { 0, 0 }, { 1000000000000, 0 }, { -1, -EBADMSG }, { INT64_MIN, -EBADMSG },
		{ INT64_MAX, -EBADMSG } };
	static const struct cor_exchange nothing;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct cor_buffer bytes = { 0 };
		struct cor_answer_record record;
		cor_answer_record_write(
			&nothing, 200, cases[i].made_ms, 0, COR_STR("body"), &bytes);
		int rc = cor_answer_record_read((struct cor_str){ bytes.data, bytes.len }, &record);
		assert_int_equal(rc, cases[i].rc);
		cor_buffer_finish(&bytes);
	}
}

/* --- another version of the program, with the same store --- */

static bool is_wanted(struct cor_ctx *ctx, const void *owner)
{
	(void)ctx, (void)owner;
	return true;
}
static const struct cor_field guarded_fields[] = {
	COR_FIELD(struct thing, made),
	COR_FIELD(struct thing, id, .when = is_wanted),
	COR_FIELD(
		struct thing, note, .to = COR_TO_HEADER, .key = "X-Note", .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(guarded_schema, struct thing, guarded_fields, .name = "thing");
static const struct cor_field moved_fields[] = {
	COR_FIELD(struct thing, made),
	COR_FIELD(struct thing, id),
	COR_FIELD(struct thing, note, .key = "X-Note", .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(moved_schema, struct thing, moved_fields, .name = "thing");
COR_LOCAL_SCHEMA(same_schema, struct thing, thing_fields, .name = "thing");

COR_OPERATION(guarded_operation, get_thing, asked_schema, guarded_schema, .cache = &answers);
COR_OPERATION(moved_operation, get_thing, asked_schema, moved_schema, .cache = &answers);
COR_OPERATION(same_operation, get_thing, asked_schema, same_schema, .cache = &answers);
COR_OPERATION(plain_operation, get_word, COR_NONE, COR_TEXT, .cache = &answers);
COR_OPERATION(html_operation, get_word, COR_NONE, COR_TEXT, .content_type = "text/html",
	.cache = &answers);

/* Whether a version with one operation at a place gets what the one with another has left there. */
static bool is_left(const struct cor_operation *before, const struct cor_operation *now,
	const char *path, const char *target)
{
	const struct cor_operation *versions[] = { before, now };
	const struct cor_cache *failed;
	int made_by[2];

	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_caches_create(&(struct cor_caches_options){ .caches = shop.caches },
				 &caches, &failed),
		0);
	for (size_t i = 0; i < 2; i++) {
		const struct cor_resource place = { .path = path, .get = versions[i] };
		const struct cor_service service = { .name = "s",
			.version = "1",
			.resources = COR_RESOURCES(&place),
			.caches = COR_CACHES(&answers) };
		const struct cor_dispatcher_options options = { .service = &service,
			.caches = caches };
		struct cor_violations why = { 0 };
		assert_int_equal(cor_dispatcher_create(&options, &arena, &why, &dispatcher), 0);
		made = 0;
		ask(target, "");
		assert_int_equal(got.status, 200);
		made_by[i] = made;
		cor_dispatcher_destroy(dispatcher);
	}
	fake_finish(&got);
	cor_caches_destroy(caches);
	cor_arena_finish(&arena);
	assert_int_equal(made_by[0], 1);
	return made_by[1] == 0;
}

static void test_a_new_version_is_not_given_what_it_would_say_otherwise(void **state)
{
	(void)state;
	shop_ms = 0;
	instead = NULL;
	assert_true(is_left(&same_operation, &same_operation, "/a/{id}", "/a/1"));
	assert_false(is_left(&same_operation, &guarded_operation, "/a/{id}", "/a/1"));
	assert_false(is_left(&moved_operation, &same_operation, "/a/{id}", "/a/1"));
	assert_true(is_left(&plain_operation, &plain_operation, "/b", "/b"));
	assert_false(is_left(&plain_operation, &html_operation, "/b", "/b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_second_request_gets_the_same_bytes),
		cmocka_unit_test(test_what_must_differ_differs),
		cmocka_unit_test(test_it_says_what_it_varies_with),
		cmocka_unit_test(test_principals),
		cmocka_unit_test(test_what_is_one_requests_alone_is_not_kept),
		cmocka_unit_test(test_the_log_names_what_it_is_for),
		cmocka_unit_test(test_headers_and_status_are_kept),
		cmocka_unit_test(test_problems),
		cmocka_unit_test(test_an_old_one_stands_for_a_failure_of_the_service_alone),
		cmocka_unit_test(test_an_old_one_has_nothing_of_the_failure),
		cmocka_unit_test(test_a_time_that_cannot_be_is_no_record),
		cmocka_unit_test(test_a_new_version_is_not_given_what_it_would_say_otherwise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
