/* SPDX-License-Identifier: MIT */
/* A rate in a store, as several machines use it, whose clocks may be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "limit/counted.h"
#include "runtime/seams.h"
#include "store/kind.h"

#define SECOND INT64_C(1000000000)
#define HOUR   (3600 * SECOND)
#define YEAR   (365 * 24 * HOUR)
#define KEY    COR_STR("limit:a")

static struct {
	struct cor_clock clock;
	int64_t real_ns, mono_ns;
	struct cor_thread_seams seams;
	struct cor_store *kept;
	struct cor_store store; /* in front of it */
	int fails;
	int overtakes;  /* so often another machine takes one between a get and the put */
	int64_t ttl_ms; /* of the last put */
	struct cor_limit_asked asked; /* of the last count */
} stage;

/* One each ten seconds, three at once. */
static const struct cor_rate rate = { .interval_ns = 10 * SECOND, .burst = 3 };

static int64_t monotonic_ns(const struct cor_clock *clock)
{
	(void)clock;
	return stage.mono_ns;
}

static int64_t realtime_ns(const struct cor_clock *clock)
{
	(void)clock;
	return stage.real_ns;
}

static void sleep_until(const struct cor_clock *clock, int64_t due_ns)
{
	(void)clock;
	stage.mono_ns = due_ns;
}

static struct cor_rate_state take_from(struct cor_store *store)
{
	struct cor_limit_asked asked;
	struct cor_rate_state state;

	assert_int_equal(cor_limit_count(store, KEY, &rate, &state, &asked), 0);
	stage.asked = asked;
	return state;
}

static int get(
	struct cor_store *store, struct cor_str key, struct cor_arena *arena, struct cor_item *ret)
{
	(void)store;
	int rc = stage.fails ? stage.fails : cor_store_get(stage.kept, key, arena, ret);

	if (stage.overtakes > 0) {
		stage.overtakes--;
		take_from(stage.kept);
	}
	return rc;
}

static int put(
	struct cor_store *store, struct cor_str key, const struct cor_item *item, enum cor_put how)
{
	(void)store;
	stage.ttl_ms = item->ttl_ms;
	return stage.fails ? stage.fails : cor_store_put(stage.kept, key, item, how);
}

static const struct cor_store_kind kind = { .name = "stage", .get = get, .put = put };
static const struct cor_cache counts = { .name = "counts", .ttl_ms = COR_FOREVER };

static int open_stage(void **state)
{
	const struct cor_seams seams = { .clock = &stage.clock };

	(void)state;
	memset(&stage, 0, sizeof stage);
	stage.clock = (struct cor_clock){ monotonic_ns, realtime_ns, sleep_until };
	stage.real_ns = 1767225600 * SECOND; /* 2026 */
	stage.mono_ns = 1000 * SECOND;
	stage.store = (struct cor_store){ .kind = &kind, .cache = &counts };
	cor_seams_enter(&stage.seams, &seams);
	return cor_store_open(&counts, &stage.kept, NULL);
}

static int close_stage(void **state)
{
	(void)state;
	cor_store_close(stage.kept);
	cor_seams_leave(&stage.seams);
	return 0;
}

static void pass_time(int64_t ns)
{
	stage.real_ns += ns;
	stage.mono_ns += ns;
}

/* The same as in the table: three at once, then one each ten seconds. */
static void test_a_rate(void **state)
{
	(void)state;
	for (uint32_t left = 3; left-- > 0;) {
		struct cor_rate_state now = take_from(&stage.store);

		assert_true(now.is_taken);
		assert_int_equal(now.remaining, left);
	}
	for (int i = 0; i < 3; i++) { /* who is refused uses nothing up */
		struct cor_rate_state now = take_from(&stage.store);

		assert_false(now.is_taken);
		assert_int_equal(now.remaining, 0);
		assert_int_equal(now.next_ns, 10 * SECOND);
		assert_int_equal(now.reset_ns, 30 * SECOND);
	}
	pass_time(10 * SECOND);
	assert_true(take_from(&stage.store).is_taken);
	assert_false(take_from(&stage.store).is_taken);
	pass_time(HOUR);
	assert_int_equal(take_from(&stage.store).remaining, 2);
}

/* An entry lives until all is there again, and a little longer. */
static void test_how_long_it_is_kept(void **state)
{
	(void)state;
	take_from(&stage.store);
	assert_in_range(stage.ttl_ms, 30000, 33000);
}

/* Others take some between a get and its put: each one counts. */
static void test_the_overtaken_try_again(void **state)
{
	(void)state;
	stage.overtakes = 2; /* one that makes the entry, and one that changes it */
	struct cor_rate_state now = take_from(&stage.store);
	assert_true(now.is_taken);
	assert_int_equal(now.remaining, 0);
	assert_int_equal(stage.asked.misses, 1);
	assert_int_equal(stage.asked.hits, 2);
	assert_int_equal(stage.asked.puts, 1);
	assert_false(take_from(&stage.store).is_taken);
	assert_int_equal(stage.asked.hits, 1);
	assert_int_equal(stage.asked.puts, 0);

	pass_time(HOUR);
	stage.overtakes = 3;
	assert_false(take_from(&stage.store).is_taken);
}

/* It was there, and is gone when it is put. */
static void test_one_that_is_dropped(void **state)
{
	(void)state;
	take_from(&stage.store);
	assert_int_equal(cor_store_clear(stage.kept), 0);
	assert_int_equal(take_from(&stage.store).remaining, 2);
}

/* A machine whose clock is ahead has others refused for no longer than the rate says. */
static void test_clocks(void **state)
{
	static const int64_t ahead[] = { SECOND, HOUR, 24 * HOUR, 30 * YEAR };

	(void)state;
	for (size_t i = 0; i < sizeof ahead / sizeof ahead[0]; i++) {
		stage.real_ns += ahead[i];
		for (int taken = 0; taken < 3; taken++)
			assert_true(take_from(&stage.store).is_taken);
		stage.real_ns -= ahead[i];
		struct cor_rate_state now = take_from(&stage.store);
		assert_false(now.is_taken);
		assert_true(now.reset_ns <= 30 * SECOND);
		pass_time(HOUR);
		assert_int_equal(cor_store_clear(stage.kept), 0);
	}
}

static void test_what_is_no_number(void **state)
{
	static const char *const values[] = { "", "x", "-1", "1", "18446744073709551615",
		"99999999999999999999999" };

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		const struct cor_item item = { .value = cor_str(values[i]) };

		assert_int_equal(cor_store_put(stage.kept, KEY, &item, COR_PUT_ALWAYS), 0);
		struct cor_rate_state now = take_from(&stage.store);
		assert_true(now.reset_ns <= 30 * SECOND);
		assert_int_equal(now.is_taken, i != 4); /* it is far ahead */
	}
}

static void test_failures(void **state)
{
	struct cor_rate_state now;

	(void)state;
	stage.fails = -ECONNREFUSED;
	assert_int_equal(
		cor_limit_count(&stage.store, KEY, &rate, &now, &stage.asked), -ECONNREFUSED);
}

int main(void)
{
#define staged(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)
	const struct CMUnitTest tests[] = {
		staged(test_a_rate),
		staged(test_how_long_it_is_kept),
		staged(test_the_overtaken_try_again),
		staged(test_one_that_is_dropped),
		staged(test_clocks),
		staged(test_what_is_no_number),
		staged(test_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
