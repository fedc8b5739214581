/* SPDX-License-Identifier: MIT */
/* Counters of several processes: the sum is exact, although they are killed and replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "segment/counter.h"
#include "segment/segment.h"
#include "steps.h"

#define PROCESSES 4
#define THREADS   4
#define KILLS     8

struct figures {
	struct {
		_Alignas(64) _Atomic uint64_t own;
	} slots[PROCESSES][THREADS];
	_Alignas(64) _Atomic uint64_t shared;
	_Atomic int64_t gauge;
};

static struct cor_segment segment;
static struct figures *figures;
static uint64_t rounds = 100000;
static int slot; /* of this process */

/* Count up to `rounds` in its cell, whichever process began there. */
static void *count_in_thread(void *arg)
{
	_Atomic uint64_t *own = arg;

	while (cor_counter_read(own) < rounds) {
		cor_gauge_move_shared(&figures->gauge, 1);
		cor_count_shared(&figures->shared, 1);
		cor_count(own, 1);
		cor_gauge_move_shared(&figures->gauge, -1);
	}
	return NULL;
}

static void count(void)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(
			    &threads[i], NULL, count_in_thread, &figures->slots[slot][i].own) != 0)
			_exit(1);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static pid_t start_process(int in_slot)
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		slot = in_slot;
		alarm(60);
		count();
		_exit(0);
	}
	return child;
}

static uint64_t sum_of(int of_slot)
{
	uint64_t sum = 0;

	for (int i = 0; i < THREADS; i++)
		sum += cor_counter_read(&figures->slots[of_slot][i].own);
	return sum;
}

static uint64_t sum_of_all(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < PROCESSES; i++)
		sum += sum_of(i);
	return sum;
}

/* Kill a process in the middle of its work, and start another in its place. */
static void replace_one(pid_t *processes)
{
	int victim = rand() % PROCESSES;
	uint64_t at = sum_of(victim) + (uint64_t)rand() % 5000;

	while (sum_of(victim) < at && sum_of(victim) < THREADS * rounds)
		sched_yield();
	kill_child(processes[victim]);
	uint64_t sum = sum_of(victim);
	assert_true(sum <= THREADS * rounds);
	processes[victim] = start_process(victim);
}

static void test_sums_are_exact(void **state)
{
	const struct cor_region_options options = { .name = "figures", .bytes = sizeof *figures };
	pid_t processes[PROCESSES];
	unsigned seed = (unsigned)time(NULL);
	void *region;

	(void)state;
	print_message("# seed %u\n", seed);
	srand(seed);
	assert_int_equal(cor_segment_create(65536, &segment), 0);
	assert_int_equal(cor_segment_region(&segment, &options, &region), 0);
	figures = region;
	for (int i = 0; i < PROCESSES; i++)
		processes[i] = start_process(i);
	for (int i = 0; i < KILLS; i++)
		replace_one(processes);
	for (int i = 0; i < PROCESSES; i++)
		reap(processes[i]);

	/* The last count of a killed thread may be in only one of them: at most one per thread. */
	uint64_t sum = sum_of_all(), shared = cor_counter_read(&figures->shared);
	assert_int_equal(sum, PROCESSES * THREADS * rounds);
	assert_in_range(shared, sum, sum + KILLS * THREADS);
	int64_t gauge = cor_gauge_read(&figures->gauge);
	assert_in_range(gauge, 0, KILLS * THREADS);
	assert_true((uint64_t)gauge >= shared - sum);
	cor_segment_detach(&segment);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sums_are_exact) };

	if (getenv("COR_TEST_LIGHT"))
		rounds /= 10;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
