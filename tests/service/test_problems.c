/* SPDX-License-Identifier: MIT */
/* Problems of a service and a resource, with members of their own. */
#include "fake.h"
#include "tables.h"

#include <coracle/error.h>
#include <coracle/request.h>
#include <coracle/response.h>

struct due {
	int64_t cents;
	const char *account;
	int64_t retry_s;
};
static const struct cor_field due_fields[] = {
	COR_FIELD(struct due, cents),
	COR_FIELD(struct due, account, .presence = COR_OPTIONAL),
	COR_FIELD(struct due, retry_s, .to = COR_TO_HEADER, .key = "Retry-After"),
};
COR_LOCAL_SCHEMA(due_schema, struct due, due_fields);

struct nothing {
	const char *text;
};
static const struct cor_field nothing_fields[] = {
	COR_FIELD(struct nothing, text, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(nothing_schema, struct nothing, nothing_fields);

static int pay(struct cor_ctx *ctx, const struct cor_none *in, struct cor_none *out)
{
	struct cor_str query = cor_request_query(ctx);
	const struct due due = { .cents = 5, .account = "a\"b", .retry_s = 60 };

	(void)in, (void)out;
	if (cor_str_equal(query, COR_STR("402")))
		return cor_problem_with(ctx, 402, -EIO, due_schema, &due, "%d of %d", 3, 4);
	if (cor_str_equal(query, COR_STR("409")))
		return cor_problem_with(
			ctx, 409, 0, nothing_schema, &(struct nothing){ NULL }, "x");
	if (cor_str_equal(query, COR_STR("other"))) /* of another status */
		return cor_problem_with(ctx, 409, 0, due_schema, &due, "x");
	if (cor_str_equal(query, COR_STR("undeclared")))
		return cor_problem_with(ctx, 423, 0, due_schema, &due, "x");
	if (cor_str_equal(query, COR_STR("bare"))) /* without its members */
		return cor_problem(ctx, 402, 0, "bare");
	if (cor_str_equal(query, COR_STR("dropped"))) {
		int rc = cor_problem_with(ctx, 402, 0, due_schema, &due, "x");
		return rc == -COR_EPROBLEM ? cor_problem(ctx, 404, 0, "later") : rc;
	}
	if (cor_str_equal(query, COR_STR("respond")))
		return cor_respond(ctx, 410, due_schema, &due);
	return cor_problem(ctx, 503, 0, "away");
}
COR_OPERATION(pay_operation, pay, COR_NONE, COR_NONE);

static const struct cor_resource account = {
	.path = "/pay",
	.get = &pay_operation,
	.problems = COR_RESPONSES({ .status = 409, .members = COR_ANSWERS(nothing_schema) },
		{ .status = 410, .schema = COR_ANSWERS(due_schema) },
		{ .status = 503, .doc = "The bank is closed" }),
};
static const struct cor_service service = {
	.name = "bank",
	.resources = COR_RESOURCES(&account),
	.problems = COR_RESPONSES({ .status = 402,
		.type = "https://bank.example/empty",
		.title = "Empty",
		.doc = "The account is empty",
		.members = COR_ANSWERS(due_schema) }),
};

static const struct {
	const char *target;
	int status;
	const char *part, *header;
} cases[] = {
	{ "/pay?402", 402, "\"detail\":\"3 of 4\",\"instance\":\"/pay\"", "Retry-After: 60\n" },
	{ "/pay?402", 402,
		"{\"type\":\"https://bank.example/empty\",\"title\":\"Empty\",\"status\":402,",
		"" },
	{ "/pay?402", 402, ",\"cents\":5,\"account\":\"a\\\"b\"}", "" },
	{ "/pay?409", 409, "\"title\":\"Conflict\"", "" },
	{ "/pay?other", 500, "\"status\":500", "" },
	{ "/pay?undeclared", 500, "\"status\":500", "" },
	{ "/pay?bare", 402, "\"detail\":\"bare\"", "" },
	{ "/pay?dropped", 404, "\"detail\":\"later\"", "" },
	{ "/pay?respond", 410, "{\"cents\":5,\"account\":", "Retry-After: 60\n" },
	{ "/pay?away", 503, "\"detail\":\"away\"", "" },
};

static void test_each(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		fake_serve(dispatcher, &(struct fake_request){ .target = cases[i].target }, &reply);
		assert_int_equal(reply.status, cases[i].status);
		if (!strstr(fake_body(&reply), cases[i].part))
			print_error("%s: %s\n", cases[i].target, fake_body(&reply));
		assert_non_null(strstr(fake_body(&reply), cases[i].part));
		assert_non_null(strstr(reply.headers, cases[i].header));
		bool has_members = strstr(fake_body(&reply), "cents") != NULL;
		assert_int_equal(has_members,
			cases[i].status == 402 ? reply.headers[0] != 0 : cases[i].status == 410);
	}
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* A test calls a handler by itself. */
static void test_without_a_request(void **state)
{
	const struct due due = { .cents = 5 };
	struct cor_ctx *ctx;

	(void)state;
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &service }, &ctx), 0);
	assert_int_equal(
		cor_problem_with(ctx, 402, 0, due_schema, &due, "no %s", "money"), -COR_EPROBLEM);
	assert_int_equal(cor_problem_of(ctx)->status, 402);
	assert_string_equal(cor_problem_of(ctx)->detail, "no money");
	cor_ctx_destroy(ctx);
}

struct clash {
	const char *detail;
};
static const struct cor_field clash_fields[] = { COR_FIELD(struct clash, detail) };
COR_LOCAL_SCHEMA(clash_schema, struct clash, clash_fields);

static const struct {
	const struct cor_response *problems;
	const char *says;
} contradictions[] = {
	{ COR_RESPONSES({ .status = 302 }), "302 in .problems is not the status of a problem" },
	{ COR_RESPONSES({ .status = 409 }, { .status = 409 }), "409 in .problems is listed twice" },
	{ COR_RESPONSES({ .status = 409, .members = COR_ANSWERS(clash_schema) }),
		"\"detail\", which every problem has" },
	{ COR_RESPONSES({ .status = 409, .members = COR_ANSWERS(COR_NONE) }), "have no table" },
	{ COR_RESPONSES({ .status = 409,
		  .members = COR_ANSWERS(due_schema),
		  .schema = COR_ANSWERS(due_schema) }),
		"has .schema and .members" },
	{ COR_RESPONSES({ .status = 409, .title = "Clash" }), "but no .type" },
	{ COR_RESPONSES({ .status = 409, .type = "a b" }), "is no URI: a b" },
	{ COR_RESPONSES({ .status = 409, .examples = COR_EXAMPLES({ .name = "a" }) }),
		"has .links or .examples" },
};

static void test_contradictions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof contradictions / sizeof contradictions[0]; i++) {
		struct cor_resource place = account;
		const struct cor_service wrong = { .name = "s",
			.resources = COR_RESOURCES(&place) };
		struct cor_violations why = { 0 };
		struct cor_arena arena;

		place.problems = contradictions[i].problems;
		assert_int_equal(create(&wrong, &arena, &why), -COR_ETABLE);
		if (!is_said(&why, "/pay", contradictions[i].says))
			print_error("%s: %s\n", why.first->where, why.first->detail);
		assert_true(is_said(&why, "/pay", contradictions[i].says));
		cor_arena_finish(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_without_a_request),
		cmocka_unit_test(test_contradictions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
