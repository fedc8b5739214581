/* SPDX-License-Identifier: MIT */
/* Values that are replaced while others read them: each is seen whole, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "segment/snapshot.h"

#define WORDS  32
#define ROUNDS 100000

struct shelf {
	struct cor_snapshot snapshot;
	uint64_t value[WORDS];
	_Atomic bool is_over;
};

/* All words of a value are the same number. */
static void put(struct shelf *shelf, uint64_t number)
{
	uint64_t value[WORDS];

	for (size_t i = 0; i < WORDS; i++)
		value[i] = number;
	cor_snapshot_write(&shelf->snapshot, shelf->value, value, WORDS);
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
		if (!cor_snapshot_read(&shelf.snapshot, shelf.value, value, WORDS))
			continue; /* the writer lost its CPU in the middle */
		assert_whole(value);
		assert_true(value[0] >= last);
		last = value[0];
	}
	pthread_join(writer, NULL);
	assert_true(cor_snapshot_read(&shelf.snapshot, shelf.value, value, WORDS));
	assert_int_equal(value[0], ROUNDS);
}

static void test_a_writer_that_died_in_the_middle_is_followed_by_another(void **state)
{
	struct shelf shelf = { 0 };
	uint64_t value[WORDS];

	(void)state;
	put(&shelf, 1);
	shelf.snapshot.version++; /* so far it came */
	shelf.value[0] = 2;
	assert_false(cor_snapshot_read(&shelf.snapshot, shelf.value, value, WORDS));
	put(&shelf, 3);
	assert_true(cor_snapshot_read(&shelf.snapshot, shelf.value, value, WORDS));
	assert_whole(value);
	assert_int_equal(value[0], 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_value_is_seen_whole),
		cmocka_unit_test(test_a_writer_that_died_in_the_middle_is_followed_by_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
