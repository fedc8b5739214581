/* SPDX-License-Identifier: MIT */
/** The programs of generated tests: test/test_contract.c, and others whose names begin so. */
#ifndef CORACLE_CLI_TEST_CONTRACT_H
#define CORACLE_CLI_TEST_CONTRACT_H

#include "cli/project.h"

/** Whether a program, "test/test_contract", is one. */
bool cor_test_is_contract(const char *name);

/**
 * Write one for a service that a folder's layout tells: main/NAME.h declares it, or NAME.c has it.
 * Returns COR_CLI_OK, and tells where it is; or COR_CLI_INPUT, and tells what to write.
 */
int cor_test_contract_write(const struct cor_cli *cli, const char *folder, const char *name);

/** Build them alone; where a project has none, one is written first. */
int cor_test_contract_build(
	const struct cor_cli *cli, const struct cor_project *project, const char *sanitize);

#endif
