/* SPDX-License-Identifier: MIT */
/* Histograms: each value in its cell, several summed up, and what is left of a writer that dies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

#include "segment/histogram.h"
#include "segment/segment.h"
#include "steps.h"

static const uint64_t thousands[] = { 1000, 2500, 5000, 10000, 25000, 50000, 100000 };
static struct cor_segment segment;
static struct cor_histogram_bounds bounds;
static struct cor_histogram_cells *histogram;

static void make_histogram(void)
{
	struct cor_region_options options = { .name = "histogram" };
	void *region;

	assert_int_equal(cor_histogram_bounds_init(&bounds, thousands, 7), 0);
	options.bytes = cor_histogram_bytes(&bounds);
	cor_segment_detach(&segment);
	assert_int_equal(cor_segment_create(65536, &segment), 0);
	assert_int_equal(cor_segment_region(&segment, &options, &region), 0);
	histogram = region;
}

static int set_up(void **state)
{
	(void)state;
	make_histogram();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	cor_segment_detach(&segment);
	return 0;
}

static size_t naive_cell(const uint64_t *upper, size_t len, uint64_t value)
{
	size_t at = 0;

	while (at < len && upper[at] < value)
		at++;
	return at;
}

static void check_cells(const uint64_t *upper, size_t len)
{
	assert_int_equal(cor_histogram_bounds_init(&bounds, upper, len), 0);
	for (size_t i = 0; i < len; i++)
		for (uint64_t value = upper[i] - 3; value != upper[i] + 3; value++)
			assert_int_equal(
				cor_histogram_cell(&bounds, value), naive_cell(upper, len, value));
	for (unsigned shift = 0; shift < 64; shift++) {
		uint64_t value = UINT64_MAX >> shift;
		assert_int_equal(cor_histogram_cell(&bounds, value), naive_cell(upper, len, value));
		value = UINT64_C(1) << shift;
		assert_int_equal(cor_histogram_cell(&bounds, value), naive_cell(upper, len, value));
	}
	assert_int_equal(cor_histogram_cell(&bounds, 0), naive_cell(upper, len, 0));
}

static void test_each_value_has_its_cell(void **state)
{
	static const uint64_t ends[] = { 0, 1, 2, 3, 4, UINT64_MAX - 1, UINT64_MAX };
	static const uint64_t close[] = { 4, 5, 6, 7, 9, 31, 32, 33, 40, 41, 42, 63, 64, 65 };
	uint64_t random[COR_HISTOGRAM_BOUNDS_MAX];

	(void)state;
	check_cells(thousands, 7);
	check_cells(ends, 7);
	check_cells(close, 14);
	check_cells(&thousands[3], 1);
	for (int round = 0; round < 1000; round++) {
		uint64_t at = 0;
		for (size_t i = 0; i < COR_HISTOGRAM_BOUNDS_MAX; i++)
			random[i] = at += 1 + (uint64_t)(rand() >> rand() % 31);
		check_cells(random, 1 + (size_t)rand() % COR_HISTOGRAM_BOUNDS_MAX);
	}
}

static void test_bounds_that_are_invalid(void **state)
{
	static const uint64_t twice[] = { 1, 2, 2 }, falls[] = { 1, 3, 2 };
	uint64_t many[COR_HISTOGRAM_BOUNDS_MAX + 1];

	(void)state;
	for (size_t i = 0; i <= COR_HISTOGRAM_BOUNDS_MAX; i++)
		many[i] = i;
	assert_int_equal(cor_histogram_bounds_init(&bounds, many, 0), -EINVAL);
	assert_int_equal(cor_histogram_bounds_init(&bounds, twice, 3), -EINVAL);
	assert_int_equal(cor_histogram_bounds_init(&bounds, falls, 3), -EINVAL);
	assert_int_equal(
		cor_histogram_bounds_init(&bounds, many, COR_HISTOGRAM_BOUNDS_MAX + 1), -EINVAL);
	assert_int_equal(cor_histogram_bounds_init(&bounds, many, COR_HISTOGRAM_BOUNDS_MAX), 0);
	assert_int_equal(cor_histogram_bytes(&bounds), 320);
}

static void test_several_are_summed_up(void **state)
{
	struct cor_histogram_total total = { 0 };

	(void)state;
	cor_histogram_record(histogram, &bounds, 0);
	cor_histogram_record(histogram, &bounds, 1000);
	cor_histogram_record_shared(histogram, &bounds, 1001);
	cor_histogram_record(histogram, &bounds, 100001);
	cor_histogram_add(&total, histogram, &bounds);
	cor_histogram_add(&total, histogram, &bounds);
	assert_int_equal(total.count, 8);
	assert_int_equal(total.sum, 2 * 102002);
	assert_int_equal(total.cells[0], 4);
	assert_int_equal(total.cells[1], 2);
	assert_int_equal(total.cells[2], 0);
	assert_int_equal(total.cells[7], 2);
}

static void record(void)
{
	cor_histogram_record(histogram, &bounds, 3000);
}

static void record_shared(void)
{
	cor_histogram_record_shared(histogram, &bounds, 3000);
}

/* The value that the killed one was at is there, or not, or not yet in the sum: once in all. */
static void check_histogram(void)
{
	struct cor_histogram_total total = { 0 };

	cor_histogram_add(&total, histogram, &bounds);
	assert_int_equal(total.count, total.cells[2]);
	assert_true(total.count <= 2);
	assert_int_equal(total.sum % 3000, 0);
	assert_in_range(total.count - total.sum / 3000, 0, 1);
}

static void test_killed_at_each_step_of_a_record(void **state)
{
	struct scene scene = { make_histogram, record, check_histogram, &segment };

	(void)state;
	print_message("# %ld instructions of a record\n", kill_at_each_step(&scene));
	scene.work = record_shared;
	print_message("# %ld instructions of a shared one\n", kill_at_each_step(&scene));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_value_has_its_cell),
		cmocka_unit_test(test_bounds_that_are_invalid),
		cmocka_unit_test_setup_teardown(test_several_are_summed_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_killed_at_each_step_of_a_record, set_up, tear_down),
	};

	return _cmocka_run_group_tests(
		"tests", tests, tests_to_run(sizeof tests / sizeof tests[0], 1), NULL, NULL);
}
