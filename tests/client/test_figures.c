/* SPDX-License-Identifier: MIT */
/* What is counted of calls, as /metrics shows it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/error.h>
#include <coracle/fiber.h>

#include "client/call_figures.h"
#include "context/context.h"
#include "stage.h"

enum { PRICES, SAFE, SEVERAL }; /* in the order of the service */
enum { GET_AT, HEAD_AT, POST_AT, PUT_AT, PATCH_AT, DELETE_AT, OTHER_AT };

#define GET(upstream_, ...)                                                                        \
	cor_http_get(stage->ctx, &(upstream_), COR_NONE, NULL, COR_PATH("/x"), ##__VA_ARGS__)

static const struct cor_upstream_figures *figures(const struct stage *stage, size_t upstream)
{
	const struct cor_calls_figures *all = stage->ctx->environment->calls;

	assert_non_null(all);
	assert_true(upstream < all->len);
	return &all->items[upstream];
}

/* By the name that /metrics has; all of them without one. */
static uint64_t results(const struct stage *stage, size_t upstream, const char *name)
{
	const struct cor_upstream_figures *its = figures(stage, upstream);
	uint64_t sum = 0;
	bool is_known = !name;

	for (size_t i = 0; cor_call_result_name(i); i++) {
		if (name && strcmp(name, cor_call_result_name(i)) != 0)
			continue;
		is_known = true;
		sum += cor_counter_read(&its->results[i]);
	}
	assert_true(is_known);
	return sum;
}

static struct cor_histogram_total times(const struct stage *stage, size_t upstream, size_t method)
{
	struct cor_histogram_total total = { 0 };

	cor_histogram_add(&total, figures(stage, upstream)->times[method],
		stage->ctx->environment->calls->bounds);
	return total;
}

/* Each call is in one result and in one histogram, and none is left in flight. */
static void assert_sums(const struct stage *stage, size_t upstream)
{
	uint64_t sum = 0;

	for (size_t method = 0; method < COR_CALL_METHODS; method++)
		sum += times(stage, upstream, method).count;
	assert_int_equal(sum, results(stage, upstream, NULL));
	assert_int_equal(cor_counter_read(figures(stage, upstream)->in_flight), 0);
	assert_int_equal(cor_counter_read(figures(stage, upstream)->waiting), 0);
}

static void test_results(void **state)
{
	static const struct {
		struct cor_scripted line;
		const char *result;
	} rows[] = {
		{ { .status = 204 }, "2xx" },
		{ { .status = 304 }, "3xx" },
		{ { .status = 404 }, "4xx" },
		{ { .status = 500, .body = "{}" }, "5xx" },
		{ { .fault = COR_SCRIPT_REFUSED, .times = 3 }, "refused" },
		{ { .fault = COR_SCRIPT_GARBAGE }, "protocol" },
		{ { .fault = COR_SCRIPT_SILENT, .times = 3 }, "total timeout" },
	};
	struct stage *stage = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		stage_line(stage, &rows[i].line);
		cor_ignore(GET(prices));
		assert_int_equal(results(stage, PRICES, rows[i].result), 1);
		assert_int_equal(results(stage, PRICES, NULL), i + 1);
	}
	assert_int_equal(cor_counter_read(figures(stage, PRICES)->retries), 4);
	assert_int_equal(results(stage, SAFE, NULL), 0);
	assert_sums(stage, PRICES);
}

/* The status is what the server said, whatever the caller makes of it, and of its broken rest. */
static void test_a_status_as_a_value(void **state)
{
	struct stage *stage = *state;
	int status = 0;

	stage_line(stage, &(struct cor_scripted){ .status = 404,
				  .body = "half of it",
				  .fault = COR_SCRIPT_RESET,
				  .fails_after = 4 });
	assert_int_equal(GET(prices, .ret_status = &status), 0);
	assert_int_equal(status, 404);
	assert_int_equal(results(stage, PRICES, "4xx"), 1);
	assert_int_equal(results(stage, PRICES, NULL), 1);
}

static void test_times(void **state)
{
	static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE",
		"PURGE" };
	struct stage *stage = *state;

	for (size_t i = 0; i < COR_CALL_METHODS; i++) {
		stage_line(stage, &(struct cor_scripted){ .head_ms = 30 * (int64_t)(i + 1) });
		assert_int_equal(cor_http_request(methods[i], stage->ctx, &prices, COR_NONE, NULL,
					 COR_PATH("/x")),
			0);
		assert_int_equal(times(stage, PRICES, i).count, 1);
		assert_int_equal(times(stage, PRICES, i).sum, 30000000 * (i + 1));
	}
	assert_sums(stage, PRICES);
}

/* How long a reader takes says nothing of the server. */
static void test_an_answer_in_pieces(void **state)
{
	struct stage *stage = *state;
	struct cor_answer *answer;
	char piece[16];

	stage_line(stage, &(struct cor_scripted){ .head_ms = 20,
				  .body = "half of it",
				  .fault = COR_SCRIPT_RESET,
				  .fails_after = 4 });
	assert_int_equal(cor_http_open(stage->ctx, &safe, &answer, COR_PATH("/x")), 0);
	assert_int_equal(cor_counter_read(figures(stage, SAFE)->in_flight), 1);
	assert_int_equal(results(stage, SAFE, NULL), 0);
	assert_int_equal(cor_sleep_ms(5000), 0);
	assert_int_equal(cor_answer_read(answer, piece, sizeof piece), 4);
	assert_int_equal(cor_answer_read(answer, piece, sizeof piece), -ECONNRESET);
	cor_answer_close(answer);
	assert_int_equal(results(stage, SAFE, "connection lost"), 1);
	assert_int_equal(times(stage, SAFE, GET_AT).sum, 20000000);
	assert_sums(stage, SAFE);
}

static void test_what_cannot_be_made(void **state)
{
	struct stage *stage = *state;

	assert_int_equal(
		cor_http_get(stage->ctx, &prices, COR_NONE, NULL, COR_PATH("no path")), -EINVAL);
	assert_int_equal(GET(unlisted), -COR_ETABLE);
	for (size_t i = PRICES; i <= SEVERAL; i++)
		assert_int_equal(results(stage, i, NULL), 0);
}

static void test_connections(void **state)
{
	struct stage *stage = *state;

	stage_line(stage, &(struct cor_scripted){ .fault = COR_SCRIPT_REFUSED });
	stage_line(stage, &(struct cor_scripted){ .times = 2 });
	assert_int_equal(GET(prices), 0);
	assert_int_equal(GET(prices), 0);
	assert_int_equal(cor_counter_read(figures(stage, PRICES)->connections), 2);
}

/* It is out after five failures, stays so after a probe that fails, and is in by one that is
   answered. */
static void test_targets(void **state)
{
	struct stage *stage = *state;
	const struct cor_upstream_figures *its = figures(stage, SEVERAL);
	uint64_t most = 0;

	assert_null(figures(stage, PRICES)->targets_out);
	stage_line(stage, &(struct cor_scripted){ .times = 18, .fault = COR_SCRIPT_REFUSED });
	stage_line(stage, &(struct cor_scripted){ .times = COR_SCRIPT_ALWAYS });
	for (int i = 0; i < 60; i++) {
		uint64_t now = 0;
		cor_ignore(GET(several));
		for (size_t at = 0; at < 3; at++) {
			assert_in_range(cor_counter_read(&its->targets_out[at]), 0, 1);
			now += cor_counter_read(&its->targets_out[at]);
		}
		most = now > most ? now : most;
		assert_int_equal(cor_sleep_ms(i < 5 ? 0 : 5000), 0);
	}
	assert_int_equal(most, 3);
	for (size_t at = 0; at < 3; at++)
		assert_int_equal(cor_counter_read(&its->targets_out[at]), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_results, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(test_a_status_as_a_value, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(test_times, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(test_an_answer_in_pieces, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(test_what_cannot_be_made, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(test_connections, stage_open, stage_close),
		cmocka_unit_test_setup_teardown(test_targets, stage_open, stage_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
