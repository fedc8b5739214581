/* SPDX-License-Identifier: MIT */
/* What a ctx records about a request that fails, and the id that identifies it in the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/violation.h>

#include "context/context.h"

static struct cor_ctx ctx;

static int set_up(void **state)
{
	(void)state;
	cor_ctx_init(&ctx, NULL, NULL, 0, 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	cor_ctx_finish(&ctx);
	return 0;
}

static void test_a_constant_is_not_copied(void **state)
{
	static const char detail[] = "100 % here";

	(void)state;
	assert_int_equal(cor_ctx_problem(&ctx, 404, 0, detail), -COR_EPROBLEM);
	assert_ptr_equal(ctx.problem.detail, detail);
	assert_int_equal(ctx.problem.status, 404);
	assert_int_equal(cor_ctx_problem(&ctx, 0, -ETIMEDOUT, NULL), -COR_EPROBLEM);
	assert_int_equal(ctx.problem.status, 504);
	assert_int_equal(ctx.problem.cause, -ETIMEDOUT);
	assert_string_equal(ctx.problem.detail, "");
}

static void test_text_is_formatted(void **state)
{
	(void)state;
	assert_int_equal(cor_problem(&ctx, 404, 0, "no book %d", 7), -COR_EPROBLEM);
	assert_string_equal(ctx.problem.detail, "no book 7");
}

static void test_rules_are_counted(void **state)
{
	(void)state;
	cor_ignore(cor_invalid(&ctx, "body", "/a", "must be %d", 1));
	assert_string_equal(ctx.problem.detail, "the request breaks a rule: see errors");
	for (int i = 0; i < 11; i++)
		cor_ignore(cor_invalid(&ctx, "body", "/b", "must be %d", i));
	assert_string_equal(ctx.problem.detail, "the request breaks 12 rules: see errors");
	assert_int_equal(ctx.problem.violations->count, 12);
}

static void test_only_errors_are_problems(void **state)
{
	static const int statuses[] = { 99, 200, 304, 399, 600, 700, 70000, -1 };

	(void)state;
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
		ctx.problem = (struct cor_problem){ 0 };
		assert_int_equal(cor_problem(&ctx, statuses[i], -EIO, "no book"), -COR_EPROBLEM);
		assert_int_equal(ctx.problem.status, 500);
		assert_int_equal(ctx.problem.cause, -EIO);
		assert_non_null(strstr(ctx.problem.detail, "between 400 and 599: no book"));
	}
	assert_int_equal(cor_problem(&ctx, 400, 0, "hidden?"), -COR_EPROBLEM);
	assert_int_equal(ctx.problem.status, 500);
	ctx.problem = (struct cor_problem){ 0 };
	assert_int_equal(cor_problem(&ctx, 400, 0, "lowest"), -COR_EPROBLEM);
	assert_int_equal(ctx.problem.status, 400);
	assert_int_equal(cor_problem(&ctx, 599, 0, "highest"), -COR_EPROBLEM);
	assert_int_equal(ctx.problem.status, 599);
}

/* What is not a handler's problem, and codes that claim a problem which nobody recorded. */
static void test_false_codes(void **state)
{
	(void)state;
	assert_int_equal(cor_problem(&ctx, 499, 0, "gone"), -COR_EPROBLEM);
	assert_int_equal(ctx.problem.status, 500);
	assert_non_null(
		strstr(ctx.problem.detail, "status 499, which means that the client has gone"));
	assert_non_null(strstr(ctx.problem.detail, ": gone"));
	ctx.problem = (struct cor_problem){ 0 };
	const struct cor_problem *problem = cor_ctx_settle(&ctx, -COR_EPROBLEM);
	assert_int_equal(problem->status, 500);
	assert_int_equal(problem->cause, 0);
	assert_string_equal(problem->detail, "returned -COR_EPROBLEM, but recorded no problem");
	assert_int_equal(cor_status_of(INT_MIN), 500);
}

/*
 * The document says which values "in" takes, and that a pointer is a JSON Pointer: anything else is
 * a defect of the handler.
 */
static void test_places_are_those_of_the_document(void **state)
{
	static const char *const places[] = { "body", "path", "query", "header", "form", "cookie" };

	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		cor_ignore(cor_invalid(&ctx, places[i], "/a", "wrong"));
		assert_int_equal(ctx.problem.status, 422);
	}
	assert_int_equal(cor_invalid(&ctx, "crumb", "sid", "is %s", "old"), -COR_EPROBLEM);
	assert_int_equal(ctx.problem.status, 500);
	assert_null(ctx.problem.violations);
	assert_non_null(strstr(ctx.problem.detail, "\"crumb\""));
	ctx.problem = (struct cor_problem){ 0 };
	assert_int_equal(cor_invalid(&ctx, "body", "title", "is old"), -COR_EPROBLEM);
	assert_int_equal(ctx.problem.status, 500);
	assert_non_null(strstr(ctx.problem.detail, "\"title\" is not a JSON Pointer"));
	assert_int_equal(cor_invalid(&ctx, "body", "", "the whole"), -COR_EPROBLEM);
	assert_int_equal(ctx.problem.status, 500); /* a defect is not hidden by what comes next */
	assert_int_equal(cor_problem(&ctx, 409, 0, "mine"), -COR_EPROBLEM);
	assert_int_equal(cor_ctx_settle(&ctx, -ETIMEDOUT)->status, 500);
	assert_non_null(strstr(ctx.problem.detail, "\"title\" is not a JSON Pointer"));
	ctx.problem = (struct cor_problem){ 0 }; /* as for the next request */
	cor_ignore(cor_problem(&ctx, 404, 0, "no book"));
	cor_ignore(cor_invalid(&ctx, "body", "", "the whole"));
	assert_int_equal(ctx.problem.status, 422);
}

/* A code that happens to equal the cause of an earlier problem means something else. */
static void test_only_its_code_matches(void **state)
{
	(void)state;
	cor_ignore(cor_problem(&ctx, 409, -ETIMEDOUT, "the lock is taken"));
	assert_int_equal(cor_ctx_status(&ctx, -ETIMEDOUT), 504);
	assert_int_equal(cor_ctx_status(&ctx, -COR_EPROBLEM), 409);
	assert_int_equal(cor_ctx_settle(&ctx, -ETIMEDOUT)->status, 504);
	assert_string_equal(ctx.problem.detail, "");
	cor_ignore(cor_problem(&ctx, 409, 0, "no cause"));
	assert_int_equal(cor_ctx_settle(&ctx, -COR_EPROBLEM)->status, 409);
}

/* A failure identified by its own code counts until another problem is recorded. */
static void test_a_failure_goes_by_its_cause(void **state)
{
	(void)state;
	assert_int_equal(cor_ctx_fail(&ctx, 408, -ETIMEDOUT, "the body is late"), -ETIMEDOUT);
	assert_int_equal(cor_ctx_status(&ctx, -ETIMEDOUT), 408);
	assert_int_equal(cor_ctx_status(&ctx, -EIO), 500);
	assert_string_equal(cor_ctx_settle(&ctx, -ETIMEDOUT)->detail, "the body is late");
	cor_ignore(cor_problem(&ctx, 409, -ETIMEDOUT, "the lock is taken"));
	assert_int_equal(cor_ctx_settle(&ctx, -ETIMEDOUT)->status, 504);
}

static void test_a_positive_number_is_a_defect(void **state)
{
	(void)state;
	cor_ignore(cor_problem(&ctx, 404, ENOMEM, "no book"));
	const struct cor_problem *problem = cor_ctx_settle(&ctx, ENOMEM);
	assert_int_equal(problem->status, 500);
	assert_string_equal(problem->detail, "returned 12, not 0 or a negative code");
}

/* Sixteen digits, and each of the sixteen values turns up before long. */
static void test_request_id(void **state)
{
	static const char digits[] = "0123456789abcdef";
	unsigned seen = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		ctx.request_id[0] = '\0';
		const char *id = cor_request_id(&ctx);
		assert_int_equal(strlen(id), 16);
		assert_int_equal(strspn(id, digits), 16);
		assert_ptr_equal(cor_request_id(&ctx), id);
		for (size_t at = 0; at < 16; at++)
			seen |= 1u << (strchr(digits, id[at]) - digits);
	}
	assert_int_equal(seen, 0xffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_constant_is_not_copied, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_text_is_formatted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_rules_are_counted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_only_errors_are_problems, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_false_codes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_places_are_those_of_the_document, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_only_its_code_matches, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_failure_goes_by_its_cause, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_positive_number_is_a_defect, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_request_id, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
