/* SPDX-License-Identifier: MIT */
#include "testing/sanitizer.h"

#include <stddef.h>

/* Each is there if the program is linked with that sanitizer. */
// NOLINTBEGIN(bugprone-reserved-identifier)
void __asan_init(void) __attribute__((weak));
void __tsan_init(void) __attribute__((weak));
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));
// NOLINTEND(bugprone-reserved-identifier)

bool cor_has_asan(void)
{
	return __asan_init != NULL;
}

bool cor_has_tsan(void)
{
	return __tsan_init != NULL;
}

bool cor_sanitizer_finds_leaks(void)
{
	return __lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check() != 0;
}
