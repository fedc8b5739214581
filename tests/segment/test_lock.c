/* SPDX-License-Identifier: MIT */
/* A lock whose owner dies: the next one repairs it, and nobody waits for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "segment/lock.h"
#include "segment/segment.h"
#include "steps.h"

#define THREADS 4
#define ROUNDS  20000
#define KILLS   200

/* What the lock protects: the two are equal, unless an update is in progress. */
struct pair {
	struct cor_lock lock;
	volatile uint64_t first, second;
	volatile uint64_t repairs;
	volatile bool is_held; /* set by the lock's holder; a killed holder leaves it set */
};

static struct cor_segment segment;
static struct pair *pair;

static int init_pair(void *region, size_t bytes)
{
	struct pair *new_pair = region;

	(void)bytes;
	return cor_lock_init(&new_pair->lock);
}

static void make_pair(void)
{
	const struct cor_region_options options = {
		.name = "pair", .bytes = sizeof *pair, .init = init_pair
	};
	void *region;

	cor_segment_detach(&segment);
	assert_int_equal(cor_segment_create(65536, &segment), 0);
	assert_int_equal(cor_segment_region(&segment, &options, &region), 0);
	pair = region;
}

static int set_up(void **state)
{
	(void)state;
	make_pair();
	return 0;
}

/* Finish the update that was in progress. */
static int finish_update(void *arg)
{
	struct pair *damaged = arg;

	damaged->second = damaged->first;
	damaged->repairs++;
	return 0;
}

static int give_up(void *arg)
{
	(void)arg;
	return -EUCLEAN;
}

static void take(void)
{
	assert_int_equal(cor_lock_take(&pair->lock, finish_update, pair), 0);
}

static void update(void)
{
	take();
	pair->is_held = true;
	pair->first++;
	pair->second++;
	pair->is_held = false;
	cor_lock_give(&pair->lock);
}

static void die_in_the_middle(void)
{
	take();
	pair->first++;
	_exit(0);
}

static void *update_often(void *arg)
{
	for (int i = 0; i < ROUNDS; i++)
		update();
	return arg;
}

static void update_in_threads(void)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, update_often, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void test_it_excludes(void **state)
{
	(void)state;
	update_in_threads();
	work_elsewhere(update_in_threads);
	assert_int_equal(pair->first, 2 * THREADS * ROUNDS);
	assert_int_equal(pair->second, 2 * THREADS * ROUNDS);
	assert_int_equal(pair->repairs, 0);
}

static void test_the_owner_takes_it_again(void **state)
{
	(void)state;
	take();
	assert_int_equal(cor_lock_take(&pair->lock, finish_update, pair), -EDEADLK);
	cor_lock_give(&pair->lock);
	update();
}

static void test_a_dead_owner(void **state)
{
	(void)state;
	work_elsewhere(die_in_the_middle);
	assert_int_equal(pair->second, 0);
	update();
	assert_int_equal(pair->second, 2);
	assert_int_equal(pair->repairs, 1);
	update();
	assert_int_equal(pair->repairs, 1);
}

static void *die_as_a_thread(void *arg)
{
	take();
	pair->first++;
	return arg;
}

static void test_a_dead_thread(void **state)
{
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, die_as_a_thread, NULL), 0);
	pthread_join(thread, NULL);
	update();
	assert_int_equal(pair->second, 2);
	assert_int_equal(pair->repairs, 1);
}

static int die_repairing(void *arg)
{
	(void)arg;
	_exit(0);
}

static void take_and_die_repairing(void)
{
	assert_int_equal(cor_lock_take(&pair->lock, die_repairing, pair), 0);
}

static void test_the_repairer_dies(void **state)
{
	(void)state;
	work_elsewhere(die_in_the_middle);
	work_elsewhere(take_and_die_repairing);
	work_elsewhere(take_and_die_repairing);
	assert_int_equal(pair->second, 0);
	update();
	assert_int_equal(pair->second, 2);
	assert_int_equal(pair->repairs, 1);
}

/* Nobody gets it, nobody waits for it, and a successful repair restores it. */
static void test_a_repair_that_fails(void **state)
{
	(void)state;
	work_elsewhere(die_in_the_middle);
	for (int i = 0; i < 3; i++)
		assert_int_equal(cor_lock_take(&pair->lock, give_up, pair), -EUCLEAN);
	work_elsewhere(update);
	assert_int_equal(pair->second, 2);
	assert_int_equal(pair->repairs, 1);
	assert_int_equal(cor_lock_take(&pair->lock, give_up, pair), 0);
	cor_lock_give(&pair->lock);
}

static void check_pair(void)
{
	take();
	assert_int_equal(pair->first, pair->second);
	assert_true(pair->first <= 3);
	cor_lock_give(&pair->lock);
}

static void test_killed_at_each_step_of_an_update(void **state)
{
	const struct scene scene = { make_pair, update, check_pair, &segment };

	(void)state;
	print_message("# %ld instructions of an update\n", kill_at_each_step(&scene));
}

static void make_damaged_pair(void)
{
	make_pair();
	work_elsewhere(die_in_the_middle);
}

static void test_killed_at_each_step_of_a_repair(void **state)
{
	const struct scene scene = { make_damaged_pair, update, check_pair, &segment };

	(void)state;
	print_message("# %ld instructions of a repair\n", kill_at_each_step(&scene));
}

/* Whether it sleeps: state S after the name in parentheses, see proc(5). */
static bool is_asleep(pid_t process)
{
	char path[32], line[64];
	char status = '\0';

	snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	if (fgets(line, sizeof line, file))
		assert_int_equal(sscanf(line, "%*d %*[^)]) %c", &status), 1);
	fclose(file);
	return status == 'S';
}

static pid_t start_waiter(void)
{
	pid_t waiter = fork();

	assert_true(waiter >= 0);
	if (waiter == 0) {
		alarm(10);
		update();
		_exit(0);
	}
	while (!is_asleep(waiter))
		usleep(20);
	return waiter;
}

/* Kill it `count` instructions after it got the lock, while another sleeps waiting for the lock. */
static bool kill_with_a_waiter(long count)
{
	bool stepped = true;

	make_pair();
	pid_t owner = start_stepped(update);
	while (!pair->is_held)
		assert_true(step(owner, 1));
	pid_t waiter = start_waiter();
	stepped = step(owner, count);
	kill_child(owner);
	reap(waiter);
	check_pair();
	return stepped;
}

static void test_a_waiter_gets_it_at_each_step(void **state)
{
	long count = 0;

	(void)state;
	while (kill_with_a_waiter(count))
		count++;
	print_message("# %ld instructions with a waiter\n", count);
}

static void update_for_ever(void)
{
	for (;;)
		update();
}

/* Each is killed wherever it happens to be, while the others compete for the lock. */
static void test_killed_at_random_among_others(void **state)
{
	pid_t processes[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		processes[i] = start_working(update_for_ever);
	for (int kills = 0; kills < KILLS; kills++) {
		uint64_t at = pair->first + (uint64_t)rand() % 2000;
		while (pair->first < at)
			sched_yield();
		kill_child(processes[kills % THREADS]);
		processes[kills % THREADS] = start_working(update_for_ever);
	}
	for (int i = 0; i < THREADS; i++)
		kill_child(processes[i]);
	update();
	assert_int_equal(pair->first, pair->second);
	assert_in_range(pair->repairs, 0, KILLS + THREADS);
	print_message("# %u kills, %u repairs\n", KILLS, (unsigned)pair->repairs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_it_excludes, set_up),
		cmocka_unit_test_setup(test_the_owner_takes_it_again, set_up),
		cmocka_unit_test_setup(test_a_dead_owner, set_up),
		cmocka_unit_test_setup(test_a_dead_thread, set_up),
		cmocka_unit_test_setup(test_the_repairer_dies, set_up),
		cmocka_unit_test_setup(test_a_repair_that_fails, set_up),
		cmocka_unit_test_setup(test_killed_at_random_among_others, set_up),
		cmocka_unit_test_setup(test_killed_at_each_step_of_an_update, set_up),
		cmocka_unit_test_setup(test_killed_at_each_step_of_a_repair, set_up),
		cmocka_unit_test_setup(test_a_waiter_gets_it_at_each_step, set_up),
	};

	return _cmocka_run_group_tests(
		"tests", tests, tests_to_run(sizeof tests / sizeof tests[0], 3), NULL, NULL);
}
