/* SPDX-License-Identifier: MIT */
/* Checks and hooks of schemas: at every depth, in their order, and where they say they are. */
#include "fake.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/check.h>
#include <coracle/error.h>
#include <coracle/request.h>
#include <coracle/schema_union.h>

#include "context/context.h"

static char calls[256]; /* what ran, in its order */

static void note(const char *what, int64_t id)
{
	size_t len = strlen(calls);

	snprintf(calls + len, sizeof calls - len, "%s%d ", what, (int)id);
}

/* What several schemas embed, with its own check. */
struct span {
	int32_t from, until;
};
COR_DECLARE_SCHEMA(span_schema, struct span);
static int check_span(struct cor_ctx *ctx, const struct span *span)
{
	note("span", span->from);
	if (span->until <= span->from)
		return cor_invalid_at(ctx, span_schema, until, "must be after %d", span->from);
	return 0;
}
COR_CHECK(span_check, check_span, struct span);
static const struct cor_field span_fields[] = {
	COR_FIELD(struct span, from, .range = COR_MIN(0)),
	COR_FIELD(struct span, until),
};
COR_SCHEMA(span_schema, span_fields, .check = &span_check);

struct stay {
	int64_t room;
	struct span span;
	const char *name;
	cor_opt(int32_t) guests;
};
COR_DECLARE_SCHEMA(stay_schema, struct stay);
static int check_stay(struct cor_ctx *ctx, const struct stay *stay)
{
	int rc = 0;

	note("stay", stay->room);
	if (stay->room == 13)
		rc = cor_invalid_at(ctx, stay_schema, room, "is not let");
	if (stay->guests.state == COR_SET && stay->guests.value > 2)
		rc = cor_invalid_at(ctx, stay_schema, guests, "has room for 2");
	if (stay->room == 99)
		return cor_problem(ctx, 409, 0, "room 99 is taken");
	if (stay->room == 98)
		return -ETIMEDOUT;
	if (stay->room == 97)
		return 5;
	if (stay->room == 96)
		return -COR_EPROBLEM;
	return rc;
}
COR_CHECK(stay_check, check_stay, struct stay);
static int trim(struct cor_ctx *ctx, struct stay *stay)
{
	note("trim", stay->room);
	while (*stay->name == ' ')
		stay->name++;
	return *stay->name ? 0 : cor_invalid_at(ctx, stay_schema, name, "is blank");
}
COR_HOOK(stay_trim, trim, struct stay);
static const struct cor_field stay_fields[] = {
	COR_FIELD(struct stay, room, .key = "room/no"),
	COR_EMBED(struct stay, span, span_schema),
	COR_FIELD(struct stay, name),
	COR_OPT_FIELD(struct stay, guests),
};
COR_SCHEMA(stay_schema, stay_fields, .check = &stay_check, .after_load = &stay_trim);

struct trip {
	int64_t id;
	int32_t page;
	struct stay first;
	struct stay *last;
	cor_array(struct stay) others;
	cor_opt(struct stay) maybe;
};
COR_DECLARE_SCHEMA(trip_schema, struct trip);
static int check_trip(struct cor_ctx *ctx, const struct trip *trip)
{
	note("trip", trip->id);
	if (trip->id == 7)
		return cor_invalid_at(ctx, trip_schema, id, "is not yours");
	if (trip->page == 7)
		return cor_invalid_at(ctx, trip_schema, page, "is not there");
	return 0;
}
COR_CHECK(trip_check, check_trip, struct trip);
static const struct cor_field trip_fields[] = {
	COR_FIELD(struct trip, id, .from = COR_FROM_PATH),
	COR_FIELD(struct trip, page, .from = COR_FROM_QUERY, .fallback = "1"),
	COR_OBJECT(struct trip, first, stay_schema),
	COR_OBJECT(struct trip, last, stay_schema, .presence = COR_OPTIONAL),
	COR_OBJECT_ARRAY(struct trip, others, stay_schema, .presence = COR_OPTIONAL),
	COR_OPT_OBJECT(struct trip, maybe, stay_schema),
};
COR_SCHEMA(trip_schema, trip_fields, .check = &trip_check);

static int take_trip(struct cor_ctx *ctx, const struct trip *trip, struct cor_str *name)
{
	(void)ctx;
	*name = cor_str(trip->first.name);
	return 0;
}
COR_OPERATION(trip_operation, take_trip, trip_schema, COR_TEXT);

static int take_stay(struct cor_ctx *ctx, const struct stay *stay, struct cor_str *name)
{
	(void)ctx;
	*name = cor_str(stay->name);
	return 0;
}
COR_OPERATION(stay_operation, take_stay, stay_schema, COR_TEXT);
COR_OPERATION(stay_query_operation, take_stay, stay_schema, COR_TEXT);

/* A PATCH checks the whole when it has been put together. */
struct stay_patch {
	struct stay stay;
	struct cor_given given;
};
static const struct cor_field stay_patch_fields[] = {
	COR_PARTIAL(struct stay_patch, stay, given, stay_schema),
};
COR_LOCAL_SCHEMA(stay_patch_schema, struct stay_patch, stay_patch_fields);
static int patch_stay(struct cor_ctx *ctx, const struct stay_patch *patch, struct cor_str *name)
{
	struct stay stay = { .room = 1, .span = { 10, 20 }, .name = " old" };

	cor_apply(&patch->given, stay_schema, &patch->stay, &stay);
	int rc = cor_check(ctx, stay_schema, &stay);
	*name = cor_str(stay.name);
	return rc;
}
COR_OPERATION(patch_operation, patch_stay, stay_patch_schema, COR_TEXT);

/* From a handler, and of a member that no request names. */
struct lone {
	int32_t n;
	int32_t answered;
};
static const struct cor_field lone_fields[] = {
	COR_FIELD(struct lone, n, .bare = true),
};
COR_LOCAL_SCHEMA(lone_schema, struct lone, lone_fields);
static int take_lone(struct cor_ctx *ctx, const struct lone *lone, struct cor_none *none)
{
	(void)none;
	if (lone->n == 1)
		return cor_invalid_at(ctx, lone_schema, n, "is 1");
	if (lone->n == 2)
		return cor_invalid_at(ctx, lone_schema, answered, "is 2");
	return 0;
}
COR_OPERATION(lone_operation, take_lone, lone_schema, COR_NONE);

/* In a union, by value and behind a pointer, and in a map. */
enum plan_kind { PLAN_SPAN, PLAN_STAY };
struct plan {
	enum plan_kind kind;
	union {
		struct span span;
		struct stay *stay;
	};
};
static const struct cor_branch plan_branches[] = {
	COR_BRANCH(struct plan, span, span_schema, PLAN_SPAN, "span"),
	COR_BRANCH(struct plan, stay, stay_schema, PLAN_STAY, "stay"),
};
COR_LOCAL_UNION_SCHEMA(plan_schema, struct plan, kind, plan_branches);
struct plans {
	cor_dict(struct plan) by_name;
};
static const struct cor_field plans_fields[] = {
	COR_OBJECT_DICT(struct plans, by_name, plan_schema, .bare = true),
};
COR_LOCAL_SCHEMA(plans_schema, struct plans, plans_fields);
static int take_plans(struct cor_ctx *ctx, const struct plans *plans, struct cor_none *none)
{
	(void)ctx, (void)plans, (void)none;
	return 0;
}
COR_OPERATION(plans_operation, take_plans, plans_schema, COR_NONE);
/* What was not read is not there: inside of what is missing, and what only answers have. */
struct leg {
	struct stay night;
	cor_array(struct stay) days;
};
static const struct cor_field leg_fields[] = {
	COR_OBJECT(struct leg, night, stay_schema),
	COR_OBJECT_ARRAY(struct leg, days, stay_schema, .max_items = 1, .presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(leg_schema, struct leg, leg_fields);
struct tour {
	int64_t id;
	struct leg leg;
	struct stay suggested;
};
static const struct cor_field tour_fields[] = {
	COR_FIELD(struct tour, id, .fallback = "1"),
	COR_OBJECT(struct tour, leg, leg_schema),
	COR_OBJECT(struct tour, suggested, stay_schema, .access = COR_READ_ONLY),
};
COR_LOCAL_SCHEMA(tour_schema, struct tour, tour_fields);
static int take_tour(struct cor_ctx *ctx, const struct tour *tour, struct cor_none *none)
{
	(void)ctx, (void)tour, (void)none;
	return 0;
}
COR_OPERATION(tour_operation, take_tour, tour_schema, COR_NONE);
static const struct cor_resource tours = { .path = "/tours", .post = &tour_operation };

static const struct cor_resource plans = { .path = "/plans", .post = &plans_operation };

static const struct cor_resource trips = { .path = "/trips/{id}", .post = &trip_operation };
static const struct cor_resource stays = {
	.path = "/stays",
	.post = &stay_operation,
	.get = &stay_query_operation,
	.patch = &patch_operation,
};
static const struct cor_resource lones = { .path = "/lone", .post = &lone_operation };
static const struct cor_resource *const resources[] = { &trips, &stays, &lones, &plans, &tours,
	NULL };
static const struct cor_service service = { .name = "hooks", .resources = resources };

#define STAY(room, from, until, name)                                                              \
	"{\"room/no\":" #room ",\"from\":" #from ",\"until\":" #until ",\"name\":\"" name "\"}"

/* Each request, what it is answered, and what ran in which order. */
static const struct {
	const char *method, *target, *headers, *body;
	int status;
	const char *parts[3];
	const char *calls;
} cases[] = {
	{ "POST", "/stays", NULL, STAY(1, 2, 3, "  Ann"), 200, { "Ann" }, "span2 stay1 trim1 " },
	{ "POST", "/stays", NULL, STAY(1, 3, 3, "Ann"), 422,
		{ "{\"in\":\"body\",\"pointer\":\"/until\",\"detail\":\"must be after 3\"}",
			"breaks a rule" },
		"span3 " },
	{ "POST", "/stays", NULL, STAY(13, 2, 3, "Ann"), 422,
		{ "{\"in\":\"body\",\"pointer\":\"/room~1no\",\"detail\":\"is not let\"}" },
		"span2 stay13 " },
	{ "POST", "/stays", NULL, STAY(1, 2, 3, " "), 422,
		{ "{\"in\":\"body\",\"pointer\":\"/name\",\"detail\":\"is blank\"}" },
		"span2 stay1 trim1 " },
	/* a row is wrong: its check may rely on it */
	{ "POST", "/stays", NULL, STAY(1, -1, 3, "Ann"), 422, { "\"pointer\":\"/from\"" }, "" },
	{ "POST", "/stays", NULL, "{", 400, { "not well-formed" }, "" },
	/* as a form, and from a query */
	{ "POST", "/stays", "Content-Type: application/x-www-form-urlencoded\n",
		"room/no=1&from=5&until=5&name=x", 422,
		{ "{\"in\":\"form\",\"parameter\":\"until\",\"detail\":\"must be after 5\"}" },
		"span5 " },
	{ "GET", "/stays?room/no=1&from=5&until=5&name=x", NULL, NULL, 422,
		{ "{\"in\":\"query\",\"parameter\":\"until\",\"detail\":\"must be after 5\"}" },
		"span5 " },
	/* inner ones first, and a wrong one hides only what relies on it */
	{ "POST", "/trips/1", NULL, "{\"first\":" STAY(1, 2, 3, " Bob") "}", 200, { "Bob" },
		"span2 stay1 trim1 trip1 " },
	{ "POST", "/trips/1", NULL,
		"{\"first\":" STAY(1, 2, 3, "a") ",\"last\":" STAY(
			2, 4, 5, "b") ",\"others\":[" STAY(3, 6, 7, "c") "," STAY(4, 8, 9,
			"d") "],\"maybe\":" STAY(5, 10, 11, "e") "}",
		200, { "a" },
		"span2 stay1 trim1 span4 stay2 trim2 span6 stay3 trim3 span8 stay4 trim4 "
		"span10 stay5 trim5 trip1 " },
	{ "POST", "/trips/1", NULL,
		"{\"first\":" STAY(1, 2, 2, "a") ",\"others\":[" STAY(3, 6, 7, "c") "," STAY(
			13, 8, 9, "d") ",{\"name\":5}]}",
		422,
		{ "{\"in\":\"body\",\"pointer\":\"/first/until\",\"detail\":\"must be after 2\"}",
			"\"pointer\":\"/others/1/room~1no\",\"detail\":\"is not let\"}",
			"{\"in\":\"body\",\"pointer\":\"/others/2/name\"," },
		"span2 span6 stay3 trim3 span8 stay13 " },
	{ "POST", "/trips/7", NULL, "{\"first\":" STAY(1, 2, 3, "a") "}", 422,
		{ "{\"in\":\"path\",\"parameter\":\"id\",\"detail\":\"is not yours\"}" },
		"span2 stay1 trim1 trip7 " },
	{ "POST", "/trips/1?page=7", NULL, "{\"first\":" STAY(1, 2, 3, "a") "}", 422,
		{ "{\"in\":\"query\",\"parameter\":\"page\",\"detail\":\"is not there\"}" },
		"span2 stay1 trim1 trip1 " },
	{ "POST", "/trips/x", NULL, "{\"first\":" STAY(1, 2, 3, "a") "}", 422,
		{ "\"in\":\"path\"" }, "span2 stay1 trim1 " },
	/* other answers than a 422 end it */
	{ "POST", "/stays", NULL, STAY(99, 2, 3, "Ann"), 409, { "room 99 is taken" },
		"span2 stay99 " },
	{ "POST", "/stays", NULL, STAY(98, 2, 3, "Ann"), 504, { "504" }, "span2 stay98 " },
	{ "POST", "/stays", NULL, STAY(97, 2, 3, "Ann"), 500, { "500" }, "span2 stay97 " },
	{ "POST", "/stays", NULL, STAY(96, 2, 3, "Ann"), 500, { "500" }, "span2 stay96 " },
	/* a PATCH checks the whole */
	{ "PATCH", "/stays", NULL, "{\"until\":12}", 200, { " old" }, "span10 stay1 " },
	{ "PATCH", "/stays", NULL, "{\"until\":5}", 422,
		{ "{\"in\":\"body\",\"pointer\":\"/until\",\"detail\":\"must be after 10\"}" },
		"span10 " },
	{ "PATCH", "/stays", NULL, "{\"room/no\":13,\"guests\":3}", 422,
		{ "\"/room~1no\"", "{\"in\":\"body\",\"pointer\":\"/guests\"", "breaks 2 rules" },
		"span10 stay13 " },
	{ "POST", "/plans", NULL,
		"{\"a\":{\"kind\":\"span\",\"from\":1,\"until\":2},\"b\":{\"from\":4,\"until\":4,"
		"\"kind\":\"span\"},\"c/d\":{\"kind\":\"stay\","
		"\"room/no\":13,\"from\":5,\"until\":6,"
		"\"name\":\"x\"}}",
		422,
		{ "\"pointer\":\"/b/until\",\"detail\":\"must be after 4\"}",
			"\"pointer\":\"/c~1d/room~1no\",\"detail\":\"is not let\"}",
			"breaks 2 rules" },
		"span1 span4 span5 stay13 " },
	/* what was not read has no hooks */
	{ "POST", "/trips/1", NULL, "", 422, { "a body is required" }, "" },
	{ "POST", "/trips/1", NULL, "[]", 422, { "must be an object, not an array" }, "" },
	{ "POST", "/trips/1", NULL, "null", 422, { "must be an object, not null" }, "" },
	{ "POST", "/tours", NULL, "", 422, { "a body is required" }, "" },
	{ "POST", "/tours", NULL, "{\"id\":2}", 422, { "\"/leg\",\"detail\":\"is required\"" },
		"" },
	{ "POST", "/tours", NULL, "{\"leg\":5}", 422, { "must be an object, not a number" }, "" },
	{ "POST", "/tours", NULL, "{\"leg\":{}}", 422, { "/leg/night" }, "" },
	{ "POST", "/tours", NULL, "{\"leg\":{\"night\":" STAY(1, 2, 3, "a") "}}", 204, { "" },
		"span2 stay1 trim1 " },
	/* but items of an array that is too long have */
	{ "POST", "/tours", NULL,
		"{\"leg\":{\"night\":" STAY(1, 2, 3, "a") ",\"days\":[" STAY(2, 3, 3, "b") "," STAY(
			3, 4, 5, "c") "]}}",
		422, { "at most 1 item", "\"/leg/days/0/until\"" }, "span2 stay1 trim1 span3 " },
	/* from a handler */
	{ "POST", "/lone", NULL, "1", 422,
		{ "{\"in\":\"body\",\"pointer\":\"\",\"detail\":\"is 1\"}" }, "" },
	{ "POST", "/lone", NULL, "2", 500, { "500" }, "" },
	{ "POST", "/lone", NULL, "3", 204, { "" }, "" },
	/* bare bodies */
	{ "POST", "/lone", NULL, "", 422, { "a body is required" }, "" },
	{ "POST", "/lone", "Content-Type: application/x-www-form-urlencoded\n", "n=3", 415, { "" },
		"" },
	{ "POST", "/lone", NULL, "{\"n\":3}", 422, { "must be an integer, not an object" }, "" },
};

static void every_request(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct fake_request request = {
			.method = cases[i].method,
			.target = cases[i].target,
			.headers = cases[i].headers ? cases[i].headers : "",
			.body = cor_str(cases[i].body),
		};
		calls[0] = '\0';
		fake_serve(dispatcher, &request, &reply);
		const char *body = fake_body(&reply);
		if (reply.status != cases[i].status || strcmp(calls, cases[i].calls) != 0)
			fail_msg("%s %s: %d %s; %s", cases[i].target, cases[i].body, reply.status,
				body, calls);
		for (int j = 0; j < 3 && cases[i].parts[j]; j++)
			if (!strstr(body, cases[i].parts[j]))
				fail_msg("%s: %s lacks %s", cases[i].body, body, cases[i].parts[j]);
	}
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* What a hook says is added up; memory that runs out at any point has an answer. */
static void little_memory(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_request request = {
		.method = "POST",
		.target = "/trips/1",
		.headers = "",
		.body = COR_STR(
			"{\"first\":" STAY(1, 2, 2, "a") ",\"last\":" STAY(13, 2, 3, "a") "}"),
	};
	struct fake_reply reply = { 0 };
	int failures = 0;

	(void)state;
	for (request.memory_bytes = 1; reply.status != 422 && request.memory_bytes < 100000;
		request.memory_bytes += 16) {
		fake_serve(dispatcher, &request, &reply);
		assert_int_equal(reply.replies, 1);
		if (reply.status != 422) {
			failures++;
			assert_true(
				reply.status == 413 || reply.status == 414 || reply.status == 503);
		}
	}
	assert_int_equal(reply.status, 422);
	assert_true(failures > 3);
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* A problem that was recorded before is not lost to a check that finds nothing. */
static void problems_before_stay(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	const struct stay good = { 1, { 1, 2 }, "a", { 0 } }, bad = { 13, { 1, 2 }, "a", { 0 } };
	struct cor_ctx ctx;

	(void)state;
	cor_ctx_init(&ctx, cor_dispatcher_environment(dispatcher), NULL, 0, 0);
	cor_ignore(cor_invalid(&ctx, "body", "/first", "is wrong"));
	assert_int_equal(cor_check(&ctx, stay_schema, &good), 0);
	assert_int_equal(cor_problem_of(&ctx)->violations->count, 1);
	assert_int_equal(cor_check(&ctx, stay_schema, &bad), -COR_EPROBLEM);
	assert_int_equal(cor_problem_of(&ctx)->violations->count, 2);
	assert_string_equal(cor_problem_of(&ctx)->violations->first->where, "/first");
	assert_string_equal(cor_problem_of(&ctx)->violations->last->where, "/room~1no");
	cor_ctx_finish(&ctx);
	cor_dispatcher_destroy(dispatcher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_request),
		cmocka_unit_test(little_memory),
		cmocka_unit_test(problems_before_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
