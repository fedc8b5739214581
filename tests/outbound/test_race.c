/* SPDX-License-Identifier: MIT */
/* Which of several addresses a connection is made to, and when (RFC 8305). */
#include <errno.h>
#include <string.h>

#include "outbound/race.h"
#include "play.h"

#define HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

/* --- the order --- */

static void check_order(const char *given, const char *expected)
{
	struct cor_addresses addresses = { 0 };
	char text[20] = "";

	for (; given[addresses.len]; addresses.len++) {
		struct cor_address *address = &addresses.list[addresses.len];
		address->any.sa_family = given[addresses.len] >= 'a' ? AF_INET6 : AF_INET;
		address->bytes = (socklen_t)given[addresses.len]; /* its name, here */
	}
	cor_outbound_interleave(&addresses);
	for (size_t i = 0; i < addresses.len; i++)
		text[i] = (char)addresses.list[i].bytes;
	assert_string_equal(text, expected);
}

static void test_families_take_turns(void **state)
{
	(void)state;
	check_order("a", "a");
	check_order("abAB", "aAbB");
	check_order("ABab", "AaBb");
	check_order("abcdA", "aAbcd");
	check_order("aABCD", "aABCD");
	check_order("abc", "abc");
	check_order("AB", "AB");
	check_order("aAbBcC", "aAbBcC");
}

/* --- who wins --- */

struct contest {
	struct play *play;
	struct call *call;
	int64_t begun_ns;
};

static struct contest begin(const char *addresses)
{
	struct contest contest = { play_begin(), calloc(1, sizeof(struct call)), 0 };

	contest.play->names.addresses = addresses;
	*contest.call = (struct call){ .play = contest.play, .host = "prices", .timeout_ms = 3000 };
	contest.begun_ns = cor_world_now_ns(contest.play->world);
	return contest;
}

static void end(struct contest *contest)
{
	free(contest->call);
	play_end(contest->play);
}

/* Whether somebody connects to SERVER within that time, and not a moment earlier. */
static int accept_after(struct contest *contest, int64_t ms)
{
	struct play *play = contest->play;

	if (ms > 0) {
		play_pass_ms(play, ms - 1);
		assert_int_equal(cor_world_accept(play->world, play->listener), -EAGAIN);
		play_pass_ms(play, 1);
	}
	return play_accept(play);
}

static void answer(struct contest *contest, int peer)
{
	(void)play_receive(contest->play, peer);
	play_send(contest->play, peer, HELLO);
	assert_true(contest->call->is_over);
	assert_string_equal(contest->call->outcome, "200 hello");
	cor_world_close(contest->play->world, peer);
}

static void test_the_next_is_tried_after_a_while(void **state)
{
	struct contest contest = begin("2001:db8::1 10.0.0.1");

	(void)state;
	cor_world_set_silent(contest.play->world, "[2001:db8::1]:80");
	call_start(contest.call);
	int peer = accept_after(&contest, COR_OUTBOUND_ATTEMPT_MS);
	/* the loser is closed: the listener, and both ends of the winner */
	assert_int_equal(cor_world_sockets(contest.play->world), 3);
	answer(&contest, peer);
	end(&contest);
}

static void test_three_are_tried_one_after_the_other(void **state)
{
	struct contest contest = begin("2001:db8::1 2001:db8::2 10.0.0.1 10.0.0.9");

	(void)state;
	cor_world_set_silent(contest.play->world, "[2001:db8::1]:80");
	cor_world_set_silent(contest.play->world, "[2001:db8::2]:80");
	cor_world_set_silent(contest.play->world, "10.0.0.9:80");
	cor_world_set_silent(contest.play->world, SERVER);
	call_start(contest.call);
	play_pass_ms(contest.play, 10 * COR_OUTBOUND_ATTEMPT_MS);
	assert_int_equal(cor_world_sockets(contest.play->world), 5); /* all are under way */
	cor_world_answer(contest.play->world, SERVER);
	play_settle(contest.play);
	int peer = play_accept(contest.play);
	assert_int_equal(cor_world_sockets(contest.play->world), 3);
	answer(&contest, peer);
	end(&contest);
}

/* Who fails makes room at once: no time is lost. */
static void test_a_refusal_costs_no_time(void **state)
{
	struct contest contest = begin("2001:db8::1 10.0.0.9 2001:db8::2 10.0.0.1");

	(void)state;
	call_start(contest.call);
	int peer = accept_after(&contest, 0);
	answer(&contest, peer);
	end(&contest);
}

/* The first is refused while the second is under way: the third need not wait. */
static void test_a_late_refusal_costs_no_more(void **state)
{
	struct contest contest = begin("2001:db8::1 10.0.0.9 2001:db8::2 10.0.0.1");

	(void)state;
	cor_world_set_silent(contest.play->world, "[2001:db8::1]:80");
	cor_world_set_silent(contest.play->world, "10.0.0.9:80");
	call_start(contest.call);
	play_pass_ms(contest.play, COR_OUTBOUND_ATTEMPT_MS + 50);
	assert_int_equal(cor_world_accept(contest.play->world, contest.play->listener), -EAGAIN);
	cor_world_answer(contest.play->world, "[2001:db8::1]:80"); /* nobody listens there */
	play_settle(contest.play);
	int peer = play_accept(contest.play);
	answer(&contest, peer);
	end(&contest);
}

/* The first answers, late, but before the others. */
static void test_who_was_first_may_still_win(void **state)
{
	struct contest contest = begin("10.0.0.1 2001:db8::1");

	(void)state;
	cor_world_set_silent(contest.play->world, SERVER);
	cor_world_set_silent(contest.play->world, "[2001:db8::1]:80");
	call_start(contest.call);
	play_pass_ms(contest.play, COR_OUTBOUND_ATTEMPT_MS + 50);
	cor_world_answer(contest.play->world, SERVER);
	play_settle(contest.play);
	int peer = play_accept(contest.play);
	assert_int_equal(cor_world_sockets(contest.play->world), 3);
	answer(&contest, peer);
	end(&contest);
}

/* --- nobody wins --- */

static void check_loss(const char *addresses, const char *outcome, int64_t ms)
{
	struct contest contest = begin(addresses);

	cor_world_set_silent(contest.play->world, "10.0.0.7:80");
	call_start(contest.call);
	play_pass_ms(contest.play, ms);
	assert_true(contest.call->is_over);
	assert_string_equal(contest.call->outcome, outcome);
	assert_int_equal(contest.call->ended_ns - contest.begun_ns, ms * COR_NS_PER_MS);
	assert_false(contest.call->has_answer);
	assert_int_equal(cor_world_sockets(contest.play->world), 1);
	end(&contest);
}

static void test_losses_are_told(void **state)
{
	(void)state;
	check_loss("10.0.0.9", "refused: connection refused by 10.0.0.9:80 (prices)", 0);
	check_loss(
		"2001:db8::1 10.0.0.9", "refused: connection refused by 10.0.0.9:80 (prices)", 0);
	check_loss("10.0.0.7", "timeout", 3000);
	check_loss("10.0.0.7 10.0.0.9 10.0.0.7", "timeout", 3000);
	check_loss(NULL, "resolve: no address of prices: no such name, or it has no address", 0);
}

static void test_an_address_is_told_alone(void **state)
{
	struct contest contest = begin(NULL);

	(void)state;
	contest.call->host = "10.0.0.9";
	call_start(contest.call);
	assert_string_equal(contest.call->outcome, "refused: connection refused by 10.0.0.9:80");
	contest.call->host = "10.0.9";
	call_start(contest.call);
	assert_string_equal(
		contest.call->outcome, "resolve: no address of 10.0.9: it can be no name");
	contest.call->host = NULL;
	contest.call->unix_path = "/run/nobody.sock";
	call_start(contest.call);
	assert_string_equal(
		contest.call->outcome, "refused: connection refused by unix:/run/nobody.sock");
	contest.call->unix_path =
		"/run/a-path-that-is-far-too-long-for-the-address-of-a-unix-socket-which-has-no-"
		"more-than-a-hundred-and-seven-bytes.sock";
	call_start(contest.call);
	assert_string_equal(
		contest.call->outcome, "unreachable: the path of a unix socket has 1 to 107 bytes");
	end(&contest);
}

/* --- outside of a fiber --- */

static void test_a_thread_can_race_as_well(void **state)
{
	struct contest contest = begin("unused");
	struct cor_thread_seams own;

	(void)state;
	/* names need a fiber here; localhost does not: ::1 is silent, 127.0.0.1 answers */
	cor_world_set_silent(contest.play->world, "[::1]:80");
	int listener = cor_world_listen(contest.play->world, "127.0.0.1:80");
	contest.call->host = "localhost";
	cor_seams_enter(&own, &contest.play->seams);
	call_do(contest.call);
	cor_seams_leave(&own);
	assert_string_equal(contest.call->outcome, "timeout"); /* of the answer */
	assert_int_equal(contest.call->ended_ns - contest.begun_ns, INT64_C(3000) * COR_NS_PER_MS);
	int peer = cor_world_accept(contest.play->world, listener);
	assert_true(peer >= 0);
	cor_world_close(contest.play->world, peer);
	cor_world_close(contest.play->world, listener);
	end(&contest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_families_take_turns),
		cmocka_unit_test(test_the_next_is_tried_after_a_while),
		cmocka_unit_test(test_three_are_tried_one_after_the_other),
		cmocka_unit_test(test_a_refusal_costs_no_time),
		cmocka_unit_test(test_a_late_refusal_costs_no_more),
		cmocka_unit_test(test_who_was_first_may_still_win),
		cmocka_unit_test(test_losses_are_told),
		cmocka_unit_test(test_an_address_is_told_alone),
		cmocka_unit_test(test_a_thread_can_race_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
