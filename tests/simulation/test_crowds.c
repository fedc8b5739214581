/* SPDX-License-Identifier: MIT */
/*
 * More clients than the loop fetches events for in one go. All were in time, but the loop was busy
 * past their deadlines: what counts is what they did, not when the loop learns of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "answers.h"
#include "latch.h"
#include "runtime/reactor.h"
#include "script.h"

#define CROWD     400
#define EARLY_MS  100 /* before the deadline */
#define LINGER_MS 2000

_Static_assert(CROWD > COR_REACTOR_BATCH, "one look at the sockets must not reveal all");

static int peers[CROWD];

static void arrive(struct stage *stage, const struct cor_filter_source *filters)
{
	stage_open_with(stage, 1, filters);
	for (int i = 0; i < CROWD; i++) {
		peers[i] = cor_world_connect(stage->world, STAGE_ADDRESS);
		assert_true(peers[i] > 0);
	}
	stage_run_until(stage, MS(0));
}

static void send_all(struct stage *stage, const char *text)
{
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(cor_world_send(stage->world, peers[i], text), strlen(text));
}

/* While the loop does something else and notices nothing. */
static void be_busy(struct stage *stage)
{
	cor_world_pass_ms(stage->world, 2 * EARLY_MS);
	stage_run_until(stage, cor_world_now_ns(stage->world));
}

static void hear(struct stage *stage, int peer, const char *expected)
{
	static char text[1024];
	ssize_t n = cor_world_receive(stage->world, peer, text, sizeof text - 1);

	assert_true(n >= 0);
	text[n] = '\0';
	assert_string_equal(text, expected);
}

static void hear_all(struct stage *stage, const char *answer)
{
	char *expected = script_date(answer, cor_world_now_ns(stage->world));

	for (int i = 0; i < CROWD; i++)
		hear(stage, peers[i], expected);
	free(expected);
}

static void test_heads_that_arrive_in_time(void **state)
{
	struct stage stage;

	(void)state;
	arrive(&stage, NULL);
	send_all(&stage, "GET /hello?na");
	stage_run_until(&stage, MS(HEADER_MS - EARLY_MS));
	send_all(&stage, "me=Ada HTTP/1.1\r\nHost: a\r\n\r\n");
	be_busy(&stage);
	hear_all(&stage, HELLO_ADA);
	stage_close(&stage);
}

/* The next head begins with the end of the one that was due: it has its own timeout. */
static void test_heads_after_heads(void **state)
{
	struct stage stage;

	(void)state;
	arrive(&stage, NULL);
	send_all(&stage, "GET /hello?na");
	stage_run_until(&stage, MS(HEADER_MS - EARLY_MS));
	send_all(&stage, "me=Ada HTTP/1.1\r\nHost: a\r\n\r\nGET /hello?na");
	be_busy(&stage);
	hear_all(&stage, HELLO_ADA);
	stage_run_until(&stage, MS(2 * HEADER_MS));
	send_all(&stage, "me=Ada HTTP/1.1\r\nHost: a\r\n\r\n");
	stage_run_until(&stage, MS(2 * HEADER_MS));
	hear_all(&stage, HELLO_ADA);
	stage_close(&stage);
}

/* More has come, but not all of it. */
static void test_heads_that_are_late(void **state)
{
	struct stage stage;

	(void)state;
	arrive(&stage, NULL);
	send_all(&stage, "GET /hello?na");
	stage_run_until(&stage, MS(HEADER_MS - EARLY_MS));
	send_all(&stage, "me=A");
	be_busy(&stage);
	hear_all(&stage, HEAD_LATE);
	stage_close(&stage);
}

static void test_bodies_that_arrive_in_time(void **state)
{
	struct stage stage;

	(void)state;
	arrive(&stage, NULL);
	send_all(&stage, PUT("/weight", "20") "ten bytes.");
	stage_run_until(&stage, MS(BODY_MS - EARLY_MS));
	send_all(&stage, "ten bytes.");
	be_busy(&stage);
	hear_all(&stage, ANSWER("200 OK", "text/plain") CHUNKED "9\r\n20 bytes\n\r\n" LAST_CHUNK);
	stage_close(&stage);
}

static void test_bodies_that_are_late(void **state)
{
	struct stage stage;

	(void)state;
	arrive(&stage, NULL);
	send_all(&stage, PUT("/weight", "20") "ten bytes.");
	stage_run_until(&stage, MS(BODY_MS - EARLY_MS));
	be_busy(&stage);
	hear_all(&stage, BODY_LATE);
	stage_close(&stage);
}

static size_t take(struct stage *stage, int peer)
{
	static char bytes[65536];
	size_t taken = 0;
	ssize_t n;

	while ((n = cor_world_receive(stage->world, peer, bytes, sizeof bytes)) > 0)
		taken += (size_t)n;
	return taken;
}

static void test_answers_that_are_taken_in_time(void **state)
{
	struct stage stage;
	size_t taken[CROWD];

	(void)state;
	arrive(&stage, NULL);
	send_all(&stage, GET("/large?bytes=67000"));
	stage_run_until(&stage, MS(WRITE_MS - EARLY_MS));
	for (int i = 0; i < CROWD; i++)
		taken[i] = take(&stage, peers[i]);
	be_busy(&stage);
	for (int i = 0; i < CROWD; i++)
		assert_true(taken[i] + take(&stage, peers[i]) > 67000);
	stage_close(&stage);
}

/* The handler waits until its client has taken what it wrote earlier. */
static void test_streams_that_are_taken_in_time(void **state)
{
	struct stage stage;

	(void)state;
	arrive(&stage, NULL);
	send_all(&stage, GET("/large?bytes=67000") GET("/count?to=1"));
	stage_run_until(&stage, MS(WRITE_MS - EARLY_MS));
	for (int i = 0; i < CROWD; i++)
		(void)take(&stage, peers[i]);
	be_busy(&stage);
	stage_run_until(&stage, MS(WRITE_MS + 2 * EARLY_MS));
	for (int i = 0; i < CROWD; i++)
		assert_true(take(&stage, peers[i]) > 67000 - 65536 + 100);
	stage_close(&stage);
}

static void test_handshakes_that_are_made_in_time(void **state)
{
	struct stage stage;

	(void)state;
	arrive(&stage, &latches);
	stage_run_until(&stage, MS(HEADER_MS - EARLY_MS));
	send_all(&stage, "!" GET("/hello?name=Ada"));
	be_busy(&stage);
	hear_all(&stage, HELLO_ADA);
	stage_close(&stage);
}

/* What they send after a refusal, while it lingers, must not reset what they have not read. */
static void test_refusals_that_are_read_late(void **state)
{
	struct stage stage;
	char text[1024];

	(void)state;
	arrive(&stage, NULL);
	send_all(&stage, "no request\r\n\r\nand more");
	stage_run_until(&stage, MS(LINGER_MS - EARLY_MS));
	send_all(&stage, "and more");
	be_busy(&stage);
	for (int i = 0; i < CROWD; i++)
		assert_true(cor_world_receive(stage.world, peers[i], text, sizeof text) > 0);
	stage_close(&stage);
}

static void test_requests_that_arrive_in_time(void **state)
{
	struct stage stage;

	(void)state;
	arrive(&stage, NULL);
	stage_run_until(&stage, MS(HEADER_MS - EARLY_MS));
	send_all(&stage, GET("/hello?name=Ada"));
	be_busy(&stage);
	hear_all(&stage, HELLO_ADA);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests_that_arrive_in_time),
		cmocka_unit_test(test_heads_that_arrive_in_time),
		cmocka_unit_test(test_heads_after_heads),
		cmocka_unit_test(test_heads_that_are_late),
		cmocka_unit_test(test_bodies_that_arrive_in_time),
		cmocka_unit_test(test_bodies_that_are_late),
		cmocka_unit_test(test_answers_that_are_taken_in_time),
		cmocka_unit_test(test_streams_that_are_taken_in_time),
		cmocka_unit_test(test_handshakes_that_are_made_in_time),
		cmocka_unit_test(test_refusals_that_are_read_late),
	};

	return cmocka_run_group_tests_name("simulation/crowds", tests, NULL, NULL);
}
