/* SPDX-License-Identifier: MIT */
/* Answers that are errors, decoded by a table of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/client.h>
#include <coracle/script.h>

#include "stage.h"

#define OK "{\"cents\":250}"

struct refusal {
	const char *detail;
	int64_t wait_s; /* a header */
};
static const struct cor_field refusal_fields[] = {
	COR_FIELD(struct refusal, detail),
	COR_FIELD(struct refusal, wait_s, .key = "Retry-After", .from = COR_FROM_HEADER,
		.fallback = "0"),
};
COR_LOCAL_SCHEMA(refusal_schema, struct refusal, refusal_fields);
static const struct cor_service refusing = {
	.name = "stage",
	.upstreams = COR_UPSTREAMS(&safe),
	.schemas = COR_SCHEMAS(price_schema, refusal_schema),
};

struct refused_stage {
	struct cor_script *script;
	struct cor_ctx *ctx;
	struct price price;
	struct refusal refusal;
	int status;
};

static void open_refused(struct refused_stage *stage)
{
	*stage = (struct refused_stage){ .price.cents = 5, .refusal.detail = "as it was" };
	assert_int_equal(cor_script_create(&stage->script), 0);
	assert_int_equal(cor_ctx_create(&(struct cor_ctx_options){ .service = &refusing,
						.script = stage->script },
				 &stage->ctx),
		0);
}

static void close_refused(struct refused_stage *stage)
{
	cor_ctx_destroy(stage->ctx);
	cor_script_destroy(stage->script);
}

static int get_or_refusal(struct refused_stage *stage, const struct cor_scripted *line)
{
	assert_int_equal(cor_script_add(stage->script, line), 0);
	return cor_http_get(stage->ctx, &safe, price_schema, &stage->price, COR_PATH("/"),
		.ret_status = &stage->status, .expects = { 404, 304 },
		.ret_error = COR_RET(refusal_schema, &stage->refusal));
}

#define PROBLEM                                                                                    \
	COR_HTTP_FIELDS({ "Content-Type", "application/problem+json" }, { "Retry-After", "7" })

/* An expected status has a table of its own; the output is of 2xx alone. */
static void test_errors_have_an_output_of_their_own(void **state)
{
	struct refused_stage stage;

	(void)state;
	open_refused(&stage);
	assert_int_equal(get_or_refusal(&stage, &(struct cor_scripted){ .body = OK }), 0);
	assert_int_equal(stage.status, 200);
	assert_int_equal(stage.price.cents, 250);
	assert_string_equal(stage.refusal.detail, "as it was");

	assert_int_equal(get_or_refusal(&stage, &(struct cor_scripted){ .status = 404,
							.headers = PROBLEM,
							.body = "{\"detail\":\"none\",\"x\":1}" }),
		0);
	assert_int_equal(stage.status, 404);
	assert_string_equal(stage.refusal.detail, "none");
	assert_int_equal(stage.refusal.wait_s, 7);
	assert_int_equal(stage.price.cents, 250);

	/* of a redirect, or what was not changed, there is nothing to decode */
	assert_int_equal(get_or_refusal(&stage, &(struct cor_scripted){ .status = 304 }), 0);
	assert_int_equal(stage.status, 304);
	assert_string_equal(stage.refusal.detail, "none");
	assert_null(cor_http_failure(stage.ctx));
	close_refused(&stage);
}

static const struct {
	struct cor_scripted line;
	enum cor_failure kind;
	const char *text;
} wrong_refusals[] = {
	{ { .status = 404,
		  .body = "<p>",
		  .headers = COR_HTTP_FIELDS({ "Content-Type", "text/html" }) },
		COR_FAILED_MEDIA_TYPE, "its 404 is not JSON, but text/html" },
	{ { .status = 404, .body = "{}", .headers = PROBLEM }, COR_FAILED_SCHEMA,
		"its 404 breaks refusal_schema: /detail is required" },
	{ { .status = 404, .body = "{", .headers = PROBLEM }, COR_FAILED_SYNTAX, "not JSON" },
	{ { .status = 409, .body = "{\"detail\":\"x\"}", .headers = PROBLEM }, COR_FAILED_STATUS,
		"it answered 409 Conflict: x" },
};

static void test_errors_of_another_shape_are_failures(void **state)
{
	struct refused_stage stage;

	(void)state;
	for (size_t i = 0; i < sizeof wrong_refusals / sizeof wrong_refusals[0]; i++) {
		open_refused(&stage);
		assert_true(get_or_refusal(&stage, &wrong_refusals[i].line) < 0);
		assert_int_equal(cor_http_failure(stage.ctx)->kind, wrong_refusals[i].kind);
		assert_non_null(strstr(cor_http_failure(stage.ctx)->text, wrong_refusals[i].text));
		assert_int_equal(stage.price.cents, 5);
		close_refused(&stage);
	}
}

static void test_an_output_of_errors_needs_the_status(void **state)
{
	struct refused_stage stage;
	struct cor_answer *answer;

	(void)state;
	open_refused(&stage);
	assert_int_equal(
		cor_http_get(stage.ctx, &safe, COR_NONE, NULL, COR_PATH("/"), .expects = { 404 },
			.ret_error = COR_RET(refusal_schema, &stage.refusal)),
		-EINVAL);
	assert_non_null(strstr(cor_http_failure(stage.ctx)->text, ".ret_error needs .ret_status"));
	assert_int_equal(cor_http_open(stage.ctx, &safe, &answer, COR_PATH("/"),
				 .ret_error = COR_RET(refusal_schema, &stage.refusal)),
		-EINVAL);
	assert_non_null(strstr(cor_http_failure(stage.ctx)->text, ".ret_error is for calls that"));
	assert_int_equal(cor_http_get(stage.ctx, &safe, COR_NONE, NULL, COR_PATH("/"),
				 .ret_status = &stage.status, .expects = { 404 },
				 .ret_error = COR_RET(refusal_schema, (struct refusal *)NULL)),
		-EINVAL);
	assert_non_null(strstr(cor_http_failure(stage.ctx)->text, ".ret_error has nowhere to go"));
	assert_int_equal(cor_script_len(stage.script), 0);
	close_refused(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors_have_an_output_of_their_own),
		cmocka_unit_test(test_errors_of_another_shape_are_failures),
		cmocka_unit_test(test_an_output_of_errors_needs_the_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
