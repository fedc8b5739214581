/* SPDX-License-Identifier: MIT */
/**
 * Whether a fault is the end of a stack, as far as registers and address tell.
 */
#ifndef CORACLE_RUNTIME_OVERFLOW_H
#define CORACLE_RUNTIME_OVERFLOW_H

#include <signal.h>
#include <stdbool.h>

/** Of SIGSEGV, in its handler. Threads of the system: a fiber knows where its stack ends. */
bool cor_is_overflow(const siginfo_t *info, const void *context);

#endif
