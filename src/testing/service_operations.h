/* SPDX-License-Identifier: MIT */
/** Which operations a test has seen answer, and how. Private to the testing folder. */
#ifndef CORACLE_TESTING_SERVICE_OPERATIONS_H
#define CORACLE_TESTING_SERVICE_OPERATIONS_H

#include <coracle/str.h>

#include "testing/outcome.h"

/**
 * Add what the lines of an access log say to an outcome: "GET get_book 200" and a line feed, each
 * once. What has no room is left out.
 */
void cor_operations_note(struct cor_outcome *outcome, const char *log);

/** An operation of an outcome, as a part of it. */
struct cor_seen_operation {
	struct cor_str method, operation, status;
};

/** The next one; false: there is none. *at begins with 0. */
bool cor_operations_next(
	const struct cor_outcome *outcome, size_t *at, struct cor_seen_operation *ret);

#endif
