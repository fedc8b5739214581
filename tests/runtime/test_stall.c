/* SPDX-License-Identifier: MIT */
/* A thread that does not come back to its loop: how long, and what it does. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <coracle/clock.h>
#include <coracle/error.h>

#include "loop.h"
#include "runtime/listening.h"
#include "runtime/stall.h"

struct play {
	struct cor_scheduler *scheduler;
	pthread_t thread;
	_Atomic bool is_spinning;
	_Atomic bool is_over;
};

/* Holds its thread. Never inlined: it is looked for in the stack. */
__attribute__((noinline)) static int spin(void *arg)
{
	struct play *play = arg;

	atomic_store(&play->is_spinning, true);
	while (!atomic_load(&play->is_over))
		;
	return 0;
}

static void *run_loop(void *arg)
{
	struct play *play = arg;

	return cor_scheduler_run(play->scheduler) == 0 ? NULL : arg;
}

static void await_true(_Atomic bool *flag)
{
	while (!atomic_load(flag))
		(void)poll(NULL, 0, 1);
}

static void begin(struct play *play, int (*entry)(void *))
{
	const struct cor_scheduler_options of_scheduler = { .max_fibers = 4 };
	const struct cor_fiber_options of_fiber = { .name = "spinning" };

	*play = (struct play){ 0 };
	assert_int_equal(cor_stall_install(), 0);
	assert_int_equal(cor_scheduler_create(&of_scheduler, &play->scheduler), 0);
	assert_true(cor_scheduler_back_ns(play->scheduler) == COR_FOREVER);
	assert_int_equal(cor_fiber_start(play->scheduler, entry, play, &of_fiber, NULL), 0);
	assert_int_equal(pthread_create(&play->thread, NULL, run_loop, play), 0);
}

static void end(struct play *play)
{
	void *result;

	atomic_store(&play->is_over, true);
	cor_scheduler_stop(play->scheduler);
	pthread_join(play->thread, &result);
	assert_null(result);
	assert_true(cor_scheduler_back_ns(play->scheduler) == COR_FOREVER);
	cor_scheduler_destroy(play->scheduler);
}

static bool is_in(const struct cor_stall *stall, uintptr_t function)
{
	for (size_t i = 0; i < stall->backtrace.len; i++)
		if ((uintptr_t)stall->backtrace.frames[i] - function < 512)
			return true;
	return false;
}

static void test_a_thread_tells_what_it_does(void **state)
{
	struct cor_stall stall;
	char stack[COR_BACKTRACE_BYTES];
	struct play play;

	(void)state;
	begin(&play, spin);
	await_true(&play.is_spinning);
	for (int i = 0; i < rounds(100); i++) {
		memset(&stall, 0xee, sizeof stall);
		assert_int_equal(cor_stall_ask(play.scheduler, &stall), 0);
		assert_string_equal(stall.fiber, "spinning");
		assert_string_equal(stall.request_id, "");
		assert_true(is_in(&stall, (uintptr_t)spin));
	}
	cor_backtrace_print(&stall.backtrace, stack);
	assert_non_null(strstr(stack, "spin test-runtime-stall+0x"));
	assert_non_null(strstr(stack, "cor_fiber_main "));
	end(&play);
}

/* A wait that the kernel does not count down in place. */
static int wait_in_the_kernel(void *arg)
{
	struct play *play = arg;

	atomic_store(&play->is_spinning, true);
	int rc = poll(NULL, 0, 200);
	atomic_store(&play->is_over, true);
	return rc;
}

static void test_questions_do_not_prolong_a_wait(void **state)
{
	struct cor_stall stall;
	struct play play;

	(void)state;
	begin(&play, wait_in_the_kernel);
	await_true(&play.is_spinning);
	for (int i = 0; i < 200 && !atomic_load(&play.is_over); i++) {
		int rc = cor_stall_ask(play.scheduler, &stall);
		assert_true(rc == 0);
		if (!atomic_load(&play.is_over))
			assert_true(is_in(&stall, (uintptr_t)wait_in_the_kernel));
		(void)poll(NULL, 0, 10);
	}
	assert_true(atomic_load(&play.is_over));
	end(&play);
}

/* Takes no signals until it is over. */
static int be_deaf(void *arg)
{
	struct play *play = arg;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	atomic_store(&play->is_spinning, true);
	while (!atomic_load(&play->is_over))
		;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	atomic_store(&play->is_spinning, false);
	while (!atomic_load(&play->is_spinning))
		;
	return 0;
}

/* The room of the question that had no answer is gone by then. */
static void test_an_answer_may_come_late(void **state)
{
	struct cor_stall *stall = calloc(1, sizeof *stall), later;
	struct play play;

	(void)state;
	assert_non_null(stall);
	begin(&play, be_deaf);
	await_true(&play.is_spinning);
	for (int i = 0; i < 2; i++)
		assert_int_equal(cor_stall_ask(play.scheduler, stall), -ETIMEDOUT);
	free(stall);
	atomic_store(&play.is_over, true);
	while (atomic_load(&play.is_spinning))
		(void)poll(NULL, 0, 1);
	assert_int_equal(cor_stall_ask(play.scheduler, &later), 0);
	assert_string_equal(later.fiber, "spinning");
	assert_true(is_in(&later, (uintptr_t)be_deaf));
	atomic_store(&play.is_spinning, true);
	end(&play);
}

static void test_a_held_thread_is_not_back(void **state)
{
	struct play play;

	(void)state;
	begin(&play, spin);
	await_true(&play.is_spinning);
	int64_t back_ns = cor_scheduler_back_ns(play.scheduler);
	(void)poll(NULL, 0, 20);
	assert_true(cor_scheduler_back_ns(play.scheduler) == back_ns);
	assert_true(cor_clock_fresh(play.scheduler) - back_ns >= 20 * (int64_t)COR_NS_PER_MS);
	end(&play);
}

static int wait_until_over(void *arg)
{
	struct play *play = arg;

	atomic_store(&play->is_spinning, true);
	while (!atomic_load(&play->is_over))
		cor_ignore(cor_sleep_ms(50));
	return 0;
}

static void test_a_thread_that_waits_is_not_held(void **state)
{
	struct play play;

	(void)state;
	begin(&play, wait_until_over);
	await_true(&play.is_spinning);
	while (cor_scheduler_back_ns(play.scheduler) != COR_FOREVER)
		(void)poll(NULL, 0, 1);
	end(&play);
}

static struct cor_scheduler *short_of;
static int64_t short_back_ns[3];

/* One after the other, in one turn. */
static int hold_shortly(void *arg)
{
	int64_t end_ns = cor_monotonic_ns() + 5 * (int64_t)COR_NS_PER_MS;

	*(int64_t *)arg = cor_scheduler_back_ns(short_of);
	while (cor_monotonic_ns() < end_ns)
		;
	return 0;
}

static void test_each_fiber_counts_from_its_own_start(void **state)
{
	const struct cor_scheduler_options options = { .max_fibers = 4 };

	(void)state;
	assert_int_equal(cor_scheduler_create(&options, &short_of), 0);
	for (size_t i = 0; i < COUNT(short_back_ns); i++)
		assert_int_equal(
			cor_fiber_start(short_of, hold_shortly, &short_back_ns[i], NULL, NULL), 0);
	cor_scheduler_stop(short_of);
	assert_int_equal(cor_scheduler_run(short_of), 0);
	for (size_t i = 1; i < COUNT(short_back_ns); i++)
		assert_true(short_back_ns[i] - short_back_ns[i - 1] >= 4 * (int64_t)COR_NS_PER_MS);
	cor_scheduler_destroy(short_of);
}

static void test_clients_that_wait_to_be_accepted_are_seen(void **state)
{
	const char *const addresses[] = { "127.0.0.1:0" };
	const struct cor_listening_options options = {
		.addresses = addresses, .len = 1, .each = { .backlog = 5 }
	};
	struct cor_listening_set set;
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	(void)state;
	assert_int_equal(cor_listening_open(&set, &options, NULL), 0);
	assert_false(cor_listening_has_queue(&set));
	to.sin_port = htons(cor_listening_port(&set, 0));
	int client = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&to, sizeof to), 0);
	assert_true(cor_listening_has_queue(&set));
	int server = accept(set.items[0].fd, NULL, NULL);
	assert_true(server >= 0);
	assert_false(cor_listening_has_queue(&set));
	close(server);
	close(client);
	cor_listening_close(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_thread_tells_what_it_does),
		cmocka_unit_test(test_questions_do_not_prolong_a_wait),
		cmocka_unit_test(test_an_answer_may_come_late),
		cmocka_unit_test(test_a_held_thread_is_not_back),
		cmocka_unit_test(test_a_thread_that_waits_is_not_held),
		cmocka_unit_test(test_each_fiber_counts_from_its_own_start),
		cmocka_unit_test(test_clients_that_wait_to_be_accepted_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
