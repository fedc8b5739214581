/* SPDX-License-Identifier: MIT */
/* Which answers are encoded, what their header says then, and that they mean the same. */
#include "../service/fake.h"
#include "decoded.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/compression.h>
#include <coracle/error.h>
#include <coracle/events.h>

#define LONG_BYTES  5000
#define GREAT_BYTES 300000

static char text[GREAT_BYTES];

static int make_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)('a' + i * i % 23);
	return 0;
}

/* Answers as the request's query wants: so many bytes of the text, with header lines. */
struct wish {
	uint32_t bytes;
	const char *field; /* "Name: value" */
	const char *more;
};
static const struct cor_field wish_fields[] = {
	COR_FIELD(struct wish, bytes, .from = COR_FROM_QUERY),
	COR_FIELD(struct wish, field, .from = COR_FROM_QUERY, .presence = COR_OPTIONAL),
	COR_FIELD(struct wish, more, .from = COR_FROM_QUERY, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(wish_schema, struct wish, wish_fields);

static int add_line(struct cor_ctx *ctx, const char *line)
{
	const char *colon = line ? strchr(line, ':') : NULL;

	if (!colon)
		return 0;
	return cor_reply_header(ctx, cor_printf(ctx, "%.*s", (int)(colon - line), line), colon + 2);
}

static int say(struct cor_ctx *ctx, const struct wish *wish, struct cor_str *out)
{
	int rc = add_line(ctx, wish->field);

	if (rc == 0)
		rc = add_line(ctx, wish->more);
	*out = (struct cor_str){ text, wish->bytes };
	return rc;
}
COR_OPERATION(say_operation, say, wish_schema, COR_TEXT);
COR_OPERATION(say_png_operation, say, wish_schema, COR_BYTES, .content_type = "image/png");
COR_OPERATION(say_json_operation, say, wish_schema, COR_BYTES,
	.content_type = "application/geo+json; x=y");
COR_OPERATION(say_secret_operation, say, wish_schema, COR_TEXT, .compression = COR_UNCOMPRESSED);

static const struct cor_compression all_of_it = {
	.codings = COR_CODINGS(&cor_gzip),
	.gzip_level = 1,
	.least_bytes = 1,
	.media_types = COR_MEDIA_TYPES("image/png"),
};
COR_OPERATION(say_own_operation, say, wish_schema, COR_BYTES, .content_type = "image/png",
	.compression = &all_of_it);

static int say_no(struct cor_ctx *ctx, const struct wish *wish, struct cor_str *out)
{
	(void)out;
	return cor_problem(ctx, 404, 0, "%.*s", (int)wish->bytes, text);
}
COR_OPERATION(say_no_operation, say_no, wish_schema, COR_TEXT, .problems = { 404 });

/* In pieces of 1000 bytes, each flushed. */
static int stream(struct cor_ctx *ctx, const struct wish *wish, struct cor_body *body,
	struct cor_reply *reply)
{
	int rc = add_line(ctx, wish->field);

	(void)body;
	if (rc == 0)
		rc = cor_reply_start(reply,
			wish->bytes == 304   ? 304
			: wish->bytes == 206 ? 206
					     : 0,
			NULL);
	for (size_t at = 0; at < wish->bytes && rc == 0; at += 1000) {
		rc = cor_reply_write(reply, text + at, 1000);
		if (rc == 0)
			rc = cor_reply_flush(reply);
	}
	if (wish->more && rc == 0)
		return cor_problem(ctx, 500, 0, "it breaks off");
	return rc;
}
COR_STREAM_OPERATION(stream_operation, stream, wish_schema, .content_type = "text/csv");

static int nothing_new(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	int rc = cor_reply_header(ctx, "ETag", "\"a\"");

	(void)in, (void)body;
	return rc < 0 ? rc : cor_reply_start(reply, 304, NULL);
}
COR_STREAM_OPERATION(nothing_new_operation, nothing_new, COR_NONE, .content_type = "text/csv");

#define RESOURCE(name, path_, operation)                                                           \
	static const struct cor_resource name = { .path = (path_), .get = &operation }
RESOURCE(plain, "/text", say_operation);
RESOURCE(png, "/png", say_png_operation);
RESOURCE(json, "/json", say_json_operation);
RESOURCE(secret, "/secret", say_secret_operation);
RESOURCE(own, "/own", say_own_operation);
RESOURCE(problem, "/problem", say_no_operation);
RESOURCE(pieces, "/stream", stream_operation);
RESOURCE(unchanged, "/unchanged", nothing_new_operation);
static const struct cor_resource closed = {
	.path = "/closed",
	.get = &say_operation,
	.compression = COR_UNCOMPRESSED,
};

static const struct cor_compression compression = {
	.codings = COR_CODINGS(&cor_zstd, &cor_brotli, &cor_gzip),
};
static const struct cor_service service = {
	.name = "coded",
	.resources = COR_RESOURCES(
		&plain, &png, &json, &secret, &own, &problem, &pieces, &unchanged, &closed),
	.compression = &compression,
};

static bool has_line(const struct fake_reply *reply, const char *line)
{
	char with_ends[256];

	snprintf(with_ends, sizeof with_ends, "%s\n", line);
	const char *at = strstr(reply->headers, with_ends);
	return at && (at == reply->headers || at[-1] == '\n');
}

static bool has_name(const struct fake_reply *reply, const char *name)
{
	char begin[64];

	snprintf(begin, sizeof begin, "%s: ", name);
	const char *at = strstr(reply->headers, begin);
	return at && (at == reply->headers || at[-1] == '\n');
}

static void serve(struct cor_dispatcher *dispatcher, const char *method, const char *target,
	const char *accept, struct fake_reply *reply)
{
	char headers[256];
	struct fake_request request = { .method = method, .target = target };

	snprintf(headers, sizeof headers, "Accept-Encoding: %s\n", accept ? accept : "");
	if (accept)
		request.headers = headers;
	fake_serve(dispatcher, &request, reply);
	assert_int_equal(reply->replies, 1);
}

/* --- which, and what is said --- */

static const struct coded_case {
	const char *target;
	const char *accept; /* NULL: absent */
	const char *coding; /* NULL: as it is */
	bool varies;
	const char *line; /* NULL: none */
} cases[] = {
	{ "/text?bytes=5000", "gzip", "gzip", true, NULL },
	{ "/text?bytes=5000", "gzip, br, zstd", "zstd", true, NULL },
	{ "/text?bytes=5000", "gzip, br", "br", true, NULL },
	{ "/text?bytes=5000", "gzip, br;q=0.9", "gzip", true, NULL },
	{ "/text?bytes=5000", "deflate", NULL, true, NULL },
	{ "/text?bytes=5000", "", NULL, true, NULL },
	{ "/text?bytes=5000", NULL, NULL, true, NULL },
	{ "/text?bytes=5000", "gzip;q=x", NULL, true, NULL },
	{ "/text?bytes=1024", "gzip", "gzip", true, NULL },
	{ "/text?bytes=1023", "gzip", NULL, true, NULL },
	{ "/text?bytes=1023", "gzip, identity;q=0", "gzip", true, NULL },
	{ "/text?bytes=1023", "identity;q=0", NULL, true, NULL },
	{ "/text?bytes=0", "gzip, identity;q=0", NULL, true, NULL },
	{ "/png?bytes=5000", "gzip", NULL, false, NULL },
	{ "/json?bytes=5000", "gzip", "gzip", true, NULL },
	{ "/secret?bytes=5000", "gzip", NULL, false, NULL },
	{ "/closed?bytes=5000", "gzip", NULL, false, NULL },
	{ "/own?bytes=10", "gzip, br", "gzip", true, NULL },
	{ "/own?bytes=10", "br", NULL, true, NULL },
	{ "/problem?bytes=5000", "gzip", "gzip", true, NULL },
	{ "/problem?bytes=10", "gzip", NULL, true, NULL },
	{ "/nowhere", "gzip", NULL, true, NULL },
	{ "/stream?bytes=2000", "gzip", "gzip", true, NULL },
	{ "/stream?bytes=2000", "br", "br", true, NULL },
	{ "/stream?bytes=0", "zstd", "zstd", true, NULL },
	{ "/stream?bytes=2000", NULL, NULL, true, NULL },
	{ "/stream?bytes=206", "gzip", NULL, false, NULL },
	/* what the answer says itself */
	{ "/text?bytes=5000&field=Vary:+Origin", "gzip", "gzip", true,
		"Vary: Origin, Accept-Encoding" },
	{ "/text?bytes=5000&field=Vary:+Origin", NULL, NULL, true,
		"Vary: Origin, Accept-Encoding" },
	{ "/text?bytes=5000&field=Vary:+accept-encoding,+Origin", "gzip", "gzip", false,
		"Vary: accept-encoding, Origin" },
	{ "/text?bytes=5000&field=Vary:+*", "gzip", "gzip", false, "Vary: *" },
	{ "/text?bytes=5000&field=ETag:+\"a\"", "gzip", "gzip", true, "ETag: W/\"a\"" },
	{ "/text?bytes=5000&field=ETag:+W/\"a\"", "gzip", "gzip", true, "ETag: W/\"a\"" },
	{ "/text?bytes=5000&field=ETag:+\"a\"", NULL, NULL, true, "ETag: \"a\"" },
	{ "/text?bytes=1023&field=ETag:+\"a\"", "gzip", NULL, true, "ETag: \"a\"" },
	{ "/text?bytes=5000&field=Cache-Control:+no-transform", "gzip", NULL, false, NULL },
	{ "/text?bytes=5000&field=cache-control:+max-age=5,No-Transform", "gzip", NULL, false,
		NULL },
	{ "/text?bytes=5000&field=Cache-Control:+max-age=5", "gzip", "gzip", true, NULL },
	{ "/text?bytes=5000&field=Content-Encoding:+br", "gzip", "br", false, NULL },
	{ "/text?bytes=5000&field=Content-Range:+bytes+0-1/2", "gzip", NULL, false, NULL },
	{ "/text?bytes=5000&field=Content-Digest:+sha-256=:AA==:", "gzip", NULL, false, NULL },
	{ "/stream?bytes=2000&field=ETag:+\"a\"", "gzip", "gzip", true, "ETag: W/\"a\"" },
	{ "/stream?bytes=2000&field=Content-Encoding:+x", "gzip", "x", false, NULL },
	{ "/unchanged", "gzip", NULL, true, "ETag: W/\"a\"" },
	{ "/unchanged", NULL, NULL, true, "ETag: \"a\"" },
};

static void check(const struct coded_case *c, const char *method, const struct fake_reply *reply)
{
	char line[64];

	snprintf(line, sizeof line, "Content-Encoding: %s", c->coding ? c->coding : "");
	bool is_good = c->coding ? has_line(reply, line) : !has_name(reply, "Content-Encoding");
	is_good = is_good && (!c->varies || strstr(reply->headers, "Accept-Encoding\n"));
	is_good = is_good && (c->varies || !strstr(reply->headers, "Accept-Encoding"));
	if (!is_good || (c->line && !has_line(reply, c->line)))
		fail_msg("%s %s, %s: %s", method, c->target, c->accept, reply->headers);
}

static void test_which_and_what_is_said(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		serve(dispatcher, "GET", cases[i].target, cases[i].accept, &reply);
		check(&cases[i], "GET", &reply);
		/* the same header answers a HEAD: RFC 9110 section 9.3.2 */
		serve(dispatcher, "HEAD", cases[i].target, cases[i].accept, &reply);
		check(&cases[i], "HEAD", &reply);
	}
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

static void test_ranges_are_not_offered(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };

	(void)state;
	serve(dispatcher, "GET", "/text?bytes=5000&field=Accept-Ranges:+bytes&more=X-A:+b", "gzip",
		&reply);
	assert_false(has_name(&reply, "Accept-Ranges"));
	assert_true(has_line(&reply, "X-A: b"));
	assert_true(has_line(&reply, "Content-Encoding: gzip"));
	serve(dispatcher, "GET", "/text?bytes=5000&more=Accept-Ranges:+bytes&field=X-A:+b", "gzip",
		&reply);
	assert_false(has_name(&reply, "Accept-Ranges"));
	assert_true(has_line(&reply, "X-A: b"));
	assert_true(has_line(&reply, "Content-Encoding: gzip"));
	serve(dispatcher, "GET", "/text?bytes=5000&field=Accept-Ranges:+bytes", NULL, &reply);
	assert_true(has_line(&reply, "Accept-Ranges: bytes"));
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* --- what they mean --- */

static const struct cor_coding *const codings[] = { &cor_gzip, &cor_brotli, &cor_zstd };

static void assert_means(
	const struct cor_coding *coding, const struct fake_reply *reply, size_t len)
{
	struct cor_buffer decoded = { 0 };

	assert_true(append_decoded(
		coding, (struct cor_str){ reply->body.data, reply->body.len }, &decoded));
	assert_int_equal(decoded.len, len);
	if (len != 0)
		assert_memory_equal(decoded.data, text, len);
	cor_buffer_finish(&decoded);
}

/* Below and above what is encoded at once; one after the other, with encoders that were used. */
static void test_whole_answers(void **state)
{
	static const size_t lengths[] = { 1024, 5000, 16384, 65536, 65537, GREAT_BYTES };
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };
	char target[64];

	(void)state;
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
			for (size_t c = 0; c < 3; c++) {
				snprintf(target, sizeof target, "/text?bytes=%zu", lengths[i]);
				serve(dispatcher, "GET", target, codings[c]->name, &reply);
				assert_false(reply.started);
				assert_means(codings[c], &reply, lengths[i]);
			}
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

static void test_streams(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };

	(void)state;
	for (size_t c = 0; c < 3; c++) {
		serve(dispatcher, "GET", "/stream?bytes=200000", codings[c]->name, &reply);
		assert_true(reply.started);
		assert_int_equal(reply.flushes, 200);
		assert_false(reply.broken);
		assert_means(codings[c], &reply, 200000);
		serve(dispatcher, "GET", "/stream?bytes=0", codings[c]->name, &reply);
		assert_means(codings[c], &reply, 0);
	}
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* What was flushed is there; that the rest is missing can be seen. */
static void test_stream_that_breaks_off(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };

	(void)state;
	for (size_t c = 0; c < 3; c++) {
		struct cor_buffer decoded = { 0 };
		serve(dispatcher, "GET", "/stream?bytes=3000&more=x", codings[c]->name, &reply);
		assert_true(reply.broken);
		assert_false(append_decoded(
			codings[c], (struct cor_str){ reply.body.data, reply.body.len }, &decoded));
		assert_int_equal(decoded.len, 3000);
		cor_buffer_finish(&decoded);
	}
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

static void test_head_of_a_stream_has_no_body(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };

	(void)state;
	serve(dispatcher, "HEAD", "/stream?bytes=3000", "gzip", &reply);
	assert_int_equal(reply.body.len, 0);
	assert_false(reply.broken);
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_and_what_is_said),
		cmocka_unit_test(test_ranges_are_not_offered),
		cmocka_unit_test(test_whole_answers),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_stream_that_breaks_off),
		cmocka_unit_test(test_head_of_a_stream_has_no_body),
	};

	return cmocka_run_group_tests(tests, make_text, NULL);
}
