/* SPDX-License-Identifier: MIT */
/* Checks and hooks of schemas, run on what other servers answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/check.h>
#include <coracle/client.h>
#include <coracle/error.h>
#include <coracle/json_hook.h>
#include <coracle/script.h>
#include <coracle/service.h>

static struct {
	int checks, loads;
	int rc;         /* of the next check */
	bool does_call; /* it makes a call of its own */
} hook;
static const struct cor_upstream rooms = {
	.name = "rooms",
	.base_url = "http://rooms",
	.in_flight = 1,
};

/* --- a stay --- */

struct stay {
	int64_t from, until;
	int64_t nights; /* of no row */
};
static const struct cor_field stay_fields[] = {
	COR_FIELD(struct stay, from, .range = COR_MIN(0)),
	COR_FIELD(struct stay, until, .access = COR_READ_ONLY),
};
COR_DECLARE_SCHEMA(stay_schema, struct stay);

static int call_again(struct cor_ctx *ctx)
{
	struct cor_str text;

	hook.does_call = false;
	return cor_http_get(ctx, &rooms, COR_TEXT, &text, COR_PATH("/again"));
}

static int check_stay(struct cor_ctx *ctx, const struct stay *stay)
{
	hook.checks++;
	if (hook.does_call)
		return call_again(ctx);
	if (hook.rc == -COR_EPROBLEM)
		return cor_problem(ctx, 409, 0, "not now");
	if (hook.rc < 0)
		return hook.rc;
	if (stay->until <= stay->from)
		return cor_invalid_at(ctx, stay_schema, until, "must be after from");
	return 0;
}
COR_CHECK(stay_check, check_stay, struct stay);

static int count_nights(struct cor_ctx *ctx, struct stay *stay)
{
	(void)ctx;
	hook.loads++;
	stay->nights = stay->until - stay->from;
	return 0;
}
COR_HOOK(stay_loaded, count_nights, struct stay);

/* Servers of before send "to". */
static int rename_to(struct cor_ctx *ctx, struct cor_arena *arena, struct cor_node **json)
{
	struct cor_node *to = cor_node_get(*json, "to");
	int64_t until;

	if (!to)
		return 0;
	if (cor_node_to_int64(to, &until) < 0)
		return cor_invalid(ctx, "body", "/to", "must be a number");
	cor_node_remove(to);
	return cor_node_set(arena, *json, "until", cor_node_int64(arena, until));
}
COR_JSON_HOOK(old_stay, rename_to);
COR_SCHEMA(stay_schema, stay_fields, .check = &stay_check, .after_load = &stay_loaded,
	.before_load = &old_stay);

/* --- a guest, who has some --- */

struct guest {
	cor_array(struct stay) stays;
	struct stay last;
	struct stay secret;
	const char *etag;
};
static const struct cor_field guest_fields[] = {
	COR_OBJECT_ARRAY(struct guest, stays, stay_schema),
	COR_OBJECT(struct guest, last, stay_schema, .presence = COR_OPTIONAL),
	COR_OBJECT(struct guest, secret, stay_schema, .access = COR_WRITE_ONLY),
	COR_FIELD(struct guest, etag, .key = "ETag", .from = COR_FROM_HEADER,
		.presence = COR_OPTIONAL),
};
COR_LOCAL_SCHEMA(guest_schema, struct guest, guest_fields);

struct rated {
	struct stay stay;
	int64_t stars; /* a header */
};
static const struct cor_field rated_fields[] = {
	COR_OBJECT(struct rated, stay, stay_schema),
	COR_FIELD(struct rated, stars, .key = "X-Stars", .from = COR_FROM_HEADER),
};
COR_LOCAL_SCHEMA(rated_schema, struct rated, rated_fields);

static const struct cor_service service = {
	.name = "hotel",
	.upstreams = COR_UPSTREAMS(&rooms),
	.schemas = COR_SCHEMAS(stay_schema, guest_schema, rated_schema),
};

struct stage {
	struct cor_script *script;
	struct cor_ctx *ctx;
};

static int open_stage(void **state)
{
	struct stage *stage = calloc(1, sizeof *stage);

	memset(&hook, 0, sizeof hook);
	assert_int_equal(cor_script_create(&stage->script), 0);
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &service,
						.script = stage->script },
				 &stage->ctx),
		0);
	*state = stage;
	return 0;
}

static int close_stage(void **state)
{
	struct stage *stage = *state;

	cor_ctx_destroy(stage->ctx);
	cor_script_destroy(stage->script);
	free(stage);
	return 0;
}

static void answer(struct stage *stage, const char *body)
{
	const struct cor_scripted line = { .body = body,
		.headers = COR_HTTP_FIELDS({ "ETag", "7" }) };

	assert_int_equal(cor_script_add(stage->script, &line), 0);
}

#define GET(schema, ret) cor_http_get(stage->ctx, &rooms, schema, ret, COR_PATH("/"))

static const struct cor_http_failure *failure_of(
	const struct stage *stage, enum cor_failure kind, const char *text)
{
	const struct cor_http_failure *failure = cor_http_failure(stage->ctx);

	assert_non_null(failure);
	print_message("# %s\n", failure->text);
	assert_int_equal(failure->kind, kind);
	assert_non_null(strstr(failure->text, text));
	return failure;
}

static void test_they_run(void **state)
{
	struct stage *stage = *state;
	struct guest guest;

	answer(stage, "{\"stays\":[{\"from\":1,\"until\":3},{\"from\":4,\"until\":9}],"
		      "\"last\":{\"from\":0,\"to\":1}}");
	assert_int_equal(GET(guest_schema, &guest), 0);
	assert_int_equal(hook.checks, 3);
	assert_int_equal(hook.loads, 3);
	assert_int_equal(guest.stays.items[1].nights, 5);
	assert_int_equal(guest.last.nights, 1);
	assert_string_equal(guest.etag, "7");
}

/* Neither the one that no answer has, nor the one that this has not. */
static void test_what_is_not_there_is_not_checked(void **state)
{
	struct stage *stage = *state;
	struct guest guest;

	answer(stage, "{\"stays\":[]}");
	assert_int_equal(GET(guest_schema, &guest), 0);
	assert_int_equal(hook.checks, 0);
	assert_int_equal(cor_script_add(stage->script, &(struct cor_scripted){ 0 }), 0);
	assert_int_equal(
		cor_http_request("HEAD", stage->ctx, &rooms, guest_schema, &guest, COR_PATH("/")),
		0);
	assert_int_equal(hook.checks, 0);
}

static void test_what_they_refuse_breaks_the_schema(void **state)
{
	struct stage *stage = *state;
	struct guest guest;
	struct stay stay;
	const struct cor_http_failure *failure;

	answer(stage, "{\"stays\":[{\"from\":1,\"until\":3},{\"from\":4,\"until\":4}],"
		      "\"last\":{\"from\":2,\"until\":1}}");
	assert_int_equal(GET(guest_schema, &guest), -EBADMSG);
	failure = failure_of(stage, COR_FAILED_SCHEMA,
		"its answer breaks guest_schema: /stays/1/until must be after from (and more)");
	assert_int_equal(failure->violations->count, 2);
	assert_string_equal(failure->violations->last->where, "/last/until");
	assert_string_equal(failure->violations->last->in, "body");
	assert_string_equal(failure->violations->last->detail, "must be after from");
	assert_int_equal(cor_problem_of(stage->ctx)->status, 502);

	/* where rows are wrong, the structs that have none of them are checked, as in a request */
	hook.checks = 0;
	answer(stage, "{\"stays\":[{\"from\":4,\"until\":4}],\"last\":{\"from\":-1,\"until\":1}}");
	assert_int_equal(GET(guest_schema, &guest), -EBADMSG);
	failure = failure_of(stage, COR_FAILED_SCHEMA,
		"its answer breaks guest_schema: /last/from must be at least 0 (and more)");
	assert_int_equal(hook.checks, 1);
	assert_int_equal(failure->violations->count, 2);
	assert_string_equal(failure->violations->last->where, "/stays/0/until");

	answer(stage, "{\"from\":4,\"until\":4}");
	assert_int_equal(GET(stay_schema, &stay), -EBADMSG);
	failure_of(stage, COR_FAILED_SCHEMA,
		"its answer breaks stay_schema: /until must be after from");
	answer(stage, "{\"stays\":[{\"from\":4,\"to\":\"x\"}]}");
	assert_int_equal(GET(guest_schema, &guest), -EBADMSG);
	failure_of(stage, COR_FAILED_SCHEMA,
		"its answer breaks guest_schema: /stays/0/to must be a number");
}

/* Fields are told with the rest, whether the body was read or not. */
static void test_fields_are_told_with_the_rest(void **state)
{
	struct stage *stage = *state;
	const struct cor_http_field *headers = COR_HTTP_FIELDS({ "X-Stars", "x" });
	struct rated rated;
	const struct cor_http_failure *failure;

	assert_int_equal(cor_script_add(stage->script,
				 &(struct cor_scripted){ .headers = headers,
					 .body = "{\"stay\":{\"from\":4,\"until\":4}}" }),
		0);
	assert_int_equal(GET(rated_schema, &rated), -EBADMSG);
	failure = failure_of(stage, COR_FAILED_SCHEMA, "(and more)");
	assert_int_equal(failure->violations->count, 2);
	assert_string_equal(failure->violations->first->where, "X-Stars");
	assert_string_equal(failure->violations->last->where, "/stay/until");

	assert_int_equal(
		cor_script_add(stage->script, &(struct cor_scripted){ .headers = headers,
						      .body = "{\"stay\":{\"to\":\"x\"}}" }),
		0);
	assert_int_equal(GET(rated_schema, &rated), -EBADMSG);
	failure = failure_of(stage, COR_FAILED_SCHEMA, "/stay/to must be a number");
	assert_int_equal(failure->violations->count, 2);
	assert_string_equal(failure->violations->last->where, "X-Stars");
	assert_int_equal(hook.checks, 1);
}

static void test_a_hook_that_fails(void **state)
{
	struct stage *stage = *state;
	struct stay stay;

	answer(stage, "{\"from\":1,\"until\":2}");
	hook.rc = -EIO;
	assert_int_equal(GET(stay_schema, &stay), -EIO);
	failure_of(stage, COR_FAILED_HOOK, "a hook of stay_schema has failed: Input/output error");
	assert_int_equal(cor_problem_of(stage->ctx)->status, 500);
	answer(stage, "{\"from\":1,\"until\":2}");
	hook.rc = -COR_EPROBLEM;
	assert_int_equal(GET(stay_schema, &stay), -COR_EPROBLEM);
	failure_of(stage, COR_FAILED_HOOK, "a hook of stay_schema has failed: not now");
	assert_int_equal(cor_problem_of(stage->ctx)->status, 409);
}

/* There is one place for a call, which the answer has left by then. */
static void test_a_hook_may_call(void **state)
{
	struct stage *stage = *state;
	struct stay stay;

	answer(stage, "{\"from\":1,\"until\":2}");
	answer(stage, "text");
	hook.does_call = true;
	assert_int_equal(GET(stay_schema, &stay), 0);
	assert_int_equal(cor_script_len(stage->script), 2);

	answer(stage, "{\"from\":1,\"until\":2}");
	hook.does_call = true;
	assert_int_equal(cor_script_add(stage->script, &(struct cor_scripted){ .status = 500 }), 0);
	assert_int_equal(GET(stay_schema, &stay), -COR_ESTATUS);
	assert_int_equal(cor_problem_of(stage->ctx)->status, 502);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_stage, close_stage)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_they_run),
		TEST(test_what_is_not_there_is_not_checked),
		TEST(test_what_they_refuse_breaks_the_schema),
		TEST(test_fields_are_told_with_the_rest),
		TEST(test_a_hook_that_fails),
		TEST(test_a_hook_may_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
