/* SPDX-License-Identifier: MIT */
/** What people and tools read of test programs that have ended. */
#ifndef CORACLE_CLI_TEST_REPORT_H
#define CORACLE_CLI_TEST_REPORT_H

#include "cli/test_results.h"

/** A line for the program, and what there is to say of each test that has failed. */
void cor_test_write_program(const struct cor_cli *cli, const struct cor_test_program *program,
	struct cor_buffer *buffer);

/** "5 passed, 1 failed in 0.12 s", of all that are chosen. */
void cor_test_write_summary(
	const struct cor_test_program *programs, size_t len, int64_t ns, struct cor_buffer *buffer);

/** All that are chosen, as JSON. */
int cor_test_write_json(const struct cor_cli *cli, const struct cor_test_program *programs,
	size_t len, struct cor_buffer *buffer);

/** All that are chosen, as the XML of JUnit: a testsuite for each program. */
void cor_test_write_junit(
	const struct cor_test_program *programs, size_t len, struct cor_buffer *buffer);

#endif
