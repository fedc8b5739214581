/* SPDX-License-Identifier: MIT */
/**
 * Whether the program under test was built with a sanitizer: the kit itself need not be.
 */
#ifndef CORACLE_TESTING_SANITIZER_H
#define CORACLE_TESTING_SANITIZER_H

#include <stdbool.h>

bool cor_has_asan(void);
bool cor_has_tsan(void);

/** Let LeakSanitizer look now: whether it has found any. It reports on standard error. */
bool cor_sanitizer_finds_leaks(void);

#endif
