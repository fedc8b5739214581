/* SPDX-License-Identifier: MIT */
/* Seams: fibers, timers and sockets in a world without descriptors, threads or the real clock. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/net.h>
#include <coracle/sync.h>

#include "loop.h"
#include "runtime/wait.h"
#include "world/turns.h"

#define START_NS COR_NS_PER_S /* of every world */

static int count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

struct play {
	struct cor_world *world;
	struct cor_scheduler *scheduler;
	int descriptors;
};

static struct play begin(void)
{
	struct play play = { .world = cor_world_create(), .descriptors = count_descriptors() };
	const struct cor_seams seams = cor_world_seams(play.world);

	assert_int_equal(cor_scheduler_create_with(NULL, &seams, &play.scheduler), 0);
	return play;
}

static void end(struct play *play)
{
	assert_int_equal(count_descriptors(), play->descriptors);
	cor_scheduler_destroy(play->scheduler);
	cor_world_destroy(play->world);
}

static void start(struct play *play, int (*entry)(void *), void *arg)
{
	assert_int_equal(cor_fiber_start(play->scheduler, entry, arg, NULL, NULL), 0);
}

/* --- time --- */

static struct cor_mutex held = { .state = 1 };

struct waits {
	struct cor_world *world;
	int64_t ended_ns[5]; /* after the start */
	int codes[5];
	const char *failed_in[5];
};

static void note(struct waits *waits, int at, int code)
{
	waits->ended_ns[at] = cor_world_now_ns(waits->world) - START_NS;
	waits->codes[at] = code;
	waits->failed_in[at] = cor_wait_failed_in();
}

static int wait_in_vain(void *arg)
{
	struct waits *waits = arg;
	struct cor_semaphore none = { 0 };
	struct cor_socket *listener, *socket;
	struct cor_scope scope;

	note(waits, 0, cor_sleep_ms(7));
	cor_scope_enter(&scope, 25);
	note(waits, 1, cor_mutex_lock(&held));
	cor_scope_leave(&scope);
	cor_scope_enter(&scope, 1);
	note(waits, 2, cor_semaphore_take(&none));
	cor_scope_leave(&scope);
	check(cor_socket_listen("10.0.0.1:80", 8, &listener) == 0);
	check(cor_socket_connect("10.0.0.1:80", &socket) == 0);
	cor_scope_enter(&scope, 3600000);
	char byte;
	note(waits, 3, (int)cor_socket_read(socket, &byte, 1));
	cor_scope_leave(&scope);
	cor_scope_enter(&scope, 40);
	note(waits, 4, cor_sleep_ms(50));
	cor_scope_leave(&scope);
	cor_socket_close(socket);
	cor_socket_close(listener);
	return 0;
}

/* An hour passes in no time, and each wait ends at its own nanosecond. */
static void test_waits_end_at_exact_instants(void **state)
{
	static const int64_t ms[] = { 7, 7 + 25, 7 + 26, 7 + 26 + 3600000, 7 + 26 + 3600000 + 40 };
	static const char *const calls[] = { NULL, "cor_mutex_lock", "cor_semaphore_take",
		"cor_socket_read", "cor_sleep_ms" };
	struct play play = begin();
	struct waits waits = { .world = play.world };

	(void)state;
	start(&play, wait_in_vain, &waits);
	cor_scheduler_stop(play.scheduler);
	assert_int_equal(cor_world_run(play.world, play.scheduler), 0);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(waits.ended_ns[i], ms[i] * COR_NS_PER_MS);
		assert_int_equal(waits.codes[i], i == 0 ? 0 : -ETIMEDOUT);
		if (calls[i])
			assert_string_equal(waits.failed_in[i], calls[i]);
		else
			assert_null(waits.failed_in[i]);
	}
	end(&play);
}

static int use_deadlines(void *arg)
{
	struct cor_scope outer;
	struct cor_scope inner;

	(void)arg;
	check(cor_scope_remaining_ms() == COR_FOREVER);
	cor_scope_enter(&outer, 40);
	check(cor_scope_remaining_ms() == 40);
	cor_scope_enter(&inner, 10);
	check(cor_sleep_ms(1000) == -ETIMEDOUT);
	check(cor_sleep_ms(0) == -ETIMEDOUT);
	check(cor_yield() == -ETIMEDOUT);
	check(cor_scope_remaining_ms() == 0);
	cor_scope_leave(&inner);
	check(cor_sleep_ms(1) == 0); /* the outer one still has time */
	cor_scope_enter(&inner, 1000);
	check(cor_sleep_ms(1000) == -ETIMEDOUT); /* the outer one's */
	cor_scope_leave(&inner);
	check(cor_scope_error() == -ETIMEDOUT);
	cor_scope_leave(&outer);
	check(cor_scope_error() == 0);
	check(cor_sleep_ms(1) == 0);
	return 0;
}

static void test_deadlines_nest_and_stick(void **state)
{
	struct play play = begin();
	struct cor_fiber *fiber;
	int result = -1;

	(void)state;
	assert_int_equal(cor_fiber_start(play.scheduler, use_deadlines, NULL, NULL, &fiber), 0);
	cor_scheduler_stop(play.scheduler);
	assert_int_equal(cor_world_run(play.world, play.scheduler), 0);
	cor_fiber_join(fiber, &result);
	assert_int_equal(result, 0);
	end(&play);
}

static void test_deadlines_outside_a_fiber(void **state)
{
	struct cor_world *world = cor_world_create();
	const struct cor_seams seams = cor_world_seams(world);
	struct cor_thread_seams own;

	(void)state;
	cor_seams_enter(&own, &seams);
	assert_int_equal(use_deadlines(NULL), 0);
	cor_seams_leave(&own);
	cor_world_destroy(world);
}

static int sleep_for_ns(void *arg)
{
	int64_t *ended_ns = arg;
	int rc = cor_sleep_ms(10);

	*ended_ns = cor_monotonic_ns() - START_NS;
	return rc;
}

/* Time stands still until it is moved; a nanosecond too little is too little. */
static void test_time_moves_by_hand(void **state)
{
	struct play play = begin();
	int64_t ended_ns = 0;

	(void)state;
	start(&play, sleep_for_ns, &ended_ns);
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 1);
	cor_world_pass_ns(play.world, 10 * COR_NS_PER_MS - 1);
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 1);
	assert_int_equal(ended_ns, 0);
	cor_world_pass_ns(play.world, 1);
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 1);
	assert_int_equal(ended_ns, 10 * COR_NS_PER_MS);
	cor_scheduler_stop(play.scheduler);
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 0);
	end(&play);
}

static int wait_for_nobody(void *arg)
{
	struct cor_semaphore *none = arg;

	return cor_semaphore_take(none);
}

/* Reports what can never go on, where a real loop would hang. */
static void test_a_deadlock_is_reported(void **state)
{
	struct play play = begin();
	struct cor_semaphore none = { 0 };

	(void)state;
	start(&play, wait_for_nobody, &none);
	assert_int_equal(cor_world_run(play.world, play.scheduler), -EDEADLK);
	cor_semaphore_give(&none);
	cor_scheduler_stop(play.scheduler);
	assert_int_equal(cor_world_run(play.world, play.scheduler), 0);
	end(&play);
}

/* --- sockets --- */

static int echo(void *arg)
{
	struct cor_socket *socket = arg;
	char buffer[64];
	struct cor_scope scope;
	ssize_t got;

	do {
		cor_scope_enter(&scope, 300);
		got = cor_socket_read(socket, buffer, sizeof buffer);
		cor_scope_leave(&scope);
		if (got > 0)
			got = cor_socket_write(socket, buffer, (size_t)got) == 0 ? got : -1;
	} while (got > 0);
	if (got == -ETIMEDOUT)
		cor_ignore(cor_socket_write(socket, "too slow", 8));
	cor_socket_close(socket);
	return 0;
}

static int serve(void *arg)
{
	struct cor_socket *listener, *socket;

	check(cor_socket_listen(arg, 8, &listener) == 0);
	while (cor_socket_accept(listener, &socket) == 0)
		check(cor_fiber_start(NULL, echo, socket, NULL, NULL) == 0);
	cor_socket_close(listener);
	return 0;
}

static void hear(struct play *play, int peer, const char *expected)
{
	char heard[256] = "";
	ssize_t got = cor_world_receive(play->world, peer, heard, sizeof heard - 1);

	assert_int_equal(got, (ssize_t)strlen(expected));
	assert_string_equal(heard, expected);
}

static void cancel_all(struct cor_task *task)
{
	(void)task;
	cor_scheduler_cancel(cor_scheduler_current());
}

static void test_peers_are_scripted(void **state)
{
	struct play play = begin();
	struct cor_task task = { .run = cancel_all };
	char byte;

	(void)state;
	assert_int_equal(cor_world_connect(play.world, "10.0.0.1:80"), -ECONNREFUSED);
	start(&play, serve, "10.0.0.1:80");
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 1);
	int first = cor_world_connect(play.world, "10.0.0.1:80");
	int second = cor_world_connect(play.world, "10.0.0.1:80");
	assert_int_equal(cor_world_send(play.world, second, "second"), 6);
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 1);
	assert_int_equal(cor_world_receive(play.world, first, &byte, 1), -EAGAIN);
	hear(&play, second, "second");
	cor_world_pass_ms(play.world, 299);
	assert_int_equal(cor_world_send(play.world, first, "in time"), 7);
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 1);
	hear(&play, first, "in time");
	cor_world_pass_ms(play.world, 1);
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 1);
	hear(&play, second, "too slow");
	assert_int_equal(cor_world_receive(play.world, second, &byte, 1), 0);
	cor_world_close(play.world, second);
	cor_world_reset(play.world, first);
	cor_scheduler_post(play.scheduler, &task);
	cor_scheduler_stop(play.scheduler);
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 0);
	end(&play);
}

struct hog {
	struct cor_watch watch;
	struct play *play;
	int peer;
};

/* While this holds the thread, a peer sends in time, and nobody looks. */
static void hold_the_thread(void *arg)
{
	struct hog *hog = arg;

	cor_world_send(hog->play->world, hog->peer, "in time");
	cor_world_pass_ms(hog->play->world, 400);
}

static void run_hog(struct cor_watch *watch, uint32_t events)
{
	struct hog *hog = cor_container_of(watch, struct hog, watch);
	struct cor_fiber *fiber = cor_fiber_take(hog->play->scheduler, "hog", 0, NULL);

	(void)events;
	if (!fiber || !cor_fiber_run(fiber, hold_the_thread, hog, NULL))
		abort();
	cor_fiber_give_back(fiber);
}

static void test_what_came_in_time_counts(void **state)
{
	struct play play = begin();
	struct hog hog = { .watch.ready = run_hog, .play = &play };
	struct cor_task task = { .run = cancel_all };

	(void)state;
	start(&play, serve, "10.0.0.1:80");
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 1);
	hog.peer = cor_world_connect(play.world, "10.0.0.1:80");
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 1);
	hog.watch.fd = cor_world_connect(play.world, "10.0.0.1:80");
	assert_int_equal(cor_reactor_add(play.scheduler, &hog.watch, EPOLLOUT | EPOLLET), 0);
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 1);
	hear(&play, hog.peer, "in time");
	cor_world_close(play.world, hog.peer);
	cor_reactor_remove(play.scheduler, &hog.watch);
	cor_world_close(play.world, hog.watch.fd);
	cor_scheduler_post(play.scheduler, &task);
	cor_scheduler_stop(play.scheduler);
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 0);
	end(&play);
}

static int send_much(void *arg)
{
	static char data[10000];
	struct cor_socket *listener, *socket;

	(void)arg;
	memset(data, 'x', sizeof data);
	check(cor_socket_listen("unix:/run/none.sock", 8, &listener) == 0);
	check(cor_socket_accept(listener, &socket) == 0);
	check(cor_socket_write(socket, data, sizeof data) == 0);
	cor_socket_close(socket);
	cor_socket_close(listener);
	return 0;
}

/* A window that is full makes the writer wait; pieces of any size add up. */
static void test_a_full_window(void **state)
{
	struct play play = begin();
	char buffer[100];
	ssize_t got;
	size_t total = 0;
	int waits = 0;

	(void)state;
	cor_world_set_window(play.world, 1000);
	cor_world_set_piece(play.world, 77);
	start(&play, send_much, NULL);
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 1);
	int peer = cor_world_connect(play.world, "unix:/run/none.sock");
	while ((got = cor_world_receive(play.world, peer, buffer, sizeof buffer)) != 0) {
		if (got == -EAGAIN) {
			waits++;
			assert_int_equal(cor_world_settle(play.world, play.scheduler), 1);
		} else {
			total += (size_t)got;
		}
	}
	assert_int_equal(total, 10000);
	assert_in_range(waits, 9, 12);
	cor_world_close(play.world, peer);
	cor_scheduler_stop(play.scheduler);
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 0);
	end(&play);
}

/* --- fairness --- */

struct crowd {
	struct cor_world *world;
	bool is_over;
};

/* A handler that computes, and yields now and then as advised. */
static int compute_and_yield(void *arg)
{
	struct crowd *crowd = arg;

	while (!crowd->is_over) {
		cor_world_pass_ms(crowd->world, 1);
		check(cor_yield() == 0);
	}
	return 0;
}

static void ask_under_load(int fibers)
{
	struct play play = begin();
	struct crowd crowd = { .world = play.world };
	struct cor_task task = { .run = cancel_all };

	start(&play, serve, "10.0.0.1:80");
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 1);
	for (int i = 0; i < fibers; i++)
		start(&play, compute_and_yield, &crowd);
	assert_int_equal(cor_scheduler_turn(play.scheduler, COR_TURN_WAIT), 1);
	int peer = cor_world_connect(play.world, "10.0.0.1:80");
	assert_int_equal(cor_world_send(play.world, peer, "hello"), 5);
	int64_t asked_ns = cor_world_now_ns(play.world);
	char heard[8];
	while (cor_world_receive(play.world, peer, heard, sizeof heard) == -EAGAIN)
		assert_int_equal(cor_scheduler_turn(play.scheduler, COR_TURN_WAIT), 1);
	int64_t took_ns = cor_world_now_ns(play.world) - asked_ns;
	/*
	 * three trips through the queue: accept, the new fiber, its read; at most 1 ms between
	 * events
	 */
	assert_in_range(took_ns, 0, 4 * (fibers + 1) * COR_NS_PER_MS);
	crowd.is_over = true;
	cor_world_close(play.world, peer);
	cor_scheduler_post(play.scheduler, &task);
	cor_scheduler_stop(play.scheduler);
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 0);
	end(&play);
}

static void test_a_yielding_fiber_lets_events_in(void **state)
{
	(void)state;
	ask_under_load(1);
	ask_under_load(3);
}

struct swing {
	struct crowd crowd;
	struct cor_semaphore to;
	struct cor_semaphore back;
};

static int swing_there(void *arg)
{
	struct swing *swing = arg;

	while (!swing->crowd.is_over) {
		cor_world_pass_ms(swing->crowd.world, 1);
		cor_semaphore_give(&swing->to);
		check(cor_semaphore_take(&swing->back) == 0);
	}
	cor_semaphore_give(&swing->to);
	return 0;
}

static int swing_back(void *arg)
{
	struct swing *swing = arg;

	while (!swing->crowd.is_over) {
		check(cor_semaphore_take(&swing->to) == 0);
		cor_semaphore_give(&swing->back);
	}
	return 0;
}

/*
 * The same for two that wake each other: each turn of the loop is bounded in time, whatever fills
 * it.
 */
static void test_fibers_that_wake_each_other_let_events_in(void **state)
{
	struct play play = begin();
	struct swing swing = { .crowd.world = play.world };

	(void)state;
	start(&play, swing_there, &swing);
	start(&play, swing_back, &swing);
	int64_t before_ns = cor_world_now_ns(play.world);
	uint64_t polls = cor_world_polls(play.world);
	for (int i = 0; i < 100; i++)
		assert_int_equal(cor_scheduler_turn(play.scheduler, COR_TURN_WAIT), 1);
	assert_int_equal(cor_world_polls(play.world) - polls, 100);
	assert_in_range(cor_world_now_ns(play.world) - before_ns, 1, 100 * COR_NS_PER_MS);
	swing.crowd.is_over = true;
	cor_scheduler_stop(play.scheduler);
	assert_int_equal(cor_world_settle(play.world, play.scheduler), 0);
	end(&play);
}

/* --- the same each time --- */

struct trace {
	struct cor_world *world;
	char text[8192];
	size_t len;
};

static int wander(void *arg)
{
	struct trace *trace = arg;
	unsigned char random;

	for (int i = 0; i < 20; i++) {
		cor_random_fill(&random, 1);
		if (random % 3 == 0)
			check(cor_yield() == 0);
		else
			check(cor_sleep_ms(random) == 0);
		trace->len += (size_t)snprintf(trace->text + trace->len,
			sizeof trace->text - trace->len, "%d:%lld ", random,
			(long long)(cor_world_now_ns(trace->world) - START_NS));
	}
	return 0;
}

static void play_once(struct trace *trace)
{
	struct play play = begin();

	trace->world = play.world;
	for (int i = 0; i < 20; i++)
		start(&play, wander, trace);
	cor_scheduler_stop(play.scheduler);
	assert_int_equal(cor_world_run(play.world, play.scheduler), 0);
	end(&play);
}

static void test_each_run_is_the_same(void **state)
{
	static struct trace first, second;

	(void)state;
	play_once(&first);
	play_once(&second);
	assert_true(first.len > 1000);
	assert_string_equal(first.text, second.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_waits_end_at_exact_instants),
		cmocka_unit_test(test_deadlines_nest_and_stick),
		cmocka_unit_test(test_deadlines_outside_a_fiber),
		cmocka_unit_test(test_time_moves_by_hand),
		cmocka_unit_test(test_a_deadlock_is_reported),
		cmocka_unit_test(test_peers_are_scripted),
		cmocka_unit_test(test_what_came_in_time_counts),
		cmocka_unit_test(test_a_full_window),
		cmocka_unit_test(test_a_yielding_fiber_lets_events_in),
		cmocka_unit_test(test_fibers_that_wake_each_other_let_events_in),
		cmocka_unit_test(test_each_run_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
