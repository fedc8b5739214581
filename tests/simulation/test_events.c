/* SPDX-License-Identifier: MIT */
/* An event stream: comments while it waits, and how it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "answers.h"
#include "script.h"
#include "service.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

#define EVENTS_HEAD                                                                                \
	ANSWER("200 OK", "text/event-stream")                                                      \
	"Transfer-Encoding: chunked\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\n\r\n"
#define RETRY   "d\r\nretry: 2000\n\n\r\n"
#define BEGUN   "d\r\ndata: begun\n\n\r\n"
#define DONE    "c\r\ndata: done\n\n\r\n"
#define COMMENT "3\r\n:\n\n\r\n"

/* Returns the log, which the caller frees. */
static char *play(const struct act *acts, size_t len)
{
	struct stage stage;

	stage_open(&stage, 1);
	script_play(&stage, acts, len);
	char *log = stage_log(&stage);
	assert_int_equal(cor_server_loop(stage.server, 0)->scheduler->in_use, 0);
	stage_close(&stage);
	return log;
}

/* Whoever ends it: nothing has gone wrong. */
static void play_well(const struct act *acts, size_t len)
{
	char *log = play(acts, len);

	assert_null(strstr(log, "\"level\":\"error\""));
	assert_null(strstr(log, "\"level\":\"warning\""));
	free(log);
}

static void test_a_comment_keeps_it_alive(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, GET("/events?ms=40000") },
		{ MS(0), HEAR, 0, EVENTS_HEAD RETRY BEGUN },
		{ MS(15000), HEAR, 0, COMMENT },
		{ MS(30000), HEAR, 0, COMMENT },
		{ MS(40000), HEAR, 0, DONE LAST_CHUNK },
		{ MS(40001), SEND, 0, GET("/hello?name=Ada") },
		{ MS(40001), HEAR, 0, HELLO_ADA },
	};

	(void)state;
	play_well(acts, COUNT_OF(acts));
}

static void test_its_own_time_ends_it_well(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, GET("/brief?ms=40000") },
		{ MS(0), HEAR, 0, EVENTS_HEAD RETRY BEGUN },
		{ MS(BRIEF_MS), HEAR, 0, LAST_CHUNK },
		{ MS(BRIEF_MS + 1), SEND, 0, GET("/hello?name=Ada") },
		{ MS(BRIEF_MS + 1), HEAR, 0, HELLO_ADA },
	};

	(void)state;
	play_well(acts, COUNT_OF(acts));
}

static void test_a_drain_ends_it_well(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, GET("/events?ms=40000") },
		{ MS(0), HEAR, 0, EVENTS_HEAD RETRY BEGUN },
		{ MS(100), DRAIN, 0, NULL },
		{ MS(100), HEAR, 0, LAST_CHUNK },
		{ MS(100), HEAR_END, 0, NULL },
	};

	(void)state;
	play_well(acts, COUNT_OF(acts));
}

static void test_a_client_that_goes_ends_it(void **state)
{
	static const struct act closes[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, GET("/events?ms=40000") },
		{ MS(0), HEAR, 0, EVENTS_HEAD RETRY BEGUN },
		{ MS(20), CLOSE, 0, NULL },
		{ MS(21), CONNECT, 1, NULL },
		{ MS(21), SEND, 1, GET("/hello?name=Ada") },
		{ MS(21), HEAR, 1, HELLO_ADA },
	};
	static const struct act resets[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, GET("/events?ms=40000") },
		{ MS(0), HEAR, 0, EVENTS_HEAD RETRY BEGUN },
		{ MS(20), RESET, 0, NULL },
	};

	(void)state;
	play_well(closes, COUNT_OF(closes));
	play_well(resets, COUNT_OF(resets));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_comment_keeps_it_alive),
		cmocka_unit_test(test_its_own_time_ends_it_well),
		cmocka_unit_test(test_a_drain_ends_it_well),
		cmocka_unit_test(test_a_client_that_goes_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
