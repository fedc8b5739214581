/* SPDX-License-Identifier: MIT */
/* The document and the page over (fake) requests: types, validators, coding, policy. */
#include "../service/fake.h"

#include <stdio.h>
#include <string.h>

#include "openapi/assets.h"
#include "openapi/docs.h"
#include "openapi/file.h"

static int hello(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)ctx, (void)in;
	*out = COR_STR("hello");
	return 0;
}
COR_OPERATION(hello_operation, hello, COR_NONE, COR_TEXT);
static const struct cor_resource home = { .path = "/", .get = &hello_operation };
static const struct cor_service service = {
	.name = "s",
	.title = "a <b> & c",
	.resources = COR_RESOURCES(&home),
};

static struct cor_docs *docs;
static struct cor_dispatcher *dispatcher;
static struct fake_reply reply;

static int set_up(void **state)
{
	struct cor_arena arena;

	(void)state;
	assert_int_equal(cor_docs_create(&service, &(struct cor_document_access){ 0 }, &docs), 0);
	const struct cor_dispatcher_options options = { .service = &service,
		.extra = (const struct cor_resource *const *const[]){ cor_docs_resources(docs) } };
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_dispatcher_create(&options, &arena, NULL, &dispatcher), 0);
	cor_arena_finish(&arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	cor_dispatcher_destroy(dispatcher);
	cor_docs_destroy(docs);
	fake_finish(&reply);
	return 0;
}

static void get(const char *target, const char *headers)
{
	fake_serve(
		dispatcher, &(struct fake_request){ .target = target, .headers = headers }, &reply);
	assert_int_equal(reply.replies, 1);
}

static bool has_header(const char *line)
{
	return strstr(reply.headers, line) != NULL;
}

static void test_document(void **state)
{
	struct cor_str document = cor_docs_document(docs, COR_DOCS_OPENAPI_3_1);
	char header[128];
	char *etag;

	(void)state;
	get("/openapi.json", NULL);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.content_type, "application/json");
	assert_int_equal(reply.body.len, document.len);
	assert_memory_equal(reply.body.data, document.data, document.len);
	assert_null(strstr(fake_body(&reply), "docs"));
	etag = strstr(reply.headers, "ETag: \"");
	assert_non_null(etag);
	snprintf(header, sizeof header, "If-None-Match: %.*s\n", 18, etag + 6);
	get("/openapi.json", header);
	assert_int_equal(reply.status, 304);
	assert_int_equal(reply.body.len, 0);
	assert_string_equal(reply.content_type, "");
	assert_true(has_header("ETag: "));
	get("/openapi.json", "If-None-Match: \"other\"\n");
	assert_int_equal(reply.status, 200);
	get("/openapi.json", "Accept: text/html\n");
	assert_int_equal(reply.status, 406);
}

static void test_dialects(void **state)
{
	static const char *const paths[] = { "/openapi-3.0.json", "/swagger.json",
		"/postman.json" };
	static const char *const beginnings[] = { "{\"openapi\":\"3.0.3\",",
		"{\"swagger\":\"2.0\",", "{\"info\":{\"name\":\"a <b> & c\"," };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct cor_str document = cor_docs_document(
			docs, (enum cor_docs_document)(COR_DOCS_OPENAPI_3_0 + i));
		get(paths[i], NULL);
		assert_int_equal(reply.status, 200);
		assert_string_equal(reply.content_type, "application/json");
		assert_int_equal(reply.body.len, document.len);
		assert_memory_equal(reply.body.data, document.data, document.len);
		assert_memory_equal(document.data, beginnings[i], strlen(beginnings[i]));
		assert_true(has_header("ETag: "));
	}
}

static void test_page(void **state)
{
	(void)state;
	get("/docs", "Accept: text/html,application/xhtml+xml,*/*;q=0.8\n");
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.content_type, "text/html; charset=utf-8");
	assert_true(has_header(
		"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src"));
	assert_true(has_header("X-Content-Type-Options: nosniff\n"));
	assert_non_null(strstr(fake_body(&reply), "<title>a &lt;b&gt; &amp; c</title>"));
	assert_null(strstr(fake_body(&reply), "=\"/")); /* relative URLs only */
	assert_null(strstr(fake_body(&reply), "://"));
	get("/docs/", NULL);
	assert_int_equal(reply.status, 308);
	assert_true(has_header("Location: ../docs\n"));
}

/* Every file that the page names exists. */
static void test_page_is_whole(void **state)
{
	char names[8][64];
	size_t len = 0;

	(void)state;
	get("/docs", NULL);
	for (const char *at = fake_body(&reply); (at = strstr(at, "\"docs/")) && len < 8; at++)
		(void)sscanf(at + 1, "%63[^\"]", names[len++]);
	assert_int_equal(len, 4);
	for (size_t i = 0; i < len; i++) {
		char target[80];
		snprintf(target, sizeof target, "/%.63s", names[i]);
		get(target, NULL);
		if (reply.status != 200)
			fail_msg("%s: %u", target, reply.status);
	}
}

static void test_assets(void **state)
{
	char target[128], header[128];

	(void)state;
	for (size_t i = 0; i < cor_docs_assets_len; i++) {
		const struct cor_asset *asset = &cor_docs_assets[i];
		snprintf(target, sizeof target, "/docs/%s", asset->name);
		get(target, NULL);
		assert_int_equal(reply.status, 200);
		assert_string_equal(reply.content_type, asset->content_type);
		assert_int_equal(reply.body.len, asset->plain.len);
		assert_false(has_header("Content-Encoding"));
		snprintf(header, sizeof header, "If-None-Match: W/\"x\", W/%s\n", asset->etag);
		get(target, header);
		assert_int_equal(reply.status, 304);
		get(target, "Accept-Encoding: br, gzip;q=0.5\n");
		assert_int_equal(reply.status, 200);
		assert_int_equal(has_header("Content-Encoding: gzip\n"), asset->gzip.len > 0);
		assert_int_equal(has_header("Vary: Accept-Encoding\n"), asset->gzip.len > 0);
		if (asset->gzip.len) {
			assert_int_equal(reply.body.len, asset->gzip.len);
			assert_true(has_header("-gzip\"\n"));
		}
		get(target, "Accept-Encoding: br\nAccept-Encoding: gzip;q=0.5\n");
		assert_int_equal(has_header("Content-Encoding: gzip\n"), asset->gzip.len > 0);
		snprintf(header, sizeof header, "If-None-Match: \"x\"\nIf-None-Match: %s\n",
			asset->etag);
		get(target, header);
		assert_int_equal(reply.status, 304);

		get(target, "Accept-Encoding: gzip;q=0\n");
		assert_int_equal(reply.body.len, asset->plain.len);
	}
	get("/docs/nothing.js", NULL);
	assert_int_equal(reply.status, 404);
	get("/docs/start.js", NULL);
	assert_string_equal(reply.content_type, "text/javascript; charset=utf-8");
	fake_serve(
		dispatcher, &(struct fake_request){ .method = "POST", .target = "/docs" }, &reply);
	assert_int_equal(reply.status, 405);
}

static void test_etag_lists(void **state)
{
	static const struct {
		const char *list;
		bool is_listed;
	} lists[] = {
		{ "\"a\"", true },
		{ "W/\"a\"", true },
		{ "*", true },
		{ "\"b\", \"a\"", true },
		{ "\"b\",W/\"a\"", true },
		{ "\"b\"", false },
		{ "", false },
		{ "a", false },
		{ "\"a", false },
		{ "\"", false },
		{ "\"b, \"a\"", false },
		{ "\"aa\"", false },
		{ "**", false },
		{ "\"b\" \"", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		if (cor_etag_listed(cor_str(lists[i].list), COR_STR("\"a\"")) != lists[i].is_listed)
			fail_msg("%s", lists[i].list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_dialects),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_page_is_whole),
		cmocka_unit_test(test_assets),
		cmocka_unit_test(test_etag_lists),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
