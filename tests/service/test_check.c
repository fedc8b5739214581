/* SPDX-License-Identifier: MIT */
/*
 * Every contradiction in a service is found at start, and its message names the culprits.
 */
#include "fake.h"
#include "tables.h"

#include <string.h>

#include <coracle/error.h>
#include <coracle/websocket.h>

struct one_id {
	int64_t id;
};
static const struct cor_field id_path_fields[] = { COR_FIELD(
	struct one_id, id, .from = COR_FROM_PATH) };
COR_DECLARE_SCHEMA(id_path_schema, struct one_id);
COR_SCHEMA(id_path_schema, id_path_fields);

static const struct cor_field id_body_fields[] = { COR_FIELD(
	struct one_id, id, .from = COR_FROM_BODY) };
COR_DECLARE_SCHEMA(id_body_schema, struct one_id);
COR_SCHEMA(id_body_schema, id_body_fields);

static const struct cor_field id_fields[] = { COR_FIELD(struct one_id, id) };
COR_DECLARE_SCHEMA(id_schema, struct one_id);
COR_SCHEMA(id_schema, id_fields);

static const struct cor_field bad_header_fields[] = {
	COR_FIELD(struct one_id, id, .from = COR_FROM_HEADER, .key = "no name"),
};
COR_DECLARE_SCHEMA(bad_header_schema, struct one_id);
COR_SCHEMA(bad_header_schema, bad_header_fields);

static const struct cor_field bad_header_out_fields[] = {
	COR_FIELD(struct one_id, id, .to = COR_TO_HEADER, .key = "a:b"),
};
COR_DECLARE_SCHEMA(bad_header_out_schema, struct one_id);
COR_SCHEMA(bad_header_out_schema, bad_header_out_fields);

static const struct cor_field length_out_fields[] = {
	COR_FIELD(struct one_id, id, .to = COR_TO_HEADER, .key = "Content-Length"),
};
COR_DECLARE_SCHEMA(length_out_schema, struct one_id);
COR_SCHEMA(length_out_schema, length_out_fields);

struct many {
	cor_array(int64_t) ids;
};
static const struct cor_field many_path_fields[] = {
	COR_ARRAY(struct many, ids, .from = COR_FROM_PATH),
};
COR_DECLARE_SCHEMA(many_path_schema, struct many);
COR_SCHEMA(many_path_schema, many_path_fields);

static const struct cor_field many_header_fields[] = { COR_ARRAY(
	struct many, ids, .to = COR_TO_HEADER) };
COR_DECLARE_SCHEMA(many_header_schema, struct many);
COR_SCHEMA(many_header_schema, many_header_fields);

static const struct cor_field bad_range_fields[] = { COR_FIELD(
	struct one_id, id, .range = COR_BETWEEN(2, 1)) };
COR_DECLARE_SCHEMA(bad_range_schema, struct one_id);
COR_SCHEMA(bad_range_schema, bad_range_fields);

struct nested {
	struct one_id inner;
};
static const struct cor_field nested_fields[] = { COR_OBJECT(struct nested, inner, id_schema) };
COR_DECLARE_SCHEMA(nested_schema, struct nested);
COR_SCHEMA(nested_schema, nested_fields);

/* An answer cannot have the fallback's value: it lacks what only the handler can give. */
struct stamp {
	const char *user, *made;
};
struct stamped {
	struct stamp *stamp;
	struct stamp by_value;
};
struct in_stamped {
	struct stamped stamped;
};
static const struct cor_field stamp_fields[] = {
	COR_FIELD(struct stamp, user),
	COR_FIELD(struct stamp, made, .access = COR_READ_ONLY),
};
COR_LOCAL_SCHEMA(stamp_schema, struct stamp, stamp_fields);
#define BY_USER "{\"user\":\"u\"}"
static const struct cor_field stamped_fields[] = {
	COR_OBJECT(struct stamped, stamp, stamp_schema, .fallback = BY_USER),
};
COR_LOCAL_SCHEMA(stamped_schema, struct stamped, stamped_fields);
static const struct cor_field stamped_value_fields[] = {
	COR_OBJECT(struct stamped, by_value, stamp_schema, .fallback = BY_USER),
};
COR_LOCAL_SCHEMA(stamped_value_schema, struct stamped, stamped_value_fields);
static const struct cor_field in_stamped_fields[] = {
	COR_OBJECT(struct in_stamped, stamped, stamped_schema),
};
COR_LOCAL_SCHEMA(in_stamped_schema, struct in_stamped, in_stamped_fields);
struct around_stamped {
	struct stamped inner;
};
static const struct cor_field around_stamped_fields[] = {
	COR_EMBED(struct around_stamped, inner, stamped_schema),
};
COR_LOCAL_SCHEMA(around_stamped_schema, struct around_stamped, around_stamped_fields);
/* These are never written as the fallback. */
static const struct cor_field null_stamped_fields[] = {
	COR_OBJECT(
		struct stamped, stamp, stamp_schema, .presence = COR_NULLABLE, .fallback = BY_USER),
	COR_OBJECT(struct stamped, by_value, stamp_schema, .access = COR_WRITE_ONLY,
		.fallback = BY_USER),
};
COR_LOCAL_SCHEMA(null_stamped_schema, struct stamped, null_stamped_fields);

static int to_stamped(struct cor_ctx *ctx, const struct stamped *in, struct stamped *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}

static int to_in_stamped(struct cor_ctx *ctx, const struct cor_none *in, struct in_stamped *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}

static int to_around(struct cor_ctx *ctx, const struct cor_none *in, struct around_stamped *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}

static int from_stamped(struct cor_ctx *ctx, const struct in_stamped *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}

static int by_id(struct cor_ctx *ctx, const struct one_id *in, struct one_id *out)
{
	(void)ctx;
	*out = *in;
	return 0;
}

static int by_many(struct cor_ctx *ctx, const struct many *in, struct one_id *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}

static int to_many(struct cor_ctx *ctx, const struct cor_none *in, struct many *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}

static int by_nested(struct cor_ctx *ctx, const struct nested *in, struct one_id *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}

static int by_text(struct cor_ctx *ctx, const struct cor_str *in, struct cor_str *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}

static int to_nothing(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}

static int to_id(struct cor_ctx *ctx, const struct cor_none *in, struct one_id *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}

static int stream(struct cor_ctx *ctx, const struct one_id *in, struct cor_body *body,
	struct cor_reply *reply)
{
	(void)ctx, (void)in, (void)body, (void)reply;
	return 0;
}

COR_OPERATION(fine, to_nothing, COR_NONE, COR_NONE);
COR_OPERATION(stamps, to_stamped, stamped_schema, stamped_schema);
COR_OPERATION(stamps_value, to_stamped, stamped_schema, stamped_value_schema);
COR_OPERATION(stamps_inside, to_in_stamped, COR_NONE, in_stamped_schema);
COR_OPERATION(stamps_around, to_around, COR_NONE, around_stamped_schema);
COR_OPERATION(takes_stamps, from_stamped, in_stamped_schema, COR_NONE);
COR_OPERATION(null_stamps, to_stamped, stamped_schema, null_stamped_schema);
COR_OPERATION(fine_id, by_id, id_path_schema, id_schema);
COR_OPERATION(body_id, by_id, id_body_schema, id_schema);
COR_OPERATION(bad_header, by_id, bad_header_schema, id_schema);
COR_OPERATION(bad_header_out, to_id, COR_NONE, bad_header_out_schema);
COR_OPERATION(length_out, to_id, COR_NONE, length_out_schema);
COR_OPERATION(array_path, by_many, many_path_schema, id_schema);
COR_OPERATION(array_header, to_many, COR_NONE, many_header_schema);
COR_OPERATION(object_query, by_nested, nested_schema, id_schema);
COR_OPERATION(text_body, by_text, COR_TEXT, COR_TEXT);
COR_OPERATION(bad_problem, to_nothing, COR_NONE, COR_NONE, .problems = { 404, 200 });
COR_OPERATION(bad_status, to_nothing, COR_NONE, COR_NONE, .status = 404);
COR_OPERATION(body_with_204, to_id, COR_NONE, id_schema, .status = 204);
COR_OPERATION(body_with_205, to_id, COR_NONE, id_schema, .status = 205);
COR_OPERATION(typed_json, to_id, COR_NONE, id_schema, .content_type = "text/plain");
COR_OPERATION(typed_nothing, to_nothing, COR_NONE, COR_NONE, .content_type = "text/plain");
COR_OPERATION(bad_type, by_text, COR_TEXT, COR_TEXT, .content_type = "no type");
COR_STREAM_OPERATION(stream_body, stream, id_body_schema, .content_type = "text/csv");
COR_OPERATION(answers_twice, to_id, COR_NONE, id_schema, .answers = COR_ANSWERS(id_schema));
COR_STREAM_OPERATION(answers_nothing, stream, id_path_schema, .answers = COR_ANSWERS(COR_NONE));
COR_OPERATION(ranged, by_text, COR_TEXT, COR_TEXT, .content_type = "text/*");
COR_OPERATION(shallow, to_nothing, COR_NONE, COR_NONE, .stack_bytes = 100);
COR_OPERATION(deep, to_nothing, COR_NONE, COR_NONE, .stack_bytes = UINT32_MAX);
COR_OPERATION(garbled, to_nothing, COR_NONE, COR_NONE, .summary = "\xff");
COR_STREAM_OPERATION(untyped, stream, id_path_schema);
COR_STREAM_OPERATION(
	answers_header, stream, id_path_schema, .answers = COR_ANSWERS(length_out_schema));

/* A client may leave them out, and an answer cannot. */
#define INVENTS(what, c_type, row)                                                                 \
	struct what##_holder {                                                                     \
		c_type value;                                                                      \
	};                                                                                         \
	static const struct cor_field what##_fields[] = { row };                                   \
	COR_LOCAL_SCHEMA(what##_schema, struct what##_holder, what##_fields);                      \
	static int echo_##what(                                                                    \
		struct cor_ctx *ctx, const struct what##_holder *in, struct what##_holder *out)    \
	{                                                                                          \
		(void)ctx;                                                                         \
		*out = *in;                                                                        \
		return 0;                                                                          \
	}                                                                                          \
	COR_OPERATION(invents_##what, echo_##what, what##_schema, what##_schema)
enum mood { CALM, CROSS };
static const struct cor_enum_name mood_names[] = { { "calm", CALM }, { "cross", CROSS } };
INVENTS(time, struct timespec, COR_FIELD(struct time_holder, value, .presence = COR_OPTIONAL));
INVENTS(number, int64_t, COR_FIELD(struct number_holder, value, .presence = COR_OPTIONAL));
INVENTS(word, enum mood, COR_ENUM(struct word_holder, value, mood_names, .presence = COR_OPTIONAL));
struct plain {
	int64_t n;
};
static const struct cor_field plain_fields[] = { COR_FIELD(struct plain, n) };
COR_LOCAL_SCHEMA(plain_schema, struct plain, plain_fields);
INVENTS(object, struct plain,
	COR_OBJECT(struct object_holder, value, plain_schema, .presence = COR_OPTIONAL));

static const struct cor_operation no_handler = { .handler = "nobody" };
static const struct cor_operation whole_stream = {
	.handler = "whole_stream",
	.stream = NULL,
	.in = &COR_TEXT.schema,
};

static int talk(struct cor_ctx *ctx, const struct cor_none *in, struct cor_websocket *ws)
{
	(void)ctx, (void)in;
	return cor_websocket_accept(ws);
}
COR_WEBSOCKET_OPERATION(talks, talk, COR_NONE);
COR_WEBSOCKET_OPERATION(talks_badly, talk, COR_NONE,
	.websocket = { .protocols = COR_PROTOCOLS("chat", "no token") });
COR_WEBSOCKET_OPERATION(talks_to_pages, talk, COR_NONE,
	.websocket = { .origins = COR_ORIGINS("*", "https://a.example", "https://a.example/") });
COR_WEBSOCKET_OPERATION(
	talks_text, talk, COR_NONE, .websocket = { .receives = COR_MESSAGES(COR_TEXT) });
COR_WEBSOCKET_OPERATION(talks_much, talk, COR_NONE,
	.websocket = { .message_bytes = COR_WEBSOCKET_MESSAGE_MAX + 1 });
COR_WEBSOCKET_OPERATION(talks_with_status, talk, COR_NONE, .status = 200);
COR_WEBSOCKET_OPERATION(talks_types, talk, COR_NONE, .content_type = "text/plain");
COR_OPERATION(talks_not, by_text, COR_TEXT, COR_TEXT, .websocket = { .ping_ms = 1 });

static const struct cor_resource good = { .path = "/good", .get = &fine };
static const struct cor_middleware hollow = { .name = "hollow" };

/* A resource that must be refused, and the expected complaint. */
static const struct {
	struct cor_resource resource;
	const char *where;
	const char *says;
} wrong[] = {
	{ { .get = &fine }, "a resource", "no .path" },
	{ { .path = "books", .get = &fine }, "books", "does not begin with '/'" },
	{ { .path = "", .get = &fine }, "", "does not begin with '/'" },
	{ { .path = "/a?b", .get = &fine }, "/a?b", "cannot have such a byte" },
	{ { .path = "/a b", .get = &fine }, "/a b", "cannot have such a byte" },
	{ { .path = "/a%20b", .get = &fine }, "/a%20b", "write it decoded" },
	{ { .path = "/a/../b", .get = &fine }, "/a/../b", "\"..\" segment" },
	{ { .path = "/x{id}", .get = &fine }, "/x{id}", "must be text or one {name}" },
	{ { .path = "/{}", .get = &fine }, "/{}", "must be text or one {name}" },
	{ { .path = "/{id}/{id}", .get = &fine_id }, "/{id}/{id}", "names {id} twice" },
	{ { .path = "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}", .get = &fine },
		"/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}", "more than 8 parameters" },
	{ { .path = "/none" }, "/none", "no operations" },
	{ { .path = "/good", .get = &fine }, "/good", "collides with /good" },
	{ { .path = "/mw", .get = &fine, .middleware = COR_MIDDLEWARE(&hollow) }, "/mw",
		"middleware hollow has no .around" },
	{ { .path = "/{isbn}", .get = &fine }, "GET /{isbn}",
		"names {isbn}, but no row of cor_none_schema" },
	{ { .path = "/x", .get = &fine_id }, "GET /x",
		"row id of id_path_schema comes from the path, but the path has no {id}" },
	{ { .path = "/{ids}", .get = &array_path }, "many_path_schema, row ids",
		"a path parameter must be a scalar" },
	{ { .path = "/x", .get = &body_id }, "GET /x",
		"row id of id_body_schema comes from the body, but a GET has none" },
	{ { .path = "/x", .delete = &body_id }, "DELETE /x",
		"comes from the body, but a DELETE has none" },
	{ { .path = "/x", .post = &stream_body }, "POST /x",
		"which a stream operation reads itself" },
	{ { .path = "/x", .get = &bad_header }, "bad_header_schema, row id",
		"\"no name\" cannot be a header's name" },
	{ { .path = "/x", .get = &object_query }, "GET /x",
		"row inner of nested_schema comes from the query: it must be a scalar or an array" },
	{ { .path = "/x", .get = &text_body }, "GET /x", "a whole body, but a GET has none" },
	{ { .path = "/x", .get = &bad_header_out }, "bad_header_out_schema, row id",
		"\"a:b\" cannot be a header's name" },
	{ { .path = "/x", .get = &length_out }, "GET /x",
		"Content-Length, which the server writes itself" },
	{ { .path = "/x", .get = &array_header }, "many_header_schema, row ids",
		"only a scalar goes to a header" },
	{ { .path = "/x", .post = &stamps }, "stamped_schema, row stamp",
		".fallback {\"user\":\"u\"} cannot be answered: /made is required, but NULL" },
	{ { .path = "/x", .post = &stamps_value }, "stamped_value_schema, row by_value",
		"/made is required, but NULL" },
	{ { .path = "/x", .get = &stamps_around }, "stamped_schema, row stamp",
		"/made is required, but NULL" },
	{ { .path = "/x", .get = &stamps_inside }, "stamped_schema, row stamp",
		"/made is required, but NULL" },
	{ { .path = "/x", .post = &invents_time }, "time_schema, row value",
		"is answered as a value of zeros when it is absent: use a cor_opt (COR_OPT_FIELD), or give" },
	{ { .path = "/x", .post = &invents_number }, "number_schema, row value",
		"is answered as 0 when it is absent: use a cor_opt (COR_OPT_FIELD), or give" },
	{ { .path = "/x", .post = &invents_word }, "word_schema, row value",
		"is answered as the name of 0 when it is absent: use a cor_opt (COR_OPT_ENUM), or give" },
	{ { .path = "/x", .post = &invents_object }, "object_schema, row value",
		"is answered as an object of zeros when it is absent: use a cor_opt (COR_OPT_OBJECT) or a pointer" },
	{ { .path = "/x", .get = &bad_problem }, "GET /x", "200 in .problems" },
	{ { .path = "/x", .get = &bad_status }, "GET /x", ".status 404" },
	{ { .path = "/x", .get = &body_with_204 }, "GET /x", "status 204 has no body" },
	{ { .path = "/x", .get = &body_with_205 }, "GET /x", "status 205 has no body" },
	{ { .path = "/x", .get = &typed_json }, "GET /x", ".content_type is for text" },
	{ { .path = "/x", .get = &typed_nothing }, "GET /x", "the output is COR_NONE" },
	{ { .path = "/x", .get = &answers_twice }, "GET /x", ".answers is for streams" },
	{ { .path = "/{id}", .get = &untyped }, "GET /{id}", "a stream must say what it sends" },
	{ { .path = "/{id}", .get = &answers_nothing }, "GET /{id}", ".answers is COR_NONE" },
	{ { .path = "/{id}", .get = &answers_header }, "GET /{id}", "leave .to out" },
	{ { .path = "/x", .post = &bad_type }, "POST /x", "\"no type\" is not a media type" },
	{ { .path = "/x", .post = &ranged }, "POST /x", "which only a stream can choose from" },
	{ { .path = "/x", .get = &shallow }, "GET /x", ".stack_bytes 100 is not between" },
	{ { .path = "/x", .get = &deep }, "GET /x", ".stack_bytes 4294967295 is not between" },
	{ { .path = "/x", .get = &garbled }, "GET /x", ".summary is not UTF-8" },
	{ { .path = "/x", .get = &fine, .tag = "\xff" }, "/x", ".tag is not UTF-8" },
	{ { .path = "/x", .post = &talks }, "POST /x", "put it under .get" },
	{ { .path = "/x", .get = &talks_badly }, "GET /x", "\"no token\" in .protocols" },
	{ { .path = "/x", .get = &talks_to_pages }, "GET /x",
		"\"https://a.example/\" in .origins" },
	{ { .path = "/x", .get = &talks_text }, "GET /x", ".receives is for messages" },
	{ { .path = "/x", .get = &talks_much }, "GET /x", ".message_bytes 67108865 is more" },
	{ { .path = "/x", .get = &talks_with_status }, "GET /x", ".status of a WebSocket is 101" },
	{ { .path = "/x", .get = &talks_types }, "GET /x", ".content_type and .answers are for" },
	{ { .path = "/x", .post = &talks_not }, "POST /x", ".websocket is for WebSockets" },
	{ { .path = "/x", .put = &no_handler }, "PUT /x", "has no handler" },
	{ { .path = "/x", .patch = &whole_stream }, "PATCH /x", "has no handler" },
};

static void test_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const struct cor_resource *const resources[] = { &good, &wrong[i].resource, NULL };
		const struct cor_service service = { .name = "s", .resources = resources };
		struct cor_violations why = { 0 };
		struct cor_arena arena;
		int rc = create(&service, &arena, &why);
		if (rc != -COR_ETABLE || !is_said(&why, wrong[i].where, wrong[i].says)) {
			for (const struct cor_violation *v = why.first; v; v = v->next)
				print_error("said: %s: %s\n", v->where, v->detail);
			fail_msg("%d, missing: %s: %s", rc, wrong[i].where, wrong[i].says);
		}
		cor_arena_finish(&arena);
	}
}

static void test_all_are_reported(void **state)
{
	const struct cor_resource *resources[sizeof wrong / sizeof wrong[0] + 2] = { &good };
	const struct cor_service service = { .name = "s", .resources = resources };
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		resources[i + 1] = &wrong[i].resource;
	assert_int_equal(create(&service, &arena, &why), -COR_ETABLE);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_true(is_said(&why, wrong[i].where, wrong[i].says));
	cor_arena_finish(&arena);
	assert_int_equal(create(&service, &arena, NULL), -COR_ETABLE);
	cor_arena_finish(&arena);
}

static size_t count_of(const struct cor_violations *why, const char *says)
{
	size_t count = 0;

	for (const struct cor_violation *v = why->first; v; v = v->next)
		count += strstr(v->detail, says) || strstr(v->where, says);
	return count;
}

/*
 * A fault of a row or an operation is reported once, wherever it is used; a fault of a use, for
 * each use.
 */
static void test_once(void **state)
{
	static const struct cor_resource first = { .path = "/first/{id}",
		.get = &bad_header,
		.put = &bad_header_out,
		.post = &array_header };
	static const struct cor_resource second = {
		.path = "/second", .get = &bad_header, .put = &object_query, .delete = &object_query
	};
	static const struct cor_resource third = {
		.path = "/third",
		.get = &bad_status,
		.post = &bad_status,
		.put = &length_out,
		.patch = &length_out,
		.delete = &array_path,
	};
	static const struct {
		const char *says;
		size_t times;
	} cases[] = {
		{ "row id of bad_header_schema", 0 }, /* by the table's check */
		{ "bad_header_schema, row id", 1 },
		{ "bad_header_out_schema, row id", 1 },
		{ "row ids of many_header_schema", 0 },
		{ "many_header_schema, row ids", 1 },
		{ "many_path_schema, row ids", 1 },
		{ "row ids of many_path_schema comes from the path, but", 1 },
		{ "row inner of nested_schema comes from the query", 1 },
		{ ".status 404", 1 },
		{ "Content-Length, which the server", 1 },
		{ "names {id}, but no row of", 3 },
		{ "listed twice", 1 },
		{ "collides with", 0 },
	};
	const struct cor_service service = { .name = "s",
		.resources = COR_RESOURCES(&first, &second, &third, &third) };
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	assert_int_equal(create(&service, &arena, &why), -COR_ETABLE);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (count_of(&why, cases[i].says) != cases[i].times) {
			for (const struct cor_violation *v = why.first; v; v = v->next)
				print_error("said: %s: %s\n", v->where, v->detail);
			fail_msg("%s: %zu times", cases[i].says, count_of(&why, cases[i].says));
		}
	cor_arena_finish(&arena);
}

static void test_service_itself(void **state)
{
	const struct cor_service nameless = { .resources = COR_RESOURCES(&good) };
	const struct cor_service empty = { .name = "empty" };
	const struct cor_service hollow_one = {
		.name = "h",
		.resources = COR_RESOURCES(&good),
		.middleware = COR_MIDDLEWARE(&hollow),
	};
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	assert_int_equal(create(&nameless, &arena, &why), -COR_ETABLE);
	assert_true(is_said(&why, "service", "no .name"));
	cor_arena_finish(&arena);
	why = (struct cor_violations){ 0 };
	assert_int_equal(create(&empty, &arena, &why), -COR_ETABLE);
	assert_true(is_said(&why, "empty", "no resources"));
	cor_arena_finish(&arena);
	why = (struct cor_violations){ 0 };
	assert_int_equal(create(&hollow_one, &arena, &why), -COR_ETABLE);
	assert_true(is_said(&why, "h", "middleware hollow"));
	cor_arena_finish(&arena);
}

static void test_extra(void **state)
{
	static const struct cor_resource same = { .path = "/good", .get = &fine };
	static const struct cor_resource other = { .path = "/extra", .get = &fine };
	const struct cor_service service = { .name = "s", .resources = COR_RESOURCES(&good) };
	struct cor_dispatcher_options options = { .service = &service,
		.extra = (const struct cor_resource *const *const[]){ COR_RESOURCES(&same) } };
	struct cor_dispatcher *dispatcher = NULL;
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_dispatcher_create(&options, &arena, &why, &dispatcher), -COR_ETABLE);
	assert_true(is_said(&why, "/good", "collides with /good"));
	options.extra = (const struct cor_resource *const *const[]){ COR_RESOURCES(&other) };
	assert_int_equal(cor_dispatcher_create(&options, &arena, NULL, &dispatcher), 0);
	fake_expect(dispatcher, &(struct fake_request){ .target = "/extra" }, 204, "");
	fake_expect(dispatcher, &(struct fake_request){ .target = "/good" }, 204, "");
	cor_dispatcher_destroy(dispatcher);
	cor_arena_finish(&arena);
}

/* What is not answered, or not as its fallback, need not be complete. */
static void test_fallbacks_of_requests(void **state)
{
	static const struct cor_resource takes = { .path = "/takes", .post = &takes_stamps };
	static const struct cor_resource nulls = { .path = "/nulls", .post = &null_stamps };
	const struct cor_service service = { .name = "x",
		.resources = COR_RESOURCES(&takes, &nulls) };
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	assert_int_equal(create(&service, &arena, &why), 0);
	cor_arena_finish(&arena);
}

/*
 * Paths reserved for what can be served besides the service's resources must be free, whether it is
 * served or not.
 */
static void test_reserved(void **state)
{
	static const char *const free[] = { "/goods", "/good/", "/good/{x}", NULL };
	static const char *const taken[] = { "/goods", "/good", NULL };
	const struct cor_service service = { .name = "s", .resources = COR_RESOURCES(&good) };
	struct cor_dispatcher_options options = {
		.service = &service, .reserved = taken, .reserved_for = "the other one: move"
	};
	struct cor_dispatcher *dispatcher = NULL;
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_dispatcher_create(&options, &arena, &why, &dispatcher), -COR_ETABLE);
	assert_int_equal(why.count, 1);
	assert_true(is_said(&why, "/good", "the path is that of the other one: move"));
	options.reserved = free;
	assert_int_equal(cor_dispatcher_create(&options, &arena, NULL, &dispatcher), 0);
	fake_expect(dispatcher, &(struct fake_request){ .target = "/goods" }, 404, NULL);
	cor_dispatcher_destroy(dispatcher);
	cor_arena_finish(&arena);
}

static void test_further_schemas(void **state)
{
	const struct cor_service service = { .name = "s",
		.resources = COR_RESOURCES(&good),
		.schemas = COR_SCHEMAS(nested_schema, COR_TEXT, bad_range_schema) };
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	assert_ptr_equal(service.schemas[0], &nested_schema.schema);
	assert_ptr_equal(service.schemas[2], &bad_range_schema.schema);
	assert_null(service.schemas[3]);
	assert_int_equal(create(&service, &arena, &why), -COR_ETABLE);
	assert_int_equal(why.count, 2);
	assert_true(is_said(&why, "s", "cor_text_schema in .schemas has no table"));
	assert_true(strstr(why.last->detail, "range"));
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_all_are_reported),
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_service_itself),
		cmocka_unit_test(test_extra),
		cmocka_unit_test(test_fallbacks_of_requests),
		cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_further_schemas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
