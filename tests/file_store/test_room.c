/* SPDX-License-Identifier: MIT */
/* Limits: what goes when there is no room, and what does not. */
#include "stage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *numbered(const char *before, int i)
{
	static char texts[4][32];
	static int at;
	char *text = texts[at++ % 4];

	snprintf(text, sizeof texts[0], "%s%d", before, i);
	return text;
}

static void limit(struct stage *stage, uint32_t entries)
{
	stage->cache.entries = entries;
	stage_reopen(stage);
}

static void put_all(struct stage *stage, const char *before, int len)
{
	for (int i = 0; i < len; i++) {
		assert_int_equal(stage_put(stage, numbered(before, i), "x"), 0);
		stage_pass(stage, SECOND / 1000);
	}
}

/* cachelib keeps 65 of 64, and removes a third of all when it is full. */
static void never_more_than_entries(void **state)
{
	struct stage *stage = *state;

	limit(stage, 64);
	for (int i = 0; i < 300; i++) {
		assert_int_equal(stage_put(stage, numbered("", i), "x"), 0);
		stage_pass(stage, SECOND / 1000);
		assert_int_equal(stage_files(stage), i < 64 ? i + 1 : 64);
	}
	for (int i = 0; i < 300; i++)
		assert_true(stage_has(stage, numbered("", i), i < 300 - 64 ? NULL : "x"));
	assert_int_equal(stage_figures(stage).evicted, 300 - 64);
	assert_int_equal(stage_figures(stage).entries, 64);
	assert_int_equal(stage_put(stage, "299", "y"), 0); /* again: nothing goes */
	assert_int_equal(stage_figures(stage).evicted, 300 - 64);
}

static void one_entry(void **state)
{
	struct stage *stage = *state;

	limit(stage, 1);
	put_all(stage, "", 10);
	assert_true(stage_has(stage, "9", "x"));
	assert_int_equal(stage_files(stage), 1);
}

static void what_was_used_stays(void **state)
{
	struct stage *stage = *state;

	limit(stage, 100);
	put_all(stage, "", 100);
	stage_pass(stage, SECOND);
	for (int i = 0; i < 100; i += 10)
		assert_true(stage_has(stage, numbered("", i), "x"));
	stage_pass(stage, SECOND);
	put_all(stage, "new ", 90);
	for (int i = 0; i < 100; i++)
		assert_true(stage_has(stage, numbered("", i), i % 10 == 0 ? "x" : NULL));
}

/* The list of who could go is made once; who was used since stays. */
static void what_was_used_after_the_look_stays(void **state)
{
	struct stage *stage = *state;

	limit(stage, 100);
	put_all(stage, "", 101); /* 0 goes, and the list is made */
	stage_pass(stage, SECOND);
	assert_true(stage_has(stage, "1", "x"));
	stage_pass(stage, SECOND);
	put_all(stage, "new ", 10);
	assert_true(stage_has(stage, "1", "x"));
	assert_true(stage_has(stage, "2", NULL));
}

static void the_dead_go_first(void **state)
{
	struct stage *stage = *state;

	limit(stage, 100);
	put_all(stage, "old ", 50);
	for (int i = 0; i < 50; i++)
		assert_int_equal(stage_put_for(stage, numbered("dead ", i), "x", 10), 0);
	stage_pass(stage, 2 * SECOND);
	put_all(stage, "new ", 50);
	for (int i = 0; i < 50; i++)
		assert_true(stage_has(stage, numbered("old ", i), "x"));
	assert_int_equal(stage_figures(stage).expired, 50);
	assert_int_equal(stage_figures(stage).evicted, 0);
}

/* cachelib drops what never expires first, since it has the smallest time. */
static void what_never_expires_goes_last(void **state)
{
	struct stage *stage = *state;

	limit(stage, 100);
	for (int i = 0; i < 50; i++)
		assert_int_equal(stage_put_for(stage, numbered("kept ", i), "x", COR_FOREVER), 0);
	stage_pass(stage, 10 * SECOND);
	put_all(stage, "", 500);
	for (int i = 0; i < 50; i++)
		assert_true(stage_has(stage, numbered("kept ", i), "x"));
	for (int i = 0; i < 200; i++) {
		stage_pass(stage, SECOND / 1000);
		assert_int_equal(stage_put_for(stage, numbered("more ", i), "x", COR_FOREVER), 0);
	}
	assert_int_equal(stage_files(stage), 100); /* and when there are only such, they go */
}

static void bytes(void **state)
{
	struct stage *stage = *state;
	char *large = calloc(1, 10001);

	memset(large, 'x', 10000);                /* three pages */
	stage->cache.bytes = COR_CACHE_BYTES_MIN; /* 16 pages */
	stage_reopen(stage);
	put_all(stage, "", 16);
	assert_int_equal(stage_figures(stage).bytes, COR_CACHE_BYTES_MIN);
	assert_int_equal(stage_figures(stage).evicted, 0);
	assert_int_equal(stage_put(stage, "15", large), 0); /* it grows: two others go */
	assert_int_equal(stage_figures(stage).evicted, 2);
	assert_int_equal(stage_figures(stage).bytes, COR_CACHE_BYTES_MIN);
	assert_true(stage_has(stage, "15", large));
	assert_int_equal(stage_put(stage, "15", "x"), 0);
	assert_int_equal(stage_figures(stage).bytes, 14 * 4096);
	free(large);
}

static void foreign_files_are_not_counted_and_stay(void **state)
{
	struct stage *stage = *state;
	char path[300];
	struct stat found;

	for (int i = 0; i < 200; i++) {
		snprintf(path, sizeof path, "%s/%032x%s", stage->files, (unsigned)i,
			i % 2 == 0 ? ".txt" : ".cor.bak");
		fclose(fopen(path, "w"));
	}
	limit(stage, 64);
	put_all(stage, "", 100);
	assert_int_equal(stage_files(stage), 64);
	for (int i = 0; i < 200; i++) {
		snprintf(path, sizeof path, "%s/%032x%s", stage->files, (unsigned)i,
			i % 2 == 0 ? ".txt" : ".cor.bak");
		assert_int_equal(stat(path, &found), 0);
	}
}

/* Whoever removes files behind its back makes the counts wrong: they are corrected when it matters.
 */
static void files_that_somebody_removes(void **state)
{
	struct stage *stage = *state;
	char command[300];

	limit(stage, 64);
	put_all(stage, "", 64);
	snprintf(command, sizeof command, "cd %s && rm $(ls | grep '^[0-7].*[.]cor$')",
		stage->files);
	assert_int_equal(system(command), 0);
	size_t left = stage_files(stage);
	assert_true(left < 64);
	put_all(stage, "new ", 64 - (int)left);
	assert_int_equal(stage_files(stage), 64);
	assert_int_equal(stage_figures(stage).entries, 64);
}

/* The same limits for two that share the directory. */
static void two_stores(void **state)
{
	struct stage *stage = *state;
	struct cor_store *first, *second;

	limit(stage, 64);
	first = stage->store;
	assert_int_equal(cor_store_open(&stage->cache, &second, NULL), 0);
	for (int i = 0; i < 300; i++) {
		stage->store = i % 3 == 0 ? second : first;
		assert_int_equal(stage_put(stage, numbered("", i), "x"), 0);
		stage_pass(stage, SECOND / 1000);
		assert_true(stage_files(stage) <= 64);
	}
	stage->store = second;
	assert_true(stage_has(stage, "299", "x"));
	stage->store = first;
	cor_store_close(second);
	assert_int_equal(stage_files(stage), 64);
}

/* When the clock was ahead, what was put then is dead, and goes first. */
static void what_was_put_in_the_future_goes_first(void **state)
{
	struct stage *stage = *state;

	limit(stage, 100);
	put_all(stage, "", 50);
	stage->real_ns += DAY;
	put_all(stage, "ahead ", 50);
	stage->real_ns -= DAY;
	put_all(stage, "new ", 50);
	for (int i = 0; i < 50; i++)
		assert_true(stage_has(stage, numbered("", i), "x"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_open, stage_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(never_more_than_entries),
		TEST(one_entry),
		TEST(what_was_used_stays),
		TEST(what_was_used_after_the_look_stays),
		TEST(the_dead_go_first),
		TEST(what_never_expires_goes_last),
		TEST(bytes),
		TEST(foreign_files_are_not_counted_and_stay),
		TEST(files_that_somebody_removes),
		TEST(two_stores),
		TEST(what_was_put_in_the_future_goes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
