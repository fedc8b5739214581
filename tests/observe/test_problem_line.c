/* SPDX-License-Identifier: MIT */
/* The line that a problem leaves: who, which status, and what the client does not see. */
#include "capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/fiber.h>
#include <coracle/sync.h>
#include <coracle/violation.h>

#include "context/context.h"
#include "observe/problem_line.h"

#define TIME "2026-01-31T23:59:59.123Z "

static struct capture capture;

static const char *logged(const struct cor_problem *problem, enum cor_log_format format,
	enum cor_log_level level, struct cor_str who, uint16_t sent)
{
	struct cor_environment environment = { 0 };
	struct cor_ctx ctx;

	capture_open(&capture, format, COR_LOG_INFO, COR_LOG_ACCESS_OFF);
	environment.logger = capture.logger;
	cor_ctx_init(&ctx, &environment, NULL, 0, 0);
	ctx.problem = *problem;
	cor_problem_log(&ctx, level, who, sent);
	capture_take(&capture);
	cor_ctx_finish(&ctx);
	capture_close(&capture);
	return capture.text;
}

static void test_parts(void **state)
{
	struct cor_violation violation = { "body", "/a", "must be 1", NULL };
	struct cor_violation whole = { "body", "", "a body is required", NULL };
	struct cor_violations violations = { &violation, &violation, 1 };
	struct cor_violations several = { &violation, &violation, 3 };
	struct cor_violations absent = { &whole, &whole, 1 };
	const struct {
		struct cor_problem problem;
		const char *line;
		uint16_t sent;
	} cases[] = {
		{ { 404, 0, "no book 7", NULL }, TIME "info get_book: 404: no book 7\n" },
		{ { 502, -ECONNREFUSED, "no price", NULL },
			TIME "info get_book: 502: no price: Connection refused\n" },
		{ { 500, -COR_ESYNTAX, "", NULL },
			TIME "info get_book: 500: the text is not well-formed\n" },
		{ { 500, -404, "", NULL },
			TIME "info get_book: 500: returned -404, which is neither an errno nor a "
			     "cor_error: for a status, return cor_problem()\n" },
		{ { 413, -COR_ETOOLARGE, "the body is too large", NULL },
			TIME "info get_book: 413: the body is too large\n" },
		{ { 422, -COR_EINVALID, "see errors", &violations },
			TIME "info get_book: 422: body /a: must be 1\n" },
		{ { 422, -COR_EINVALID, "see errors", &several },
			TIME "info get_book: 422: body /a: must be 1, and 2 more\n" },
		{ { 422, -COR_EINVALID, "see errors", &absent },
			TIME "info get_book: 422: body: a body is required\n" },
		/* what the client does has no system cause */
		{ { 499, -ECANCELED, "the client went away", NULL },
			TIME "info get_book: 499: the client went away\n" },
		/* the status of the problem was never sent */
		{ { 503, -ECANCELED, "", NULL },
			TIME "info get_book: 200 broken off: Operation canceled\n", 200 },
		{ { 499, -ECANCELED, "the client went away", NULL },
			TIME "info get_book: 499: the client went away\n", 200 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(logged(&cases[i].problem, COR_LOG_TEXT, COR_LOG_INFO,
					    COR_STR("get_book"), cases[i].sent),
			cases[i].line);
}

static void test_levels(void **state)
{
	const struct cor_problem problem = { 500, 0, "broken", NULL };
	struct cor_str who = COR_STR("get_book");

	(void)state;
	assert_string_equal(logged(&problem, COR_LOG_TEXT, COR_LOG_ERROR, who, 0),
		TIME "error get_book: 500: broken\n");
	assert_string_equal(logged(&problem, COR_LOG_TEXT, COR_LOG_DEBUG, who, 0), "");
}

static void test_nothing_can_be_forged(void **state)
{
	const struct cor_problem problem = { 404, 0, "no \"b\"\n{}", NULL };
	struct cor_str who = COR_STR("/a\n");

	(void)state;
	assert_string_equal(logged(&problem, COR_LOG_TEXT, COR_LOG_INFO, who, 0),
		TIME "info /a\\x0a: 404: no \"b\"\\x0a{}\n");
	assert_string_equal(logged(&problem, COR_LOG_JSON, COR_LOG_INFO, who, 0),
		"{\"time\":\"2026-01-31T23:59:59.123Z\",\"level\":\"info\","
		"\"message\":\"/a\\n: 404: no \\\"b\\\"\\n{}\"}\n");
}

/*
 * Each part is cut separately: a long path does not push the detail out, and the line stays whole.
 */
static void test_long_parts_are_cut(void **state)
{
	static char path[5000], detail[5000];
	struct cor_violation violation = { "query", path, detail, NULL };
	struct cor_violations violations = { &violation, &violation, 1 };
	const struct cor_problem problem = { 422, 0, detail, &violations };

	(void)state;
	memset(path, '\x01', sizeof path - 1);
	memset(detail, 'x', sizeof detail - 1);
	for (int format = COR_LOG_TEXT; format <= COR_LOG_JSON; format++) {
		const char *line = logged(&problem, (enum cor_log_format)format, COR_LOG_INFO,
			(struct cor_str){ path, sizeof path - 1 }, 0);
		size_t len = strlen(line);
		assert_true(len > 3000 && len <= COR_LOG_LINE_BYTES);
		assert_non_null(strstr(line, "...: 422: query "));
		assert_non_null(strstr(line, "...: xxx"));
		assert_string_equal(line + len - (format == COR_LOG_JSON ? 6 : 4),
			format == COR_LOG_JSON ? "...\"}\n" : "...\n");
	}
}

/*
 * A request that ran out of time says in which call: a mutex that is never unlocked does not look
 * like a slow network.
 */
static void test_where_the_time_went(void **state)
{
	const struct cor_problem problem = { 504, -ETIMEDOUT, "", NULL };
	const struct cor_problem another = { 502, -ECONNREFUSED, "no price", NULL };
	struct cor_mutex mutex = { 0 };
	struct cor_scope scope;

	(void)state;
	assert_int_equal(cor_mutex_lock(&mutex), 0);
	cor_scope_enter(&scope, 0);
	assert_int_equal(cor_mutex_lock(&mutex), -ETIMEDOUT);
	cor_scope_leave(&scope);
	assert_string_equal(logged(&problem, COR_LOG_TEXT, COR_LOG_ERROR, COR_STR("get_book"), 0),
		TIME "error get_book: 504: timed out in cor_mutex_lock()\n");
	assert_string_equal(logged(&another, COR_LOG_TEXT, COR_LOG_ERROR, COR_STR("get_book"), 0),
		TIME "error get_book: 502: no price: Connection refused\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_nothing_can_be_forged),
		cmocka_unit_test(test_long_parts_are_cut),
		cmocka_unit_test(test_where_the_time_went),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
