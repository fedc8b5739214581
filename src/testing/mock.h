/* SPDX-License-Identifier: MIT */
/** What a mock has noted of a call. */
#ifndef CORACLE_TESTING_MOCK_H
#define CORACLE_TESTING_MOCK_H

#include <stdint.h>

#include <coracle/test_mock.h>

#define COR_MOCK_CALLS_MAX ((size_t)1000000) /* of one mock in a test */

/** The texts of its arguments are copies. */
struct cor_mock_record {
	uint64_t at; /* among those of all mocks of the test */
	char *arguments;
};

/** An argument of a call that is noted as COR_MOCK_STR or COR_MOCK_TEXT; {NULL, 0} is NULL. */
struct cor_str cor_mock_text(const struct cor_mock_argument *argument, const char *bytes);

#endif
