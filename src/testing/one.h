/* SPDX-License-Identifier: MIT */
/** One test of a run, in the process that is its own (or, with --no-fork, the only one). */
#ifndef CORACLE_TESTING_ONE_H
#define CORACLE_TESTING_ONE_H

#include <coracle/test.h>

#include "testing/runner.h"

/** What the process of a test is given. */
struct cor_one {
	const struct cor_runner *runner;
	const struct cor_test *around; /* what the fixtures have made */
	size_t index;
};

/** Run it, and tell what it leaves behind. The argument is a struct cor_one. */
void cor_one_run(void *arg, int output_fd);

/** How long it may take. */
int64_t cor_one_timeout_ms(const struct cor_runner *runner, size_t index);

/** How long a fixture may take. */
int64_t cor_one_fixture_timeout_ms(const struct cor_runner *runner);

#endif
