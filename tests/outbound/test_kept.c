/* SPDX-License-Identifier: MIT */
/* Connections between calls: which are kept, how long, and what ends them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "play.h"

#define HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static struct call *new_call(struct play *play)
{
	struct call *call = calloc(1, sizeof *call);

	assert_non_null(call);
	*call = (struct call){ .play = play };
	return call;
}

/* A call over a new connection, or over `peer` if that is one. Returns the server's end. */
static int play_call(struct play *play, int peer)
{
	struct call *call = new_call(play);
	bool is_new = peer < 0;

	call_start(call);
	if (is_new)
		peer = play_accept(play);
	assert_string_equal(play_receive(play, peer), "GET / HTTP/1.1\r\nHost: server\r\n\r\n");
	play_send(play, peer, HELLO);
	assert_true(call->is_over);
	assert_string_equal(call->outcome, "200 hello");
	assert_int_equal(call->is_reused, !is_new);
	free(call);
	return peer;
}

static void test_a_connection_is_used_again(void **state)
{
	struct play *play = play_begin();
	int peer = play_call(play, -1);

	(void)state;
	for (int i = 0; i < 10; i++) {
		play_pass_ms(play, COR_KEPT_MS - 1);
		play_call(play, peer);
	}
	assert_int_equal(cor_world_accept(play->world, play->listener), -EAGAIN);
	cor_world_close(play->world, peer);
	play_settle(play);
	assert_int_equal(
		cor_world_sockets(play->world), 1); /* it was closed here, too, with no call */
	play_end(play);
}

static void test_an_idle_connection_ends_in_time(void **state)
{
	struct play *play = play_begin();
	int peer = play_call(play, -1);

	(void)state;
	play_pass_ms(play, COR_KEPT_MS - 1);
	assert_false(cor_world_has_ended(play->world, peer));
	play_pass_ms(play, 1);
	assert_true(cor_world_has_ended(play->world, peer));
	cor_world_close(play->world, peer);
	play_end(play);
}

/* Nobody has asked for it. */
static void test_what_comes_between_calls_ends_a_connection(void **state)
{
	struct play *play = play_begin();
	int peer = play_call(play, -1);

	(void)state;
	play_send(play, peer, "HTTP/1.1 408 Request Timeout\r\n\r\n");
	assert_true(cor_world_has_ended(play->world, peer));
	cor_world_close(play->world, peer);
	peer = play_call(play, -1);
	cor_world_reset(play->world, peer);
	play_settle(play);
	assert_int_equal(cor_world_sockets(play->world), 1);
	play_end(play);
}

/* Two calls of one fiber, which computes for 2 ms between them: nobody looks at sockets then. */
struct busy {
	struct call *first, *second;
	int peer;
	const char *surplus; /* NULL: the server closes */
};

static int run_busy(void *arg)
{
	struct busy *busy = arg;
	struct play *play = busy->first->play;

	call_do(busy->first);
	if (busy->surplus)
		(void)cor_world_send(play->world, busy->peer, busy->surplus);
	else
		cor_world_shutdown(play->world, busy->peer);
	cor_world_pass_ms(play->world, 2);
	call_do(busy->second);
	return 0;
}

/* The answer to another request is no answer, and what was lost before was not lost by the call. */
static void test_what_came_while_nobody_looked(void **state)
{
	static const char *const surplus[] = { NULL, HELLO };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct play *play = play_begin();
		struct busy busy = { new_call(play), new_call(play), -1, surplus[i] };
		busy.second->method = "POST";
		assert_int_equal(cor_fiber_start(play->scheduler, run_busy, &busy, NULL, NULL), 0);
		play_settle(play);
		busy.peer = play_accept(play);
		play_send(play, busy.peer, HELLO);
		int other = play_accept(play);
		play_send(play, other, "HTTP/1.1 204 No Content\r\n\r\n");
		assert_true(busy.second->is_over);
		assert_string_equal(busy.second->outcome, "204 ");
		assert_false(busy.second->is_reused);
		cor_world_close(play->world, busy.peer);
		cor_world_close(play->world, other);
		free(busy.first);
		free(busy.second);
		play_end(play);
	}
}

/* It closes just when the next call comes: nothing of an answer has been seen. */
static void test_a_loss_after_reuse_is_told(void **state)
{
	for (int is_reset = 0; is_reset < 2; is_reset++) {
		struct play *play = play_begin();
		int peer = play_call(play, -1);
		struct call *call = new_call(play);

		(void)state;
		call_start(call);
		assert_false(call->is_over);
		(void)play_receive(play, peer);
		if (is_reset)
			cor_world_reset(play->world, peer);
		else
			cor_world_close(play->world, peer);
		play_settle(play);
		assert_true(call->is_over);
		assert_int_equal(call->failure, COR_FAILED_LOST);
		assert_int_equal(call->code, -ECONNRESET);
		assert_true(call->is_reused);
		assert_false(call->has_answer);
		free(call);
		play_end(play);
	}
}

/* Those used last stay. */
static void test_so_many_of_one_destination_are_kept(void **state)
{
	enum { CALLS = COR_KEPT_CONNECTIONS + 8 };
	struct play *play = play_begin();
	struct call *calls[CALLS];
	int peers[CALLS], open = 0;

	(void)state;
	for (int i = 0; i < CALLS; i++) {
		calls[i] = new_call(play);
		call_start(calls[i]);
		peers[i] = play_accept(play);
	}
	for (int i = 0; i < CALLS; i++) {
		(void)play_receive(play, peers[i]);
		play_send(play, peers[i], HELLO);
		assert_string_equal(calls[i]->outcome, "200 hello");
		free(calls[i]);
	}
	for (int i = 0; i < CALLS; i++) {
		bool has_ended = cor_world_has_ended(play->world, peers[i]);
		assert_int_equal(has_ended, i < 8);
		open += !has_ended;
	}
	assert_int_equal(open, COR_KEPT_CONNECTIONS);
	play_call(play, peers[CALLS - 1]);
	for (int i = 0; i < CALLS; i++)
		cor_world_close(play->world, peers[i]);
	play_end(play);
}

/* As many, and for as long, as their upstreams say. */
static void test_upstreams_say_what_is_kept(void **state)
{
	struct play *play = play_begin();
	struct call *calls[3];
	int peers[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		calls[i] = new_call(play);
		calls[i]->kept = 2;
		calls[i]->kept_ms = i == 1 ? 60000 : 1000;
		call_start(calls[i]);
		peers[i] = play_accept(play);
	}
	for (int i = 0; i < 3; i++) {
		(void)play_receive(play, peers[i]);
		play_send(play, peers[i], HELLO);
		free(calls[i]);
	}
	assert_true(cor_world_has_ended(play->world, peers[0]));
	play_pass_ms(play, 999);
	assert_false(cor_world_has_ended(play->world, peers[2]));
	play_pass_ms(play, 1);
	play_call(play, peers[1]); /* the later one is over, though the earlier is not */
	assert_true(cor_world_has_ended(play->world, peers[2]));
	for (int i = 0; i < 3; i++)
		cor_world_close(play->world, peers[i]);
	play_end(play);
}

/* Of all destinations together, too. */
static void test_so_many_in_all_are_kept(void **state)
{
	enum { EACH = COR_KEPT_CONNECTIONS, PLACES = COR_CARRIER_KEPT_MAX / EACH + 1 };
	struct play *play = play_begin();
	static struct call *calls[PLACES * EACH];
	int listeners[PLACES], peers[PLACES * EACH], open = 0;

	(void)state;
	for (int i = 0; i < PLACES * EACH; i++) {
		int place = i / EACH;
		char address[30];
		snprintf(address, sizeof address, "10.0.0.2:%d", 8000 + place);
		if (i % EACH == 0)
			listeners[place] = cor_world_listen(play->world, address);
		calls[i] = new_call(play);
		calls[i]->host = "10.0.0.2";
		calls[i]->port = (uint16_t)(8000 + place);
		call_start(calls[i]);
		peers[i] = cor_world_accept(play->world, listeners[place]);
		assert_true(peers[i] >= 0);
	}
	for (int i = 0; i < PLACES * EACH; i++) {
		(void)play_receive(play, peers[i]);
		play_send(play, peers[i], HELLO);
		free(calls[i]);
	}
	for (int i = 0; i < PLACES * EACH; i++)
		open += !cor_world_has_ended(play->world, peers[i]);
	assert_int_equal(open, COR_CARRIER_KEPT_MAX);
	assert_true(cor_world_has_ended(play->world, peers[0])); /* the oldest */
	for (int i = 0; i < PLACES * EACH; i++)
		cor_world_close(play->world, peers[i]);
	for (int i = 0; i < PLACES; i++)
		cor_world_close(play->world, listeners[i]);
	play_end(play);
}

/* Another port, host or path is another server. */
static void test_destinations_are_kept_apart(void **state)
{
	static const struct {
		const char *host, *unix_path, *listens;
		uint16_t port;
	} others[] = {
		{ "10.0.0.1", NULL, "10.0.0.1:81", 81 },
		{ "10.0.0.2", NULL, "10.0.0.2:80", 80 },
		{ "localhost", NULL, "[::1]:80", 80 },
		{ "localhost", "/run/a.sock", "unix:/run/a.sock", 0 },
		{ "localhost", "/run/b.sock", "unix:/run/b.sock", 0 },
	};
	struct play *play = play_begin();
	int listeners[COUNT(others)], peers[COUNT(others)];
	int peer = play_call(play, -1);

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		struct call *call = new_call(play);
		call->host = others[i].host;
		call->port = others[i].port;
		call->unix_path = others[i].unix_path;
		listeners[i] = cor_world_listen(play->world, others[i].listens);
		assert_true(listeners[i] >= 0);
		call_start(call);
		peers[i] = cor_world_accept(play->world, listeners[i]);
		assert_true(peers[i] >= 0);
		(void)play_receive(play, peers[i]);
		play_send(play, peers[i], HELLO);
		assert_string_equal(call->outcome, "200 hello");
		free(call);
	}
	play_call(play, peer);
	for (size_t i = 0; i < COUNT(others); i++) {
		assert_false(cor_world_has_ended(play->world, peers[i]));
		cor_world_close(play->world, peers[i]);
		cor_world_close(play->world, listeners[i]);
	}
	cor_world_close(play->world, peer);
	play_end(play);
}

/* Another loop stands where the first one stood: it is told of the connection anew. */
static void test_a_connection_outlives_its_loop(void **state)
{
	struct play *play = play_begin();
	int peer = play_call(play, -1);

	(void)state;
	cor_scheduler_stop(play->scheduler);
	play_settle(play);
	cor_scheduler_destroy(play->scheduler);
	assert_int_equal(cor_scheduler_create_with(NULL, &play->seams, &play->scheduler), 0);
	play_call(play, peer);
	play_call(play, peer);
	cor_world_close(play->world, peer);
	play_end(play);
}

/* --- what a call leaves behind --- */

static void test_an_answer_that_was_not_read_ends_the_connection(void **state)
{
	struct play *play = play_begin();
	struct call *call = new_call(play);

	(void)state;
	call->keeps_open = true;
	call_start(call);
	int peer = play_accept(play);
	(void)play_receive(play, peer);
	play_send(play, peer, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello");
	assert_true(call->is_over);
	assert_string_equal(call->outcome, "200 ");
	assert_true(cor_world_has_ended(play->world, peer));
	cor_world_close(play->world, peer);
	free(call);
	play_end(play);
}

/* In each state of a call: its end comes in time, and the connection with it. */
static void test_a_timeout_ends_the_connection(void **state)
{
	static const struct {
		const char *sent, *outcome;
	} cases[] = {
		{ "", "timeout" },
		{ "HTTP/1.1 200 OK\r\nConte", "timeout" },
		{ "HTTP/1.1 103 Early Hints\r\n\r\n", "timeout" },
		{ "HTTP/1.1 200 OK\r\n\r\nhe", "200 he then timeout" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", "200 he then timeout" },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n",
			"200 he then timeout" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct play *play = play_begin();
		struct call *call = new_call(play);
		int64_t begun_ns = cor_world_now_ns(play->world);

		call->timeout_ms = 300;
		call_start(call);
		int peer = play_accept(play);
		(void)play_receive(play, peer);
		play_send(play, peer, cases[i].sent);
		play_pass_ms(play, 299);
		assert_false(call->is_over);
		play_pass_ms(play, 1);
		assert_true(call->is_over);
		assert_int_equal(call->ended_ns - begun_ns, 300 * COR_NS_PER_MS);
		assert_int_equal(call->failure, COR_FAILED_NOT);
		assert_string_equal(call->outcome, cases[i].outcome);
		assert_true(cor_world_has_ended(play->world, peer));
		cor_world_close(play->world, peer);
		free(call);
		play_end(play);
	}
}

/* --- answers that come while the body is sent --- */

static char body[200 * 1024];

/* A call with a body that the window does not hold; the server takes `taken` bytes of it first. */
static struct call *begin_upload(struct play *play, int64_t body_bytes, int *ret_peer)
{
	struct call *call = new_call(play);

	memset(body, 'b', sizeof body);
	call->method = "POST";
	call->body = body;
	call->body_len = sizeof body;
	call->piece_bytes = 10000;
	call->body_bytes = body_bytes;
	call_start(call);
	assert_false(call->is_over);
	*ret_peer = play_accept(play);
	return call;
}

static void test_a_refusal_stops_the_sending(void **state)
{
	for (int is_chunked = 0; is_chunked < 2; is_chunked++) {
		struct play *play = play_begin();
		int peer;
		struct call *call = begin_upload(
			play, is_chunked ? COR_BODY_CHUNKED : (int64_t)sizeof body, &peer);

		(void)state;
		play_send(play, peer, "HTTP/1.1 100 Continue\r\n\r\n");
		assert_false(call->is_over);
		play_send(play, peer, "HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\n");
		play_send(play, peer, "large");
		assert_true(call->is_over);
		assert_true(call->was_cut);
		assert_string_equal(call->outcome, "413 large");
		assert_true(cor_world_has_ended(play->world, peer));
		cor_world_close(play->world, peer);
		free(call);
		play_end(play);
	}
}

/* A server may answer while it reads on: what it has to say is complete, and so is the request. */
static void test_a_success_does_not_stop_the_sending(void **state)
{
	struct play *play = play_begin();
	int peer;
	struct call *call = begin_upload(play, sizeof body, &peer);

	(void)state;
	play_send(play, peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
	play_send(play, peer, "hello");
	assert_false(call->is_over);
	while (!call->is_over) {
		size_t more = strlen(play_receive(play, peer));
		assert_true(more > 0 || call->is_over);
		play_settle(play);
	}
	assert_false(call->was_cut);
	assert_string_equal(call->outcome, "200 hello");
	assert_false(cor_world_has_ended(play->world, peer));
	cor_world_close(play->world, peer);
	free(call);
	play_end(play);
}

static void test_an_end_stops_the_sending(void **state)
{
	for (int how = 0; how < 3; how++) {
		struct play *play = play_begin();
		int peer;
		struct call *call = begin_upload(play, sizeof body, &peer);

		(void)state;
		if (how == 0)
			cor_world_shutdown(play->world, peer);
		else if (how == 1)
			cor_world_reset(play->world, peer);
		else
			play_send(play, peer, "nonsense");
		play_settle(play);
		assert_true(call->is_over);
		assert_true(call->was_cut);
		assert_int_equal(call->failure, how == 2 ? COR_FAILED_PROTOCOL : COR_FAILED_LOST);
		if (how != 1)
			cor_world_close(play->world, peer);
		free(call);
		play_end(play);
	}
}

static void test_a_body_that_is_not_taken_times_out(void **state)
{
	struct play *play = play_begin();
	struct call *call = new_call(play);

	(void)state;
	call->method = "POST";
	call->body = body;
	call->body_len = sizeof body;
	call->timeout_ms = 1000;
	call_start(call);
	int peer = play_accept(play);
	play_pass_ms(play, 1000);
	assert_true(call->is_over);
	assert_string_equal(call->outcome, "timeout");
	cor_world_reset(play->world, peer);
	free(call);
	play_end(play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_connection_is_used_again),
		cmocka_unit_test(test_an_idle_connection_ends_in_time),
		cmocka_unit_test(test_what_comes_between_calls_ends_a_connection),
		cmocka_unit_test(test_what_came_while_nobody_looked),
		cmocka_unit_test(test_a_loss_after_reuse_is_told),
		cmocka_unit_test(test_so_many_of_one_destination_are_kept),
		cmocka_unit_test(test_upstreams_say_what_is_kept),
		cmocka_unit_test(test_so_many_in_all_are_kept),
		cmocka_unit_test(test_destinations_are_kept_apart),
		cmocka_unit_test(test_a_connection_outlives_its_loop),
		cmocka_unit_test(test_an_answer_that_was_not_read_ends_the_connection),
		cmocka_unit_test(test_a_timeout_ends_the_connection),
		cmocka_unit_test(test_a_refusal_stops_the_sending),
		cmocka_unit_test(test_a_success_does_not_stop_the_sending),
		cmocka_unit_test(test_an_end_stops_the_sending),
		cmocka_unit_test(test_a_body_that_is_not_taken_times_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
