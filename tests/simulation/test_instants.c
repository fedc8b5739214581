/* SPDX-License-Identifier: MIT */
/* Each timeout of a service: nothing a nanosecond before its instant, exactly this at it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "answers.h"
#include "latch.h"
#include "script.h"
#include "service.h"

#define LAST_REQUEST_MS 1000 /* for an idle client during a drain */
#define STALLED_MS      (HEADER_MS / 10)
#define COUNT(array)    (sizeof(array) / sizeof(array)[0])

static void play(const struct act *acts, size_t len)
{
	struct stage stage;

	stage_open(&stage, 1);
	script_play(&stage, acts, len);
	stage_close(&stage);
}

static void test_answers_take_their_time_and_no_more(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, GET("/hello?name=Ada") },
		{ MS(0), HEAR, 0, HELLO_ADA },
		{ MS(1), CONNECT, 1, NULL },
		{ MS(1), SEND, 1, GET("/count?to=2") },
		{ MS(1), HEAR, 1, ANSWER("200 OK", "text/plain") CHUNKED },
		{ MS(2), SEND, 0, GET("/nap?ms=7") GET("/hello?name=Ada") },
		{ MS(9), HEAR, 0, RESTED HELLO_ADA },
		{ MS(11), HEAR, 1, "2\r\n1\n\r\n" },
		{ MS(21), HEAR, 1, "2\r\n2\n\r\n" LAST_CHUNK },
	};

	(void)state;
	play(acts, COUNT(acts));
}

static void test_idle_timeout(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(10), SEND, 0, GET("/nap?ms=20") },
		{ MS(30), HEAR, 0, RESTED },
		{ MS(30 + IDLE_MS - 1), SEND, 0, GET("/hello?name=Ada") },
		{ MS(30 + IDLE_MS - 1), HEAR, 0, HELLO_ADA },
		{ MS(30 + 2 * IDLE_MS - 1), HEAR_END, 0, NULL },
	};

	(void)state;
	play(acts, COUNT(acts));
}

/* Time runs from the first byte, whatever follows; a client that says nothing gets nothing. */
static void test_header_timeout(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), CONNECT, 1, NULL },
		{ MS(500), SEND, 0, "GET /hello?na" },
		{ MS(HEADER_MS), HEAR_END, 1, NULL },
		{ MS(499 + HEADER_MS), SEND, 0, "me=Ada HTTP/1.1\r\n" },
		{ MS(500 + HEADER_MS), HEAR, 0, HEAD_LATE },
		{ MS(500 + HEADER_MS), HEAR_END, 0, NULL },
	};

	(void)state;
	play(acts, COUNT(acts));
}

static void play_behind_latches(const struct act *acts, size_t len)
{
	struct stage stage;

	stage_open_with(&stage, 1, &latches);
	script_play(&stage, acts, len);
	stage_close(&stage);
}

/* It limits the handshake, and then the wait for the first byte after it. */
static void test_header_timeout_behind_a_filter(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), CONNECT, 1, NULL },
		{ MS(0), CONNECT, 2, NULL },
		{ MS(400), SEND, 1, "!" },
		{ MS(500), SEND, 2, "!" GET("/hello?name=Ada") },
		{ MS(500), HEAR, 2, HELLO_ADA },
		{ MS(HEADER_MS), HEAR_END, 0, NULL },
		{ MS(400 + HEADER_MS), HEAR, 1, "." },
		{ MS(400 + HEADER_MS), HEAR_END, 1, NULL },
		{ MS(500 + IDLE_MS), HEAR, 2, "." },
		{ MS(500 + IDLE_MS), HEAR_END, 2, NULL },
	};

	(void)state;
	play_behind_latches(acts, COUNT(acts));
}

/*
 * Two may be in progress: the oldest goes for a newcomer, but not before it has had a tenth of its
 * time. What is over counts no more.
 */
static void test_oldest_handshake_makes_room(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(10), CONNECT, 1, NULL },
		{ MS(100), CONNECT, 2, NULL },
		{ MS(100), HEAR_END, 2, NULL },
		{ MS(STALLED_MS - 1), CONNECT, 3, NULL },
		{ MS(STALLED_MS - 1), HEAR_END, 3, NULL },
		{ MS(STALLED_MS), CONNECT, 4, NULL },
		{ MS(STALLED_MS), HEAR_END, 0, NULL },
		{ MS(STALLED_MS), SEND, 4, "!" GET("/hello?name=Ada") },
		{ MS(STALLED_MS), HEAR, 4, HELLO_ADA },
		{ MS(STALLED_MS + 5), CONNECT, 5, NULL },
		{ MS(STALLED_MS + 10), CONNECT, 6, NULL },
		{ MS(STALLED_MS + 10), HEAR_END, 1, NULL },
		{ MS(STALLED_MS + 11), CONNECT, 7, NULL },
		{ MS(STALLED_MS + 11), HEAR_END, 7, NULL },
		{ MS(STALLED_MS + 20), SEND, 6, "!" GET("/hello?name=Ada") },
		{ MS(STALLED_MS + 20), HEAR, 6, HELLO_ADA },
	};
	struct stage stage;

	(void)state;
	stage_open_with(&stage, 1, &latches);
	stage.settings.connection.handshakes_max = 2;
	script_play(&stage, acts, COUNT(acts));
	char *log = stage_log(&stage);
	assert_non_null(strstr(log, "2 handshakes are in progress: new clients are closed"));
	free(log);
	stage_close(&stage);
}

static void test_drain_behind_a_filter(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), CONNECT, 1, NULL },
		{ MS(0), CONNECT, 2, NULL },
		{ MS(0), SEND, 0, "!" },
		{ MS(100), DRAIN, 0, NULL },
		{ MS(200), SEND, 1, "!" },
		{ MS(100 + LAST_REQUEST_MS), HEAR, 0, "." },
		{ MS(100 + LAST_REQUEST_MS), HEAR_END, 0, NULL },
		{ MS(100 + LAST_REQUEST_MS), HEAR_END, 2, NULL },
		{ MS(200 + LAST_REQUEST_MS), HEAR, 1, "." },
		{ MS(200 + LAST_REQUEST_MS), HEAR_END, 1, NULL },
	};

	(void)state;
	play_behind_latches(acts, COUNT(acts));
}

/* Between two pieces. */
static void test_body_timeout(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, PUT("/weight", "20") },
		{ MS(900), SEND, 0, "ten bytes." },
		{ MS(900 + BODY_MS), HEAR, 0, BODY_LATE },
		{ MS(900 + BODY_MS), HEAR_END, 0, NULL },
	};

	(void)state;
	play(acts, COUNT(acts));
}

/* The connection goes on after it. */
static void test_request_timeout(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(1), SEND, 0, GET("/nap?ms=2999") GET("/nap?ms=3001") GET("/hello?name=Ada") },
		{ MS(1 + 2999), HEAR, 0, RESTED },
		{ MS(1 + 2999 + REQUEST_MS), HEAR, 0, NAP_LATE HELLO_ADA },
	};

	(void)state;
	play(acts, COUNT(acts));
}

/* The head and `bytes` times x; the caller frees it. */
static char *large_answer(size_t bytes)
{
	static const char head[] = ANSWER("200 OK", TEXT) LENGTH("200000") "\r\n";
	char *dated = script_date(head, MS(0));
	size_t len = strlen(dated);
	char *text = realloc(dated, bytes + 1);

	assert_non_null(text);
	memset(text + len, 'x', bytes - len);
	text[bytes] = '\0';
	return text;
}

/* A client that takes nothing finds, much later, what fitted into the window, and the end. */
static void test_write_timeout(void **state)
{
	char *begun = large_answer(65536);
	const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), DEAFEN, 0, NULL },
		{ MS(0), SEND, 0, GET("/large?bytes=200000") },
		{ MS(WRITE_MS), UNPLUG, 0, NULL },
		{ MS(WRITE_MS), HEAR, 0, begun },
		{ MS(WRITE_MS), HEAR_END, 0, NULL },
	};

	(void)state;
	play(acts, COUNT(acts));
	free(begun);
}

/* Each step is in time, but the sum is not: the first step beyond ten seconds cuts it. */
static void test_a_client_that_trickles(void **state)
{
	char *begun = large_answer(65536 + 4);
	const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), DEAFEN, 0, NULL },
		{ MS(0), SEND, 0, GET("/large?bytes=200000") },
		{ MS(3000), SIP, 0, "H" },
		{ MS(6000), SIP, 0, "T" },
		{ MS(9000), SIP, 0, "T" },
		{ MS(12000), SIP, 0, "P" },
		{ MS(12000), UNPLUG, 0, NULL },
		{ MS(12000), HEAR, 0, begun + strlen("HTTP") },
		{ MS(12000), HEAR_END, 0, NULL },
	};

	(void)state;
	play(acts, COUNT(acts));
	free(begun);
}

/* A nanosecond before its time is up. */
/* Without framing, only a reset shows that it is incomplete (RFC 9112 section 8). */
static void test_an_answer_that_breaks_off(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), CONNECT, 1, NULL },
		{ MS(0), DEAFEN, 0, NULL },
		{ MS(0), DEAFEN, 1, NULL },
		{ MS(0), SEND, 0, "GET /count?to=301 HTTP/1.0\r\n\r\n" },
		{ MS(0), SEND, 1, "GET /count?to=299 HTTP/1.0\r\n\r\n" },
		{ MS(299 * COUNT_MS), UNPLUG, 1, NULL },
		{ MS(299 * COUNT_MS), HEAR, 1, NULL },
		{ MS(299 * COUNT_MS), HEAR_END, 1, NULL },
		{ MS(REQUEST_MS), UNPLUG, 0, NULL },
		{ MS(REQUEST_MS), HEAR_RESET, 0, NULL },
	};

	(void)state;
	play(acts, COUNT(acts));
}

/* The answer leaves no room for the end at first. */
static void test_an_end_behind_a_filter(void **state)
{
	static const char head[] = ANSWER("200 OK", TEXT) LENGTH("65000") LAST
		"\r\n"; /* its length has five digits */
	char *dated = script_date(head, MS(0));
	size_t head_len = strlen(dated), body_len = 65536 - head_len;
	char request[128], whole[65536 + 2];

	(void)state;
	snprintf(request, sizeof request,
		"!GET /large?bytes=%zu HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", body_len);
	memset(whole, 'x', 65536);
	memcpy(whole, dated, head_len);
	memcpy(strstr(whole, "65000"), strstr(request, "=") + 1, 5);
	memcpy(whole + 65536, ".", 2);
	const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), DEAFEN, 0, NULL },
		{ MS(0), SEND, 0, request },
		{ MS(500), UNPLUG, 0, NULL },
		{ MS(500), HEAR, 0, whole },
		{ MS(500), HEAR_END, 0, NULL },
	};
	play_behind_latches(acts, COUNT(acts));
	free(dated);
}

static void test_a_client_that_takes_it_in_time_gets_all(void **state)
{
	char *whole = large_answer(
		200000 + strlen("HTTP/1.1 200 OK\r\nDate: "
				"Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: " TEXT
				"\r\n" LENGTH("200000") "\r\n"));
	const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), DEAFEN, 0, NULL },
		{ MS(0), SEND, 0, GET("/large?bytes=200000") },
		{ MS(WRITE_MS) - 1, UNPLUG, 0, NULL },
		{ MS(WRITE_MS) - 1, HEAR, 0, whole },
	};

	(void)state;
	play(acts, COUNT(acts));
	free(whole);
}

/*
 * 0 is idle and stays idle, 1 is idle and asks once more, 2 ends in time, 3 does not, 4 has sent
 * part of a head.
 */
static const struct act drain[] = {
	{ MS(0), CONNECT, 0, NULL },
	{ MS(0), CONNECT, 1, NULL },
	{ MS(0), CONNECT, 2, NULL },
	{ MS(0), CONNECT, 3, NULL },
	{ MS(0), CONNECT, 4, NULL },
	{ MS(0), SEND, 0, GET("/hello?name=Ada") },
	{ MS(0), SEND, 1, GET("/hello?name=Ada") },
	{ MS(0), HEAR, 0, HELLO_ADA },
	{ MS(0), HEAR, 1, HELLO_ADA },
	{ MS(50), SEND, 2, GET("/nap?ms=2000") },
	{ MS(100), SEND, 3, GET("/nap?ms=2900") },
	{ MS(150), SEND, 4, "GET /hello" },
	{ MS(200), DRAIN, 0, NULL },
	{ MS(700), SEND, 1, GET("/hello?name=Ada") },
	{ MS(700), HEAR, 1,
		ANSWER("200 OK", JSON) LENGTH("22") LAST "\r\n{\"text\":\"Hello, Ada!\"}" },
	{ MS(700), HEAR_END, 1, NULL },
	{ MS(200 + LAST_REQUEST_MS), HEAR_END, 0, NULL },
	{ MS(150 + HEADER_MS), HEAR, 4, HEAD_LATE },
	{ MS(150 + HEADER_MS), HEAR_END, 4, NULL },
	{ MS(2050), HEAR, 2, ANSWER("200 OK", TEXT) LENGTH("7") LAST "\r\nrested\n" },
	{ MS(2050), HEAR_END, 2, NULL },
	{ MS(200 + DRAIN_MS), HEAR_END, 3, NULL },
};

static void log_has(struct stage *stage, const char *text, bool expected)
{
	char *log = stage_log(stage);

	assert_int_equal(strstr(log, text) != NULL, expected);
	free(log);
}

static void test_drain_timeout(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 1);
	script_play(&stage, drain, COUNT(drain));
	assert_true(stage.ended);
	assert_true(cor_server_was_cut(stage.server));
	log_has(&stage, "cutting 1 connection after", true);
	assert_int_equal(cor_world_connect(stage.world, STAGE_ADDRESS), -ECONNREFUSED);
	stage_close(&stage);
}

/* It has its answer, and only lingers: nothing is cut. */
static void test_drain_timeout_of_a_client_that_stays(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, 1);
	int peer = cor_world_connect(stage.world, STAGE_ADDRESS);
	assert_true(cor_world_send(stage.world, peer, "GET /hello?na") > 0);
	stage_run_until(&stage, MS(0));
	cor_server_drain(stage.server, COR_DRAIN_CLOSE);
	stage_run_until(&stage, MS(HEADER_MS - 1));
	assert_true(cor_world_send(stage.world, peer, "\1 and more") > 0);
	stage_run_until(&stage, MS(DRAIN_MS) - 1);
	assert_false(stage.ended);
	stage_run_until(&stage, MS(DRAIN_MS));
	assert_true(stage.ended);
	assert_false(cor_server_was_cut(stage.server));
	log_has(&stage, "cutting", false);
	stage_close(&stage);
}

/* When all is over, the service does not wait for its drain timeout. */
static void test_a_drain_ends_with_its_last_connection(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, GET("/nap?ms=300") },
		{ MS(100), DRAIN, 0, NULL },
		{ MS(300), HEAR, 0, ANSWER("200 OK", TEXT) LENGTH("7") LAST "\r\nrested\n" },
		{ MS(300), HEAR_END, 0, NULL },
	};
	struct stage stage;

	(void)state;
	stage_open(&stage, 1);
	script_play(&stage, acts, COUNT(acts));
	stage_run_until(&stage, MS(300));
	assert_true(stage.ended);
	assert_false(cor_server_was_cut(stage.server));
	stage_close(&stage);
}

#define CLIENTS 40

/* Each client is placed on the loop with the fewest, and both end together. */
static void test_two_loops_share_their_clients(void **state)
{
	struct act acts[3 * CLIENTS];
	struct stage stage;
	size_t len = 0;

	(void)state;
	for (int i = 0; i < CLIENTS; i++) {
		acts[len++] = (struct act){ MS(i), CONNECT, i, NULL };
		acts[len++] = (struct act){ MS(i), SEND, i, GET("/hello?name=Ada") };
		acts[len++] = (struct act){ MS(i), HEAR, i, HELLO_ADA };
	}
	stage_open(&stage, 2);
	script_play(&stage, acts, len);
	for (uint32_t i = 0; i < 2; i++)
		assert_in_range(cor_server_loop(stage.server, i)->connections_len, CLIENTS / 2 - 3,
			CLIENTS / 2 + 3);
	cor_server_drain(stage.server, COR_DRAIN_CLOSE);
	stage_run_until(&stage, MS(CLIENTS - 1 + LAST_REQUEST_MS) - 1);
	assert_false(stage.ended);
	stage_run_until(&stage, MS(CLIENTS - 1 + LAST_REQUEST_MS));
	assert_true(stage.ended);
	assert_false(cor_server_was_cut(stage.server));
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers_take_their_time_and_no_more),
		cmocka_unit_test(test_idle_timeout),
		cmocka_unit_test(test_header_timeout),
		cmocka_unit_test(test_header_timeout_behind_a_filter),
		cmocka_unit_test(test_oldest_handshake_makes_room),
		cmocka_unit_test(test_drain_behind_a_filter),
		cmocka_unit_test(test_body_timeout),
		cmocka_unit_test(test_request_timeout),
		cmocka_unit_test(test_write_timeout),
		cmocka_unit_test(test_a_client_that_trickles),
		cmocka_unit_test(test_an_answer_that_breaks_off),
		cmocka_unit_test(test_an_end_behind_a_filter),
		cmocka_unit_test(test_a_client_that_takes_it_in_time_gets_all),
		cmocka_unit_test(test_drain_timeout),
		cmocka_unit_test(test_drain_timeout_of_a_client_that_stays),
		cmocka_unit_test(test_a_drain_ends_with_its_last_connection),
		cmocka_unit_test(test_two_loops_share_their_clients),
	};

	return cmocka_run_group_tests_name("simulation/instants", tests, NULL, NULL);
}
