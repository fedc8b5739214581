/* SPDX-License-Identifier: MIT */
/* An array, an item a child: results in order, codes, and a limit. */
#include "context/context.h"
#include "stage.h"

#define PLAY(name)                                                                                 \
	static void test_##name(void **state)                                                      \
	{                                                                                          \
		(void)state;                                                                       \
		stage_play(name, 0);                                                               \
	}

struct item {
	int number;
	int square;
	int64_t ms;
};

static int running, most;

static int square(struct cor_ctx *ctx, struct item *item)
{
	(void)ctx;
	running++;
	if (running > most)
		most = running;
	int rc = cor_sleep_ms(item->ms);
	running--;
	item->square = item->number * item->number;
	return item->number < 0 ? -EDOM : rc;
}

static void results_are_in_the_order_of_the_array(struct stage *stage)
{
	struct item items[] = { { 1, .ms = 30 }, { 2, .ms = 20 }, { 3, .ms = 10 } };

	assert_int_equal(cor_map(stage->ctx, square, items, 3, NULL), 0);
	assert_int_equal(stage_ms(stage), 30);
	for (int i = 0; i < 3; i++)
		assert_int_equal(items[i].square, (i + 1) * (i + 1));
	assert_int_equal(cor_map(stage->ctx, square, items, 0, NULL), 0);
}

static void so_many_at_once(struct stage *stage)
{
	static struct item items[100];

	running = most = 0;
	for (int i = 0; i < 100; i++)
		items[i] = (struct item){ i, .ms = 10 };
	int rc = cor_map(stage->ctx, square, items, 100, &(struct cor_map_options){ .at_once = 8 });
	assert_int_equal(rc, 0);
	assert_int_equal(most, 8);
	assert_int_equal(stage_ms(stage), 130);
	assert_int_equal(items[99].square, 9801);
}

static void codes_are_in_order_too(struct stage *stage)
{
	struct item items[] = { { 1, .ms = 30 }, { -2, .ms = 20 }, { 3, .ms = 10 } };
	int codes[3] = { 1, 1, 1 };
	struct cor_map_options options = { .rule = COR_BEST_EFFORT, .codes = codes };

	assert_int_equal(cor_map(stage->ctx, square, items, 3, &options), 0);
	assert_int_equal(codes[0], 0);
	assert_int_equal(codes[1], -EDOM);
	assert_int_equal(codes[2], 0);
	options.rule = COR_ALL;
	options.at_once = 1;
	assert_int_equal(cor_map(stage->ctx, square, items, 3, &options), -EDOM);
	assert_int_equal(codes[0], 0);
	assert_int_equal(codes[1], -EDOM);
	assert_int_equal(codes[2], -ECANCELED);
}

static void without_memory_every_code_says_so(struct stage *stage)
{
	struct item items[2] = { { 1 } };
	int codes[2] = { 1, 1 };

	stage->ctx->arena.limit_bytes = 1;
	int rc = cor_map(stage->ctx, square, items, 2, &(struct cor_map_options){ .codes = codes });
	assert_int_equal(rc, -ENOMEM);
	assert_int_equal(codes[0], -ENOMEM);
	assert_int_equal(codes[1], -ENOMEM);
}

static int take_const(struct cor_ctx *ctx, const struct item *item)
{
	(void)ctx;
	return item->number;
}

static void function_may_take_a_pointer_to_const(struct stage *stage)
{
	static const struct item constant[] = { { 0 }, { -EDOM } };
	struct item items[] = { { 0 } };

	assert_int_equal(cor_map(stage->ctx, take_const, constant, 2, NULL), -EDOM);
	assert_int_equal(cor_map(stage->ctx, take_const, items, 1, NULL), 0);
}

PLAY(results_are_in_the_order_of_the_array)
PLAY(so_many_at_once)
PLAY(codes_are_in_order_too)
PLAY(without_memory_every_code_says_so)
PLAY(function_may_take_a_pointer_to_const)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results_are_in_the_order_of_the_array),
		cmocka_unit_test(test_so_many_at_once),
		cmocka_unit_test(test_codes_are_in_order_too),
		cmocka_unit_test(test_without_memory_every_code_says_so),
		cmocka_unit_test(test_function_may_take_a_pointer_to_const),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
