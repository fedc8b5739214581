/* SPDX-License-Identifier: MIT */
/* Every allocation fails in turn, while answers are encoded and bodies are decoded. */
#include "../service/fake.h"
#include "decoded.h"

#include <stdlib.h>
#include <string.h>

#include <coracle/compression.h>
#include <coracle/error.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static long until_failure = -1; /* how many still succeed; below 0: all */

static bool fails(void)
{
	if (until_failure < 0)
		return false;
	return until_failure-- == 0;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

#define TEXT_BYTES 100000

static char text[TEXT_BYTES];

static int say(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	int rc = cor_reply_header(ctx, "ETag", "\"a\"");

	(void)in;
	*out = (struct cor_str){ text, sizeof text };
	return rc < 0 ? rc : cor_reply_header(ctx, "Accept-Ranges", "bytes");
}
COR_OPERATION(say_operation, say, COR_NONE, COR_TEXT);

static int stream(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	int rc = cor_reply_header(ctx, "Vary", "Origin");

	(void)in, (void)body;
	if (rc == 0)
		rc = cor_reply_start(reply, 0, NULL);
	if (rc == 0)
		rc = cor_reply_write(reply, text, sizeof text);
	return rc < 0 ? rc : cor_reply_flush(reply);
}
COR_STREAM_OPERATION(stream_operation, stream, COR_NONE, .content_type = "text/csv");

static int repeat(struct cor_ctx *ctx, const struct cor_str *in, struct cor_str *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(repeat_operation, repeat, COR_TEXT, COR_TEXT,
	.accepts_encoded = COR_CODINGS(&cor_gzip, &cor_brotli, &cor_zstd),
	.body_limit_bytes = 2 * TEXT_BYTES, .body_ratio_limit = 1000000);

static const struct cor_resource plain = {
	.path = "/text", .get = &say_operation, .post = &repeat_operation
};
static const struct cor_resource pieces = { .path = "/stream", .get = &stream_operation };

static const struct cor_compression compression = {
	.codings = COR_CODINGS(&cor_zstd, &cor_brotli, &cor_gzip),
};
static const struct cor_service service = {
	.name = "short",
	.resources = COR_RESOURCES(&plain, &pieces),
	.compression = &compression,
};

static const struct cor_coding *const codings[] = { &cor_gzip, &cor_brotli, &cor_zstd };

/* Whole, or broken off for all to see: never less or something else under the name of the whole. */
static void check(const struct fake_reply *reply)
{
	struct cor_buffer decoded = { 0 };
	struct cor_str body = { reply->body.data, reply->body.len };

	assert_int_equal(reply->replies, 1);
	if (reply->broken || reply->status >= 500 || cor_buffer_error(&reply->body) < 0)
		return; /* the last of these: the recording failed */
	assert_int_equal(reply->status, 200);
	const char *named = strstr(reply->headers, "Content-Encoding: ");
	for (size_t i = 0; i < 3; i++)
		if (named && strncmp(named + 18, codings[i]->name, strlen(codings[i]->name)) == 0)
			assert_true(append_decoded(codings[i], body, &decoded));
	if (named)
		body = (struct cor_str){ decoded.data, decoded.len };
	assert_int_equal(body.len, sizeof text);
	assert_memory_equal(body.data, text, sizeof text);
	cor_buffer_finish(&decoded);
}

static void serve_short(const struct fake_request *request)
{
	bool has_failed = true;
	long n = 0;

	for (; has_failed; n++) {
		struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
		struct fake_reply reply = { 0 };
		until_failure = n;
		fake_serve(dispatcher, request, &reply);
		has_failed = until_failure < 0;
		until_failure = -1;
		check(&reply);
		if (!has_failed)
			assert_true(reply.status == 200 && !reply.broken);
		fake_finish(&reply);
		cor_dispatcher_destroy(dispatcher);
		assert_true(n < 1000);
	}
	assert_true(n > 2);
}

static void test_answers(void **state)
{
	static const char *const accepts[] = { "Accept-Encoding: gzip\n", "Accept-Encoding: br\n",
		"Accept-Encoding: zstd\n" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		serve_short(&(struct fake_request){ .target = "/text", .headers = accepts[i] });
		serve_short(&(struct fake_request){ .target = "/stream", .headers = accepts[i] });
	}
}

static void test_bodies(void **state)
{
	static const char *const says[] = { "Content-Encoding: gzip\n", "Content-Encoding: br\n",
		"Content-Encoding: zstd\n" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct cor_buffer body = { 0 };
		append_encoded(codings[i], (struct cor_str){ text, sizeof text }, &body);
		serve_short(&(struct fake_request){ .method = "POST",
			.target = "/text",
			.headers = says[i],
			.body = { body.data, body.len } });
		cor_buffer_finish(&body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_bodies),
	};

	memset(text, 'a', sizeof text);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
