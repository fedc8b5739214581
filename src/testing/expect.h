/* SPDX-License-Identifier: MIT */
/** What expectations have in common. */
#ifndef CORACLE_TESTING_EXPECT_H
#define CORACLE_TESTING_EXPECT_H

#include <coracle/test_expect.h>

#include "testing/run.h"

/** End the test if it is not so and the place says so; else return it. */
bool cor_expect_result(struct cor_test *t, const struct cor_test_place *place, bool is_so);

#endif
