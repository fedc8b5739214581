/* SPDX-License-Identifier: MIT */
/** Runs test programs, several at the same time. */
#ifndef CORACLE_CLI_TEST_RUNNER_H
#define CORACLE_CLI_TEST_RUNNER_H

#include "cli/test_results.h"

struct cor_test_runner {
	const struct cor_cli *cli;
	const char *project; /* its name: .env has settings of the service */
	struct cor_test_program *programs;
	size_t len;
	size_t jobs;            /* processes of tests at the same time */
	const char *keyword;    /* -k; NULL: all tests */
	bool stops_early;       /* at the first failure */
	char *const *arguments; /* further ones, of all programs */
	size_t arguments_len;
	void (*ended)(void *self, const struct cor_test_program *program);
	void *self;
};

/**
 * The programs of the sources below test/, as they are built below `build`; all are chosen. They
 * are the arena's.
 */
struct cor_test_program *cor_test_programs(
	const struct cor_cli *cli, const char *build, size_t *ret_len);

/**
 * Run the programs that are chosen, and tell of each when it has ended. Returns COR_CLI_OK;
 * COR_CLI_TOOL if one cannot be run, COR_CLI_USAGE if one refuses what all are called with, told.
 */
int cor_test_run_all(struct cor_test_runner *runner);

#endif
