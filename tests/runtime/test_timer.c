/* SPDX-License-Identifier: MIT */
/* The timer heap, without a loop; then the loop, with the test's own clock. */
#include <errno.h>
#include <string.h>

#include <coracle/clock.h>
#include <coracle/random.h>
#include <coracle/timestamp.h>

#include "loop.h"

#define TIMERS 1000

struct probe {
	struct cor_timer timer;
	int64_t expected_ns;
	int fired;
};

static int64_t fire_time_ns;
static int64_t last_due_ns;
static int wrong;

static void note(struct cor_timer *timer)
{
	struct probe *probe = (void *)timer;

	probe->fired++;
	if (probe->expected_ns > fire_time_ns || probe->expected_ns < last_due_ns)
		wrong++;
	last_due_ns = probe->expected_ns;
}

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

static void arm(struct cor_scheduler *scheduler, struct probe *probe, int64_t due_ns)
{
	probe->expected_ns = due_ns;
	cor_timer_arm(scheduler, &probe->timer, due_ns);
}

/*
 * Armed, moved both ways and disarmed at random: each fires once, when it is due, in order.
 */
static void test_random_timers(void **state)
{
	static struct probe probes[TIMERS];
	struct cor_scheduler *scheduler;
	uint64_t seed = 7;
	int expected = 0;
	int fired = 0;

	(void)state;
	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	for (int i = 0; i < TIMERS; i++)
		probes[i] = (struct probe){ .timer = { .due_ns = COR_FOREVER, .fire = note } };
	for (int i = 0; i < 20 * TIMERS; i++) {
		struct probe *probe = &probes[next_random(&seed) % TIMERS];
		switch (next_random(&seed) % 8) {
		case 0:
			cor_timer_disarm(scheduler, &probe->timer);
			assert_int_equal(probe->timer.slot, 0);
			break;
		case 1:
			cor_timer_rest(&probe->timer);
			break;
		default:
			arm(scheduler, probe, (int64_t)(next_random(&seed) % 100000) + 1);
		}
	}
	for (int i = 0; i < TIMERS; i++)
		expected += probes[i].timer.due_ns != COR_FOREVER;
	for (fire_time_ns = 0; fire_time_ns <= 100000; fire_time_ns += 50) {
		cor_timer_heap_fire(&scheduler->timers, fire_time_ns);
		assert_true(cor_timer_heap_next(&scheduler->timers) > fire_time_ns);
	}
	for (int i = 0; i < TIMERS; i++) {
		assert_true(probes[i].fired <= 1);
		fired += probes[i].fired;
	}
	assert_int_equal(fired, expected);
	assert_int_equal(wrong, 0);
	assert_int_equal(scheduler->timers.count, 0);
	cor_scheduler_destroy(scheduler);
}

static int rearmed;

static void arm_again(struct cor_timer *timer)
{
	rearmed++;
	cor_timer_arm(cor_scheduler_current(), timer, 0);
}

static void stop(struct cor_timer *timer)
{
	(void)timer;
	cor_scheduler_stop(cor_scheduler_current());
}

static void test_a_timer_cannot_hold_the_loop(void **state)
{
	struct cor_scheduler *scheduler;
	struct cor_timer again = { .due_ns = COR_FOREVER, .fire = arm_again };
	struct cor_timer stopper = { .due_ns = COR_FOREVER, .fire = stop };

	(void)state;
	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	cor_timer_arm(scheduler, &again, 0);
	cor_timer_arm(scheduler, &stopper, cor_clock_now(scheduler) + COR_NS_PER_MS);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	assert_true(rearmed > 1);
	cor_scheduler_destroy(scheduler);
}

static void test_points_in_time(void **state)
{
	(void)state;
	assert_true(cor_clock_after_ms(5, -1) == 5);
	assert_true(cor_clock_after_ms(5, 2) == 2000005);
	assert_true(cor_clock_after_ms(5, COR_FOREVER) == COR_FOREVER);
	assert_true(cor_clock_after_ms(COR_FOREVER - 5, 1) == COR_FOREVER);
}

/*
 * The test's own world: waiting takes no time, but moves the clock on. Time and readiness come only
 * through their seams.
 */
static int64_t virtual_ns;

static int64_t virtual_time(const struct cor_clock *clock)
{
	(void)clock;
	return virtual_ns;
}

static int64_t virtual_date(const struct cor_clock *clock)
{
	(void)clock;
	return 42;
}

static int virtual_wait(const struct cor_poller *poller, int poll, struct epoll_event *events,
	int max, const struct cor_poll_until *until)
{
	(void)poller;
	if (until->timeout_ms > 0)
		virtual_ns = until->due_ns;
	return cor_system_poller.wait(
		&cor_system_poller, poll, events, max, &(struct cor_poll_until){ 0 });
}

static int sleep_a_year(void *arg)
{
	int64_t year_ms = (int64_t)365 * 86400 * 1000;

	(void)arg;
	check(cor_clock_realtime(cor_scheduler_current()) == 42);
	check(cor_now().tv_sec == 0 && cor_now().tv_nsec == 42);
	check(cor_monotonic_ns() == virtual_ns);
	check(cor_sleep_ms(year_ms) == 0);
	check(virtual_ns == year_ms * COR_NS_PER_MS);
	return 0;
}

static void test_time_is_a_seam(void **state)
{
	static const struct cor_clock clock = { .monotonic_ns = virtual_time,
		.realtime_ns = virtual_date };
	struct cor_poller poller = cor_system_poller;
	struct cor_scheduler *scheduler;
	struct cor_fiber *fiber;
	int result = -1;

	(void)state;
	poller.wait = virtual_wait;
	assert_int_equal(
		cor_scheduler_create_with(NULL,
			&(struct cor_seams){ .clock = &clock, .poller = &poller }, &scheduler),
		0);
	assert_int_equal(cor_fiber_start(scheduler, sleep_a_year, NULL, NULL, &fiber), 0);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	cor_fiber_join(fiber, &result);
	cor_scheduler_destroy(scheduler);
	assert_int_equal(result, 0);
}

static int break_down(const struct cor_poller *poller, int poll, struct epoll_event *events,
	int max, const struct cor_poll_until *until)
{
	(void)poller;
	(void)poll;
	(void)events;
	(void)max;
	(void)until;
	return -EBADF;
}

static void test_a_broken_poll_ends_the_loop(void **state)
{
	struct cor_poller poller = cor_system_poller;
	struct cor_scheduler *scheduler;

	(void)state;
	poller.wait = break_down;
	assert_int_equal(cor_scheduler_create_with(
				 NULL, &(struct cor_seams){ .poller = &poller }, &scheduler),
		0);
	assert_int_equal(cor_scheduler_run(scheduler), -EBADF);
	cor_scheduler_destroy(scheduler);
}

static void count_up(const struct cor_random *random, void *ret, size_t bytes)
{
	unsigned char *out = ret;
	static unsigned char next;

	(void)random;
	for (size_t i = 0; i < bytes; i++)
		out[i] = next++;
}

static void test_randomness_is_a_seam(void **state)
{
	static const struct cor_random counter = { .fill = count_up };
	static unsigned char big[2 * COR_RANDOM_STORE_BYTES];
	struct cor_scheduler *scheduler;
	unsigned char bytes[256];

	(void)state;
	assert_int_equal(cor_scheduler_create_with(
				 NULL, &(struct cor_seams){ .random = &counter }, &scheduler),
		0);
	for (int i = 0; i < 40; i++) {
		cor_random_bytes(scheduler, bytes, sizeof bytes);
		for (int k = 0; k < 256; k++)
			assert_int_equal(bytes[k], k); /* each byte is handed out once */
	}
	cor_random_bytes(scheduler, big, sizeof big);
	assert_int_equal(big[sizeof big - 1], 255);
	cor_scheduler_destroy(scheduler);
	unsigned char first[32];
	unsigned char second[32];
	cor_system_random.fill(&cor_system_random, first, sizeof first);
	cor_system_random.fill(&cor_system_random, second, sizeof second);
	assert_memory_not_equal(first, second, sizeof first);
}

/* Outside a scheduler, the system's clock is used. */
static void test_what_time_it_is(void **state)
{
	int64_t before_ns = cor_monotonic_ns();
	struct timespec now = cor_now();
	char text[COR_TIMESTAMP_BYTES];

	(void)state;
	assert_true(cor_monotonic_ns() >= before_ns);
	assert_in_range(
		cor_system_clock.realtime_ns(&cor_system_clock) / COR_NS_PER_S - now.tv_sec, 0, 60);
	assert_in_range(now.tv_nsec, 0, COR_NS_PER_S - 1);
	size_t len = cor_timestamp_print(&now, text);
	assert_int_equal(len, strlen(text));
	assert_int_equal(text[len - 1], 'Z');
}

static int make_uuid(void *arg)
{
	cor_uuid_random(arg);
	return 0;
}

static void test_random_uuids(void **state)
{
	static const struct cor_random counter = { .fill = count_up };
	struct cor_scheduler *scheduler;
	char text[COR_UUID_TEXT_BYTES];
	struct cor_uuid uuid, other;

	(void)state;
	for (int i = 0; i < 100; i++) {
		cor_uuid_random(&uuid);
		cor_uuid_print(&uuid, text);
		assert_int_equal(text[14], '4');
		assert_non_null(strchr("89ab", text[19]));
	}
	cor_uuid_random(&other);
	assert_memory_not_equal(&uuid, &other, sizeof uuid);
	assert_int_equal(cor_scheduler_create_with(
				 NULL, &(struct cor_seams){ .random = &counter }, &scheduler),
		0);
	assert_int_equal(cor_fiber_start(scheduler, make_uuid, &uuid, NULL, NULL), 0);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	cor_scheduler_destroy(scheduler);
	for (int i = 1; i < 16; i++)
		if (i != 6 && i != 8)
			assert_int_equal(uuid.bytes[i], (unsigned char)(uuid.bytes[0] + i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_timers),
		cmocka_unit_test(test_a_timer_cannot_hold_the_loop),
		cmocka_unit_test(test_points_in_time),
		cmocka_unit_test(test_time_is_a_seam),
		cmocka_unit_test(test_a_broken_poll_ends_the_loop),
		cmocka_unit_test(test_randomness_is_a_seam),
		cmocka_unit_test(test_what_time_it_is),
		cmocka_unit_test(test_random_uuids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
