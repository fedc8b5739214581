/* SPDX-License-Identifier: MIT */
/** What expectations have in common. */
#ifndef CORACLE_TESTING_EXPECT_H
#define CORACLE_TESTING_EXPECT_H

#include <coracle/test_expect.h>

#include "testing/run.h"

/** End the test if it is not so and the place says so; else return it. */
bool cor_expect_result(struct cor_test *t, const struct cor_test_place *place, bool is_so);

/** Whether two operands are equal, as cor_expect_equal() has it; both are numbers, or none is. */
bool cor_expect_values_equal(const struct cor_test_value *a, const struct cor_test_value *b);

#endif
