/* SPDX-License-Identifier: MIT */
/** What happens in the world of a test, and how long that takes. Private to the testing folder. */
#ifndef CORACLE_TESTING_SERVICE_TIME_H
#define CORACLE_TESTING_SERVICE_TIME_H

#include "testing/service.h"

/** What is waited for; NULL: nothing, but that all is quiet. */
struct cor_test_goal {
	bool (*is_reached)(void *arg);
	void *arg;
	/* How much has moved so far: what was read makes room. NULL: it moves nothing. */
	const uint64_t *moved;
};

/**
 * Let everything happen that needs no time, or until the goal is reached and no job runs. Returns
 * 0; -ESHUTDOWN: its loop has ended; or what the loop failed with.
 */
int cor_test_let_happen(struct cor_test_service *service, const struct cor_test_goal *goal);

/**
 * Let time pass until the goal is reached. Returns as above, -EDEADLK (nothing will ever happen
 * again), or -ETIMEDOUT: `patience_ms` of the test's time are over.
 */
int cor_test_await(
	struct cor_test_service *service, const struct cor_test_goal *goal, int64_t patience_ms);

/** Let as much time pass, without waiting for jobs. Returns as cor_test_let_happen(). */
int cor_test_let_pass(struct cor_test_service *service, int64_t ms);

/** What its world has to know of work outside of it. */
bool cor_test_works_outside(void *service);

#endif
