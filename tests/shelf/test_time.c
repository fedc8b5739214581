/* SPDX-License-Identifier: MIT */
/* Stores in memory by the clock of the system, which a get asks about what seems to be over. */
#include "stores.h"

#include <coracle/clock.h>

#include "runtime/ahead.h"

#define TTL_MS 20

/* Gets until it is over; what was asked before it was over by then, and not before. */
static void get_until_over(int64_t put_from_ns, int64_t put_to_ns)
{
	for (;;) {
		struct cor_item item;
		int64_t from_ns = cor_monotonic_ns();
		const char *value = get_item("a", &item);
		int64_t to_ns = cor_monotonic_ns();

		cor_arena_reset(&arena);
		if (!value) {
			assert_true(to_ns >= put_from_ns + TTL_MS * MS);
			break;
		}
		assert_true(from_ns < put_to_ns + TTL_MS * MS);
		assert_in_range(item.ttl_ms, 1, TTL_MS);
		assert_true((item.ttl_ms - 1) * MS < put_to_ns + TTL_MS * MS - from_ns);
	}
}

static void nothing_is_got_too_late(void **state)
{
	open_store(&(const struct cor_cache){ .name = "test" });
	(void)state;
	for (int i = 0; i < 5; i++) {
		int64_t from_ns = cor_monotonic_ns();

		assert_int_equal(put_for("a", "1", TTL_MS), 0);
		get_until_over(from_ns, cor_monotonic_ns());
	}
	assert_int_equal(figures().expired, 5);
	close_store();
}

static void time_is_a_millisecond_ahead_at_most(void **state)
{
	int64_t until_ns = cor_monotonic_ns() + 10 * MS, to_ns;

	(void)state;
	do {
		int64_t from_ns = cor_monotonic_ns();
		int64_t ahead_ns = cor_monotonic_ahead_ns();

		to_ns = cor_monotonic_ns();
		assert_true(ahead_ns >= from_ns);
		assert_true(ahead_ns <= to_ns + MS);
	} while (to_ns < until_ns);
}

static void the_clock_of_a_test_is_never_ahead(void **state)
{
	(void)state;
	(void)cor_monotonic_ahead_ns(); /* of the system */
	enter_clock();
	assert_int_equal(cor_monotonic_ahead_ns(), now_ns);
	now_ns += 1;
	assert_int_equal(cor_monotonic_ahead_ns(), now_ns);
	leave_clock();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_got_too_late),
		cmocka_unit_test(time_is_a_millisecond_ahead_at_most),
		cmocka_unit_test(the_clock_of_a_test_is_never_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
