/* SPDX-License-Identifier: MIT */
/* Errors in the shapes that a service can choose. */
#include "tables.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/error_shape.h>
#include <coracle/language.h>
#include <coracle/schema.h>
#include <coracle/service.h>

#include "openapi/document.h"

struct line {
	int32_t price;
};
static const struct cor_field line_fields[] = {
	COR_FIELD(struct line, price, .range = COR_MIN(0)),
};
COR_LOCAL_SCHEMA(line_schema, struct line, line_fields);

struct order {
	const char *title;
	cor_array(struct line) lines;
	cor_dict(int32_t) stock;
	int32_t page;
};
static const struct cor_field order_fields[] = {
	COR_FIELD(struct order, title, .max_length = 3, .pattern = "^a"),
	COR_OBJECT_ARRAY(struct order, lines, line_schema, .max_items = 2),
	COR_DICT(struct order, stock, .presence = COR_OPTIONAL, .max_items = 2),
	COR_FIELD(struct order, page, .from = COR_FROM_QUERY, .fallback = "1", .range = COR_MIN(1)),
};
static int check_order(struct cor_ctx *ctx, const struct order *order)
{
	if (order->lines.len == 0)
		return cor_invalid(ctx, "body", "", "is of no use");
	return 0;
}
COR_CHECK(order_check, check_order, struct order);
COR_LOCAL_SCHEMA(order_schema, struct order, order_fields, .check = &order_check);

static int add_order(struct cor_ctx *ctx, const struct order *order, struct cor_none *none)
{
	(void)none;
	if (order->page == 9) {
		char *deep = cor_arena_zalloc(cor_ctx_arena(ctx), 601);
		for (size_t i = 0; deep && i < 600; i += 2)
			memcpy(deep + i, "/a", 2);
		return cor_invalid(ctx, "body", deep ? deep : "", "is deep");
	}
	if (order->page == 7)
		return cor_problem(ctx, 404, 0, "no page %d", order->page);
	return order->page == 8 ? cor_problem(ctx, 500, 0, "secret") : 0;
}
COR_OPERATION(add_operation, add_order, order_schema, COR_NONE, .problems = { 404 });
static const struct cor_resource orders = { .path = "/orders", .post = &add_operation };

#define SERVICE(name_, ...)                                                                        \
	static const struct cor_service name_ = {                                                  \
		.name = "orders", .resources = COR_RESOURCES(&orders), __VA_ARGS__                 \
	}

SERVICE(plain, .version = "1");
SERVICE(marshmallow, .errors = &cor_marshmallow_errors);
SERVICE(restx, .errors = &cor_restx_errors);

/* A shape of one's own, which can also tell. */
struct failure {
	const char *error;
	int64_t count;
	cor_array(const char *) codes;
};
static const struct cor_field failure_fields[] = {
	COR_FIELD(struct failure, error),
	COR_FIELD(struct failure, count),
	COR_ARRAY(struct failure, codes),
};
COR_LOCAL_SCHEMA(failure_schema, struct failure, failure_fields, .doc = "What failed");
static int tell(struct cor_ctx *ctx, const struct cor_error_answer *error, struct failure *ret)
{
	const struct cor_violations *found = error->violations;
	const char **codes = cor_arena_alloc(cor_ctx_arena(ctx), 100 * sizeof *codes);

	if (!codes)
		return -ENOMEM;
	ret->error = error->detail[0] ? error->detail : error->title;
	ret->codes.items = codes;
	for (const struct cor_violation *v = found ? found->first : NULL; v; v = v->next)
		codes[ret->codes.len++] = v->code ? v->code : "own";
	ret->count = (int64_t)ret->codes.len;
	if (error->status == 404)
		ret->error = "\xff";
	return ret->count == 3 ? -EIO : 0;
}
COR_ERROR_SHAPE(own_errors, tell, failure_schema, .invalid_status = 400,
	.content_type = "application/failure+json");
SERVICE(own, .errors = &own_errors);

static void expect(const struct cor_service *service, const char *target, const char *body,
	int status, const char *type, const char *answer)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(service);
	struct fake_reply reply = { 0 };

	fake_serve(dispatcher,
		&(struct fake_request){
			.method = "POST",
			.target = target,
			.headers = "Content-Type: application/json\nAccept-Language: de\n",
			.body = cor_str(body),
		},
		&reply);
	assert_string_equal(fake_body(&reply), answer);
	assert_int_equal(reply.status, status);
	assert_string_equal(reply.content_type, type);
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

#define GOOD "{\"title\":\"a\",\"lines\":[{\"price\":1}]}"
#define BAD                                                                                        \
	"{\"title\":\"bcde\",\"lines\":[{\"price\":1},{\"price\":-1,\"x\":1}],"                    \
	"\"stock\":{\"a/b~\":\"c\"}}"
#define JSON_TYPE "application/json"

/* Whoever reads JSON may take the last of two members, or refuse the whole. */
static void no_name_is_there_twice(void **state)
{
	(void)state;
	expect(&marshmallow, "/orders",
		"{\"title\":\"a\",\"lines\":[{\"price\":1}],"
		"\"stock\":{\"_schema\":\"c\",\"a\":\"b\",\"c\":1}}",
		422, JSON_TYPE,
		"{\"stock\":{\"_schema\":[\"must have at most 2 members\","
		"\"must be an integer, not a string\"],"
		"\"a\":[\"must be an integer, not a string\"]}}");
	expect(&restx, "/orders?page=0",
		"{\"title\":\"a\",\"lines\":[{\"price\":1}],\"page\":1,"
		"\"stock\":{\"a\":\"b\"},\"stock.a\":1}",
		400, JSON_TYPE,
		"{\"errors\":{\"page\":\"must be at least 1\","
		"\"stock.a\":\"must be an integer, not a string\"},"
		"\"message\":\"Input payload validation failed\"}");
}

static void as_marshmallow_has_them(void **state)
{
	(void)state;
	expect(&marshmallow, "/orders?page=0", BAD, 422, JSON_TYPE,
		"{\"page\":[\"must be at least 1\"],"
		"\"title\":[\"must have at most 3 characters\"],"
		"\"lines\":{\"1\":{\"price\":[\"must be at least 0\"],"
		"\"x\":[\"is not a known member\"]}},"
		"\"stock\":{\"a/b~\":[\"must be an integer, not a string\"]}}");
	expect(&marshmallow, "/orders", "{\"title\":\"a\",\"lines\":[]}", 422, JSON_TYPE,
		"{\"_schema\":[\"is of no use\"]}");
	expect(&marshmallow, "/orders",
		"{\"title\":\"a\",\"lines\":[{\"price\":-1},{\"price\":1},{\"price\":1}]}", 422,
		JSON_TYPE,
		"{\"lines\":{\"_schema\":[\"must have at most 2 items\"],"
		"\"0\":{\"price\":[\"must be at least 0\"]}}}");
	expect(&marshmallow, "/orders", "[", 400, JSON_TYPE,
		"{\"_schema\":[\"is not JSON: it ends too early at line 1, column 2 (byte 1)\"]}");
	expect(&marshmallow, "/orders?page=7", GOOD, 404, JSON_TYPE, "{\"message\":\"no page 7\"}");
	expect(&marshmallow, "/orders?page=8", GOOD, 500, JSON_TYPE,
		"{\"message\":\"Internal Server Error\"}");
	expect(&marshmallow, "/nothing", GOOD, 404, JSON_TYPE,
		"{\"message\":\"there is nothing at this path\"}");
}

/* The stack is the request's: what a handler makes up does not use it up. */
static void levels_end(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&marshmallow);
	struct fake_reply reply = { 0 };
	size_t levels = 0;

	(void)state;
	fake_serve(dispatcher,
		&(struct fake_request){ .method = "POST",
			.target = "/orders?page=9",
			.headers = "Content-Type: application/json\n",
			.body = COR_STR(GOOD) },
		&reply);
	assert_int_equal(reply.status, 422);
	assert_non_null(strstr(fake_body(&reply), "{\"a\":[\"is deep\"]}"));
	for (const char *at = fake_body(&reply); (at = strstr(at, "\"a\"")); at++)
		levels++;
	assert_int_equal(levels, 128);
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

static void as_restx_has_them(void **state)
{
	(void)state;
	expect(&restx, "/orders?page=0", BAD, 400, JSON_TYPE,
		"{\"errors\":{\"page\":\"must be at least 1\","
		"\"title\":\"must have at most 3 characters\","
		"\"lines.1.price\":\"must be at least 0\","
		"\"lines.1.x\":\"is not a known member\","
		"\"stock.a/b~\":\"must be an integer, not a string\"},"
		"\"message\":\"Input payload validation failed\"}");
	expect(&restx, "/orders", "{\"title\":\"a\",\"title\":\"a\",\"lines\":[],\"title\":\"a\"}",
		400, JSON_TYPE,
		"{\"errors\":{\"title\":\"is given more than once\"},"
		"\"message\":\"Input payload validation failed\"}");
	expect(&restx, "/orders?page=7", GOOD, 404, JSON_TYPE, "{\"message\":\"no page 7\"}");
}

static void as_the_service_has_them(void **state)
{
	(void)state;
	expect(&own, "/orders", "{\"title\":\"a\",\"lines\":[]}", 400, "application/failure+json",
		"{\"error\":\"the request breaks a rule: see errors\",\"count\":1,"
		"\"codes\":[\"own\"]}");
	expect(&own, "/orders", "{\"title\":\"b\"}", 400, "application/failure+json",
		"{\"error\":\"the request breaks 2 rules: see errors\",\"count\":2,"
		"\"codes\":[\"pattern\",\"required\"]}");
	expect(&own, "/orders?page=8", GOOD, 500, "application/failure+json",
		"{\"error\":\"Internal Server Error\",\"count\":0,\"codes\":[]}");
}

/* A client gets its answer whatever the service's function does. */
/* What the function records is not what the client asked for: status and body stay of one mind. */
static int tell_badly(struct cor_ctx *ctx, const struct cor_error_answer *error, struct line *ret)
{
	int rc = cor_problem(ctx, 503, 0, "no words");

	ret->price = error->status;
	return error->status == 404 ? rc : 0;
}
COR_ERROR_SHAPE(troubled_errors, tell_badly, line_schema);
SERVICE(troubled, .errors = &troubled_errors);

static void a_problem_of_the_shape_is_not_the_answer(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&troubled);
	struct fake_reply reply = { 0 };

	(void)state;
	fake_serve(dispatcher, &(struct fake_request){ .target = "/nothing" }, &reply);
	assert_int_equal(reply.status, 404);
	assert_int_equal(reply.problem.status, 404);
	assert_non_null(strstr(fake_body(&reply), "\"status\":404,"));
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
	expect(&troubled, "/orders", "{}", 422, JSON_TYPE, "{\"price\":422}");
}

/* A client may send any bytes: the shape is that of the service all the same. */
static int tell_what(struct cor_ctx *ctx, const struct cor_error_answer *error, struct failure *ret)
{
	const struct cor_violation *v = error->violations ? error->violations->first : NULL;

	(void)ctx;
	ret->error = v ? v->detail : error->detail;
	return 0;
}
COR_ERROR_SHAPE(telling_errors, tell_what, failure_schema);
static int get_line(struct cor_ctx *ctx, const struct cor_none *none, struct line *line)
{
	(void)none;
	(void)line;
	return cor_problem(ctx, 404, 0, "no %s", "\xe9t\xc3\xa9\xc3");
}
COR_OPERATION(line_operation, get_line, COR_NONE, line_schema, .problems = { 404 },
	.selected_by = COR_BY_HEADER);
static const struct cor_resource line_resource = { .path = "/line", .get = &line_operation };
static const struct cor_service telling = {
	.name = "lines",
	.resources = COR_RESOURCES(&line_resource),
	.errors = &telling_errors,
};

static void raw_bytes_do_not_hide_the_shape(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&telling);

	(void)state;
	fake_expect(dispatcher, &(struct fake_request){ .target = "/line" }, 404,
		"{\"error\":\"no \xef\xbf\xbdt\xc3\xa9\xef\xbf\xbd\",\"count\":0,\"codes\":[]}");
	fake_expect(dispatcher,
		&(struct fake_request){ .target = "/line", .headers = "X-Fields: a\xff\n" }, 422,
		"{\"error\":\"has \\\"a\xef\xbf\xbd\\\", which no answer has\",\"count\":0,"
		"\"codes\":[]}");
	cor_dispatcher_destroy(dispatcher);
}

static void without_one_it_is_a_problem(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&own);
	struct fake_reply reply = { 0 };

	(void)state;
	fake_serve(dispatcher,
		&(struct fake_request){ .method = "POST",
			.target = "/orders?page=0",
			.headers = "Content-Type: application/json\n",
			.body = COR_STR("{}") },
		&reply);
	assert_int_equal(reply.status, 400);
	assert_string_equal(reply.content_type, "application/problem+json");
	assert_non_null(strstr(fake_body(&reply), "\"status\":400"));
	fake_serve(dispatcher,
		&(struct fake_request){ .method = "POST",
			.target = "/orders?page=7",
			.headers = "Content-Type: application/json\n",
			.body = COR_STR(GOOD) },
		&reply);
	assert_int_equal(reply.status, 404);
	assert_string_equal(reply.content_type, "application/problem+json");
	assert_non_null(strstr(fake_body(&reply), "\"detail\":\"no page 7\""));
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* --- in the client's language --- */

static const struct cor_text german_texts[] = {
	{ .code = "required", .text = "fehlt" },
	{ .word = "no page 7", .text = "keine Seite 7" },
};
static const struct cor_language german = COR_LANGUAGE("de", german_texts);
SERVICE(german_restx, .errors = &cor_restx_errors, .languages = COR_LANGUAGES(&german));

static void shapes_are_translated(void **state)
{
	(void)state;
	expect(&german_restx, "/orders", "{\"title\":\"a\"}", 400, JSON_TYPE,
		"{\"errors\":{\"lines\":\"fehlt\"},\"message\":\"Input payload validation failed\"}");
	expect(&german_restx, "/orders?page=7", GOOD, 404, JSON_TYPE,
		"{\"message\":\"keine Seite 7\"}");
}

/* --- the document --- */

static void describes(const struct cor_service *service, const char *part, bool has)
{
	const struct cor_document_access access = { 0 };
	struct cor_buffer text = { 0 };
	struct cor_arena arena;

	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_openapi_write(service, &access, &arena, &text), 0);
	cor_buffer_byte(&text, '\0');
	if (!strstr(text.data, part) == has)
		fail_msg("%s\n%s", part, text.data);
	cor_buffer_finish(&text);
	cor_arena_finish(&arena);
}

static void the_document_has_the_shape(void **state)
{
	(void)state;
	describes(&plain, "\"422\":{\"$ref\":\"#/components/responses/Problem422\"}", true);
	describes(&plain, "{\"application/problem+json\":{\"schema\":", true);
	describes(&marshmallow, "\"422\":{\"$ref\":\"#/components/responses/Problem422\"}", true);
	describes(&marshmallow,
		"{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}",
		true);
	describes(
		&marshmallow, "{\"$ref\":\"#/components/schemas/Problem\"}]}},\"additional", true);
	describes(&restx, "\"422\"", false);
	describes(&restx, "\"400\":{\"$ref\":\"#/components/responses/Problem400\"}", true);
	describes(&restx, "application/problem+json", false);
	describes(&restx, "\"Problem\":{\"type\":\"object\",\"required\":[\"message\"]", true);
	describes(&own, "\"422\"", false);
	describes(&own,
		"{\"application/failure+json\":{\"schema\":{\"$ref\":\"#/components/schemas/failure\"}}}",
		true);
	describes(&own, "\"failure\":{\"type\":\"object\",\"description\":\"What failed\"", true);
	describes(&own, "\"Problem\":{\"type\"", false);
}

/* --- contradictions --- */

static const struct cor_error_shape bad_errors = { .invalid_status = 409 };
SERVICE(mistaken, .errors = &bad_errors);

static void mistakes_are_told_at_start(void **state)
{
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	(void)state;
	assert_int_equal(create(&mistaken, &arena, &why), -COR_ETABLE);
	assert_true(is_said(&why, "orders", ".invalid_status is 409"));
	assert_true(is_said(&why, "orders", "was not written by COR_ERROR_SHAPE"));
	cor_arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_marshmallow_has_them),
		cmocka_unit_test(levels_end),
		cmocka_unit_test(no_name_is_there_twice),
		cmocka_unit_test(as_restx_has_them),
		cmocka_unit_test(as_the_service_has_them),
		cmocka_unit_test(a_problem_of_the_shape_is_not_the_answer),
		cmocka_unit_test(raw_bytes_do_not_hide_the_shape),
		cmocka_unit_test(without_one_it_is_a_problem),
		cmocka_unit_test(shapes_are_translated),
		cmocka_unit_test(the_document_has_the_shape),
		cmocka_unit_test(mistakes_are_told_at_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
