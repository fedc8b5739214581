/* SPDX-License-Identifier: MIT */
/* Who is found by the sentinel, and who is not, however busy the machine is. */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <coracle/clock.h>

#include "loop.h"
#include "runtime/sentinel.h"

#define LIMIT_MS 200
#define MS       INT64_C(1000000)

struct play {
	struct cor_scheduler *scheduler;
	struct cor_sentinel sentinel;
	pthread_t thread;
	int (*entry)(void *);
	_Atomic int found;
	_Atomic bool is_over;
	int64_t held_ns;
	int64_t took_ns;
};

static int64_t cpu_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return time.tv_sec * 1000 * MS + time.tv_nsec;
}

static void found(void *arg, size_t scheduler, int64_t held_ns, const struct cor_stall *stall)
{
	struct play *play = arg;

	(void)scheduler, (void)stall;
	play->held_ns = held_ns;
	atomic_fetch_add(&play->found, 1);
}

static int timed(void *arg)
{
	struct play *play = arg;
	int64_t began_ns = cor_monotonic_ns();
	int rc = play->entry(play);

	play->took_ns = cor_monotonic_ns() - began_ns;
	return rc;
}

static void *run_loop(void *arg)
{
	struct play *play = arg;

	return cor_scheduler_run(play->scheduler) == 0 ? NULL : arg;
}

/* Run entry() as a fiber, next to a sentinel. */
static void watch(struct play *play, int (*entry)(void *))
{
	const struct cor_sentinel_options options = { .schedulers = &play->scheduler,
		.len = 1,
		.limit_ms = LIMIT_MS,
		.found = found,
		.arg = play };
	struct cor_fiber *fiber;
	void *failed;
	int result = -1;

	play->entry = entry;
	assert_int_equal(cor_scheduler_create(NULL, &play->scheduler), 0);
	assert_int_equal(cor_fiber_start(play->scheduler, timed, play, NULL, &fiber), 0);
	assert_int_equal(cor_sentinel_start(&play->sentinel, &options), 0);
	cor_scheduler_stop(play->scheduler);
	assert_int_equal(pthread_create(&play->thread, NULL, run_loop, play), 0);
	pthread_join(play->thread, &failed);
	cor_sentinel_stop(&play->sentinel);
	assert_null(failed);
	cor_fiber_join(fiber, &result);
	cor_scheduler_destroy(play->scheduler);
	assert_int_equal(result, 0);
}

/* --- those who hold it --- */

static int compute(void *arg)
{
	struct play *play = arg;
	int64_t end_ns = cpu_ns() + 2 * LIMIT_MS * MS;

	while (cpu_ns() < end_ns || atomic_load(&play->found) == 0)
		;
	return 0;
}

static int sleep_in_the_kernel(void *arg)
{
	struct play *play = arg;

	do
		(void)poll(NULL, 0, 2 * LIMIT_MS);
	while (atomic_load(&play->found) == 0);
	return 0;
}

static void test_who_holds_it_is_found_once(void **state)
{
	int (*entries[])(void *) = { compute, sleep_in_the_kernel };

	(void)state;
	for (size_t i = 0; i < COUNT(entries); i++) {
		struct play play = { 0 };
		watch(&play, entries[i]);
		assert_int_equal(play.found, 1);
		assert_true(play.held_ns >= LIMIT_MS * MS);
		assert_true(play.held_ns <= play.took_ns + MS);
	}
}

/* --- those who are kept from running --- */

/* The processor that this thread is on, and no other. */
static void stay_here(void)
{
	cpu_set_t here;

	CPU_ZERO(&here);
	CPU_SET((size_t)sched_getcpu(), &here);
	sched_setaffinity(0, sizeof here, &here);
}

static void *take_the_processor(void *arg)
{
	struct play *play = arg;

	while (!atomic_load(&play->is_over))
		;
	return NULL;
}

/* A thread inherits the processors that it may use. */
static int compute_next_to_another(void *arg)
{
	struct play *play = arg;
	pthread_t other;
	int64_t end_ns = cor_monotonic_ns() + 3 * LIMIT_MS * MS;

	stay_here();
	check(pthread_create(&other, NULL, take_the_processor, play) == 0);
	check(setpriority(PRIO_PROCESS, (id_t)gettid(), 19) == 0);
	while (cor_monotonic_ns() < end_ns)
		;
	atomic_store(&play->is_over, true);
	return pthread_join(other, NULL);
}

static void test_who_has_no_processor_is_not_found(void **state)
{
	struct play play = { 0 };

	(void)state;
	if (access("/proc/self/schedstat", R_OK) != 0)
		return; /* the system does not say who waits for one */
	watch(&play, compute_next_to_another);
	assert_true(play.took_ns > 2 * LIMIT_MS * MS);
	assert_int_equal(play.found, 0);
}

static _Noreturn void let_go_on(pid_t whom)
{
	do {
		(void)poll(NULL, 0, 3 * LIMIT_MS);
		kill(whom, SIGCONT);
	} while (getppid() == whom);
	_exit(0);
}

/* When it goes on, it does so for a while: the sentinel has the time to look. */
static int be_stopped(void *arg)
{
	pid_t self = getpid(), child = fork();

	(void)arg;
	check(child >= 0);
	if (child == 0)
		let_go_on(self);
	check(kill(self, SIGSTOP) == 0);
	int64_t end_ns = cor_monotonic_ns() + LIMIT_MS * MS / 2;
	while (cor_monotonic_ns() < end_ns)
		;
	kill(child, SIGKILL);
	return waitpid(child, NULL, 0) == child ? 0 : -1;
}

static void test_process_that_was_stopped_has_held_nothing(void **state)
{
	struct play play = { 0 };

	(void)state;
	watch(&play, be_stopped);
	assert_true(play.took_ns > 2 * LIMIT_MS * MS);
	assert_int_equal(play.found, 0);
}

/* --- its end --- */

/* Whatever it is about to do: to look first, or to sleep since nobody turns. */
static void test_it_ends_at_whatever_time_it_is_told(void **state)
{
	struct cor_sentinel sentinel;
	struct cor_scheduler *scheduler;
	const struct cor_sentinel_options options = {
		.schedulers = &scheduler, .len = 1, .limit_ms = LIMIT_MS, .found = found
	};

	(void)state;
	assert_int_equal(cor_scheduler_create(NULL, &scheduler), 0);
	for (int64_t i = 0; i < 5000; i++) {
		assert_int_equal(cor_sentinel_start(&sentinel, &options), 0);
		int64_t until_ns = cor_monotonic_ns() + i % 100 * 1000;
		while (cor_monotonic_ns() < until_ns)
			;
		cor_sentinel_stop(&sentinel);
	}
	cor_scheduler_destroy(scheduler);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_holds_it_is_found_once),
		cmocka_unit_test(test_who_has_no_processor_is_not_found),
		cmocka_unit_test(test_process_that_was_stopped_has_held_nothing),
		cmocka_unit_test(test_it_ends_at_whatever_time_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
