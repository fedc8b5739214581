/* SPDX-License-Identifier: MIT */
/**
 * Requests as bytes, each with the expected result.
 */
#ifndef CORACLE_TESTS_HTTP_HEAD_CASES_H
#define CORACLE_TESTS_HTTP_HEAD_CASES_H

#include <stddef.h>

struct head_case {
	const char *rule; /* RFC and section, or the class of defect */
	const char *raw;
	size_t len;
	/* "more", a status, or pieces separated by '|' that describe_head() must give */
	const char *expected;
};

extern const struct head_case head_cases[];
extern const size_t head_cases_len;

#endif
