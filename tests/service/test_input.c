/* SPDX-License-Identifier: MIT */
/*
 * Every source of input with every kind of row: bound, refused, and all faults reported together.
 */
#include "fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

enum colour { RED, GREEN };
static const struct cor_enum_name colours[] = { { "red", RED }, { "green", GREEN } };

struct all {
	bool flag;
	int32_t small;
	int64_t big;
	uint32_t count;
	uint64_t huge;
	double real;
	const char *text;
	struct cor_str str;
	char chars[8];
	struct timespec when;
	struct cor_uuid uuid;
	enum colour colour;
};

/* The rows; a path takes at most eight parameters, so there are two halves. */
#define FIRST_HALF(from_)                                                                          \
	COR_FIELD(struct all, flag, .from = from_), COR_FIELD(struct all, small, .from = from_),   \
		COR_FIELD(struct all, big, .from = from_),                                         \
		COR_FIELD(struct all, count, .from = from_),                                       \
		COR_FIELD(struct all, huge, .from = from_),                                        \
		COR_FIELD(struct all, real, .from = from_)
#define SECOND_HALF(from_)                                                                         \
	COR_FIELD(struct all, text, .from = from_), COR_FIELD(struct all, str, .from = from_),     \
		COR_FIELD(struct all, chars, .from = from_),                                       \
		COR_FIELD(struct all, when, .from = from_),                                        \
		COR_FIELD(struct all, uuid, .from = from_),                                        \
		COR_ENUM(struct all, colour, colours, .from = from_)

#define SCHEMA(name, ...)                                                                          \
	static const struct cor_field name##_fields[] = { __VA_ARGS__ };                           \
	COR_DECLARE_SCHEMA(name##_schema, struct all);                                             \
	COR_SCHEMA(name##_schema, name##_fields)

SCHEMA(path_first, FIRST_HALF(COR_FROM_PATH));
SCHEMA(path_second, SECOND_HALF(COR_FROM_PATH));
SCHEMA(query, FIRST_HALF(COR_FROM_QUERY), SECOND_HALF(COR_FROM_QUERY));
SCHEMA(header, FIRST_HALF(COR_FROM_HEADER), SECOND_HALF(COR_FROM_HEADER));
SCHEMA(body, FIRST_HALF(COR_FROM_BODY), SECOND_HALF(COR_FROM_BODY));

static int echo(struct cor_ctx *ctx, const struct all *in, struct all *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(path_first_operation, echo, path_first_schema, path_first_schema);
COR_OPERATION(path_second_operation, echo, path_second_schema, path_second_schema);
COR_OPERATION(query_operation, echo, query_schema, query_schema);
COR_OPERATION(header_operation, echo, header_schema, header_schema);
COR_OPERATION(body_operation, echo, body_schema, body_schema);

/* One of each source, for faults in all of them. */
struct mixed {
	int64_t id;
	cor_array(int64_t) pages;
	cor_opt(uint32_t) version;
	const char *name;
	cor_opt(struct cor_uuid) key;
	int32_t limit;
};
static const struct cor_field mixed_fields[] = {
	COR_FIELD(struct mixed, id, .from = COR_FROM_PATH, .range = COR_MIN(1)),
	COR_ARRAY(struct mixed, pages, .from = COR_FROM_QUERY, .presence = COR_OPTIONAL,
		.max_items = 3),
	COR_OPT_FIELD(struct mixed, version, .from = COR_FROM_HEADER, .key = "X-Version"),
	COR_FIELD(struct mixed, name, .min_length = 2),
	COR_OPT_FIELD(struct mixed, key),
	COR_FIELD(struct mixed, limit, .from = COR_FROM_QUERY, .fallback = "20"),
};
COR_DECLARE_SCHEMA(mixed_schema, struct mixed);
COR_SCHEMA(mixed_schema, mixed_fields);

static int mix(struct cor_ctx *ctx, const struct mixed *in, struct mixed *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(mix_operation, mix, mixed_schema, mixed_schema);

struct settings {
	const char *name;
	int32_t level;
};
static const struct cor_field optional_fields[] = {
	COR_FIELD(struct settings, name, .presence = COR_OPTIONAL),
	COR_FIELD(struct settings, level, .fallback = "3"),
};
COR_DECLARE_SCHEMA(optional_schema, struct settings);
COR_SCHEMA(optional_schema, optional_fields);

static int set(struct cor_ctx *ctx, const struct settings *in, struct settings *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(set_operation, set, optional_schema, optional_schema);

struct tree {
	struct settings inner;
};
static const struct cor_field tree_fields[] = { COR_OBJECT(struct tree, inner, optional_schema) };
COR_DECLARE_SCHEMA(tree_schema, struct tree);
COR_SCHEMA(tree_schema, tree_fields);

static int plant(struct cor_ctx *ctx, const struct tree *in, struct tree *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(plant_operation, plant, tree_schema, tree_schema, .body_limit_bytes = 100);

static int repeat(struct cor_ctx *ctx, const struct cor_str *in, struct cor_str *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}
COR_OPERATION(text_operation, repeat, COR_TEXT, COR_TEXT);
COR_OPERATION(bytes_operation, repeat, COR_BYTES, COR_BYTES);

static int nothing(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(none_operation, nothing, COR_NONE, COR_NONE);

static const struct cor_resource resources[] = {
	{ .path = "/path/{flag}/{small}/{big}/{count}/{huge}/{real}",
		.get = &path_first_operation },
	{ .path = "/path2/{text}/{str}/{chars}/{when}/{uuid}/{colour}",
		.get = &path_second_operation },
	{ .path = "/query", .get = &query_operation },
	{ .path = "/header", .get = &header_operation },
	{ .path = "/body", .post = &body_operation },
	{ .path = "/mixed/{id}", .post = &mix_operation },
	{ .path = "/settings", .put = &set_operation },
	{ .path = "/tree", .patch = &plant_operation },
	{ .path = "/text", .post = &text_operation },
	{ .path = "/bytes", .post = &bytes_operation },
	{ .path = "/none", .post = &none_operation },
};
static const struct cor_service service = {
	.name = "s",
	.resources = COR_RESOURCES(&resources[0], &resources[1], &resources[2], &resources[3],
		&resources[4], &resources[5], &resources[6], &resources[7], &resources[8],
		&resources[9], &resources[10]),
};

static struct cor_dispatcher *dispatcher;

/* What each kind accepts and refuses, as text; quoted in JSON if is_text. */
static const struct {
	const char *member, *good, *bad;
	bool is_text;
} kinds[] = {
	{ "flag", "true", "2", false },
	{ "small", "-5", "2147483648", false },
	{ "big", "-9007199254740993", "9223372036854775808", false },
	{ "count", "4294967295", "-1", false },
	{ "huge", "18446744073709551615", "18446744073709551616", false },
	{ "real", "1.5", "1e999", false },
	{ "text", "caf\xc3\xa9", "\xc3", true },
	{ "str", "s", "\xff", true },
	{ "chars", "1234567", "12345678", true },
	{ "when", "2026-11-23T22:00:00Z", "2026-13-01T00:00:00Z", true },
	{ "uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567", true },
	{ "colour", "green", "blue", true },
};

#define KINDS  (sizeof kinds / sizeof kinds[0])
#define NO_BAD KINDS

static const char *value_of(size_t kind, size_t bad)
{
	return kind == bad ? kinds[kind].bad : kinds[kind].good;
}

static void encode(struct cor_buffer *to, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		cor_buffer_printf(to, "%%%02X", *p);
}

static void write_path(struct cor_buffer *to, size_t from, size_t until, size_t bad)
{
	cor_buffer_printf(to, "/path%s", from ? "2" : "");
	for (size_t i = from; i < until; i++) {
		cor_buffer_byte(to, '/');
		encode(to, value_of(i, bad));
	}
	cor_buffer_byte(to, '\0');
}

static void write_pairs(struct cor_buffer *to, const char *begin, size_t bad)
{
	cor_buffer_printf(to, "%s", begin);
	for (size_t i = 0; i < KINDS; i++) {
		cor_buffer_printf(to, "%s%s=", i ? "&" : "", kinds[i].member);
		encode(to, value_of(i, bad));
	}
	cor_buffer_byte(to, '\0');
}

static void write_headers(struct cor_buffer *to, size_t bad)
{
	for (size_t i = 0; i < KINDS; i++)
		cor_buffer_printf(to, "%s: %s\n", kinds[i].member, value_of(i, bad));
	cor_buffer_byte(to, '\0');
}

static void write_json(struct cor_buffer *to, size_t from, size_t until, size_t bad)
{
	for (size_t i = from; i < until; i++)
		cor_buffer_printf(to, kinds[i].is_text ? "%c\"%s\":\"%s\"" : "%c\"%s\":%s",
			i == from ? '{' : ',', kinds[i].member, value_of(i, bad));
	cor_buffer_literal(to, "}\0");
}

enum source { PATH_FIRST, PATH_SECOND, QUERY, HEADER, FORM, JSON, SOURCES };

static const char *const source_names[] = { "path", "path", "query", "header", "form", "body" };

static void serve_from(enum source source, size_t bad, struct fake_reply *reply)
{
	struct cor_buffer text = { 0 };
	struct fake_request request = { 0 };

	if (source == PATH_FIRST || source == PATH_SECOND)
		write_path(&text, source == PATH_FIRST ? 0 : 6, source == PATH_FIRST ? 6 : 12, bad);
	else if (source == QUERY || source == FORM)
		write_pairs(&text, source == QUERY ? "/query?" : "", bad);
	else if (source == HEADER)
		write_headers(&text, bad);
	else
		write_json(&text, 0, KINDS, bad);
	request.target = source == HEADER ? "/header" : source >= FORM ? "/body" : text.data;
	if (source == HEADER)
		request.headers = text.data;
	if (source >= FORM) {
		request.method = "POST";
		request.body = cor_str(text.data);
		request.headers = source == FORM
					  ? "Content-Type: application/x-www-form-urlencoded\n"
					  : NULL;
	}
	fake_serve(dispatcher, &request, reply);
	cor_buffer_finish(&text);
}

static void range_of(enum source source, size_t *from, size_t *until)
{
	*from = source == PATH_SECOND ? 6 : 0;
	*until = source == PATH_FIRST ? 6 : KINDS;
}

static void test_every_kind_from_every_source(void **state)
{
	(void)state;
	for (int source = 0; source < SOURCES; source++) {
		struct cor_buffer expected = { 0 };
		struct fake_reply reply = { 0 };
		size_t from, until;
		range_of((enum source)source, &from, &until);
		write_json(&expected, from, until, NO_BAD);
		serve_from((enum source)source, NO_BAD, &reply);
		assert_int_equal(reply.replies, 1);
		assert_string_equal(fake_body(&reply), expected.data);
		assert_int_equal(reply.status, 200);
		fake_finish(&reply);
		cor_buffer_finish(&expected);
	}
}

/*
 * Text that is not UTF-8 makes a query, a form, a path and JSON malformed as a whole: 400. In a
 * header it is one violation.
 */
static bool is_malformed(enum source source, size_t kind)
{
	return source != HEADER && (unsigned char)kinds[kind].bad[0] >= 0x80;
}

static void expect_refusal(enum source source, size_t kind)
{
	struct fake_reply reply = { 0 };
	char needle[128];

	serve_from(source, kind, &reply);
	const char *body = fake_body(&reply);
	snprintf(needle, sizeof needle,
		source == JSON ? "{\"in\":\"%s\",\"pointer\":\"/%s\","
			       : "{\"in\":\"%s\",\"parameter\":\"%s\",",
		source_names[source], kinds[kind].member);
	if (is_malformed(source, kind)) {
		if (reply.status != 400)
			fail_msg("source %d, %s: %u %s", source, kinds[kind].member, reply.status,
				body);
	} else if (reply.status != 422 || !strstr(body, needle) || reply.replies != 1) {
		fail_msg("source %d, %s: %u %s", source, kinds[kind].member, reply.status, body);
	}
	assert_string_equal(reply.content_type, "application/problem+json");
	fake_finish(&reply);
}

static void test_every_kind_refused_from_every_source(void **state)
{
	(void)state;
	for (int source = 0; source < SOURCES; source++) {
		size_t from, until;
		range_of((enum source)source, &from, &until);
		for (size_t kind = from; kind < until; kind++)
			expect_refusal((enum source)source, kind);
	}
}

static void expect(const struct fake_request *request, int status, const char *has)
{
	struct fake_reply reply = { 0 };

	fake_serve(dispatcher, request, &reply);
	if (reply.replies != 1 || reply.status != status || !strstr(fake_body(&reply), has))
		fail_msg("%s: %u %s", request->target, reply.status, fake_body(&reply));
	fake_finish(&reply);
}

static void test_all_sources_together(void **state)
{
	struct fake_request request = {
		.method = "POST",
		.target = "/mixed/0?pages=1&pages=x&what=1",
		.headers = "X-Version: -1\nContent-Type: application/json; charset=UTF-8\n",
		.body = COR_STR("{\"name\":\"a\",\"other\":1}"),
	};

	(void)state;
	expect(&request, 422, "{\"in\":\"path\",\"parameter\":\"id\",");
	expect(&request, 422, "{\"in\":\"query\",\"parameter\":\"pages\",");
	expect(&request, 422, "{\"in\":\"query\",\"parameter\":\"what\",");
	expect(&request, 422, "{\"in\":\"header\",\"parameter\":\"X-Version\",");
	expect(&request, 422, "{\"in\":\"body\",\"pointer\":\"/name\",");
	expect(&request, 422, "{\"in\":\"body\",\"pointer\":\"/other\",");
	expect(&request, 422, "breaks 6 rules");
	request.target = "/mixed/7?pages=1&pages=2";
	request.headers = "x-version: 3\n";
	request.body = COR_STR("{\"name\":\"ab\"}");
	expect(&request, 200,
		"{\"id\":7,\"pages\":[1,2],\"X-Version\":3,\"name\":\"ab\",\"limit\":20}");
	request.headers = "Content-Type: application/x-www-form-urlencoded\n";
	request.body = COR_STR("name=a+b");
	expect(&request, 200, "\"name\":\"a b\"");
	request.body = COR_STR("name=ab&x=1");
	expect(&request, 422, "{\"in\":\"form\",\"parameter\":\"x\",");
	request.body = COR_STR("name=ab&%7B%22password%22:%22hunter2%22%7D");
	expect(&request, 422, "{\"in\":\"form\",\"parameter\":\"***\",");
	request.body = COR_STR(" {\"password\":\"hunter2\"}");
	expect(&request, 400,
		"the body is JSON, but its Content-Type is that of a form: send "
		"Content-Type: application/json");
	request.body = COR_STR("name=%zz");
	expect(&request, 400, "the form has a '%' that two hexadecimal digits do not follow");
	request.body = COR_STR("name=%ff");
	expect(&request, 400, "the form is not percent-encoded UTF-8");
	request.target = "/mixed/7?pages=%zz";
	expect(&request, 400, "the query has a '%' that two hexadecimal digits do not follow");
	request.target = "/mixed/7?pages=%00";
	expect(&request, 400, "the query has a %00, which no text may hold");
	request.target = "/mixed/7?pages=%c3%28";
	expect(&request, 400, "the query is not percent-encoded UTF-8");
}

static void test_bodies(void **state)
{
	static const struct {
		const char *method, *target, *headers;
		struct cor_str body;
		int status;
		const char *has;
	} cases[] = {
		/* absent */
		{ "PUT", "/settings", NULL, { 0 }, 200, "{\"level\":3}" },
		{ "PUT", "/settings", "Content-Type: text/xml\n", { 0 }, 200, "{\"level\":3}" },
		{ "PATCH", "/tree", NULL, { 0 }, 422, "a body is required" },
		{ "POST", "/text", NULL, { 0 }, 200, "" },
		/* media types */
		{ "PUT", "/settings", NULL, COR_STR("{}"), 200, "{\"level\":3}" },
		{ "PUT", "/settings", "Content-Type: application/json\n", COR_STR("{\"level\":4}"),
			200, "4" },
		{ "PUT", "/settings",
			"content-type: Application/Merge-Patch+JSON; charset=\"utf-8\"\n",
			COR_STR("{\"level\":4}"), 200, "4" },
		{ "PUT", "/settings", "Content-Type: application/json; charset=latin1\n",
			COR_STR("{}"), 200, "" },
		{ "PUT", "/settings", "Content-Type: text/plain\n", COR_STR("{}"), 415,
			"application/json, application/x-www-form-urlencoded" },
		{ "PUT", "/settings", "Content-Type: nonsense\n", COR_STR("{}"), 415, "" },
		{ "PUT", "/settings", "Content-Type: text/x+json\n", COR_STR("{}"), 415, "" },
		{ "PATCH", "/tree", "Content-Type: application/x-www-form-urlencoded\n",
			COR_STR("a=1"), 415, "must be one of: application/json\"" },
		{ "PUT", "/settings", "Content-Encoding: gzip\n", COR_STR("{}"), 415,
			"without Content-Encoding" },
		{ "PUT", "/settings", "Content-Encoding: Identity\n", COR_STR("{}"), 200, "" },
		{ "POST", "/text", "Content-Type: text/markdown\n", COR_STR("# hi"), 200, "# hi" },
		{ "POST", "/text", "Content-Type: text/plain; charset=utf-16\n", COR_STR("hi"), 415,
			"" },
		{ "POST", "/text", "Content-Type: application/json\n", COR_STR("hi"), 415,
			"text/plain" },
		{ "POST", "/text", NULL, COR_STR("\xff"), 400, "UTF-8" },
		{ "POST", "/bytes", "Content-Type: image/png\n", COR_STR("\xff"), 200, "\xff" },
		{ "POST", "/none", "Content-Type: image/png\n", COR_STR("\xff"), 400,
			"takes no body" },
		{ "POST", "/none?unknown=1", NULL, { 0 }, 204, "" },
		/* syntax, depth, size */
		{ "PUT", "/settings", NULL, COR_STR("{"), 400, "\"errors\":[{\"in\":\"body\"" },
		{ "PUT", "/settings", NULL, COR_STR("{}x"), 400, "not well-formed" },
		{ "PUT", "/settings", NULL, COR_STR("[]"), 422, "\"pointer\":\"\"" },
		{ "PUT", "/settings", NULL, COR_STR("{\"level\":1,\"level\":2}"), 422, "level" },
		{ "PUT", "/settings?x=1", NULL, COR_STR("{\"level\":\"a\"}"), 422,
			"breaks 2 rules" },
		{ "PUT", "/settings?x=1", NULL, COR_STR("{"), 400,
			"{\"in\":\"query\",\"parameter\":\"x\"" },
		{ "PATCH", "/tree", NULL,
			COR_STR("{\"inner\":{\"name\":\"012345678901234567890123456789"
				"01234567890123456789012345678901234567890123456789\"}}"),
			413, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fake_request request = {
			.method = cases[i].method,
			.target = cases[i].target,
			.headers = cases[i].headers,
			.body = cases[i].body,
		};
		expect(&request, cases[i].status, cases[i].has);
		request.chunked = request.body.data != NULL;
		expect(&request, cases[i].status, cases[i].has);
	}
}

static void test_refusals_say_what_is_accepted(void **state)
{
	struct fake_reply reply = { 0 };
	struct fake_request request = {
		.method = "PATCH",
		.target = "/tree",
		.headers = "Content-Type: text/xml\n",
		.body = COR_STR("<a/>"),
	};

	(void)state;
	fake_serve(dispatcher, &request, &reply);
	assert_int_equal(reply.status, 415);
	assert_string_equal(reply.headers, "Accept: application/json\n");
	request.headers = "Content-Encoding: br\n";
	fake_serve(dispatcher, &request, &reply);
	assert_string_equal(reply.headers, "Accept-Encoding: identity\n");
	fake_finish(&reply);
}

static void test_deep_and_many(void **state)
{
	char deep[1000];
	struct cor_buffer query = { 0 };
	struct fake_request request = {
		.method = "PUT", .target = "/settings", .body = { deep, sizeof deep }
	};

	(void)state;
	memset(deep, '[', sizeof deep);
	expect(&request, 400, "not well-formed");
	cor_buffer_literal(&query, "/query?");
	for (int i = 0; i < 1001; i++)
		cor_buffer_literal(&query, "a=1&");
	cor_buffer_byte(&query, '\0');
	request = (struct fake_request){ .target = query.data };
	expect(&request, 400, "too many parameters");
	cor_buffer_clear(&query, 0);
	cor_buffer_literal(&query, "/query?");
	for (int i = 0; i < 500; i++)
		cor_buffer_printf(&query, "a%d=1&", i);
	cor_buffer_byte(&query, '\0');
	request = (struct fake_request){ .target = query.data };
	expect(&request, 422, "\"errors_count\":512");
	cor_buffer_finish(&query);
}

/* The request's memory runs out at every point in turn: there is always an answer. */
static void test_little_memory(void **state)
{
	struct fake_request request = {
		.method = "POST",
		.target = "/mixed/7?pages=1&pages=2",
		.headers = "X-Version: 3\n",
		.body = COR_STR(
			"{\"name\":\"a name\",\"key\":\"123e4567-e89b-12d3-a456-426614174000\"}"),
	};
	struct fake_reply reply = { 0 };
	int failures = 0;

	(void)state;
	for (request.memory_bytes = 1; reply.status != 200 && request.memory_bytes < 100000;
		request.memory_bytes += 16) {
		fake_serve(dispatcher, &request, &reply);
		assert_int_equal(reply.replies, 1);
		if (reply.status == 200)
			break;
		assert_in_range(reply.status, 413, 500);
		failures++;
	}
	assert_int_equal(reply.status, 200);
	assert_true(failures > 10);
	fake_finish(&reply);
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_from_every_source),
		cmocka_unit_test(test_every_kind_refused_from_every_source),
		cmocka_unit_test(test_all_sources_together),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_refusals_say_what_is_accepted),
		cmocka_unit_test(test_deep_and_many),
		cmocka_unit_test(test_little_memory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
