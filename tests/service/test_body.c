/* SPDX-License-Identifier: MIT */
/*
 * Which bodies are accepted: for every way in which an operation can read one, and for operations
 * that read none.
 */
#include "fake.h"

#include <string.h>

#include <coracle/error.h>

struct item {
	int64_t id;
	const char *name;
};
static const struct cor_field item_fields[] = {
	COR_FIELD(struct item, id, .from = COR_FROM_PATH, .to = COR_TO_BODY),
	COR_FIELD(struct item, name, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(item_schema, struct item, item_fields);

static const struct cor_field item_ref_fields[] = {
	COR_FIELD(struct item, id, .from = COR_FROM_PATH),
};
COR_LOCAL_SCHEMA(item_ref_schema, struct item, item_ref_fields);

static int by_item(struct cor_ctx *ctx, const struct item *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(rows_operation, by_item, item_schema, COR_NONE);
COR_OPERATION(ref_operation, by_item, item_ref_schema, COR_NONE);

static int nothing(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(none_operation, nothing, COR_NONE, COR_NONE);

static int whole(struct cor_ctx *ctx, const struct cor_str *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(text_operation, whole, COR_TEXT, COR_NONE);
COR_OPERATION(bytes_operation, whole, COR_BYTES, COR_NONE);

static int stream(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	char piece[64];
	ssize_t n;
	int rc = cor_reply_start(reply, 0, NULL);

	(void)ctx, (void)in;
	while (rc == 0 && (n = cor_body_read(body, piece, sizeof piece)) != 0)
		rc = n < 0 ? (int)n : 0;
	return rc;
}
COR_STREAM_OPERATION(
	stream_operation, stream, COR_NONE, .content_type = "text/plain", .body_limit_bytes = 8);

static const struct cor_resource rows = {
	.path = "/rows/{id}", .put = &rows_operation, .post = &ref_operation
};
static const struct cor_resource none = {
	.path = "/none", .get = &none_operation, .post = &none_operation, .delete = &none_operation
};
static const struct cor_resource text = { .path = "/text", .post = &text_operation };
static const struct cor_resource bytes = { .path = "/bytes", .post = &bytes_operation };
static const struct cor_resource streams = {
	.path = "/stream", .get = &stream_operation, .post = &stream_operation
};
static const struct cor_service service = {
	.name = "bodies",
	.resources = COR_RESOURCES(&rows, &none, &text, &bytes, &streams),
};

static struct cor_dispatcher *dispatcher;

static int set_up(void **state)
{
	(void)state;
	dispatcher = fake_dispatcher(&service);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	cor_dispatcher_destroy(dispatcher);
	return 0;
}

struct body_case {
	const char *method, *target, *headers;
	struct cor_str body;
	int status;
	const char *says;
};

static void expect_each(const struct body_case *cases, size_t len, bool chunked)
{
	struct fake_reply reply = { 0 };

	for (size_t i = 0; i < len; i++) {
		const struct body_case *c = &cases[i];
		const struct fake_request request = { .method = c->method,
			.target = c->target,
			.headers = c->headers,
			.body = c->body,
			.chunked = chunked };
		fake_serve(dispatcher, &request, &reply);
		if (reply.replies != 1 || reply.status != c->status ||
			!strstr(fake_body(&reply), c->says))
			fail_msg("%zu: %s %s: %u %s", i, c->method, c->target, reply.status,
				fake_body(&reply));
	}
	fake_finish(&reply);
}

#define SOME COR_STR("{}")

/* An operation that reads no body refuses one: what the client meant by it would be lost. */
static void test_not_asked_for(void **state)
{
	static const struct body_case cases[] = {
		{ "POST", "/none", "", SOME, 400, "takes no body: send none" },
		{ "GET", "/none", "", SOME, 400, "takes no body" },
		{ "DELETE", "/none", "", SOME, 400, "takes no body" },
		{ "POST", "/rows/1", "", SOME, 400, "takes no body" },
		{ "POST", "/rows/1", "Content-Type: text/xml\n", COR_STR("<a/>"), 400,
			"takes no body" },
		{ "GET", "/stream", "", SOME, 400, "takes no body" },
	};
	static const struct body_case empty[] = {
		{ "POST", "/none", "", COR_STR(""), 204, "" },
		{ "GET", "/none", "", COR_STR(""), 204, "" },
		{ "POST", "/rows/1", "Content-Type: application/json\n", COR_STR(""), 204, "" },
		{ "GET", "/stream", "", COR_STR(""), 200, "" },
	};

	(void)state;
	expect_each(cases, sizeof cases / sizeof cases[0], false);
	expect_each(cases, sizeof cases / sizeof cases[0], true);
	expect_each(empty, sizeof empty / sizeof empty[0], false);
	expect_each(empty, sizeof empty / sizeof empty[0], true);
}

/* RFC 9110 section 8.4: a list, which may span several lines (section 5.3). */
static void test_codings(void **state)
{
	static const struct body_case cases[] = {
		{ "POST", "/stream", "Content-Encoding: gzip\n", SOME, 415,
			"without Content-Encoding" },
		{ "PUT", "/rows/1", "Content-Encoding: gzip\n", SOME, 415, "encoded" },
		{ "POST", "/text", "Content-Encoding: gzip\n", SOME, 415, "encoded" },
		{ "POST", "/bytes", "Content-Encoding: gzip\n", SOME, 415, "encoded" },
		{ "POST", "/bytes", "Content-Encoding: identity\nContent-Encoding: gzip\n", SOME,
			415, "encoded" },
		{ "POST", "/bytes", "Content-Encoding: identity, gzip\n", SOME, 415, "encoded" },
		{ "POST", "/bytes", "Content-Encoding: Identity\n", SOME, 204, "" },
		{ "POST", "/bytes", "Content-Encoding: identity , ,IDENTITY\n", SOME, 204, "" },
		{ "POST", "/stream", "Content-Encoding: identity\n", SOME, 200, "" },
	};

	(void)state;
	expect_each(cases, sizeof cases / sizeof cases[0], false);
}

/* RFC 8259 section 11: JSON has no charset. Text has one, and its detail says so. */
static void test_charsets(void **state)
{
	static const struct body_case cases[] = {
		{ "PUT", "/rows/1", "Content-Type: application/json; charset=utf8\n", SOME, 204,
			"" },
		{ "PUT", "/rows/1", "Content-Type: application/json; charset=latin1\n", SOME, 204,
			"" },
		{ "PUT", "/rows/1", "Content-Type: application/x+json;charset=\"utf8\"\n", SOME,
			204, "" },
		{ "PUT", "/rows/1",
			"Content-Type: application/x-www-form-urlencoded; charset=latin1\n",
			COR_STR("name=a"), 204, "" },
		{ "PUT", "/rows/1", "Content-Type: application/json; charset=latin1\n",
			COR_STR("{\"name\":\"\xe9\"}"), 400, "UTF-8" },
		{ "POST", "/text", "Content-Type: text/plain; charset=utf-8\n", SOME, 204, "" },
		{ "POST", "/text", "Content-Type: text/plain; charset=latin1\n", SOME, 415,
			"\"the body's charset is not utf-8\"" },
		{ "POST", "/text", "Content-Type: image/png; charset=latin1\n", SOME, 415,
			"Content-Type is image/png; charset=latin1, but must be one of: text/plain" },
	};

	(void)state;
	expect_each(cases, sizeof cases / sizeof cases[0], false);
}

/* A body known to be too large is refused before the handler, and so before its reply, begins. */
static void test_too_large(void **state)
{
	static const struct body_case known[] = {
		{ "POST", "/stream", "", COR_STR("12345678"), 200, "" },
		{ "POST", "/stream", "", COR_STR("123456789"), 413, "8 bytes" },
	};
	static const struct body_case unknown[] = {
		{ "POST", "/stream", "", COR_STR("12345678"), 200, "" },
		{ "POST", "/stream", "", COR_STR("123456789"), 200, "" }, /* and is cut */
	};

	(void)state;
	expect_each(known, sizeof known / sizeof known[0], false);
	expect_each(unknown, sizeof unknown / sizeof unknown[0], true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_asked_for),
		cmocka_unit_test(test_codings),
		cmocka_unit_test(test_charsets),
		cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
