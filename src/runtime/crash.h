/* SPDX-License-Identifier: MIT */
/**
 * The line that a process writes when it crashes.
 */
#ifndef CORACLE_RUNTIME_CRASH_H
#define CORACLE_RUNTIME_CRASH_H

#include <coracle/api.h>

/**
 * Report a crash (SIGSEGV, SIGBUS, SIGFPE, SIGILL or SIGABRT) on standard error in one line: the
 * signal, the address, the name of the running fiber (its route) or what the thread works on, the
 * id of the request if it has one. Names a stack overflow as such on threads that have a stack for
 * signal handlers: see signal_stack.h. If standard error has no room for it within 100 ms, the
 * report is lost.
 *
 * A handler that was installed before, such as a sanitizer's, is called afterwards; then only an
 * overflow is reported here. Without one the process dies of the signal. May be called again. Never
 * yields. Returns 0 or the errno of sigaction.
 */
int cor_crash_report_install(void) COR_CHECKED;

#endif
