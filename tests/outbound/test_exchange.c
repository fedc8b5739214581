/* SPDX-License-Identifier: MIT */
/* One exchange: what is sent, and what each answer comes to, however it is cut. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "outbound/plain.h"
#include "play.h"

#define OK "HTTP/1.1 200 OK\r\n"

/* --- what is sent --- */

static void test_a_request_goes_out_in_one_piece(void **state)
{
	static const struct cor_http_field fields[] = { { "Accept", "*/*" }, { "X-Empty", "" } };
	struct play *play = play_begin();
	struct call *call = calloc(1, sizeof *call);

	(void)state;
	*call = (struct call){ .play = play, .fields = fields, .fields_len = 2 };
	call_start(call);
	int peer = play_accept(play);
	assert_string_equal(play_receive(play, peer),
		"GET / HTTP/1.1\r\nHost: server\r\nAccept: */*\r\nX-Empty: \r\n\r\n");
	play_send(play, peer, OK "Content-Length: 5\r\nX-A:  b c \r\nX-B:\r\n\r\nhello");
	assert_true(call->is_over);
	assert_string_equal(call->outcome, "200 hello");
	assert_string_equal(call->fields_text, "Content-Length: 5|X-A: b c|X-B: |");
	assert_int_equal(call->body_announced, 5);
	assert_true(call->has_answer);
	assert_false(call->is_reused);
	cor_world_close(play->world, peer);
	free(call);
	play_end(play);
}

static void check_sent(struct call request, const char *expected)
{
	struct play *play = play_begin();
	struct call *call = calloc(1, sizeof *call);

	*call = request;
	call->play = play;
	call_start(call);
	int peer = play_accept(play);
	assert_string_equal(play_receive(play, peer), expected);
	play_send(play, peer, "HTTP/1.1 204 No Content\r\n\r\n");
	assert_string_equal(call->outcome, "204 ");
	cor_world_close(play->world, peer);
	free(call);
	play_end(play);
}

#define HEAD "POST / HTTP/1.1\r\nHost: server\r\n"

static void test_bodies_are_framed(void **state)
{
	(void)state;
	check_sent((struct call){ .method = "POST", .body = "hello" },
		HEAD "Content-Length: 5\r\n\r\nhello");
	check_sent((struct call){ .method = "POST", .body = "hello", .piece_bytes = 2 },
		HEAD "Content-Length: 5\r\n\r\nhello");
	check_sent(
		(struct call){ .method = "POST", .body = "hello", .body_bytes = COR_BODY_CHUNKED },
		HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
	check_sent((struct call){ .method = "POST",
			   .body = "hello",
			   .piece_bytes = 3,
			   .body_bytes = COR_BODY_CHUNKED },
		HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n");
	check_sent((struct call){ .method = "POST", .body_bytes = COR_BODY_CHUNKED },
		HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
	check_sent((struct call){ .method = "POST" }, HEAD "\r\n");
}

static void check_refused(struct call request, const char *expected)
{
	struct play *play = play_begin();
	struct call *call = calloc(1, sizeof *call);

	*call = request;
	call->play = play;
	call_start(call);
	assert_true(call->is_over);
	assert_string_equal(call->outcome, expected);
	cor_world_close(play->world, play_accept(play));
	free(call);
	play_end(play);
}

/* A request is never sent with another length than it has. */
static void test_a_body_has_its_length(void **state)
{
	(void)state;
	check_refused((struct call){ .method = "POST", .body = "hello", .body_bytes = 4 },
		"call: the body of the request is longer than its length says");
	check_refused((struct call){ .method = "POST", .body = "hello", .body_bytes = 6 },
		"call: the body of the request is shorter than its length says");
	check_refused(
		(struct call){ .method = "POST", .body = "hello", .body_bytes = COR_BODY_ABSENT },
		"call: the body of the request is longer than its length says");
}

static void test_what_it_has_no_skill_for_is_refused(void **state)
{
	struct play *play = play_begin();
	struct cor_destination destination = { .host = COR_STR("a"), .port = 443, .is_tls = true };
	struct cor_carrier_request request = { .destination = &destination,
		.method = COR_STR("GET") };
	struct cor_wire *wire;

	(void)state;
	assert_int_equal(cor_plain_carrier.begin(play->state, &request, &wire), -EINVAL);
	destination.is_tls = false;
	destination.proxy = COR_STR("http://127.0.0.1:3128");
	assert_int_equal(cor_plain_carrier.begin(play->state, &request, &wire), -EINVAL);
	destination.proxy = COR_STR("");
	request.method = COR_STR("CONNECT");
	assert_int_equal(cor_plain_carrier.begin(play->state, &request, &wire), -EINVAL);
	play_end(play);
}

/* --- what comes --- */

struct answer {
	const char *raw, *expected;
	const char *method; /* NULL: GET */
	bool closes;        /* the server, behind it */
	bool is_kept;       /* the connection */
};

enum manner {
	WHOLE,
	IN_TWO, /* cut at `at` */
	BYTES,  /* one at a time, each way */
	REFUSALS,
	SMALL_BUFFER, /* what is received goes into 3 bytes */
};

static void play_answer(const struct answer *answer, enum manner manner, size_t at)
{
	struct play *play = play_begin();
	struct call *call = calloc(1, sizeof *call);

	*call = (struct call){ .play = play, .method = answer->method };
	if (manner == BYTES)
		cor_world_set_piece(play->world, 1);
	if (manner == REFUSALS)
		cor_world_set_refusals(play->world, 2);
	if (manner == SMALL_BUFFER)
		call->buffer_bytes = 3;
	call_start(call);
	int peer = play_accept(play);
	(void)play_receive(play, peer);
	if (manner == IN_TWO) {
		play_send_bytes(play, peer, answer->raw, at);
		play_send(play, peer, answer->raw + at);
	} else {
		play_send(play, peer, answer->raw);
	}
	if (answer->closes)
		cor_world_shutdown(play->world, peer);
	play_settle(play);
	assert_true(call->is_over);
	assert_string_equal(call->outcome, answer->expected);
	assert_int_equal(!cor_world_has_ended(play->world, peer), answer->is_kept);
	cor_world_close(play->world, peer);
	free(call);
	play_end(play);
}

static void check_answers(const struct answer *answers, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		size_t bytes = strlen(answers[i].raw);

		play_answer(&answers[i], WHOLE, 0);
		for (size_t at = 1; at < bytes; at++)
			play_answer(&answers[i], IN_TWO, at);
		play_answer(&answers[i], BYTES, 0);
		play_answer(&answers[i], REFUSALS, 0);
		play_answer(&answers[i], SMALL_BUFFER, 0);
	}
}

#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

static void test_answers_are_what_they_are(void **state)
{
	static const struct answer answers[] = {
		{ OK "Content-Length: 5\r\n\r\nhello", "200 hello", .is_kept = true },
		{ OK "Content-Length: 0\r\n\r\n", "200 ", .is_kept = true },
		{ OK "Content-Length: 5\r\nConnection: close\r\n\r\nhello", "200 hello" },
		{ "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "200 hello" },
		{ OK "\r\nhello", "200 hello", .closes = true },
		{ OK "\r\n", "200 ", .closes = true },
		{ CHUNKED "5\r\nhello\r\n0\r\n\r\n", "200 hello", .is_kept = true },
		{ CHUNKED "2;a=b\r\nhe\r\n03\r\nllo\r\n0\r\nA: b\r\n\r\n", "200 hello",
			.is_kept = true },
		{ CHUNKED "0\r\n\r\n", "200 ", .is_kept = true },
		{ "HTTP/1.1 204 No Content\r\n\r\n", "204 ", .is_kept = true },
		{ "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "304 ",
			.is_kept = true },
		{ OK "Content-Length: 5\r\n\r\n", "200 ", "HEAD", .is_kept = true },
		{ CHUNKED, "200 ", "HEAD", .is_kept = true },
		{ "HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno", "503 no", .is_kept = true },
		{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" OK
		  "Content-Length: 2\r\n\r\nhi",
			"200 hi", .is_kept = true },
	};

	(void)state;
	check_answers(answers, COUNT(answers));
}

/* What is behind an answer was asked by nobody: no later call may take it for its own. */
static void test_surplus_poisons_a_connection(void **state)
{
	static const struct answer answers[] = {
		{ OK "Content-Length: 5\r\n\r\nhello" OK "Content-Length: 0\r\n\r\n", "200 hello" },
		{ CHUNKED "5\r\nhello\r\n0\r\n\r\nX", "200 hello" },
		{ "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", "204 " },
		{ OK "Content-Length: 5\r\n\r\nhello", "200 ", "HEAD" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		play_answer(&answers[i], WHOLE, 0);
		play_answer(&answers[i], SMALL_BUFFER, 0);
		for (size_t at = 1; at < strlen(answers[i].raw); at++)
			play_answer(&answers[i], IN_TWO, at);
	}
}

static void test_an_end_too_early_is_a_loss(void **state)
{
	static const struct answer answers[] = {
		{ OK "Content-Length: 5\r\n\r\nhell",
			"200 hell then lost: server closed the connection 1 byte before the end of "
			"its answer",
			.closes = true },
		{ CHUNKED "5\r\nhello\r\n",
			"200 hello then lost: server closed the connection in the middle of a "
			"chunked answer",
			.closes = true },
		{ CHUNKED "5\r\nhello\r\n0\r\n",
			"200 hello then lost: server closed the connection in the middle of a "
			"chunked answer",
			.closes = true },
		{ OK "Content-Length: 5\r\n",
			"lost: server closed the connection in the middle of the head of its answer",
			.closes = true },
		{ "", "lost: server closed the connection before it answered", .closes = true },
		{ "HTTP/1.1 100 Continue\r\n\r\n",
			"lost: server closed the connection in the middle of the head of its answer",
			.closes = true },
	};

	(void)state;
	check_answers(answers, COUNT(answers));
}

static void test_broken_answers_are_refused(void **state)
{
	static const struct answer answers[] = {
		{ "SSH-2.0-OpenSSH\r\n",
			"protocol: the answer of server breaks HTTP: this is not an answer of "
			"HTTP/1" },
		{ OK "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
			"protocol: the answer of server breaks HTTP: there are both Content-Length "
			"and Transfer-Encoding" },
		{ "HTTP/1.1 101 Switching Protocols\r\n\r\n",
			"protocol: the answer of server breaks HTTP: the answer switches protocols, "
			"which nobody asked for" },
		{ OK "Content-Length: 99999999999999999999\r\n\r\n",
			"too large: the answer of server exceeds a limit: Content-Length is out of "
			"range" },
	};

	(void)state;
	check_answers(answers, COUNT(answers));
}

/* What came before is not told from what did not: the call has failed. */
static void test_broken_chunks_are_refused(void **state)
{
	static const char *const bodies[] = { "x\r\n", "5\r\nhelloX", "5\nhello\r\n", "-1\r\n",
		"fffffffffffffffff\r\n", "ffffffffffffffff\r\n", "0\r\n: b\r\n\r\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct play *play = play_begin();
		struct call *call = calloc(1, sizeof *call);
		*call = (struct call){ .play = play };
		call_start(call);
		int peer = play_accept(play);
		play_send(play, peer, CHUNKED);
		play_send(play, peer, bodies[i]);
		assert_true(call->is_over);
		assert_true(call->failure == COR_FAILED_PROTOCOL ||
			    call->failure == COR_FAILED_TOO_LARGE);
		assert_true(cor_world_has_ended(play->world, peer));
		cor_world_close(play->world, peer);
		free(call);
		play_end(play);
	}
}

/* --- limits --- */

static void test_interim_answers_are_counted(void **state)
{
	for (int count = 16; count <= 17; count++) {
		struct play *play = play_begin();
		struct call *call = calloc(1, sizeof *call);
		*call = (struct call){ .play = play };
		(void)state;
		call_start(call);
		int peer = play_accept(play);
		for (int i = 0; i < count; i++)
			play_send(play, peer, "HTTP/1.1 102 Processing\r\n\r\n");
		assert_int_equal(call->is_over, count == 17);
		if (count == 16)
			play_send(play, peer, "HTTP/1.1 204 No Content\r\n\r\n");
		assert_string_equal(call->outcome,
			count == 16
				? "204 "
				: "protocol: more than 16 interim answers (1xx) came before the "
				  "final one");
		cor_world_close(play->world, peer);
		free(call);
		play_end(play);
	}
}

/* A head may be longer than the buffer that a call begins with, and none is endless. */
static void test_heads_may_be_long_and_not_endless(void **state)
{
	static char value[4000];

	(void)state;
	memset(value, 'v', sizeof value - 1);
	for (int lines = 8; lines <= 9; lines++) {
		struct play *play = play_begin();
		struct call *call = calloc(1, sizeof *call);
		*call = (struct call){ .play = play };
		call_start(call);
		int peer = play_accept(play);
		play_send(play, peer, "HTTP/1.1 103 Early Hints\r\n\r\n" OK);
		for (int i = 0; i < lines && !call->is_over; i++) {
			play_send(play, peer, "A: ");
			play_send(play, peer, value);
			play_send(play, peer, "\r\n");
		}
		if (lines == 8)
			play_send(play, peer, "Content-Length: 5\r\n\r\nhello");
		assert_true(call->is_over);
		assert_string_equal(call->outcome,
			lines == 8 ? "200 hello"
				   : "too large: the answer of server exceeds a limit: the header "
				     "lines together are too long");
		assert_int_equal(strlen(call->fields_text),
			lines == 8 ? 8 * (4 + sizeof value - 1) + 18 : 0);
		cor_world_close(play->world, peer);
		free(call);
		play_end(play);
	}
}

static void test_large_bodies_pass(void **state)
{
	static char body[64 * 1024 + 1];
	char head[60];

	(void)state;
	for (size_t i = 0; i < sizeof body - 1; i++)
		body[i] = (char)('a' + i % 26);
	for (int is_chunked = 0; is_chunked < 2; is_chunked++) {
		struct play *play = play_begin();
		struct call *call = calloc(1, sizeof *call);
		*call = (struct call){ .play = play, .buffer_bytes = 5000 };
		cor_world_set_window(play->world, 3000);
		call_start(call);
		int peer = play_accept(play);
		snprintf(head, sizeof head, is_chunked ? "%zx\r\n" : "Content-Length: %zu\r\n\r\n",
			sizeof body - 1);
		play_send(play, peer, is_chunked ? CHUNKED : OK);
		play_send(play, peer, head);
		play_send(play, peer, body);
		play_send(play, peer, is_chunked ? "\r\n0\r\n\r\n" : "");
		assert_true(call->is_over);
		assert_memory_equal(call->outcome, "200 ", 4);
		assert_string_equal(call->outcome + 4, body);
		assert_false(cor_world_has_ended(play->world, peer));
		cor_world_close(play->world, peer);
		free(call);
		play_end(play);
	}
}

static int count_turns(void *arg)
{
	const struct call *call = ((void **)arg)[0];
	int *turns = ((void **)arg)[1];

	while (!call->is_over && cor_yield() == 0)
		*turns += call->body_received != 0;
	return 0;
}

/* A server that is always faster keeps the fiber from waiting: others have their turn. */
static void test_a_fast_server_does_not_hold_up_others(void **state)
{
	enum { LARGE = 2 * 1024 * 1024 };
	struct play *play = play_begin();
	struct call *call = calloc(1, sizeof *call);
	char *body = calloc(1, LARGE + 1);
	int turns = 0;
	void *arg[] = { call, &turns };

	(void)state;
	memset(body, 0x62, LARGE);
	*call = (struct call){ .play = play, .is_counted = true, .buffer_bytes = 16384 };
	cor_world_set_window(play->world, LARGE + 1000);
	call_start(call);
	int peer = play_accept(play);
	assert_int_equal(
		cor_world_send(play->world, peer, OK "Content-Length: 2097152\r\n\r\n"), 44);
	assert_int_equal(cor_world_send(play->world, peer, body), LARGE);
	assert_int_equal(cor_fiber_start(play->scheduler, count_turns, arg, NULL, NULL), 0);
	play_settle(play);
	assert_string_equal(call->outcome, "200 2097152");
	assert_in_range(turns, LARGE / (256 * 1024), 1000000);
	cor_world_close(play->world, peer);
	free(call);
	free(body);
	play_end(play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request_goes_out_in_one_piece),
		cmocka_unit_test(test_bodies_are_framed),
		cmocka_unit_test(test_a_body_has_its_length),
		cmocka_unit_test(test_what_it_has_no_skill_for_is_refused),
		cmocka_unit_test(test_answers_are_what_they_are),
		cmocka_unit_test(test_surplus_poisons_a_connection),
		cmocka_unit_test(test_an_end_too_early_is_a_loss),
		cmocka_unit_test(test_broken_answers_are_refused),
		cmocka_unit_test(test_broken_chunks_are_refused),
		cmocka_unit_test(test_interim_answers_are_counted),
		cmocka_unit_test(test_heads_may_be_long_and_not_endless),
		cmocka_unit_test(test_large_bodies_pass),
		cmocka_unit_test(test_a_fast_server_does_not_hold_up_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
