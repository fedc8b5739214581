/* SPDX-License-Identifier: MIT */
/* A second status of success, which the handler chooses. */
#include "fake.h"
#include "tables.h"

#include <stdio.h>

#include <coracle/caching.h>
#include <coracle/error.h>
#include <coracle/response.h>

struct thing {
	int64_t id;
	const char *how;
	const char *location;
};
static const struct cor_field thing_fields[] = {
	COR_FIELD(struct thing, id),
	COR_FIELD(struct thing, how),
	COR_FIELD(struct thing, location, .key = "Location", .to = COR_TO_HEADER,
		.presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(thing_schema, struct thing, thing_fields);

struct wish {
	const char *how;
};
static const struct cor_field wish_fields[] = { COR_FIELD(struct wish, how) };
COR_LOCAL_SCHEMA(wish_schema, struct wish, wish_fields);

static int put(struct cor_ctx *ctx, const struct wish *in, struct thing *out)
{
	bool is_new = strcmp(in->how, "new") == 0 || strcmp(in->how, "fails") == 0;
	int rc = is_new ? cor_reply_status_set(ctx, 201) : 0;

	*out = (struct thing){ .id = 7, .how = in->how, .location = is_new ? "/things/7" : NULL };
	if (strcmp(in->how, "later") == 0)
		rc = cor_reply_status_set(ctx, 202);
	if (strcmp(in->how, "back") == 0) {
		assert_int_equal(cor_reply_status_set(ctx, 202), 0);
		rc = cor_reply_status_set(ctx, 200);
	}
	if (strcmp(in->how, "odd") == 0)
		rc = cor_reply_status_set(ctx, 203);
	return strcmp(in->how, "fails") == 0 ? cor_problem(ctx, 409, 0, "no") : rc;
}
COR_OPERATION(put_operation, put, wish_schema, thing_schema, .also = { 201, 202 },
	.problems = { 409 }, .responses = COR_RESPONSES({ .status = 202, .doc = "In a while" }));
static const struct cor_caching kept = { .version = "id" };
COR_OPERATION(kept_operation, put, wish_schema, thing_schema, .also = { 201 }, .caching = &kept,
	.problems = { 409 });
COR_OPERATION(plain_operation, put, wish_schema, thing_schema, .problems = { 409 });

static int seen;

static int look(struct cor_ctx *ctx, struct cor_next *next)
{
	int rc = cor_next(next);

	seen = cor_reply_status(ctx, rc);
	return rc;
}
static const struct cor_middleware looking = { .name = "looking", .around = look };

static const struct cor_resource things = { .path = "/things", .put = &put_operation };
static const struct cor_resource kept_things = { .path = "/kept", .put = &kept_operation };
static const struct cor_resource plain_things = { .path = "/plain", .put = &plain_operation };
static const struct cor_resource seen_things = {
	.path = "/seen", .put = &put_operation, .middleware = COR_MIDDLEWARE(&looking)
};
static const struct cor_service service = {
	.name = "s",
	.version = "1",
	.resources = COR_RESOURCES(&things, &kept_things, &plain_things, &seen_things),
};

static const struct {
	const char *target, *how;
	int status;
	const char *headers, *body;
} cases[] = {
	{ "/things", "old", 200, "", "{\"id\":7,\"how\":\"old\"}" },
	{ "/things", "new", 201, "Location: /things/7\n", "{\"id\":7,\"how\":\"new\"}" },
	{ "/things", "later", 202, "", "{\"id\":7,\"how\":\"later\"}" },
	{ "/things", "back", 200, "", "{\"id\":7,\"how\":\"back\"}" },
	{ "/things", "fails", 409, "", NULL },
	{ "/things", "odd", 500, "", NULL },
	{ "/kept", "new", 201, "Location: /things/7\n", "{\"id\":7,\"how\":\"new\"}" },
	{ "/plain", "new", 500, "", NULL },
	{ "/seen", "new", 201, "Location: /things/7\n", "{\"id\":7,\"how\":\"new\"}" },
	{ "/seen", "old", 200, "", "{\"id\":7,\"how\":\"old\"}" },
	{ "/seen", "fails", 409, "", NULL },
};

static void test_each(void **state)
{
	struct cor_dispatcher *dispatcher = fake_dispatcher(&service);
	struct fake_reply reply = { 0 };
	char body[64];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		seen = 0;
		snprintf(body, sizeof body, "{\"how\":\"%s\"}", cases[i].how);
		fake_serve(dispatcher,
			&(struct fake_request){ .method = "PUT",
				.target = cases[i].target,
				.headers = "Content-Type: application/json\n",
				.body = cor_str(body) },
			&reply);
		assert_int_equal(reply.status, cases[i].status);
		if (cases[i].body)
			assert_string_equal(fake_body(&reply), cases[i].body);
		assert_non_null(strstr(reply.headers, cases[i].headers));
		if (strcmp(cases[i].target, "/seen") == 0)
			assert_int_equal(seen, cases[i].status);
	}
	fake_finish(&reply);
	cor_dispatcher_destroy(dispatcher);
}

/* --- what cannot be --- */

static int flow(struct cor_ctx *ctx, const struct cor_none *in, struct cor_body *body,
	struct cor_reply *reply)
{
	(void)ctx, (void)in, (void)body, (void)reply;
	return 0;
}
COR_STREAM_OPERATION(flow_operation, flow, COR_NONE, .content_type = "text/plain", .also = { 202 });

static void expect(const struct cor_operation *operation, const char *says)
{
	const struct cor_resource place = { .path = "/p", .put = operation };
	const struct cor_service wrong = { .name = "s", .resources = COR_RESOURCES(&place) };
	struct cor_violations why = { 0 };
	struct cor_arena arena;

	assert_int_equal(create(&wrong, &arena, &why), -COR_ETABLE);
	if (!is_said(&why, "PUT /p", says))
		fail_msg("%s: %s", why.first->where, why.first->detail);
	cor_arena_finish(&arena);
}

static void test_contradictions(void **state)
{
	static const struct {
		uint16_t also;
		const char *says;
	} wrongs[] = {
		{ 404, "is not a status of success" },
		{ 100, "is not a status of success" },
		{ 200, "is the operation's .status" },
		{ 204, "has no body" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
		struct cor_operation operation = plain_operation;
		operation.also[0] = wrongs[i].also;
		expect(&operation, wrongs[i].says);
	}
	expect(&flow_operation, "a stream says its status itself");
	struct cor_operation twice = put_operation;
	twice.responses = COR_RESPONSES({ .status = 202, .schema = COR_ANSWERS(thing_schema) });
	expect(&twice, "but it is that of the output");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_contradictions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
