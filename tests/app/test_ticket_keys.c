/* SPDX-License-Identifier: MIT */
/* Keys of session tickets: one for each hour, known for one more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "app/ticket_keys.h"

#define HOUR_NS (INT64_C(3600) * COR_NS_PER_S)

static void each_hour_has_a_key_which_is_known_for_one_more(void **state)
{
	struct cor_ticket_ring ring;
	struct cor_tls_ticket_key keys[100], found;
	bool is_newest;

	(void)state;
	assert_int_equal(cor_ticket_ring_init(&ring, sizeof ring), 0);
	for (int hour = 0; hour < 100; hour++) {
		int64_t now_ns = hour * HOUR_NS;
		assert_true(cor_ticket_ring_newest(&ring, now_ns, &keys[hour]));
		assert_true(cor_ticket_ring_newest(&ring, now_ns + HOUR_NS - 1, &found));
		assert_memory_equal(&found, &keys[hour], sizeof found);
		assert_true(
			cor_ticket_ring_find(&ring, now_ns, keys[hour].name, &found, &is_newest));
		assert_memory_equal(&found, &keys[hour], sizeof found);
		assert_true(is_newest);
		if (hour > 0) {
			assert_true(cor_ticket_ring_find(
				&ring, now_ns, keys[hour - 1].name, &found, &is_newest));
			assert_false(is_newest);
			assert_memory_not_equal(&keys[hour], &keys[hour - 1], sizeof found);
		}
		if (hour > 1)
			assert_false(cor_ticket_ring_find(
				&ring, now_ns, keys[hour - 2].name, &found, &is_newest));
	}
}

/* Nobody has asked meanwhile, so nothing has overwritten it. */
static void old_key_is_not_known_even_if_it_is_there(void **state)
{
	struct cor_ticket_ring ring;
	struct cor_tls_ticket_key key, found;
	bool is_newest;

	(void)state;
	assert_int_equal(cor_ticket_ring_init(&ring, sizeof ring), 0);
	assert_true(cor_ticket_ring_newest(&ring, 0, &key));
	assert_true(cor_ticket_ring_find(&ring, 2 * HOUR_NS - 1, key.name, &found, &is_newest));
	assert_false(cor_ticket_ring_find(&ring, 2 * HOUR_NS, key.name, &found, &is_newest));
}

static void empty_ring_knows_nothing(void **state)
{
	static const uint8_t nothing[16];
	struct cor_ticket_ring ring;
	struct cor_tls_ticket_key found;
	bool is_newest;

	(void)state;
	assert_int_equal(cor_ticket_ring_init(&ring, sizeof ring), 0);
	assert_false(cor_ticket_ring_find(&ring, 0, nothing, &found, &is_newest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_hour_has_a_key_which_is_known_for_one_more),
		cmocka_unit_test(old_key_is_not_known_even_if_it_is_there),
		cmocka_unit_test(empty_ring_knows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
