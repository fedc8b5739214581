/* SPDX-License-Identifier: MIT */
/* A WebSocket: when it is pinged and given up, and how it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <coracle/websocket_options.h>

#include "answers.h"
#include "script.h"
#include "service.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])
#define PING            COR_WEBSOCKET_PING_MS
#define PONG            COR_WEBSOCKET_PONG_MS

#define HANDSHAKE(target)                                                                          \
	HEAD("GET", target)                                                                        \
	"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"               \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
#define SWITCHED                                                                                   \
	"HTTP/1.1 101 Switching Protocols\r\n"                                                     \
	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"                                   \
	"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"

/* A client's, with the mask "abcd". */
#define SAY_HI                                                                                     \
	"\x81\x82"                                                                                 \
	"abcd"                                                                                     \
	"\x09\x0b"
#define ANSWER_YES                                                                                 \
	"\x8a\x80"                                                                                 \
	"abcd"
#define CLOSE_1000                                                                                 \
	"\x88\x82"                                                                                 \
	"abcd"                                                                                     \
	"\x62\x8a"
/* The service's. A ping has no payload, which no text of a script can be: any will do. */
#define HI                                                                                         \
	"\x81\x02"                                                                                 \
	"hi"
#define CLOSED            "\x88\x02\x03\xe8"
#define GONE(len, reason) "\x88" len "\x03\xe9" reason

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

static void play_and_find(const struct act *acts, size_t len, const char *text)
{
	char *log = play(acts, len);

	assert_null(strstr(log, "\"level\":\"error\""));
	if (text)
		assert_non_null(strstr(log, text));
	free(log);
}

/* What comes from the client, whatever it is, puts the ping off. */
static void test_silence_is_asked_and_an_answer_counts(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, HANDSHAKE("/talk") },
		{ MS(0), HEAR, 0, SWITCHED },
		{ MS(5000), SEND, 0, SAY_HI },
		{ MS(5000), HEAR, 0, HI },
		{ MS(5000 + PING), HEAR, 0, NULL },
		{ MS(5000 + PING + PONG - 1), SEND, 0, ANSWER_YES },
		{ MS(5000 + 2 * PING + PONG - 1), HEAR, 0, NULL },
		{ MS(5000 + 2 * PING + PONG), SEND, 0, ANSWER_YES SAY_HI },
		{ MS(5000 + 2 * PING + PONG), HEAR, 0, HI },
		{ MS(5001 + 2 * PING + PONG), SEND, 0, CLOSE_1000 },
		{ MS(5001 + 2 * PING + PONG), HEAR, 0, CLOSED },
		{ MS(5001 + 2 * PING + PONG), HEAR_END, 0, NULL },
	};

	(void)state;
	play_and_find(acts, COUNT_OF(acts), NULL);
}

static void test_who_answers_no_ping_is_given_up(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, HANDSHAKE("/talk") },
		{ MS(0), HEAR, 0, SWITCHED },
		{ MS(PING), HEAR, 0, NULL },
		{ MS(PING + PONG), HEAR, 0,
			GONE("\x29", "no ping was answered in time (.pong_ms)") },
		{ MS(PING + PONG), HEAR_END, 0, NULL },
	};

	(void)state;
	play_and_find(acts, COUNT_OF(acts), "talk: closed with 1001: no ping was answered in time");
}

/* Pongs are no messages. */
static void test_who_says_nothing_for_too_long_is_sent_away(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, HANDSHAKE("/talk/briefly") },
		{ MS(0), HEAR, 0, SWITCHED },
		{ MS(PING), HEAR, 0, NULL },
		{ MS(PING), SEND, 0, ANSWER_YES },
		{ MS(QUIET_MS - 1), SEND, 0, SAY_HI },
		{ MS(QUIET_MS - 1), HEAR, 0, HI },
		{ MS(QUIET_MS - 1 + PING), HEAR, 0, NULL },
		{ MS(QUIET_MS + PING), SEND, 0, ANSWER_YES },
		{ MS(2 * QUIET_MS - 1), HEAR, 0,
			GONE("\x2d", "no message has come for too long (.idle_ms)") },
		{ MS(2 * QUIET_MS - 1), HEAR_END, 0, NULL },
	};

	(void)state;
	play_and_find(acts, COUNT_OF(acts), "closed with 1001: no message has come for too long");
}

static void test_a_drain_sends_all_away(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, HANDSHAKE("/talk") },
		{ MS(0), HEAR, 0, SWITCHED },
		{ MS(7), DRAIN, 0, NULL },
		{ MS(7), HEAR, 0, GONE("\x2e", "the service stops or restarts: connect again") },
		{ MS(7), HEAR_END, 0, NULL },
	};

	(void)state;
	play_and_find(acts, COUNT_OF(acts), NULL);
}

/* It has no deadline of the request any more, and its client may end it without a word. */
static void test_the_client_closes(void **state)
{
	static const struct act acts[] = {
		{ MS(0), CONNECT, 0, NULL },
		{ MS(0), SEND, 0, HANDSHAKE("/talk") },
		{ MS(0), HEAR, 0, SWITCHED },
		{ MS(0), CONNECT, 1, NULL },
		{ MS(0), SEND, 1, HANDSHAKE("/talk") SAY_HI },
		{ MS(0), HEAR, 1, SWITCHED HI },
		{ MS(3), SEND, 0, CLOSE_1000 },
		{ MS(3), HEAR, 0, CLOSED },
		{ MS(3), HEAR_END, 0, NULL },
		{ MS(4), RESET, 1, NULL },
	};

	(void)state;
	play_and_find(acts, COUNT_OF(acts), NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silence_is_asked_and_an_answer_counts),
		cmocka_unit_test(test_who_answers_no_ping_is_given_up),
		cmocka_unit_test(test_who_says_nothing_for_too_long_is_sent_away),
		cmocka_unit_test(test_a_drain_sends_all_away),
		cmocka_unit_test(test_the_client_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
