/* SPDX-License-Identifier: MIT */
/* From a route to one reply: methods, results, problems, middleware, streams. */
#include "fake.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/request.h>

struct book {
	int64_t id;
	const char *title;
	double price;
};
static const struct cor_field book_fields[] = {
	COR_FIELD(struct book, id, .access = COR_READ_ONLY),
	COR_FIELD(struct book, title),
	COR_FIELD(struct book, price, .access = COR_READ_ONLY),
};
COR_DECLARE_SCHEMA(book_schema, struct book);
COR_SCHEMA(book_schema, book_fields);

struct book_ref {
	int64_t id;
};
static const struct cor_field book_ref_fields[] = { COR_FIELD(
	struct book_ref, id, .from = COR_FROM_PATH) };
COR_DECLARE_SCHEMA(book_ref_schema, struct book_ref);
COR_SCHEMA(book_ref_schema, book_ref_fields);

struct created {
	const char *location;
	const char *note;
	int64_t id;
};
static const struct cor_field created_fields[] = {
	COR_FIELD(struct created, location, .key = "Location", .to = COR_TO_HEADER),
	COR_FIELD(struct created, note, .key = "X-Note", .to = COR_TO_HEADER,
		.presence = COR_OPTIONAL),
	COR_FIELD(struct created, id),
};
COR_DECLARE_SCHEMA(created_schema, struct created);
COR_SCHEMA(created_schema, created_fields);

static const struct cor_field located_fields[] = {
	COR_FIELD(struct created, location, .key = "Location", .to = COR_TO_HEADER),
};
COR_DECLARE_SCHEMA(located_schema, struct created);
COR_SCHEMA(located_schema, located_fields);

/* 4220 to 4223: rules that no table can express. */
static int refuse_book(struct cor_ctx *ctx, int64_t id)
{
	char where[] = "/title";
	int rc = cor_invalid(ctx, "body", where, "must not be \"%s\"", "Emma");

	where[1] = '\0'; /* it was copied */
	if (id == 4221)
		rc = cor_invalid(ctx, "query", "page", "must be at most %d", 3);
	if (id == 4222) {
		cor_ignore(cor_problem(ctx, 409, 0, "declared"));
		rc = cor_invalid(ctx, "path", "id", "must be odd");
	}
	for (int i = 0; id == 4223 && i < COR_VIOLATIONS_MAX; i++)
		rc = cor_invalid(ctx, "body", "", "again");
	return rc;
}

static int get_book(struct cor_ctx *ctx, const struct book_ref *ref, struct book *book)
{
	if (ref->id == 404)
		return cor_problem(ctx, 404, 0, "no book %lld", (long long)ref->id);
	if (ref->id == 409)
		return cor_problem(ctx, 409, 0, "declared");
	if (ref->id == 418)
		return cor_problem(ctx, 418, 0, "a teapot");
	if (ref->id >= 4220 && ref->id <= 4223)
		return refuse_book(ctx, ref->id);
	if (ref->id == 4224)
		return refuse_book(ctx, ref->id) == -COR_EPROBLEM ? -COR_EINVALID : 0;
	if (ref->id == 4225)
		(void)refuse_book(ctx, ref->id);
	if (ref->id == 5040)
		return -ETIMEDOUT;
	if (ref->id == 5020)
		return cor_problem(ctx, 0, -ECONNREFUSED, "shelf");
	if (ref->id == 5041) {
		cor_ignore(cor_problem(ctx, 409, -ETIMEDOUT, "another one's"));
		return -ETIMEDOUT;
	}
	if (ref->id == 5000)
		return ENOMEM; /* the minus is missing */
	if (ref->id == 5001)
		return cor_problem(ctx, 200, 0, "all is well");
	if (ref->id == 200)
		cor_ignore(cor_problem(ctx, 409, 0, "recorded, and then it went well"));
	book->id = ref->id;
	book->title = ref->id == 500 ? "\xff" : "Emma";
	book->price = ref->id == 501 ? (double)NAN : 1.5;
	return 0;
}
COR_OPERATION(get_book_operation, get_book, book_ref_schema, book_schema, .problems = { 409, 504 });

static int delete_book(struct cor_ctx *ctx, const struct book_ref *ref, struct cor_none *none)
{
	(void)ctx, (void)ref, (void)none;
	return 0;
}
COR_OPERATION(delete_book_operation, delete_book, book_ref_schema, COR_NONE);

static int post_book(struct cor_ctx *ctx, const struct book *book, struct created *out)
{
	out->location = strcmp(book->title, "evil") == 0 ? "/x\r\nSet-Cookie: a"
							 : cor_strdup(ctx, "/books/7");
	out->note = strcmp(book->title, "noted") == 0 ? "hi" : NULL;
	out->id = 7;
	return 0;
}
COR_OPERATION(post_book_operation, post_book, book_schema, created_schema, .status = 201);

/* Neither input nor output: the service reads it itself. */
struct page {
	int64_t number;
};
static const struct cor_field page_fields[] = {
	COR_FIELD(struct page, number, .range = COR_MAX(99)),
};
COR_LOCAL_SCHEMA(page_schema, struct page, page_fields);

static int read_page(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	struct cor_violations violations = { 0 };
	struct page page;
	int rc = cor_decode(cor_ctx_codec(ctx), cor_ctx_arena(ctx), page_schema, &page,
		COR_STR("{\"number\":7}"), &violations);

	(void)in;
	if (rc < 0)
		return rc;
	page.number++;
	return cor_encode(cor_ctx_codec(ctx), cor_ctx_arena(ctx), page_schema, &page, out);
}
COR_OPERATION(read_page_operation, read_page, COR_NONE, COR_TEXT);

static int locate(struct cor_ctx *ctx, const struct cor_none *in, struct created *out)
{
	(void)ctx, (void)in;
	out->location = "/there";
	return 0;
}
COR_OPERATION(locate_operation, locate, COR_NONE, located_schema, .status = 303);

struct average {
	int64_t total;
	const char *unit;
	double mean;
};
static const struct cor_field average_fields[] = {
	COR_FIELD(struct average, total, .key = "X-Total-Count", .to = COR_TO_HEADER),
	COR_FIELD(struct average, unit, .key = "X-Unit", .to = COR_TO_HEADER),
	COR_FIELD(struct average, mean),
};
COR_LOCAL_SCHEMA(average_schema, struct average, average_fields);

/* An empty list has no mean. */
static int average(struct cor_ctx *ctx, const struct book_ref *ref, struct average *out)
{
	out->total = ref->id;
	out->unit = ref->id == 1 ? "one\ntwo" : "page";
	out->mean = ref->id ? 1.5 : (double)NAN;
	return ref->id == 2 ? 0 : cor_reply_header(ctx, "X-Own", "1");
}
COR_OPERATION(average_operation, average, book_ref_schema, average_schema);

/* Location by hand (twice) and from a row; Link is a list, and may occur as often as it is set. */
static int say_twice(struct cor_ctx *ctx, const struct book_ref *ref, struct created *out)
{
	int rc = cor_reply_header(ctx, "location", "/first");

	if (rc == 0)
		rc = cor_reply_header(ctx, "Location", "/by-hand");
	for (int i = 0; i < 2 && rc == 0; i++)
		rc = cor_reply_header(ctx, "Link", "</>");
	out->location = "/from-row";
	out->note = ref->id == 1 ? "b\nc" : NULL; /* cannot be sent */
	return rc;
}
COR_OPERATION(say_twice_operation, say_twice, book_ref_schema, created_schema);

static int hello(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)ctx, (void)in;
	*out = COR_STR("hello");
	return 0;
}
COR_OPERATION(hello_operation, hello, COR_NONE, COR_TEXT);
COR_OPERATION(bytes_operation, hello, COR_NONE, COR_BYTES);
COR_OPERATION(csv_operation, hello, COR_NONE, COR_TEXT, .content_type = "Text/CSV; header=present");
COR_OPERATION(slow_operation, hello, COR_NONE, COR_TEXT, .timeout_ms = 7, .stack_bytes = 40000,
	.body_limit_bytes = 5);

static int empty_text(struct cor_ctx *ctx, const struct cor_none *in, struct cor_str *out)
{
	(void)ctx, (void)in;
	assert_null(out->data); /* zeroed before */
	return 0;
}
COR_OPERATION(empty_operation, empty_text, COR_NONE, COR_TEXT);

static int echo(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	char piece[5];
	ssize_t n;
	int rc = cor_reply_start(reply, 200, "application/x-echo");

	(void)ctx, (void)in;
	while (rc == 0 && (n = cor_body_read(body, piece, sizeof piece)) != 0)
		rc = n < 0 ? (int)n : cor_reply_write(reply, piece, (size_t)n);
	return rc;
}
COR_STREAM_OPERATION(echo_operation, echo, COR_NONE, .content_type = "*/*");

/* What defaults to the operation's, and what does not. */
static int start_only(struct cor_reply *reply, int64_t id)
{
	static const struct {
		int status;
		const char *content_type;
	} starts[] = { { 0, NULL }, { 204, NULL }, { 0, "" }, { 404, "text/y" }, { 205, NULL } };

	assert_int_equal(cor_reply_start(reply, 0, "text/*"), -EINVAL);
	assert_int_equal(cor_reply_start(reply, 0, "text"), -EINVAL);

	return cor_reply_start(reply, starts[id - 5].status, starts[id - 5].content_type);
}

static int stream_ref(struct cor_ctx *ctx, const struct book_ref *ref, struct cor_body *body,
	struct cor_reply *reply)
{
	int rc = 0;

	(void)body;
	if (ref->id == 1)
		return cor_problem(ctx, 404, 0, "before the start");
	if (ref->id == 2)
		return 0; /* no answer */
	if (ref->id == 10)
		return 3; /* looks like a count */
	if (ref->id == 11)
		return start_only(reply, 9);
	if (ref->id >= 5 && ref->id <= 8)
		return start_only(reply, ref->id);
	rc = cor_reply_start(reply, 201, "text/x");
	if (rc == 0)
		rc = cor_reply_write(reply, "abc", 3);
	if (rc == 0)
		rc = cor_reply_flush(reply);
	if (ref->id == 3)
		return cor_problem(ctx, 404, 0, "after the start");
	assert_int_equal(cor_reply_header(ctx, "X-Late", "1"), -COR_ECLOSED);
	return rc;
}
COR_STREAM_OPERATION(
	stream_ref_operation, stream_ref, book_ref_schema, .content_type = "text/x", .status = 202);

static const struct cor_resource home = { .path = "/", .get = &hello_operation };
static const struct cor_resource empty = { .path = "/empty", .get = &empty_operation };
static const struct cor_resource bytes = { .path = "/bytes", .get = &bytes_operation };
static const struct cor_resource csv = { .path = "/csv", .get = &csv_operation };
static const struct cor_resource slow = { .path = "/slow", .post = &slow_operation };
static const struct cor_resource where = { .path = "/where", .get = &locate_operation };
static const struct cor_resource books = { .path = "/books", .post = &post_book_operation };
static const struct cor_resource book = {
	.path = "/books/{id}",
	.get = &get_book_operation,
	.delete = &delete_book_operation,
};
static const struct cor_resource echoes = { .path = "/echo", .post = &echo_operation };
static const struct cor_resource streams = { .path = "/stream/{id}", .get = &stream_ref_operation };
static const struct cor_resource averages = { .path = "/average/{id}", .get = &average_operation };
static const struct cor_resource twice = { .path = "/twice/{id}", .get = &say_twice_operation };
static const struct cor_resource pages = { .path = "/page", .get = &read_page_operation };
static const struct cor_service shop = {
	.name = "shop",
	.schemas = COR_SCHEMAS(page_schema),
	.resources = COR_RESOURCES(&home, &empty, &bytes, &csv, &slow, &where, &books, &book,
		&echoes, &streams, &pages, &averages, &twice),
};

static struct cor_dispatcher *dispatcher;

static int set_up(void **state)
{
	(void)state;
	dispatcher = fake_dispatcher(&shop);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	cor_dispatcher_destroy(dispatcher);
	return 0;
}

static void test_results(void **state)
{
	struct fake_reply reply = { 0 };

	(void)state;
	fake_serve(dispatcher, &(struct fake_request){ .target = "/" }, &reply);
	assert_int_equal(reply.replies, 1);
	assert_string_equal(reply.route, "hello");
	assert_string_equal(reply.content_type, "text/plain; charset=utf-8");
	assert_string_equal(fake_body(&reply), "hello");
	assert_string_equal(reply.headers, "");
	fake_serve(dispatcher, &(struct fake_request){ .target = "/bytes" }, &reply);
	assert_string_equal(reply.content_type, "application/octet-stream");
	fake_serve(dispatcher, &(struct fake_request){ .target = "/csv" }, &reply);
	assert_string_equal(reply.content_type, "Text/CSV; header=present");
	fake_serve(dispatcher, &(struct fake_request){ .target = "/empty" }, &reply);
	assert_string_equal(reply.content_type, "text/plain; charset=utf-8");
	assert_string_equal(fake_body(&reply), "");
	fake_expect(dispatcher, &(struct fake_request){ .target = "/page" }, 200, "{\"number\":8}");
	fake_serve(dispatcher, &(struct fake_request){ .target = "/books/7" }, &reply);
	assert_string_equal(reply.content_type, "application/json");
	assert_string_equal(fake_body(&reply), "{\"id\":7,\"title\":\"Emma\",\"price\":1.5}");
	assert_int_equal(reply.status, 200);
	fake_finish(&reply);
}

static void test_headers_out(void **state)
{
	struct fake_reply reply = { 0 };
	struct fake_request post = {
		.method = "POST", .target = "/books", .body = COR_STR("{\"title\":\"a\"}")
	};

	(void)state;
	fake_serve(dispatcher, &post, &reply);
	assert_int_equal(reply.status, 201);
	assert_string_equal(reply.headers, "Location: /books/7\n");
	assert_string_equal(fake_body(&reply), "{\"id\":7}");
	post.body = COR_STR("{\"title\":\"noted\"}");
	fake_serve(dispatcher, &post, &reply);
	assert_string_equal(reply.headers, "Location: /books/7\nX-Note: hi\n");
	post.body = COR_STR("{\"title\":\"evil\"}");
	fake_serve(dispatcher, &post, &reply);
	assert_int_equal(reply.status, 500);
	assert_null(strstr(fake_body(&reply), "Cookie"));
	fake_serve(dispatcher, &(struct fake_request){ .target = "/where" }, &reply);
	assert_int_equal(reply.status, 303);
	assert_string_equal(reply.headers, "Location: /there\n");
	assert_string_equal(reply.content_type, "");
	assert_string_equal(fake_body(&reply), "");
	fake_finish(&reply);
}

/* If the body cannot be sent, headers from rows go; those that the handler set stay. */
static void test_headers_taken_back(void **state)
{
	static const struct {
		const char *target;
		int status;
		const char *headers;
	} cases[] = {
		{ "/average/0", 500, "X-Own: 1\n" },
		{ "/average/1", 500, "X-Own: 1\n" },
		{ "/average/2", 200, "X-Total-Count: 2\nX-Unit: page\n" },
		{ "/average/3", 200, "X-Own: 1\nX-Total-Count: 3\nX-Unit: page\n" },
	};
	struct fake_reply reply = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		fake_serve(dispatcher, &(struct fake_request){ .target = cases[i].target }, &reply);
		assert_int_equal(reply.status, cases[i].status);
		assert_string_equal(reply.headers, cases[i].headers);
	}
	fake_finish(&reply);
}

/*
 * RFC 9110 section 5.5: what is not a list occurs once. What was set by hand wins, and the last of
 * that.
 */
static void test_headers_occur_once(void **state)
{
	static const char headers[] = "location: /by-hand\nLink: </>\nLink: </>\n";
	struct fake_reply reply = { 0 };

	(void)state;
	fake_serve(dispatcher, &(struct fake_request){ .target = "/twice/0" }, &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.headers, headers);
	fake_serve(dispatcher, &(struct fake_request){ .target = "/twice/1" }, &reply);
	assert_int_equal(reply.status, 500);
	assert_string_equal(reply.headers, headers);
	fake_finish(&reply);
}

static void test_methods(void **state)
{
	static const struct {
		const char *method, *target;
		int status;
		const char *allow;
	} cases[] = {
		{ "OPTIONS", "/", 204, "Allow: GET, HEAD, OPTIONS\n" },
		{ "OPTIONS", "/books/7", 204, "Allow: GET, HEAD, DELETE, OPTIONS\n" },
		{ "OPTIONS", "/books", 204, "Allow: POST, OPTIONS\n" },
		{ "OPTIONS", "*", 204, "Allow: GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS\n" },
		{ "OPTIONS", "/nowhere", 404, "" },
		{ "HEAD", "/", 200, "" },
		{ "HEAD", "/books", 405, "Allow: POST, OPTIONS\n" },
		{ "POST", "/", 405, "Allow: GET, HEAD, OPTIONS\n" },
		{ "PUT", "/books/7", 405, "Allow: GET, HEAD, DELETE, OPTIONS\n" },
		{ "TRACE", "/", 405, "Allow: GET, HEAD, OPTIONS\n" },
		{ "CONNECT", "/", 405, "Allow: GET, HEAD, OPTIONS\n" },
		{ "BREW", "/", 501, "" },
		{ "BREW", "/nowhere", 501, "" },
		{ "get", "/", 501, "" },
		{ "GET", "/nowhere", 404, "" },
		{ "DELETE", "/nowhere", 404, "" },
		{ "GET", "/books/", 404, "" },
		{ "GET", "/books/7/", 404, "" },
		{ "DELETE", "/books/7", 204, "" },
		{ "GET", "/books/../books", 400, "" },
		{ "GET", "/books/..", 400, "" },
		{ "GET", "/books/%2e%2E", 400, "" },
		{ "GET", "/books/%zz", 400, "" },
		{ "GET", "/books/%00", 400, "" },
		{ "GET", "/books/%ff", 400, "" },
	};

	struct fake_reply reply = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct fake_request request = { .method = cases[i].method,
			.target = cases[i].target };
		fake_serve(dispatcher, &request, &reply);
		if (reply.replies != 1 || reply.status != cases[i].status ||
			strcmp(reply.headers, cases[i].allow) != 0)
			fail_msg("%s %s: %u %s", cases[i].method, cases[i].target, reply.status,
				reply.headers);
		if (reply.status >= 400)
			assert_string_equal(reply.content_type, "application/problem+json");
	}
	fake_finish(&reply);
}

static void test_problems(void **state)
{
	static const struct {
		const char *target;
		int status;
		const char *has, *has_not;
	} cases[] = {
		{ "/books/404", 404, "\"detail\":\"no book 404\"", NULL },
		{ "/books/404", 404, "\"title\":\"Not Found\"", NULL },
		{ "/books/404", 404, "\"instance\":\"/books/404\"", NULL },
		{ "/books/404", 404, "\"request_id\":\"", NULL },
		{ "/books/409", 409, "\"detail\":\"declared\"", NULL },
		{ "/books/418", 418, "\"detail\":\"a teapot\"", NULL },
		{ "/books/4220", 422,
			"\"errors\":[{\"in\":\"body\",\"pointer\":\"/title\","
			"\"detail\":\"must not be \\\"Emma\\\"\"}]}",
			"rules" },
		{ "/books/4220", 422, "\"detail\":\"the request breaks a rule: see errors\"",
			NULL },
		{ "/books/4221", 422,
			"},{\"in\":\"query\",\"parameter\":\"page\",\"detail\":\"must be at most 3\"}]}",
			NULL },
		{ "/books/4221", 422, "the request breaks 2 rules", NULL },
		{ "/books/4222", 422, "[{\"in\":\"path\",\"parameter\":\"id\",",
			"title\",\"detail" },
		{ "/books/4223", 422, "\"detail\":\"again\"}],\"errors_count\":101}", NULL },
		{ "/books/4224", 500, "\"status\":500", "title\",\"detail" },
		{ "/books/4225", 200, "Emma", "pointer" },
		{ "/books/5040", 504, "\"status\":504", "detail" },
		{ "/books/5041", 504, "\"status\":504", "another" },
		{ "/books/5020", 502, "\"status\":502", "shelf" },
		{ "/books/5000", 500, "\"status\":500", "Emma" },
		{ "/books/5001", 500, "\"status\":500", "well" },
		{ "/stream/10", 500, "\"status\":500", "returned" },
		{ "/books/500", 500, "\"status\":500", "book_schema" },
		{ "/books/501", 500, "\"status\":500", "price" },
		{ "/books/200", 200, "Emma", "recorded" },
	};
	struct fake_reply reply = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		fake_serve(dispatcher, &(struct fake_request){ .target = cases[i].target }, &reply);
		const char *body = fake_body(&reply);
		if (reply.status != cases[i].status || !strstr(body, cases[i].has) ||
			(cases[i].has_not && strstr(body, cases[i].has_not)))
			fail_msg("%s: %u %s", cases[i].target, reply.status, body);
	}
	fake_finish(&reply);
}

static void test_accept(void **state)
{
	static const struct {
		const char *target, *accept;
		int status;
	} cases[] = {
		{ "/", "Accept: */*\n", 200 },
		{ "/", "Accept: text/plain\n", 200 },
		{ "/", "Accept: text/*\n", 200 },
		{ "/", "Accept: application/json\n", 406 },
		{ "/", "Accept: text/plain;q=0\n", 406 },
		{ "/", "Accept: text/plain;q=0, */*\n", 406 },
		{ "/", "Accept: application/json, */*;q=0.1\n", 200 },
		{ "/", "Accept: */*;q=0\n", 406 },
		{ "/", "Accept: application/json\naccept: text/plain\n", 200 },
		{ "/", "Accept: application/json\naccept: text/html\n", 406 },
		{ "/csv", "Accept: text/csv\n", 200 },
		{ "/books/7", "Accept: application/json\n", 200 },
		{ "/books/7", "Accept: application/problem+json\n", 406 },
		{ "/books/404", "Accept: text/html\n", 406 },
		{ "/bytes", "Accept: text/plain\n", 406 },
		{ "/books/7", "Accept: text/html\nAccept: application/json\n", 200 },
		{ "/books/7", "Accept: */*\nAccept: application/json;q=0\n", 406 },
		{ "/stream/9", "Accept: text/x\n", 201 },
		{ "/stream/9", "Accept: text/y\n", 406 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		fake_expect(dispatcher,
			&(struct fake_request){
				.target = cases[i].target, .headers = cases[i].accept },
			cases[i].status, NULL);
	fake_expect(dispatcher,
		&(struct fake_request){
			.method = "DELETE", .target = "/books/7", .headers = "Accept: x/y\n" },
		204, "");
	fake_expect(dispatcher,
		&(struct fake_request){
			.method = "POST", .target = "/echo", .headers = "Accept: x/y\n" },
		200, "");
}

static void test_streams(void **state)
{
	struct fake_reply reply = { 0 };

	(void)state;
	fake_serve(dispatcher,
		&(struct fake_request){ .method = "POST",
			.target = "/echo",
			.chunked = true,
			.body = COR_STR("a long enough body") },
		&reply);
	assert_true(reply.started);
	assert_string_equal(reply.content_type, "application/x-echo");
	assert_string_equal(fake_body(&reply), "a long enough body");
	fake_serve(dispatcher, &(struct fake_request){ .target = "/stream/1" }, &reply);
	assert_int_equal(reply.status, 404);
	assert_false(reply.started);
	fake_serve(dispatcher, &(struct fake_request){ .target = "/stream/2" }, &reply);
	assert_int_equal(reply.status, 500);
	fake_serve(dispatcher, &(struct fake_request){ .target = "/stream/3" }, &reply);
	assert_int_equal(reply.replies, 1);
	assert_int_equal(reply.status, 201);
	assert_true(reply.broken);
	fake_serve(dispatcher, &(struct fake_request){ .target = "/stream/4" }, &reply);
	assert_int_equal(reply.status, 201);
	assert_int_equal(reply.flushes, 1);
	assert_false(reply.broken);
	assert_string_equal(fake_body(&reply), "abc");
	fake_serve(dispatcher, &(struct fake_request){ .target = "/stream/x" }, &reply);
	assert_int_equal(reply.status, 422);
	fake_finish(&reply);
}

static void test_stream_starts(void **state)
{
	static const struct {
		const char *target;
		int status;
		const char *content_type;
	} cases[] = {
		{ "/stream/4", 201, "text/x" },
		{ "/stream/5", 202, "text/x" },
		{ "/stream/6", 204, "" },
		{ "/stream/7", 202, "" },
		{ "/stream/8", 404, "text/y" },
		{ "/stream/11", 205, "" },
	};
	struct fake_reply reply = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		fake_serve(dispatcher, &(struct fake_request){ .target = cases[i].target }, &reply);
		assert_true(reply.started);
		assert_int_equal(reply.status, cases[i].status);
		assert_string_equal(reply.content_type, cases[i].content_type);
	}
	fake_finish(&reply);
}

static const struct cor_route *route_post(const char *path, struct cor_route_parameters *ret)
{
	const struct cor_handler *handler = cor_dispatcher_handler(dispatcher);
	const struct cor_head head = {
		.method = COR_METHOD_POST,
		.path = { 0, (uint16_t)strlen(path) },
	};

	memset(ret, 0xff, sizeof *ret);
	return handler->route(handler, &head, path, ret);
}

static void test_route_options(void **state)
{
	struct cor_route_parameters parameters;

	(void)state;
	const struct cor_route *route = route_post("/slow", &parameters);
	assert_string_equal(route->name, "hello");
	assert_int_equal(route->timeout_ms, 7);
	assert_int_equal(route->stack_bytes, 40000);
	assert_int_equal(route->body_limit_bytes, 5);
	assert_int_equal(parameters.len, 0);
	route = route_post("/books/7", &parameters);
	assert_string_equal(route->name, "405");
	assert_int_equal(route->body_limit_bytes, -1);
	assert_int_equal(route->timeout_ms, 0);
	assert_int_equal(parameters.len, 1);
	assert_int_equal(parameters.values[0].at, strlen("/books/"));
	assert_int_equal(parameters.values[0].len, 1);
	route = route_post("/x/7", &parameters);
	assert_string_equal(route->name, "404");
	assert_int_equal(parameters.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_headers_out),
		cmocka_unit_test(test_headers_taken_back),
		cmocka_unit_test(test_headers_occur_once),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_problems),
		cmocka_unit_test(test_accept),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_stream_starts),
		cmocka_unit_test(test_route_options),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
