/* SPDX-License-Identifier: MIT */
/* Bodies of requests that come encoded: what is decoded, and what is refused. */
#include "../service/fake.h"
#include "decoded.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/compression.h>
#include <coracle/error.h>

#define GREAT_BYTES (4 * 1024 * 1024)

struct note {
	const char *text;
};
static const struct cor_field note_fields[] = { COR_FIELD(struct note, text) };
COR_LOCAL_SCHEMA(note_schema, struct note, note_fields);

static int post_note(struct cor_ctx *ctx, const struct note *note, struct cor_str *out)
{
	(void)ctx;
	*out = cor_str(note->text);
	return 0;
}
COR_OPERATION(post_note_operation, post_note, note_schema, COR_TEXT,
	.accepts_encoded = COR_CODINGS(&cor_gzip, &cor_brotli, &cor_zstd));
COR_OPERATION(post_gzip_operation, post_note, note_schema, COR_TEXT,
	.accepts_encoded = COR_CODINGS(&cor_gzip));
COR_OPERATION(post_plain_operation, post_note, note_schema, COR_TEXT);

static int post_text(struct cor_ctx *ctx, const struct cor_str *in, struct cor_str *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(post_text_operation, post_text, COR_TEXT, COR_TEXT,
	.accepts_encoded = COR_CODINGS(&cor_gzip, &cor_brotli, &cor_zstd));

/* What it reads, 100 bytes at a time: "N bytes, S of them zero, length L". */
static int count(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	char buffer[100];
	size_t len = 0, zeros = 0;
	ssize_t n;

	(void)in;
	while ((n = cor_body_read(body, buffer, sizeof buffer)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			zeros += buffer[i] == 0;
		len += (size_t)n;
	}
	if (n < 0 && cor_body_read(body, buffer, sizeof buffer) != n)
		return -EPROTO; /* a failure stays */
	const char *text = cor_printf(ctx, "%zu bytes, %zu of them zero, length %lld", len, zeros,
		(long long)cor_body_length(body));
	int rc = n < 0 ? (int)n : cor_reply_start(reply, 0, NULL);
	return rc < 0 ? rc : cor_reply_write(reply, text, strlen(text));
}
#define COUNTS(name, ...)                                                                          \
	COR_STREAM_OPERATION(name, count, COR_NONE, .content_type = "text/plain",                  \
		.accepts_encoded = COR_CODINGS(&cor_gzip, &cor_brotli, &cor_zstd), __VA_ARGS__)
COUNTS(count_operation, .body_limit_bytes = 1024 * 1024);
COUNTS(count_little_operation, .body_limit_bytes = 1000);
COUNTS(count_great_operation, .body_limit_bytes = 2 * GREAT_BYTES, .body_ratio_limit = 100000);

static const struct cor_resource notes = { .path = "/notes", .post = &post_note_operation };
static const struct cor_resource gzip = { .path = "/gzip", .post = &post_gzip_operation };
static const struct cor_resource plain = { .path = "/plain", .post = &post_plain_operation };
static const struct cor_resource texts = { .path = "/text", .post = &post_text_operation };
static const struct cor_resource counted = { .path = "/count", .post = &count_operation };
static const struct cor_resource little = { .path = "/little", .post = &count_little_operation };
static const struct cor_resource great = { .path = "/great", .post = &count_great_operation };

static const struct cor_service service = {
	.name = "decoding",
	.resources = COR_RESOURCES(&notes, &gzip, &plain, &texts, &counted, &little, &great),
};

static const struct cor_coding *const codings[] = { &cor_gzip, &cor_brotli, &cor_zstd };

static void post(struct cor_dispatcher *dispatcher, const char *path, const char *coding,
	const struct cor_buffer *body, struct fake_reply *reply)
{
	char headers[128];
	struct fake_request request = {
		.method = "POST",
		.target = path,
		.body = { body->data, body->len },
		.headers = headers,
	};

	snprintf(headers, sizeof headers, "Content-Encoding: %s\n", coding);
	fake_serve(dispatcher, &request, reply);
	assert_int_equal(reply->replies, 1);
}

static void assert_said(const struct fake_reply *reply, int status, const char *part)
{
	if (reply->status != status || !strstr(fake_body(reply), part))
		fail_msg("%d, not %d: %s", reply->status, status, fake_body(reply));
}

static void test_bound_bodies(void **state)
{
	static const char json[] = "{\"text\":\"hello, hello, hello\"}";
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct cor_buffer body = { 0 };
		append_encoded(codings[i], cor_str(json), &body);
		post(dispatcher, "/notes", codings[i]->name, &body, &reply);
		assert_said(&reply, 200, "hello, hello, hello");
		post(dispatcher, "/text", codings[i]->name, &body, &reply);
		assert_said(&reply, 200, json);
		post(dispatcher, "/count", codings[i]->name, &body, &reply);
		assert_said(&reply, 200, "30 bytes, 0 of them zero, length -1");
		cor_buffer_finish(&body);
	}
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* Whatever its spelling, and with what means nothing. */
static void test_names(void **state)
{
	static const char *const good[] = { "gzip", "GZip", "x-gzip", "identity, gzip",
		",gzip ,," };
	static const char *const bad[] = { "deflate", "gzip, gzip", "gzip, br", "br, gzip", "gzip2",
		"gzip;q=1", "compress", "aes128gcm" };
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };
	struct cor_buffer body = { 0 };

	(void)state;
	append_encoded(&cor_gzip, COR_STR("{\"text\":\"hi\"}"), &body);
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		post(dispatcher, "/notes", good[i], &body, &reply);
		assert_said(&reply, 200, "hi");
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		post(dispatcher, "/notes", bad[i], &body, &reply);
		assert_said(&reply, 415, "must be one of: gzip, br, zstd");
		assert_string_equal(reply.headers, "Accept-Encoding: gzip, br, zstd\n");
	}
	post(dispatcher, "/gzip", "br", &body, &reply);
	assert_said(&reply, 415, "must be one of: gzip;");
	assert_string_equal(reply.headers, "Accept-Encoding: gzip\n");
	post(dispatcher, "/plain", "gzip", &body, &reply);
	assert_said(&reply, 415, "without Content-Encoding");
	assert_string_equal(reply.headers, "Accept-Encoding: identity\n");
	cor_buffer_finish(&body);
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* Cut at each byte, with a byte behind it, and of something else: 400. */
static void test_broken_bodies(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct cor_buffer body = { 0 };
		append_encoded(codings[i], COR_STR("{\"text\":\"hello, hello\"}"), &body);
		size_t len = body.len;
		for (body.len = 1; body.len < len; body.len++) {
			post(dispatcher, "/notes", codings[i]->name, &body, &reply);
			assert_said(&reply, 400, "ends before");
		}
		cor_buffer_byte(&body, 'x');
		post(dispatcher, "/notes", codings[i]->name, &body, &reply);
		assert_said(&reply, 400, codings[i] == &cor_brotli ? "not br," : "the body ");
		memset(body.data, 'x', body.len);
		post(dispatcher, "/notes", codings[i]->name, &body, &reply);
		assert_said(&reply, 400, "as its Content-Encoding says");
		post(dispatcher, "/count", codings[i]->name, &body, &reply);
		assert_int_equal(reply.status, 400);
		cor_buffer_finish(&body);
	}
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* Chunks without a byte in them are an empty body, whatever they are said to be. */
static void test_empty_body(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };
	const struct fake_request request = {
		.method = "POST",
		.target = "/count",
		.chunked = true,
		.body = { "", 0 },
		.headers = "Content-Encoding: gzip\n",
	};

	(void)state;
	fake_serve(dispatcher, &request, &reply);
	assert_said(&reply, 200, "0 bytes");
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* The limit of the body is that of what it decodes to; 1024:1 is the most that gzip can do. */
static void test_bombs(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };
	char *zeros = calloc(1, GREAT_BYTES);

	(void)state;
	assert_non_null(zeros);
	for (size_t i = 0; i < 3; i++) {
		struct cor_buffer little_bomb = { 0 }, bomb = { 0 }, fair = { 0 };
		append_encoded(codings[i], (struct cor_str){ zeros, 1001 }, &little_bomb);
		append_encoded(codings[i], (struct cor_str){ zeros, GREAT_BYTES }, &bomb);
		append_encoded(codings[i], (struct cor_str){ zeros, 64 * 1024 }, &fair);
		post(dispatcher, "/little", codings[i]->name, &little_bomb, &reply);
		assert_said(&reply, 413, "larger than 1000 bytes");
		post(dispatcher, "/count", codings[i]->name, &bomb, &reply);
		assert_said(&reply, 413, "more than 200 times its bytes");
		post(dispatcher, "/notes", codings[i]->name, &bomb, &reply);
		assert_said(&reply, 413, "larger than 4096 bytes");
		post(dispatcher, "/count", codings[i]->name, &fair, &reply);
		assert_said(&reply, 200, "65536 bytes, 65536 of them zero");
		post(dispatcher, "/great", codings[i]->name, &bomb, &reply);
		assert_said(&reply, 200, "4194304 bytes, 4194304 of them zero");
		cor_buffer_finish(&little_bomb);
		cor_buffer_finish(&bomb);
		cor_buffer_finish(&fair);
	}
	free(zeros);
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bound_bodies),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_broken_bodies),
		cmocka_unit_test(test_empty_body),
		cmocka_unit_test(test_bombs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
