/* SPDX-License-Identifier: MIT */
/*
 * Fibers: start, join, yield, sleep, cancellation, deadlines, scopes, request fibers, other
 * threads.
 */
#include <errno.h>
#include <fenv.h>
#include <pthread.h>
#include <string.h>

#include <coracle/error.h>

#include "loop.h"

static int seven(void *arg)
{
	(void)arg;
	return 7;
}

static void test_result_of_a_fiber(void **state)
{
	(void)state;
	assert_int_equal(run(seven, NULL), 7);
}

static int count_up(void *arg)
{
	int *count = arg;

	for (int i = 0; i < 3; i++) {
		(*count)++;
		if (cor_yield() < 0)
			return -1;
	}
	return 0;
}

static int start_many(void *arg)
{
	static struct cor_fiber *fibers[5000];
	int many = rounds(COUNT(fibers));
	int count = 0;

	(void)arg;
	for (int i = 0; i < many; i++)
		check(cor_fiber_start(NULL, count_up, &count, NULL, &fibers[i]) == 0);
	check(cor_yield() == 0);
	check(count == many);
	for (int i = 0; i < many; i++) {
		int result = -1;
		cor_fiber_join(fibers[i], &result);
		check(result == 0);
	}
	check(count == 3 * many);
	return 0;
}

static void test_thousands_of_fibers(void **state)
{
	(void)state;
	assert_int_equal(run(start_many, NULL), 0);
}

struct sleep {
	int64_t ms;
	int *next;
	int woke;
};

static int sleep_and_note(void *arg)
{
	struct sleep *sleep = arg;
	int rc = cor_sleep_ms(sleep->ms);

	sleep->woke = (*sleep->next)++;
	return rc;
}

static int sleep_in_order(void *arg)
{
	int next = 0;
	struct sleep sleeps[] = { { 30, &next, -1 }, { 10, &next, -1 }, { 20, &next, -1 },
		{ 0, &next, -1 } };
	static const int order[] = { 3, 1, 2, 0 };
	struct cor_fiber *fibers[COUNT(sleeps)];
	int64_t begin_ns = cor_clock_fresh(cor_scheduler_current());

	(void)arg;
	for (size_t i = 0; i < COUNT(sleeps); i++)
		check(cor_fiber_start(NULL, sleep_and_note, &sleeps[i], NULL, &fibers[i]) == 0);
	for (size_t i = 0; i < COUNT(sleeps); i++) {
		int result = -1;
		cor_fiber_join(fibers[i], &result);
		check(result == 0);
		check(sleeps[i].woke == order[i]);
	}
	check(cor_clock_fresh(cor_scheduler_current()) - begin_ns >= 30 * COR_NS_PER_MS);
	return 0;
}

static void test_sleepers_wake_in_order(void **state)
{
	(void)state;
	assert_int_equal(run(sleep_in_order, NULL), 0);
}

static int wait_for_ever(void *arg)
{
	int *seen = arg;

	for (int i = 0; i < 3; i++)
		seen[i] = cor_sleep_ms(COR_FOREVER);
	seen[3] = cor_yield();
	seen[4] = cor_scope_error();
	return 0;
}

static int cancel_one(void *arg)
{
	int seen[5] = { 0 };
	struct cor_fiber *fiber;

	(void)arg;
	check(cor_fiber_start(NULL, wait_for_ever, seen, NULL, &fiber) == 0);
	check(cor_yield() == 0);
	check(seen[0] == 0);
	cor_fiber_cancel(fiber);
	cor_fiber_cancel(fiber);
	cor_fiber_join(fiber, NULL);
	for (size_t i = 0; i < COUNT(seen); i++)
		check(seen[i] == -ECANCELED);
	return 0;
}

static int sleep_for_ever(void *arg)
{
	(void)arg;
	return cor_sleep_ms(COR_FOREVER);
}

/* fegetround() asks only one unit of the processor; this asks the one that computes. */
static bool rounds_to_nearest(void)
{
	volatile double three = 3;

	return fegetround() == FE_TONEAREST && 1 / three == 0x1.5555555555555p-2;
}

static bool rounds_upward(void)
{
	volatile double three = 3;

	return fegetround() == FE_UPWARD && 1 / three == 0x1.5555555555556p-2;
}

static int round_upward(void *arg)
{
	int rc = 0;

	(void)arg;
	fesetround(FE_UPWARD);
	for (int i = 0; i < 3 && rc == 0; i++) {
		rc = cor_yield();
		if (!rounds_upward())
			rc = __LINE__;
	}
	fesetround(FE_TONEAREST);
	return rc;
}

static int round_to_nearest(void *arg)
{
	struct cor_fiber *other;
	int result;

	(void)arg;
	check(cor_fiber_start(NULL, round_upward, NULL, NULL, &other) == 0);
	for (int i = 0; i < 5; i++) {
		check(rounds_to_nearest());
		check(cor_yield() == 0);
	}
	cor_fiber_join(other, &result);
	check(rounds_to_nearest());
	return result;
}

static void test_each_fiber_has_its_own_rounding_mode(void **state)
{
	(void)state;
	assert_int_equal(run(round_to_nearest, NULL), 0);
	assert_true(rounds_to_nearest());
}

/* All of them: a sleeper, one not yet begun, the one that cancels, and one started later. */
static int cancel_all(void *arg)
{
	struct cor_fiber *fibers[3];
	int result;

	(void)arg;
	check(cor_fiber_start(NULL, sleep_for_ever, NULL, NULL, &fibers[0]) == 0);
	check(cor_yield() == 0);
	check(cor_fiber_start(NULL, sleep_for_ever, NULL, NULL, &fibers[1]) == 0);
	cor_scheduler_cancel(cor_scheduler_current());
	check(cor_fiber_start(NULL, sleep_for_ever, NULL, NULL, &fibers[2]) == 0);
	for (int i = 0; i < 3; i++) {
		cor_fiber_join(fibers[i], &result);
		check(result == -ECANCELED);
	}
	check(cor_yield() == -ECANCELED);
	return 0;
}

static void test_all_are_cancelled(void **state)
{
	(void)state;
	assert_int_equal(run(cancel_all, NULL), 0);
}

static void test_cancellation_is_sticky(void **state)
{
	(void)state;
	assert_int_equal(run(cancel_one, NULL), 0);
}

static int time_out_first(void *arg)
{
	int *seen = arg;
	struct cor_scope outer;
	struct cor_scope inner;

	cor_scope_enter(&outer, 1);
	seen[0] = cor_sleep_ms(1000);
	cor_fiber_cancel(cor_fiber_current());
	cor_scope_enter(&inner, 1000);
	seen[1] = cor_yield();
	cor_scope_leave(&inner);
	seen[2] = cor_yield();
	cor_scope_leave(&outer);
	seen[3] = cor_yield();
	return 0;
}

static void test_the_first_reason_stays(void **state)
{
	int seen[4] = { 0 };

	(void)state;
	assert_int_equal(run(time_out_first, seen), 0);
	assert_int_equal(seen[0], -ETIMEDOUT);
	assert_int_equal(seen[1], -ETIMEDOUT);
	assert_int_equal(seen[2], -ETIMEDOUT);
	assert_int_equal(seen[3], -ECANCELED);
}

struct shield {
	int inside;
	int nested;
	int late;
	int after;
};

static int clean_up(void *arg)
{
	struct shield *shield = arg;
	struct cor_scope scope;
	struct cor_scope nested;

	shield->after = cor_sleep_ms(COR_FOREVER);
	cor_scope_shield(&scope, 30);
	shield->inside = cor_sleep_ms(1);
	cor_scope_enter(&nested, COR_FOREVER);
	shield->nested = cor_sleep_ms(1);
	cor_scope_leave(&nested);
	shield->late = cor_sleep_ms(1000);
	cor_scope_leave(&scope);
	if (shield->after == -ECANCELED)
		shield->after = cor_yield();
	return 0;
}

static int cancel_a_cleaner(void *arg)
{
	struct shield shield = { 1, 1, 1, 1 };
	struct cor_fiber *fiber;

	(void)arg;
	check(cor_fiber_start(NULL, clean_up, &shield, NULL, &fiber) == 0);
	check(cor_yield() == 0);
	cor_fiber_cancel(fiber);
	cor_fiber_join(fiber, NULL);
	check(shield.inside == 0);
	check(shield.nested == 0);
	check(shield.late == -ETIMEDOUT);
	check(shield.after == -ECANCELED);
	return 0;
}

static void test_shielded_scopes(void **state)
{
	(void)state;
	assert_int_equal(run(cancel_a_cleaner, NULL), 0);
}

/* Request fibers. */

struct request {
	struct cor_fiber *fiber;
	int ran;
	int finished;
	int rc;
};

static void serve_at_once(void *arg)
{
	((struct request *)arg)->ran++;
}

static void serve_later(void *arg)
{
	struct request *request = arg;

	request->ran++;
	request->rc = cor_sleep_ms(COR_FOREVER);
}

static void request_over(void *arg)
{
	struct request *request = arg;

	request->finished++;
	cor_fiber_give_back(request->fiber);
}

static struct request request;
static bool task_ran;
static bool right;

static void cancel_request(struct cor_timer *timer)
{
	(void)timer;
	cor_fiber_cancel(request.fiber);
}

static struct cor_timer canceller = { .due_ns = COR_FOREVER, .fire = cancel_request };

static void drive_requests(struct cor_task *task)
{
	struct cor_scheduler *scheduler = cor_scheduler_current();

	(void)task;
	task_ran = true;
	struct cor_fiber *first = cor_fiber_take(scheduler, "first", 0, NULL);
	memset(cor_fiber_room(first), 0xa5, COR_FIBER_ROOM_BYTES);
	right = cor_fiber_run(first, serve_at_once, &request, request_over) && request.ran == 1;
	right = right && cor_fiber_run(first, serve_at_once, &request, request_over) &&
		request.ran == 2;
	for (size_t i = 0; i < COR_FIBER_ROOM_BYTES; i++)
		right = right && ((unsigned char *)cor_fiber_room(first))[i] == 0xa5;
	cor_fiber_give_back(first);

	request.fiber = cor_fiber_take(scheduler, "second", 0, NULL);
	right = right && request.fiber == first;
	right = right && !cor_fiber_run(request.fiber, serve_later, &request, request_over);
	right = right && request.ran == 3 && request.finished == 0;
	cor_timer_arm(scheduler, &canceller, cor_clock_now(scheduler) + 5 * COR_NS_PER_MS);
	cor_scheduler_stop(scheduler);
}

static void test_request_fibers(void **state)
{
	struct cor_scheduler *scheduler;
	struct cor_task task = { .run = drive_requests };

	(void)state;
	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	cor_scheduler_post(scheduler, &task);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	cor_scheduler_destroy(scheduler);
	assert_true(task_ran);
	assert_true(right);
	assert_int_equal(request.finished, 1);
	assert_int_equal(request.rc, -ECANCELED);
}

/* From other threads. */

static void *run_scheduler(void *arg)
{
	return cor_scheduler_run(arg) == 0 ? NULL : arg;
}

struct elsewhere {
	struct cor_scheduler *scheduler;
	pthread_t thread;
};

static void start_thread(struct elsewhere *elsewhere)
{
	assert_int_equal(cor_scheduler_create(NULL, &elsewhere->scheduler), 0);
	assert_int_equal(
		pthread_create(&elsewhere->thread, NULL, run_scheduler, elsewhere->scheduler), 0);
}

static void stop_thread(struct elsewhere *elsewhere)
{
	void *failed;

	cor_scheduler_stop(elsewhere->scheduler);
	assert_int_equal(pthread_join(elsewhere->thread, &failed), 0);
	assert_null(failed);
	cor_scheduler_destroy(elsewhere->scheduler);
}

static void test_fibers_of_another_thread(void **state)
{
	struct elsewhere elsewhere;
	int many = rounds(500);

	(void)state;
	start_thread(&elsewhere);
	for (int i = 0; i < many; i++) {
		struct cor_fiber *fiber;
		int result = 0;
		assert_int_equal(
			cor_fiber_start(elsewhere.scheduler, seven, NULL, NULL, &fiber), 0);
		cor_fiber_join(fiber, &result);
		assert_int_equal(result, 7);
	}
	stop_thread(&elsewhere);
}

static void test_cancel_from_another_thread(void **state)
{
	struct elsewhere elsewhere;
	int many = rounds(200);

	(void)state;
	start_thread(&elsewhere);
	for (int i = 0; i < many; i++) {
		int seen[5] = { 0 };
		struct cor_fiber *fiber;
		assert_int_equal(
			cor_fiber_start(elsewhere.scheduler, wait_for_ever, seen, NULL, &fiber), 0);
		cor_fiber_cancel(fiber);
		cor_fiber_join(fiber, NULL);
		assert_int_equal(seen[0], -ECANCELED);
		assert_int_equal(seen[4], -ECANCELED);
	}
	stop_thread(&elsewhere);
}

static _Atomic int tasks_run;

static void count_task(struct cor_task *task)
{
	(void)task;
	atomic_fetch_add(&tasks_run, 1);
}

static void *post_many(void *arg)
{
	static struct cor_task tasks[2][1000];
	static _Atomic int next;
	struct cor_task *mine = tasks[atomic_fetch_add(&next, 1)];

	for (int i = 0; i < 1000; i++) {
		mine[i].run = count_task;
		cor_scheduler_post(arg, &mine[i]);
	}
	return NULL;
}

static void test_posting_from_threads(void **state)
{
	struct elsewhere elsewhere;
	pthread_t posters[2];

	(void)state;
	start_thread(&elsewhere);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			pthread_create(&posters[i], NULL, post_many, elsewhere.scheduler), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(posters[i], NULL), 0);
	stop_thread(&elsewhere);
	assert_int_equal(tasks_run, 2000);
}

static void test_without_a_scheduler(void **state)
{
	(void)state;
	assert_null(cor_scheduler_current());
	assert_null(cor_fiber_current());
	assert_int_equal(cor_fiber_start(NULL, seven, NULL, NULL, NULL), -EINVAL);
	assert_int_equal(cor_yield(), 0);
	assert_int_equal(cor_sleep_ms(1), 0);
	cor_scheduler_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_result_of_a_fiber),
		cmocka_unit_test(test_thousands_of_fibers),
		cmocka_unit_test(test_sleepers_wake_in_order),
		cmocka_unit_test(test_cancellation_is_sticky),
		cmocka_unit_test(test_all_are_cancelled),
		cmocka_unit_test(test_each_fiber_has_its_own_rounding_mode),
		cmocka_unit_test(test_the_first_reason_stays),
		cmocka_unit_test(test_shielded_scopes),
		cmocka_unit_test(test_request_fibers),
		cmocka_unit_test(test_fibers_of_another_thread),
		cmocka_unit_test(test_cancel_from_another_thread),
		cmocka_unit_test(test_posting_from_threads),
		cmocka_unit_test(test_without_a_scheduler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
