/* SPDX-License-Identifier: MIT */
/**
 * What every fuzz target defines, as libFuzzer expects it.
 */
#ifndef CORACLE_TESTS_FUZZ_TARGET_H
#define CORACLE_TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/** One input. A finding is reported by abort(); returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
