/* SPDX-License-Identifier: MIT */
/**
 * The last words of a process that dies of a signal.
 */
#ifndef CORACLE_RUNTIME_CRASH_H
#define CORACLE_RUNTIME_CRASH_H

#include <coracle/api.h>

/**
 * Report on standard error, in one line, what this process dies of: SIGSEGV, SIGBUS, SIGFPE, SIGILL
 * or SIGABRT, the address, the running fiber's name (that of the route), the request's id if it has
 * one. An overflow of the fiber's stack is told as such, on threads inside cor_scheduler_run().
 *
 * A handler that was there before (a sanitizer's) is called afterwards, and says everything but the
 * overflow itself. Without one the process dies by the signal. Once a process, or more often. Never
 * yields. Returns 0 or the errno of sigaction.
 */
int cor_crash_report_install(void) COR_CHECKED;

#endif
