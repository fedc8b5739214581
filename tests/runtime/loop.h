/* SPDX-License-Identifier: MIT */
/* What the tests of the runtime share: a scheduler that runs one fiber to its end. */
#ifndef CORACLE_TESTS_RUNTIME_LOOP_H
#define CORACLE_TESTS_RUNTIME_LOOP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "runtime/scheduler.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Fewer rounds where each is expensive. */
static inline int rounds(int normal)
{
	return getenv("COR_TEST_LIGHT") ? normal / 10 : normal;
}

/*
 * Run entry(arg) as a fiber until no fiber is left, and return its result. cmocka leaves a failed
 * test by longjmp(), which must not cross a fiber's stack: inside fibers, tests use check() and the
 * result.
 */
static inline int run_with(
	const struct cor_scheduler_options *options, int (*entry)(void *), void *arg)
{
	struct cor_scheduler *scheduler;
	struct cor_fiber *fiber;
	int result = -1;

	assert_int_equal(cor_scheduler_create(options, &scheduler), 0);
	assert_int_equal(cor_fiber_start(scheduler, entry, arg, NULL, &fiber), 0);
	cor_scheduler_stop(scheduler);
	assert_int_equal(cor_scheduler_run(scheduler), 0);
	cor_fiber_join(fiber, &result);
	cor_scheduler_destroy(scheduler);
	return result;
}

static inline int run(int (*entry)(void *), void *arg)
{
	return run_with(NULL, entry, arg);
}

/* In a fiber: if the claim does not hold, end with its line number. */
#define check(claim)                                                                               \
	do {                                                                                       \
		if (!(claim))                                                                      \
			return __LINE__;                                                           \
	} while (0)

#endif
