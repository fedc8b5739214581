/* SPDX-License-Identifier: MIT */
/* Watches, and what the loop calls, and when. */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "loop.h"

struct watched {
	struct cor_watch watch;
	struct watched *other;
	int fired;
};

static void remove_the_other(struct cor_watch *watch, uint32_t events)
{
	struct watched *self = (void *)watch;

	self->fired += (events & EPOLLIN) != 0;
	cor_reactor_remove(cor_scheduler_current(), &self->other->watch);
	cor_scheduler_stop(cor_scheduler_current());
}

static void open_watched(
	struct watched *watched, struct watched *other, void (*ready)(struct cor_watch *, uint32_t))
{
	*watched = (struct watched){ .watch = { .fd = eventfd(1, EFD_NONBLOCK), .ready = ready },
		.other = other };
	assert_true(watched->watch.fd >= 0);
}

/* Both are ready in one batch; the first called removes the second, which must not be called. */
static void test_a_removed_watch_is_silent(void **state)
{
	struct cor_scheduler *scheduler;
	struct watched pair[2];

	(void)state;
	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	for (int i = 0; i < 2; i++) {
		open_watched(&pair[i], &pair[1 - i], remove_the_other);
		assert_int_equal(cor_reactor_add(scheduler, &pair[i].watch, EPOLLIN | EPOLLET), 0);
		assert_int_equal(cor_reactor_add(scheduler, &pair[i].watch, EPOLLIN), -EEXIST);
	}
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	assert_int_equal(pair[0].fired + pair[1].fired, 1);
	for (int i = 0; i < 2; i++)
		close(pair[i].watch.fd);
	cor_scheduler_destroy(scheduler);
}

static void count_and_turn(struct cor_watch *watch, uint32_t events)
{
	struct watched *self = (void *)watch;
	struct cor_scheduler *scheduler = cor_scheduler_current();

	if (++self->fired == 1 && (events & EPOLLOUT) == 0)
		self->fired += cor_reactor_change(scheduler, watch, EPOLLOUT | EPOLLET) != 0;
	else
		cor_scheduler_stop(scheduler);
}

static void test_a_watch_changes(void **state)
{
	struct cor_scheduler *scheduler;
	struct watched watched;

	(void)state;
	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	open_watched(&watched, NULL, count_and_turn);
	assert_int_equal(cor_reactor_change(scheduler, &watched.watch, EPOLLIN), -ENOENT);
	assert_int_equal(cor_reactor_add(scheduler, &watched.watch, EPOLLIN | EPOLLET), 0);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	assert_int_equal(watched.fired, 2);
	cor_reactor_remove(scheduler, &watched.watch);
	close(watched.watch.fd);
	cor_scheduler_destroy(scheduler);
}

/* The hook is called before each wait, after the fibers of the turn. */
struct turns {
	int hooks;
	int fiber_runs;
	bool out_of_order;
};

static void before_wait(void *arg)
{
	struct turns *turns = arg;

	turns->hooks++;
	if (turns->hooks == 1 && turns->fiber_runs != 1)
		turns->out_of_order = true;
}

static int sleep_twice(void *arg)
{
	struct turns *turns = arg;

	for (int i = 0; i < 2; i++) {
		turns->fiber_runs++;
		check(cor_sleep_ms(1) == 0);
	}
	return 0;
}

static void test_the_idle_hook(void **state)
{
	struct cor_scheduler *scheduler;
	struct turns turns = { 0 };

	(void)state;
	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	cor_scheduler_set_idle(scheduler, before_wait, &turns);
	assert_int_equal(cor_fiber_start(scheduler, sleep_twice, &turns, NULL, NULL), 0);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	assert_true(turns.hooks >= 3);
	assert_false(turns.out_of_order);
	cor_scheduler_destroy(scheduler);
}

static int busy(void *arg)
{
	bool *stopped = arg;

	while (!*stopped)
		check(cor_yield() == 0);
	return 0;
}

static void set_flag(struct cor_timer *timer);

struct alarm {
	struct cor_timer timer;
	bool rang;
};

static void set_flag(struct cor_timer *timer)
{
	((struct alarm *)timer)->rang = true;
}

/* Fibers that only yield to each other do not keep timers from firing. */
static void test_yielding_fibers_starve_nobody(void **state)
{
	struct cor_scheduler *scheduler;
	struct alarm alarm = { .timer = { .due_ns = COR_FOREVER, .fire = set_flag } };

	(void)state;
	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(cor_fiber_start(scheduler, busy, &alarm.rang, NULL, NULL), 0);
	cor_timer_arm(scheduler, &alarm.timer, cor_clock_now(scheduler) + 2 * COR_NS_PER_MS);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	assert_true(alarm.rang);
	cor_scheduler_destroy(scheduler);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_removed_watch_is_silent),
		cmocka_unit_test(test_a_watch_changes),
		cmocka_unit_test(test_the_idle_hook),
		cmocka_unit_test(test_yielding_fibers_starve_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
