/* SPDX-License-Identifier: MIT */
/** The program that `coracle fuzz` runs: the service's archive, linked with libFuzzer. */
#ifndef CORACLE_CLI_FUZZ_LINK_H
#define CORACLE_CLI_FUZZ_LINK_H

#include "cli/fuzz.h"

/** What compiles for libFuzzer: "clang", or a clang of another version that CC names. */
const char *cor_fuzz_compiler(void);

/**
 * Compile and link `source` with the archive into fuzz->target; paths are from the project's
 * folder. Make does it, for only the project's Makefile knows what its programs are linked with:
 * LDFLAGS, LDLIBS, PACKAGES, TEST_PACKAGES, and whatever is in libs or test_libs. Returns
 * COR_CLI_OK or COR_CLI_TOOL, told: why it failed is taken from what the linker says.
 */
int cor_fuzz_link(const struct cor_fuzz *fuzz, const char *source, const char *archive);

#endif
