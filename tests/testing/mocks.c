/* SPDX-License-Identifier: MIT */
/*
 * Mocks, as unittest.mock has them: test_mocks.py runs this, and knows what failures say.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#include <coracle/testing.h>

#include "parcel.h"

COR_MOCK(int, parcel_weigh, (int64_t, id), (const char *, name));
COR_MOCK_VOID(parcel_send, (struct cor_str, to), (bool, is_express), (double, price),
	(struct size, size));
COR_MOCK(int, parcel_count);
COR_MOCK(int8_t, parcel_all, (int8_t, a), (uint16_t, b), (float, c), (char, d), (const int *, e),
	(unsigned long, f), (short, g), (struct size *, h));
COR_MOCK_FUNCTION(int, on_event, (int, kind));
COR_MOCK_FUNCTION_VOID(on_end);

/* --- what a mock does --- */

static void is_not_there_until_it_is_asked_for(struct cor_test *t)
{
	cor_expect_equal(t, parcel_count(), 3);
	cor_expect_equal(t, parcel_weigh(1, "a"), 98);
	cor_expect_equal(t, cor_mock_count(parcel_count), 0);
}

static void has_one_value(struct cor_test *t)
{
	cor_mock_always(t, parcel_count, 7);
	cor_expect_equal(t, parcel_count() + parcel_count(), 14);
	cor_expect_called_times(t, parcel_count, 2);
}

static void has_values_in_turn(struct cor_test *t)
{
	cor_mock_returns(t, parcel_weigh, -ENOENT, 5, 0);
	cor_expect_code(t, parcel_weigh(1, "a"), -ENOENT);
	cor_expect_equal(t, parcel_weigh(2, "b"), 5);
	cor_expect_equal(t, parcel_weigh(3, NULL), 0);
}

static int twice(int64_t id, const char *name)
{
	return name ? 2 * (int)id : -EINVAL;
}

static void does_what_another_does(struct cor_test *t)
{
	cor_mock_does(t, parcel_weigh, twice);
	cor_expect_equal(t, parcel_weigh(21, "x"), 42);
	cor_expect_equal(t, parcel_weigh(21, NULL), -EINVAL);
	cor_expect_called_times(t, parcel_weigh, 2);
}

static int real_and_one(void)
{
	return __real_parcel_count() + 1;
}

static void may_ask_the_real_one(struct cor_test *t)
{
	cor_mock_does(t, parcel_count, real_and_one);
	cor_expect_equal(t, parcel_count(), 4);
	cor_mock_spy(t, parcel_count);
	cor_expect_equal(t, parcel_count(), 3);
	cor_expect_called_times(t, parcel_count, 2);
}

static void is_reset(struct cor_test *t)
{
	cor_mock_returns(t, parcel_count, 1, 2, 3);
	cor_expect_equal(t, parcel_count(), 1);
	cor_mock_reset(t, parcel_count);
	cor_expect_not_called(t, parcel_count);
	cor_expect_equal(t, parcel_count(), 2);
	cor_mock_end(t, parcel_count);
	cor_expect_equal(t, parcel_count(), 3);
	cor_mock_always(t, parcel_count, 9);
	cor_expect_equal(t, parcel_count(), 9);
}

static void is_a_function_of_its_own(struct cor_test *t)
{
	int (*callback)(int) = on_event;

	cor_mock_spy(t, on_event);
	cor_mock_spy(t, on_end);
	cor_expect_equal(t, callback(4), 0);
	on_end();
	cor_mock_always(t, on_event, 1);
	cor_expect_equal(t, callback(5), 1);
	cor_expect_called_with(t, on_event, .kind = COR_IS(5));
	cor_expect_calls(t, COR_CALL(on_event, .kind = COR_IS(4)), COR_CALL(on_end),
		COR_CALL(on_event, .kind = COR_IS(5)));
}

/* --- what was called --- */

static void has_typed_arguments(struct cor_test *t)
{
	const int number = 1;
	struct size size = { 2, 3 };

	cor_mock_always(t, parcel_all, -1);
	cor_expect_equal(t, parcel_all(-3, 65535, 0.5F, 'x', &number, ~0UL, -300, &size), -1);
	cor_expect_called_once_with(t, parcel_all, .a = COR_IS(-3), .b = COR_IS(65535),
		.c = COR_IS(0.5F), .d = COR_IS('x'), .e = COR_IS(&number), .f = COR_IS(~0UL),
		.g = COR_IS(-300), .h = COR_IS(&size));
	cor_expect_equal(t, cor_mock_call(parcel_all, 0)->h->height, 3);
	cor_expect_equal(t, cor_mock_call(parcel_all, 0)->a, -3);
	cor_expect_equal(t, cor_mock_call(parcel_all, 1), NULL);
	cor_mock_spy(t, parcel_send);
	parcel_send(COR_STR("Emma"), true, 1.25, size);
	cor_expect_called_with(t, parcel_send, .to = COR_IS(COR_STR("Emma")),
		.is_express = COR_IS(true), .price = COR_IS(1.25), .size = COR_IS(size));
}

static void keeps_texts(struct cor_test *t)
{
	char name[] = "Emma";

	cor_mock_always(t, parcel_weigh, 0);
	parcel_weigh(1, name);
	name[0] = 'X';
	parcel_weigh(2, NULL);
	cor_expect_any_call(t, parcel_weigh, .name = COR_IS("Emma"));
	cor_expect_called_with(t, parcel_weigh, .name = COR_IS(NULL));
}

static void three_calls(struct cor_test *t)
{
	cor_mock_always(t, parcel_weigh, 0);
	cor_mock_spy(t, parcel_count);
	parcel_weigh(1, "a");
	parcel_count();
	parcel_weigh(2, "b");
	parcel_weigh(3, "c");
}

static void is_asked_what_was_called(struct cor_test *t)
{
	three_calls(t);
	cor_expect_called(t, parcel_weigh);
	cor_expect_called_once(t, parcel_count);
	cor_expect_called_times(t, parcel_weigh, 3);
	cor_expect_called_with(t, parcel_weigh, .id = COR_IS(3), .name = COR_IS("c"));
	cor_expect_any_call(t, parcel_weigh, .id = COR_IS(1));
	cor_expect_calls(t, COR_CALL(parcel_weigh, .id = COR_IS(1)),
		COR_CALL(parcel_weigh, .id = COR_IS(2)));
	cor_expect_calls(t, COR_CALL(parcel_weigh, .id = COR_IS(1)), COR_CALL(parcel_count),
		COR_CALL(parcel_weigh));
	cor_expect_calls_in_any_order(t, COR_CALL(parcel_weigh, .id = COR_IS(3)),
		COR_CALL(parcel_weigh, .id = COR_IS(1)));
}

static void *call_from_thread(void *arg)
{
	for (int i = 0; i < 1000; i++)
		parcel_weigh(i, "thread");
	return arg;
}

static void is_called_by_threads(struct cor_test *t)
{
	pthread_t threads[4];

	cor_mock_always(t, parcel_weigh, 0);
	for (int i = 0; i < 4; i++)
		cor_require(t, pthread_create(&threads[i], NULL, call_from_thread, NULL) == 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	cor_expect_called_times(t, parcel_weigh, 4000);
}

/* --- what fails --- */

static void has_no_value_left(struct cor_test *t)
{
	cor_mock_returns(t, parcel_count, 1);
	parcel_count();
	parcel_count();
	cor_test_fail(t, "not reached");
}

static void *count_there(void *arg)
{
	parcel_count();
	return arg;
}

static void has_no_value_left_on_thread(struct cor_test *t)
{
	pthread_t thread;

	cor_mock_returns(t, parcel_count, 1);
	parcel_count();
	cor_require(t, pthread_create(&thread, NULL, count_there, NULL) == 0);
	pthread_join(thread, NULL);
	cor_test_fail(t, "not reached");
}

static void is_asked_too_early(struct cor_test *t)
{
	cor_expect_not_called(t, parcel_count);
	cor_expect_called(t, parcel_count);
	cor_expect_any_call(t, parcel_weigh);
	cor_expect_calls(t, COR_CALL(parcel_weigh));
}

static void was_called_otherwise(struct cor_test *t)
{
	three_calls(t);
	cor_expect_not_called(t, parcel_count);
	cor_expect_called_times(t, parcel_weigh, 2);
	cor_expect_called_with(t, parcel_weigh, .id = COR_IS(2));
	cor_expect_called_once_with(t, parcel_weigh, .id = COR_IS(3));
	cor_expect_any_call(t, parcel_weigh, .name = COR_IS("x"));
	cor_expect_calls(t, COR_CALL(parcel_weigh, .id = COR_IS(1)),
		COR_CALL(parcel_weigh, .id = COR_IS(3)));
	cor_expect_calls(t, COR_CALL(parcel_weigh, .id = COR_IS(2)), COR_CALL(parcel_count));
	cor_expect_calls_in_any_order(t, COR_CALL(parcel_count), COR_CALL(parcel_count));
	cor_mock_reset(t, parcel_weigh);
	cor_expect_called(t, parcel_weigh);
}

static const struct cor_case does[] = {
	COR_CASE(is_not_there_until_it_is_asked_for),
	COR_CASE(has_one_value),
	COR_CASE(has_values_in_turn),
	COR_CASE(does_what_another_does),
	COR_CASE(may_ask_the_real_one),
	COR_CASE(is_reset),
	COR_CASE(is_a_function_of_its_own),
	COR_CASE(has_typed_arguments),
	COR_CASE(keeps_texts),
	COR_CASE(is_asked_what_was_called),
	COR_CASE(is_called_by_threads),
};
static const struct cor_case fails[] = {
	COR_CASE(has_no_value_left),
	COR_CASE(has_no_value_left_on_thread),
	COR_CASE(is_asked_too_early),
	COR_CASE(was_called_otherwise),
};
static const struct cor_case once[] = { COR_CASE(has_one_value) };
static const struct cor_case_group groups[] = {
	{ .name = "does", COR_CASES(does) },
	{ .name = "fails", COR_CASES(fails) },
	{ .name = "once", .before = has_one_value, COR_CASES(once) },
};

int main(int argc, char **argv)
{
	return cor_test_main(argc, argv, &(struct cor_suite){ COR_GROUPS(groups) });
}
