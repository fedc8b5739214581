/* SPDX-License-Identifier: MIT */
/*
 * Clients behind a filter, while a handler holds the thread for longer than they may take: they are
 * judged by what they have done, not by what the thread had no time for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "answers.h"
#include "rounds.h"
#include "script.h"
#include "service.h"

#define HEARD_BYTES     1024
#define LAST_REQUEST_MS 1000 /* COR_LAST_REQUEST_MS */

static struct stage stage;
static const char *said_meanwhile;
static int peer; /* that says it */

static void say(int socket, const char *text)
{
	assert_int_equal(cor_world_send(stage.world, socket, text), strlen(text));
}

static void say_meanwhile(void)
{
	say(peer, said_meanwhile);
}

static void await_ms(int64_t ms)
{
	stage_run_until(&stage, cor_world_now_ns(stage.world) + ms * INT64_C(1000000));
}

static void hear(int socket, const char *text)
{
	char heard[HEARD_BYTES] = "";

	cor_ignore(cor_world_receive(stage.world, socket, heard, sizeof heard - 1));
	if (!strstr(heard, text))
		fail_msg("'%s' where '%s' was due", heard, text);
}

static void shake_hands(int socket)
{
	say(socket, "1");
	await_ms(0);
	hear(socket, "2");
	say(socket, "3");
	await_ms(0);
}

/* A client that will hold the thread, in a while; and the peer, which has connected. */
static void set_up(const char *hold)
{
	stage_open_with(&stage, 1, &rounds);
	int culprit = cor_world_connect(stage.world, STAGE_ADDRESS);
	peer = cor_world_connect(stage.world, STAGE_ADDRESS);
	shake_hands(culprit);
	say(culprit, hold);
	await_ms(1);
	toil_meanwhile = say_meanwhile;
}

static void tear_down(void)
{
	toil_meanwhile = NULL;
	stage_close(&stage);
}

static void test_handshake_goes_on_in_a_drain(void **state)
{
	(void)state;
	set_up(GET("/toil?after=5&ms=1200"));
	cor_server_drain(stage.server, COR_DRAIN_CLOSE);
	said_meanwhile = "1";
	await_ms(1300);
	hear(peer, "2");
	say(peer, "3" GET("/hello?name=Ada"));
	await_ms(10);
	hear(peer, "Hello, Ada!");
	tear_down();
}

/* It is not waited for without end. */
static void test_handshake_that_stops_ends_a_second_later(void **state)
{
	(void)state;
	set_up(GET("/toil?after=5&ms=1200"));
	cor_server_drain(stage.server, COR_DRAIN_CLOSE);
	said_meanwhile = "1";
	await_ms(1205 + LAST_REQUEST_MS - 10);
	hear(peer, "2");
	assert_false(cor_world_has_ended(stage.world, peer));
	await_ms(10);
	assert_true(cor_world_has_ended(stage.world, peer));
	tear_down();
}

static void test_request_in_a_drain(void **state)
{
	(void)state;
	set_up(GET("/toil?after=5&ms=1200"));
	shake_hands(peer);
	cor_server_drain(stage.server, COR_DRAIN_CLOSE);
	said_meanwhile = GET("/hello?name=Ada");
	await_ms(1300);
	hear(peer, "Hello, Ada!");
	tear_down();
}

static void test_first_request(void **state)
{
	(void)state;
	set_up(GET("/toil?after=5&ms=1600"));
	shake_hands(peer);
	said_meanwhile = GET("/hello?name=Ada");
	await_ms(HEADER_MS + 200);
	hear(peer, "Hello, Ada!");
	tear_down();
}

static void test_rest_of_a_head(void **state)
{
	(void)state;
	set_up(GET("/toil?after=5&ms=1600"));
	shake_hands(peer);
	say(peer, "GET /hello?name=Ada HTTP/1.1\r\n");
	await_ms(0);
	said_meanwhile = "Host: a\r\n\r\n";
	await_ms(HEADER_MS + 200);
	hear(peer, "Hello, Ada!");
	tear_down();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handshake_goes_on_in_a_drain),
		cmocka_unit_test(test_handshake_that_stops_ends_a_second_later),
		cmocka_unit_test(test_request_in_a_drain),
		cmocka_unit_test(test_first_request),
		cmocka_unit_test(test_rest_of_a_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
