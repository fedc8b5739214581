/* SPDX-License-Identifier: MIT */
/* The list of requests has the oldest ones in their order, however many come in whatever order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "report/requests.h"

#define REQUESTS 1000

static void test_the_oldest_are_kept_in_their_order(void **state)
{
	struct cor_request_list *list = calloc(1, sizeof *list);

	(void)state;
	assert_non_null(list);
	for (uint32_t i = 0; i < REQUESTS; i++) {
		struct cor_request_row row = { .began_ns = (int64_t)(i * 617 % REQUESTS) };
		cor_request_list_add(list, &row);
		assert_int_equal(list->len + list->more, i + 1);
	}
	assert_int_equal(list->len, COR_REQUESTS_LISTED_MAX);
	for (uint32_t i = 0; i < list->len; i++)
		assert_int_equal(list->rows[i].began_ns, i);
	free(list);
}

static void test_a_ring_is_answered_once_its_list_is_there(void **state)
{
	struct cor_desk *desk = calloc(1, sizeof *desk);
	struct cor_request_list *list = calloc(2, sizeof *list);

	(void)state;
	assert_non_null(desk);
	assert_non_null(list);
	desk->bell.rings = UINT32_MAX; /* the numbers wrap around */
	desk->answered = UINT32_MAX;
	uint32_t ring = cor_doorbell_ring(&desk->bell);
	assert_int_equal(ring, 0);
	assert_false(cor_desk_has_answered(desk, ring));
	list->len = 1;
	list->rows[0].began_ns = 7;
	cor_desk_answer(desk, ring, list);
	assert_true(cor_desk_has_answered(desk, ring));
	cor_desk_read(desk, &list[1]);
	assert_int_equal(list[1].rows[0].began_ns, 7);
	free(list);
	free(desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_oldest_are_kept_in_their_order),
		cmocka_unit_test(test_a_ring_is_answered_once_its_list_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
