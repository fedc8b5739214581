/* SPDX-License-Identifier: MIT */
/* What becomes of a request whose client goes, by what its operation says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "answers.h"
#include "script.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define GONE "watch: 499: the client went away"

/* Returns whether the log has the line that says so. */
static bool play(const struct act *acts, size_t len)
{
	struct stage stage;

	stage_open(&stage, 1);
	script_play(&stage, acts, len);
	char *log = stage_log(&stage);
	bool is_cancelled = strstr(log, GONE) != NULL;
	assert_true(is_cancelled || !strstr(log, "499"));
	free(log);
	assert_int_equal(cor_server_loop(stage.server, 0)->scheduler->in_use, 0);
	stage_close(&stage);
	return is_cancelled;
}

static void test_a_client_that_stays_is_answered(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, GET("/watch?ms=20") },
		{ MS(20), HEAR, 0, RESTED },
		{ MS(20), SEND, 0, GET("/watch?ms=20") },
		{ MS(40), HEAR, 0, RESTED },
		{ MS(41), HALF_CLOSE, 0, NULL },
		{ MS(41), HEAR_END, 0, NULL },
	};

	(void)state;
	assert_false(play(acts, COUNT(acts)));
}

static void test_children_log_with_the_id_of_the_request(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, GET("/watch?ms=20") },
		{ MS(20), HEAR, 0, RESTED },
	};
	struct stage stage;

	(void)state;
	stage_open(&stage, 1);
	script_play(&stage, acts, COUNT(acts));
	char *log = stage_log(&stage);
	assert_non_null(strstr(log, "\"request_id\":\"sim\",\"message\":\"apart for 20 ms\""));
	assert_non_null(strstr(log, "\"request_id\":\"sim\",\"message\":\"apart for 10 ms\""));
	free(log);
	stage_close(&stage);
}

static void test_a_client_that_closes_cancels(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, GET("/watch?ms=1000") },
		{ MS(20), CLOSE, 0, NULL },
		{ MS(21), CONNECT, 1, NULL },
		{ MS(21), SEND, 1, GET("/hello?name=Ada") },
		{ MS(21), HEAR, 1, HELLO_ADA },
	};

	(void)state;
	assert_true(play(acts, COUNT(acts)));
}

/* To the server it looks the same. It hears the end at that instant, so it ended then. */
static void test_a_client_that_closes_its_direction_cancels(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, GET("/watch?ms=1000") },
		{ MS(20), HALF_CLOSE, 0, NULL },
		{ MS(20), HEAR_END, 0, NULL },
	};

	(void)state;
	assert_true(play(acts, COUNT(acts)));
}

static void test_a_client_that_has_closed_before_cancels(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, GET("/watch?ms=1000") },
		{ MS(0), HALF_CLOSE, 0, NULL },
		{ MS(0), HEAR_END, 0, NULL },
	};

	(void)state;
	assert_true(play(acts, COUNT(acts)));
}

static void test_a_client_that_resets_cancels(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, GET("/watch?ms=1000") },
		{ MS(20), RESET, 0, NULL },
	};

	(void)state;
	assert_true(play(acts, COUNT(acts)));
}

/* What it asked for before is answered: the request in front of it does not mind. */
static void test_only_the_operation_that_says_so_is_cancelled(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, GET("/nap?ms=50") GET("/watch?ms=1000") },
		{ MS(20), HALF_CLOSE, 0, NULL },
		{ MS(50), HEAR, 0, RESTED },
		{ MS(50), HEAR_END, 0, NULL },
	};

	(void)state;
	assert_true(play(acts, COUNT(acts)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_client_that_stays_is_answered),
		cmocka_unit_test(test_children_log_with_the_id_of_the_request),
		cmocka_unit_test(test_a_client_that_closes_cancels),
		cmocka_unit_test(test_a_client_that_closes_its_direction_cancels),
		cmocka_unit_test(test_a_client_that_has_closed_before_cancels),
		cmocka_unit_test(test_a_client_that_resets_cancels),
		cmocka_unit_test(test_only_the_operation_that_says_so_is_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
