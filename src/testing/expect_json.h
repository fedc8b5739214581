/* SPDX-License-Identifier: MIT */
/** Two texts of JSON, and what is different in them, by pointer. */
#ifndef CORACLE_TESTING_EXPECT_JSON_H
#define CORACLE_TESTING_EXPECT_JSON_H

#include <coracle/test_expect.h>

/** Whether they are the same; a failure is told. */
bool cor_expect_json_text(struct cor_test *t, const struct cor_test_place *place,
	const struct cor_test_value *got, const struct cor_test_value *wanted);

#endif
