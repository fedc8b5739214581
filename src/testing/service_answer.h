/* SPDX-License-Identifier: MIT */
/** What is made of an answer in a test, and how one is told that is not wanted. Private. */
#ifndef CORACLE_TESTING_SERVICE_ANSWER_H
#define CORACLE_TESTING_SERVICE_ANSWER_H

#include "testing/service_flight.h"

/** What has come of a flight so far. */
struct cor_test_answer cor_test_answer_of(const struct cor_test_flight *flight);

/** Its JSON; NULL: it is none. */
const struct cor_node *cor_test_answer_json(
	struct cor_test_service *service, const struct cor_test_answer *answer);

/** A member of an object as text; NULL: it is not there, or no string. */
const char *cor_test_member_text(
	struct cor_test_service *service, const struct cor_node *object, const char *name);

/**
 * An answer for people: "404 Not Found: no book 99", a line for each violation of a problem, or the
 * beginning of another body. In the memory of the service.
 */
const char *cor_test_answer_print(
	struct cor_test_service *service, const struct cor_test_answer *answer);

#endif
