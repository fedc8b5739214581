/* SPDX-License-Identifier: MIT */
/* Seams of a thread outside of fibers, a poller of another kind, and the real loop turn by turn. */
#include <errno.h>
#include <pthread.h>

#include <coracle/clock.h>
#include <coracle/net.h>
#include <coracle/random.h>
#include <coracle/sync.h>

#include "loop.h"
#include "runtime/wait.h"
#include "world/world.h"

#define START_NS COR_NS_PER_S /* of every world */

/* --- outside a fiber --- */

static void test_a_thread_has_seams(void **state)
{
	struct cor_world *world = cor_world_create();
	const struct cor_seams seams = cor_world_seams(world);
	struct cor_thread_seams own, inner;
	struct cor_semaphore none = { 0 };
	struct cor_socket *listener, *socket;
	struct cor_scope scope;
	unsigned char bytes[2];
	char byte;

	(void)state;
	cor_seams_enter(&own, &seams);
	cor_seams_enter(&inner, NULL);
	assert_true(cor_clock_here() == &cor_system_clock);
	cor_seams_leave(&own); /* in any order */
	cor_seams_enter(&own, &seams);
	cor_seams_leave(&inner);

	assert_int_equal(cor_sleep_ms(3600000), 0);
	assert_int_equal(cor_world_now_ns(world) - START_NS, 3600000LL * COR_NS_PER_MS);
	assert_int_equal(cor_monotonic_ns(), cor_world_now_ns(world));
	assert_int_equal(cor_now().tv_sec, 1767225600 + 3600);
	cor_random_fill(bytes, 2);
	assert_int_equal(bytes[0], 0);
	assert_int_equal(bytes[1], 1);

	cor_scope_enter(&scope, 40);
	assert_int_equal(cor_semaphore_take(&none), -ETIMEDOUT);
	assert_string_equal(cor_wait_failed_in(), "cor_semaphore_take");
	cor_scope_leave(&scope);
	assert_int_equal(cor_world_now_ns(world) - START_NS, (3600000LL + 40) * COR_NS_PER_MS);

	assert_int_equal(cor_socket_listen("10.0.0.1:80", 8, &listener), 0);
	assert_int_equal(cor_socket_connect("10.0.0.1:80", &socket), 0);
	cor_scope_enter(&scope, 2);
	assert_int_equal(cor_socket_read(socket, &byte, 1), -ETIMEDOUT);
	cor_scope_leave(&scope);
	assert_int_equal(cor_world_now_ns(world) - START_NS, (3600000LL + 42) * COR_NS_PER_MS);
	cor_socket_close(socket);
	cor_socket_close(listener);
	cor_seams_leave(&own);
	assert_true(cor_clock_here() == &cor_system_clock);
	cor_world_destroy(world);
}

static int wait_for_nobody(void *arg)
{
	struct cor_semaphore *none = arg;

	return cor_semaphore_take(none);
}

/* --- a poller of another kind, and other threads --- */

struct bell {
	struct cor_poller poller; /* first */
	pthread_mutex_t lock;
	pthread_cond_t rang;
	bool rings;
	bool waits;
};

static int open_bell(const struct cor_poller *poller)
{
	(void)poller;
	return 0;
}

static int wait_for_bell(const struct cor_poller *poller, int poll, struct epoll_event *events,
	int max, const struct cor_poll_until *until)
{
	struct bell *bell = (struct bell *)(uintptr_t)poller;

	(void)poll;
	(void)events;
	(void)max;
	pthread_mutex_lock(&bell->lock);
	bell->waits = true;
	pthread_cond_broadcast(&bell->rang);
	while (!bell->rings && until->timeout_ms != 0)
		pthread_cond_wait(&bell->rang, &bell->lock);
	bell->rings = false;
	pthread_mutex_unlock(&bell->lock);
	return 0;
}

static void ring(const struct cor_poller *poller, int poll)
{
	struct bell *bell = (struct bell *)(uintptr_t)poller;

	(void)poll;
	pthread_mutex_lock(&bell->lock);
	bell->rings = true;
	pthread_cond_broadcast(&bell->rang);
	pthread_mutex_unlock(&bell->lock);
}

static void close_bell(const struct cor_poller *poller, int poll)
{
	(void)poller;
	(void)poll;
}

static void *run_scheduler(void *arg)
{
	static int failed;

	return cor_scheduler_run(arg) == 0 ? NULL : &failed;
}

/* Another thread wakes a loop whose poller watches no descriptors. */
static void test_a_poller_is_woken_by_a_call(void **state)
{
	struct bell bell = { .poller = { .open = open_bell,
				     .wait = wait_for_bell,
				     .wake = ring,
				     .close = close_bell },
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.rang = PTHREAD_COND_INITIALIZER };
	struct cor_scheduler *scheduler;
	struct cor_fiber *fiber;
	struct cor_semaphore none = { 0 };
	pthread_t thread;
	void *failed;
	int result = -1;

	(void)state;
	assert_int_equal(cor_scheduler_create_with(
				 NULL, &(struct cor_seams){ .poller = &bell.poller }, &scheduler),
		0);
	assert_int_equal(cor_fiber_start(scheduler, wait_for_nobody, &none, NULL, &fiber), 0);
	assert_int_equal(pthread_create(&thread, NULL, run_scheduler, scheduler), 0);
	pthread_mutex_lock(&bell.lock);
	while (!bell.waits)
		pthread_cond_wait(&bell.rang, &bell.lock);
	pthread_mutex_unlock(&bell.lock);
	cor_semaphore_give(&none);
	cor_fiber_join(fiber, &result);
	assert_int_equal(result, 0);
	cor_scheduler_stop(scheduler);
	pthread_join(thread, &failed);
	assert_null(failed);
	cor_scheduler_destroy(scheduler);
}

/*
 * On a real poller: a turn that only looks never waits, and each turn says whether another will
 * follow.
 */
static void test_turns_of_the_real_loop(void **state)
{
	struct cor_scheduler *scheduler;
	struct cor_semaphore none = { 0 };

	(void)state;
	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	assert_int_equal(cor_fiber_start(scheduler, wait_for_nobody, &none, NULL, NULL), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(cor_scheduler_turn(scheduler, COR_TURN_LOOK), 1);
		assert_null(cor_scheduler_current());
	}
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_turn(scheduler, COR_TURN_LOOK), 1);
	cor_semaphore_give(&none);
	assert_int_equal(cor_scheduler_turn(scheduler, COR_TURN_WAIT), 0);
	cor_scheduler_destroy(scheduler);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_thread_has_seams),
		cmocka_unit_test(test_a_poller_is_woken_by_a_call),
		cmocka_unit_test(test_turns_of_the_real_loop),
	};

	return cmocka_run_group_tests_name("runtime/seams", tests, NULL, NULL);
}
