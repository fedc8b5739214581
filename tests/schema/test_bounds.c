/* SPDX-License-Identifier: MIT */
/* Bounds of one number kind given to another, and whole numbers in disguise. */
#include <math.h>

#include "schema/bounds.h"
#include "schema/whole_number.h"

#include "trial.h"

#define TWO_53 9007199254740992

static const struct real_case {
	struct cor_range range;
	double inside, outside;
} real_cases[] = {
	{ COR_MIN(1), 1.0, 0.9999999999999999 },
	{ COR_ABOVE(1), 1.0000000000000002, 1.0 },
	{ COR_MAX(0.1), 0.1, 0.10000000000000002 },
	{ COR_BELOW(0.1), 0.09999999999999999, 0.1 },
	/* 2^53 + 1 is not a double: its neighbours are. */
	{ COR_MIN(TWO_53 + 1), 9007199254740994.0, 9007199254740992.0 },
	{ COR_ABOVE(TWO_53 + 1), 9007199254740994.0, 9007199254740992.0 },
	{ COR_MAX(TWO_53 + 1), 9007199254740992.0, 9007199254740994.0 },
	{ COR_BELOW(TWO_53 + 1), 9007199254740992.0, 9007199254740994.0 },
	{ COR_MIN(-TWO_53 - 1), -9007199254740992.0, -9007199254740994.0 },
	{ COR_MAX(UINT64_MAX), 18446744073709549568.0, 18446744073709551616.0 },
	{ COR_MIN(UINT64_MAX), 18446744073709551616.0, 18446744073709549568.0 },
};

static void integers_bound_doubles(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof real_cases / sizeof real_cases[0]; i++) {
		struct cor_bounds bounds;
		assert_int_equal(cor_bounds_compile(COR_KIND_DOUBLE, &real_cases[i].range, &bounds),
			COR_BOUNDS_GOOD);
		if (!cor_bounds_hold_real(&bounds, real_cases[i].inside) ||
			cor_bounds_hold_real(&bounds, real_cases[i].outside))
			fail_msg("case %zu", i);
	}
}

static const struct whole_bounds_case {
	enum cor_kind kind;
	struct cor_range range;
	enum cor_bounds_fault fault;
	int64_t min, max;
} whole_bounds_cases[] = {
	{ COR_KIND_INT64, { .min = { 0 } }, COR_BOUNDS_GOOD, INT64_MIN, INT64_MAX },
	{ COR_KIND_INT32, { .min = { 0 } }, COR_BOUNDS_GOOD, INT32_MIN, INT32_MAX },
	{ COR_KIND_INT32, COR_MIN(0.5), COR_BOUNDS_GOOD, 1, INT32_MAX },
	{ COR_KIND_INT32, COR_MIN(-0.5), COR_BOUNDS_GOOD, 0, INT32_MAX },
	{ COR_KIND_INT32, COR_MAX(-0.5), COR_BOUNDS_GOOD, INT32_MIN, -1 },
	{ COR_KIND_INT32, COR_ABOVE(1.0), COR_BOUNDS_GOOD, 2, INT32_MAX },
	{ COR_KIND_INT32, COR_ABOVE(1.5), COR_BOUNDS_GOOD, 2, INT32_MAX },
	{ COR_KIND_INT32, COR_BELOW(1.5), COR_BOUNDS_GOOD, INT32_MIN, 1 },
	{ COR_KIND_INT32, COR_BELOW(1), COR_BOUNDS_GOOD, INT32_MIN, 0 },
	{ COR_KIND_INT64, COR_MAX(UINT64_MAX), COR_BOUNDS_OUTSIDE, 0, 0 },
	{ COR_KIND_INT64, COR_MIN(UINT64_MAX), COR_BOUNDS_EMPTY, 0, 0 },
	{ COR_KIND_INT64, COR_MAX(1e300), COR_BOUNDS_OUTSIDE, 0, 0 },
	{ COR_KIND_INT64, COR_MIN(-1e300), COR_BOUNDS_OUTSIDE, 0, 0 },
	{ COR_KIND_INT64, COR_ABOVE(INT64_MAX), COR_BOUNDS_EMPTY, 0, 0 },
	{ COR_KIND_INT64, COR_BELOW(INT64_MIN), COR_BOUNDS_EMPTY, 0, 0 },
};

static void bounds_of_integers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof whole_bounds_cases / sizeof whole_bounds_cases[0]; i++) {
		const struct whole_bounds_case *c = &whole_bounds_cases[i];
		struct cor_bounds bounds = { 0 };
		assert_int_equal(cor_bounds_compile(c->kind, &c->range, &bounds), c->fault);
		assert_int_equal(bounds.integer.min, c->min);
		assert_int_equal(bounds.integer.max, c->max);
	}
}

static const struct whole_case {
	const char *text;
	enum cor_whole result;
	bool negative;
	uint64_t magnitude;
} whole_cases[] = {
	{ "0", COR_WHOLE_YES, false, 0 },
	{ "-0", COR_WHOLE_YES, true, 0 },
	{ "-0.000e5", COR_WHOLE_YES, true, 0 },
	{ "0e999999999999999", COR_WHOLE_YES, false, 0 },
	{ "1.0", COR_WHOLE_YES, false, 1 },
	{ "10.00", COR_WHOLE_YES, false, 10 },
	{ "1.5e1", COR_WHOLE_YES, false, 15 },
	{ "0.0015e4", COR_WHOLE_YES, false, 15 },
	{ "1500e-2", COR_WHOLE_YES, false, 15 },
	{ "1500e-3", COR_WHOLE_NO, false, 0 },
	{ "0.5", COR_WHOLE_NO, false, 0 },
	{ "5e-1", COR_WHOLE_NO, false, 0 },
	{ "1e-999999999999999999999", COR_WHOLE_NO, false, 0 },
	{ "1e19", COR_WHOLE_YES, false, UINT64_C(10000000000000000000) },
	{ "1E+19", COR_WHOLE_YES, false, UINT64_C(10000000000000000000) },
	{ "18446744073709551615", COR_WHOLE_YES, false, UINT64_MAX },
	{ "18446744073709551615.000", COR_WHOLE_YES, false, UINT64_MAX },
	{ "1844674407370955161.5e1", COR_WHOLE_YES, false, UINT64_MAX },
	{ "18446744073709551616", COR_WHOLE_TOO_LARGE, false, 0 },
	{ "1e20", COR_WHOLE_TOO_LARGE, false, 0 },
	{ "-1e999999999999999999999", COR_WHOLE_TOO_LARGE, true, 0 },
	{ "99999999999999999999", COR_WHOLE_TOO_LARGE, false, 0 },
};

static void whole_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof whole_cases / sizeof whole_cases[0]; i++) {
		const struct whole_case *c = &whole_cases[i];
		uint64_t magnitude = 0;
		bool negative = false;
		if (cor_whole_read(cor_str(c->text), &negative, &magnitude) != c->result ||
			negative != c->negative || magnitude != c->magnitude)
			fail_msg("%s: %d %ju", c->text, negative, (uintmax_t)magnitude);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_bound_doubles),
		cmocka_unit_test(bounds_of_integers),
		cmocka_unit_test(whole_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
