/* SPDX-License-Identifier: MIT */
/* Answers with other statuses by cor_respond(), and what their tables may not say. */
#include "tables.h"

#include <coracle/document.h>
#include <coracle/error.h>
#include <coracle/response.h>

#include "openapi/document.h"

struct asked {
	int64_t id;
};
static const struct cor_field asked_fields[] = {
	COR_FIELD(struct asked, id, .from = COR_FROM_PATH),
};
COR_LOCAL_SCHEMA(asked_schema, struct asked, asked_fields);

struct loan {
	const char *reader;
	int32_t days;
};
static const struct cor_field loan_fields[] = {
	COR_FIELD(struct loan, reader, .min_length = 2),
	COR_FIELD(struct loan, days, .range = COR_BETWEEN(1, 28), .deprecated = true),
};
COR_LOCAL_SCHEMA(loan_schema, struct loan, loan_fields);

struct clash {
	const char *until;
	const char *retry;
};
static const struct cor_field clash_fields[] = {
	COR_FIELD(struct clash, until),
	COR_FIELD(struct clash, retry, .key = "Retry-After", .to = COR_TO_HEADER),
};
COR_LOCAL_SCHEMA(clash_schema, struct clash, clash_fields);

static int lend(struct cor_ctx *ctx, const struct asked *in, struct loan *out)
{
	const char *until = "Friday";

	switch (in->id) {
	case 1:
		return cor_respond(ctx, 409, clash_schema, &(struct clash){ until, "60" });
	case 2:
		return cor_respond(ctx, 202, COR_NONE, &(struct cor_none){ 0 });
	case 3:
		return cor_problem(ctx, 404, 0, "no book");
	case 4:
		return cor_respond(ctx, 410, clash_schema, &(struct clash){ until, "60" });
	case 5:
		return cor_respond(ctx, 409, clash_schema, &(struct clash){ NULL, "60" });
	case 6:
		(void)!cor_respond(ctx, 409, clash_schema, &(struct clash){ until, NULL });
		return cor_problem(ctx, 404, 0, "no book after all");
	case 7:
		(void)!cor_respond(ctx, 409, clash_schema, &(struct clash){ until, NULL });
		break;
	}
	*out = (struct loan){ "Ann", 7 };
	return 0;
}

static const struct cor_operation lend_operation;

static int show(struct cor_ctx *ctx, const struct asked *in, struct loan *out)
{
	(void)ctx, (void)in;
	*out = (struct loan){ "Ann", 7 };
	return 0;
}
COR_OPERATION(show_operation, show, asked_schema, loan_schema);
COR_OPERATION(secret_operation, show, asked_schema, loan_schema, .hidden = true);

static const struct cor_external_docs more = { "https://example.com/lending", "More" };
COR_OPERATION(lend_operation, lend, asked_schema, loan_schema, .tag = "loans",
	.external_docs = &more,
	.responses = COR_RESPONSES(
		{
			.status = 200,
			.doc = "It is yours",
			.examples = COR_EXAMPLES({ .name = "a-week",
				.summary = "For a week",
				.value = "{\"reader\":\"Ann\",\"days\":7}" }),
			.links = COR_LINKS({ .name = "show",
				.operation = &show_operation,
				.doc = "The loan",
				.values = COR_LINK_VALUES({ "id", "$request.path.id" }) }),
		},
		{ .status = 202, .doc = "Later" }, { .status = 404, .doc = "No such book" },
		{
			.status = 409,
			.schema = COR_ANSWERS(clash_schema),
			.doc = "Somebody has it",
		}),
	.callbacks = COR_OUTGOING({ .name = "due",
		.url = "{$request.query.url}",
		.summary = "It is due",
		.sends = COR_ANSWERS(clash_schema) }));

static int back(struct cor_ctx *ctx, const struct loan *in, struct cor_none *out)
{
	(void)ctx, (void)in, (void)out;
	return 0;
}
COR_OPERATION(back_operation, back, loan_schema, COR_NONE,
	.examples = COR_EXAMPLES(
		{ .name = "one", .doc = "D", .value = "{\"reader\":\"Bo\",\"days\":1}" }));

static const struct cor_resource loans = { .path = "/loans/{id}",
	.post = &lend_operation,
	.get = &show_operation,
	.put = &secret_operation };
static const struct cor_resource returns = { .path = "/returns", .post = &back_operation };
static const struct cor_resource secrets = {
	.path = "/secrets/{id}", .get = &show_operation, .hidden = true
};
static const struct cor_about about = {
	.contact_name = "Ann",
	.contact_email = "ann@example.com",
	.license_name = "MIT",
	.license_identifier = "MIT",
	.terms_url = "https://example.com/terms",
	.external_docs = &more,
	.tags = COR_TAGS({ .name = "loans", .doc = "What is lent", .external_docs = &more }),
	.servers = COR_SERVERS({ .url = "https://example.com/v1", .doc = "For all" }),
	.webhooks = COR_OUTGOING({ .name = "lost", .sends = COR_ANSWERS(clash_schema) }),
};
static const struct cor_service service = {
	.name = "lending",
	.about = &about,
	.resources = COR_RESOURCES(&loans, &returns, &secrets),
};

static struct fake_reply reply;

static void post(struct cor_dispatcher *dispatcher, const char *target)
{
	fake_serve(
		dispatcher, &(struct fake_request){ .method = "POST", .target = target }, &reply);
}

static void test_statuses(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);

	(void)state;
	post(dispatcher, "/loans/0");
	assert_int_equal(reply.status, 200);
	post(dispatcher, "/loans/1");
	assert_int_equal(reply.status, 409);
	assert_string_equal(reply.content_type, "application/json");
	assert_string_equal(fake_body(&reply), "{\"until\":\"Friday\"}");
	assert_non_null(strstr(reply.headers, "Retry-After: 60\n"));
	post(dispatcher, "/loans/2");
	assert_int_equal(reply.status, 202);
	assert_string_equal(reply.content_type, "");
	assert_int_equal(reply.body.len, 0);
	post(dispatcher, "/loans/3");
	assert_int_equal(reply.status, 404);
	assert_string_equal(reply.content_type, "application/problem+json");
	cor_dispatcher_destroy(dispatcher);
	fake_finish(&reply);
}

static void test_misuse(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);

	(void)state;
	post(dispatcher, "/loans/4");
	assert_int_equal(reply.status, 500);
	assert_string_equal(reply.content_type, "application/problem+json");
	post(dispatcher, "/loans/5");
	assert_int_equal(reply.status, 500);
	post(dispatcher, "/loans/6"); /* the problem came last */
	assert_int_equal(reply.status, 404);
	assert_string_equal(reply.content_type, "application/problem+json");
	post(dispatcher, "/loans/7"); /* the answer was not returned */
	assert_int_equal(reply.status, 200);
	cor_dispatcher_destroy(dispatcher);
	fake_finish(&reply);
}

static void test_without_request(void **state)
{
	struct loan out = { 0 };
	struct cor_ctx *ctx;

	(void)state;
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &service }, &ctx), 0);
	assert_int_equal(lend(ctx, &(struct asked){ 1 }, &out), -COR_EPROBLEM);
	assert_int_equal(cor_problem_of(ctx)->status, 409);
	cor_ctx_destroy(ctx);
}

/* What must be in the document, verbatim. */
static const char *const parts[] = {
	"\"info\":{\"title\":\"lending\",\"version\":\"0\",\"termsOfService\":\"https://example.com/terms\","
	"\"contact\":{\"name\":\"Ann\",\"email\":\"ann@example.com\"},"
	"\"license\":{\"name\":\"MIT\",\"identifier\":\"MIT\"}},"
	"\"externalDocs\":{\"url\":\"https://example.com/lending\",\"description\":\"More\"},"
	"\"servers\":[{\"url\":\".\"},{\"url\":\"https://example.com/v1\",\"description\":\"For all\"}],",
	"\"tags\":[{\"name\":\"loans\",\"description\":\"What is lent\",\"externalDocs\":{",
	"\"200\":{\"description\":\"It is yours\",\"content\":{\"application/json\":{\"schema\":"
	"{\"$ref\":\"#/components/schemas/loan\"},\"examples\":{\"a-week\":{\"summary\":\"For a week\","
	"\"value\":{\"reader\":\"Ann\",\"days\":7}}}}},\"links\":{\"show\":{\"operationId\":\"show\","
	"\"description\":\"The loan\",\"parameters\":{\"id\":\"$request.path.id\"}}}},"
	"\"202\":{\"description\":\"Later\"},",
	"\"404\":{\"description\":\"No such book\",\"content\":{\"application/problem+json\":{\"schema\":"
	"{\"$ref\":\"#/components/schemas/Problem\"},\"example\":{",
	"\"409\":{\"description\":\"Somebody has it\",\"headers\":{\"Retry-After\":{\"schema\":"
	"{\"type\":\"string\"}}},\"content\":{\"application/json\":{\"schema\":"
	"{\"$ref\":\"#/components/schemas/clash\"}}}}",
	"\"callbacks\":{\"due\":{\"{$request.query.url}\":{\"post\":{\"summary\":\"It is due\",\"requestBody\":"
	"{\"required\":true,\"content\":{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/clash\"}}}},"
	"\"responses\":{\"2XX\":{\"description\":\"It was taken\"}}}}}}",
	"\"examples\":{\"one\":{\"description\":\"D\",\"value\":{\"reader\":\"Bo\",\"days\":1}}}",
	"\"webhooks\":{\"lost\":{\"post\":{\"requestBody\":",
	"\"clash\":{\"type\":\"object\",\"properties\":{\"until\":{\"type\":\"string\"}},\"required\":[\"until\"]}",
	"\"maximum\":28,\"deprecated\":true",
};

static void test_document(void **state)
{
	struct cor_document_access access = { 0 };
	struct cor_buffer text = { 0 };
	struct cor_arena arena;

	(void)state;
	cor_arena_init(&arena, NULL, 0, 0);
	assert_int_equal(cor_openapi_write(&service, &access, &arena, &text), 0);
	cor_buffer_byte(&text, '\0');
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (!strstr(text.data, parts[i]))
			fail_msg("missing: %s\nin: %s", parts[i], text.data);
	assert_null(strstr(text.data, "secret"));
	assert_null(strstr(text.data, "\"put\""));
	cor_buffer_finish(&text);
	cor_arena_finish(&arena);
}

/* --- what is told at start --- */

static void assert_contradiction(
	const struct cor_service *wrong, const char *place, const char *words)
{
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	assert_int_equal(create(wrong, &arena, &why), -COR_ETABLE);
	if (!is_said(&why, place, words)) {
		for (const struct cor_violation *v = why.first; v; v = v->next)
			print_error("%s: %s\n", v->where, v->detail);
		fail_msg("not said: %s", words);
	}
	cor_arena_finish(&arena);
}

/* A POST of /loans/{id} with less or more than the one above. */
static void assert_told(const struct cor_operation *operation, const struct cor_about *of,
	const char *place, const char *words)
{
	const struct cor_resource resource = { .path = "/loans/{id}",
		.post = operation,
		.get = &show_operation,
		.put = &secret_operation };
	const struct cor_service wrong = {
		.name = "lending",
		.about = of,
		.resources = COR_RESOURCES(&resource, &returns),
	};

	assert_contradiction(&wrong, place, words);
}

struct slip {
	const struct cor_response *responses;
	const struct cor_example *examples;
	const struct cor_outgoing *callbacks;
	const char *words;
};

#define RESPONSES(...) .responses = COR_RESPONSES(__VA_ARGS__)
#define LINK(...)      .links = COR_LINKS({ .name = "l", __VA_ARGS__ })

static const struct slip slips[] = {
	{ RESPONSES({ .status = 100 }), .words = "response 100 is not a status of an answer" },
	{ RESPONSES({ .status = 404 }, { .status = 404 }), .words = "404 is listed twice" },
	{ RESPONSES({ .status = 200, .schema = COR_ANSWERS(clash_schema) }),
		.words = "it is that of the output: leave it out" },
	{ RESPONSES({ .status = 409, .schema = COR_ANSWERS(COR_TEXT) }),
		.words = "the .schema of response 409 has no table" },
	{ RESPONSES({ .status = 304, .schema = COR_ANSWERS(clash_schema) }),
		.words = "a 304 has no body" },
	{ RESPONSES({ .status = 200, .doc = "\xff" }), .words = "is not UTF-8" },
	{ RESPONSES({ .status = 404, .examples = COR_EXAMPLES({ .name = "a", .value = "{}" }) }),
		.words = "no body of JSON that they could be of" },
	{ RESPONSES({ .status = 200, .examples = COR_EXAMPLES({ .name = "a b", .value = "{}" }) }),
		.words = "example \"a b\": use letters" },
	{ RESPONSES({ .status = 200, .examples = COR_EXAMPLES({ .name = "a" }) }),
		.words = "example a has no .value" },
	{ RESPONSES({ .status = 200,
		  .examples = COR_EXAMPLES(
			  { .name = "a", .value = "{\"reader\":\"A\",\"days\":7}" }) }),
		.words = "example a at /reader: must have at least 2 characters" },
	{ RESPONSES({ .status = 409,
		  .schema = COR_ANSWERS(clash_schema),
		  .examples = COR_EXAMPLES({ .name = "a", .value = "{\"untli\":\"A\"}" }) }),
		.words = "example a at /untli" },
	{ RESPONSES({ .status = 200, .examples = COR_EXAMPLES({ .name = "a", .value = "{" }) }),
		.words = "example a" },
	{ RESPONSES({ .status = 200, LINK(.operation = &secret_operation) }),
		.words = "link l leads to no operation that the document shows" },
	{ RESPONSES({ .status = 200, LINK(.operation = &show_operation) }),
		.words = "link l does not give \"id\", which is in the path" },
	{ RESPONSES({ .status = 200,
		  LINK(.operation = &show_operation, .values = COR_LINK_VALUES({ "id", "id" })) }),
		.words = "\"id\" is no expression: write \"$response.body#/id\", say" },
	{ RESPONSES({ .status = 200,
		  LINK(.operation = &show_operation,
			  .values = COR_LINK_VALUES({ "ids", "$request.path.id" })) }),
		.words = "link l gives \"ids\", of which asked_schema has no row" },
	{ .examples = COR_EXAMPLES({ .name = "a", .value = "{}" }),
		.words = "the operation has .examples, but no body of JSON" },
	{ .callbacks = COR_OUTGOING({ .name = "due" }), .words = "callback due has no .url" },
	{ .callbacks = COR_OUTGOING({ .name = "due", .url = "u", .sends = COR_ANSWERS(COR_TEXT) }),
		.words = "callback due: .sends has no table" },
};

static void test_slips(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
		struct cor_operation operation = lend_operation;
		operation.responses = slips[i].responses;
		operation.examples = slips[i].examples;
		operation.callbacks = slips[i].callbacks;
		operation.tag = NULL;
		assert_told(&operation, NULL, "POST /loans/{id}", slips[i].words);
	}
}

static void test_body_examples(void **state)
{
	struct cor_operation operation = back_operation;
	const struct cor_resource resource = { .path = "/returns", .post = &operation };
	const struct cor_service wrong = { .name = "lending",
		.resources = COR_RESOURCES(&resource) };

	(void)state;
	operation.examples = COR_EXAMPLES(
		{ .name = "one", .value = "{\"reader\":\"Bo\",\"days\":29}" });
	assert_contradiction(&wrong, "POST /returns", "example one at /days: must be at most 28");
}

static const struct cor_about wrongs[] = {
	{ .tags = COR_TAGS({ .name = "loan" }) },
	{ .tags = COR_TAGS({ .name = "loans" }, { .name = "loans" }) },
	{ .license_identifier = "MIT" },
	{ .license_name = "M", .license_identifier = "M", .license_url = "https://a/" },
	{ .servers = COR_SERVERS({ .url = "example.com" }) },
	{ .contact_url = "https://a b/" },
	{ .webhooks = COR_OUTGOING({ .name = "w", .url = "u" }) },
	{ .webhooks = COR_OUTGOING({ .name = "w" }, { .name = "w" }) },
	{ .external_docs = &(const struct cor_external_docs){ .doc = "D" } },
};

static void test_about(void **state)
{
	static const char *const words[] = { "no operation has the tag \"loan\"",
		"tag \"loans\" is listed twice", "the licence has no .license_name",
		".license_identifier or .license_url, not both",
		"\"example.com\" does not begin with http:// or https://",
		"has a byte that no URL has", "webhook w has an .url", "webhook w is listed twice",
		".external_docs has no .url" };

	(void)state;
	for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++)
		assert_told(&lend_operation, &wrongs[i], "lending", words[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_misuse),
		cmocka_unit_test(test_without_request),
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_slips),
		cmocka_unit_test(test_body_examples),
		cmocka_unit_test(test_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
