/* SPDX-License-Identifier: MIT */
/* Values that are replaced while others read them: each is seen whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "segment/snapshot.h"

#define WORDS  32
#define ROUNDS 100000

struct shelf {
	struct cor_snapshot snapshot;
	uint64_t room[2 * WORDS];
	_Atomic bool is_over;
};

/* All words of a value are the same number. */
static void put(struct shelf *shelf, uint64_t number)
{
	uint64_t value[WORDS];

	for (size_t i = 0; i < WORDS; i++)
		value[i] = number;
	cor_snapshot_write(&shelf->snapshot, shelf->room, value, WORDS);
}

static void *write_on(void *arg)
{
	struct shelf *shelf = arg;

	for (uint64_t i = 1; i <= ROUNDS; i++)
		put(shelf, i);
	atomic_store(&shelf->is_over, true);
	return NULL;
}

static void assert_whole(const uint64_t *value)
{
	for (size_t i = 1; i < WORDS; i++)
		assert_int_equal(value[i], value[0]);
}

static void test_a_value_is_seen_whole(void **state)
{
	struct shelf shelf = { 0 };
	uint64_t value[WORDS], last = 0;
	pthread_t writer;

	(void)state;
	assert_int_equal(pthread_create(&writer, NULL, write_on, &shelf), 0);
	while (!atomic_load(&shelf.is_over)) {
		cor_snapshot_read(&shelf.snapshot, shelf.room, value, WORDS);
		assert_whole(value);
		assert_true(value[0] >= last);
		last = value[0];
	}
	pthread_join(writer, NULL);
	cor_snapshot_read(&shelf.snapshot, shelf.room, value, WORDS);
	assert_int_equal(value[0], ROUNDS);
}

/* A writer changes the words that are not shown; it may die there. */
static void test_a_writer_that_died_in_the_middle_leaves_the_previous_value(void **state)
{
	struct shelf shelf = { 0 };
	uint64_t value[WORDS];

	(void)state;
	for (uint64_t number = 1; number <= 2; number++) {
		put(&shelf, number);
		memset(&shelf.room[(number + 1) % 2 * WORDS], 0xff, sizeof(uint64_t) * WORDS / 2);
		cor_snapshot_read(&shelf.snapshot, shelf.room, value, WORDS);
		assert_whole(value);
		assert_int_equal(value[0], number);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_value_is_seen_whole),
		cmocka_unit_test(test_a_writer_that_died_in_the_middle_leaves_the_previous_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
