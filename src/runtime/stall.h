/* SPDX-License-Identifier: MIT */
/**
 * What a thread is doing that does not come back to its loop: another thread of the process asks
 * it, by a signal, and writes the report.
 *
 * The signal is a real-time one that nobody has a handler for, taken at cor_stall_install(). System
 * calls that it interrupts go on: see interruption.h.
 */
#ifndef CORACLE_RUNTIME_STALL_H
#define CORACLE_RUNTIME_STALL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

#include "runtime/backtrace.h"
#include "runtime/interruption.h"

struct cor_scheduler;

#define COR_STALL_NAME_BYTES  128
#define COR_STALL_PATIENCE_NS INT64_C(100000000)

/** The answer. */
struct cor_stall {
	char fiber[COR_STALL_NAME_BYTES];      /* its name: the route; empty: the loop itself */
	char request_id[COR_STALL_NAME_BYTES]; /* empty: none */
	struct cor_backtrace backtrace;
	int64_t back_ns; /* held since then: see cor_scheduler_back_ns() */
	_Atomic bool is_told;
	pid_t asked;                          /* the thread */
	struct cor_interruption interruption; /* of the asker */
};

/**
 * Be able to ask, from now on and in the whole process. Never yields; any thread. Returns 0, -EBUSY
 * (every real-time signal has a handler), or the errno of sigaction.
 */
int cor_stall_install(void) COR_CHECKED;

/**
 * Ask the thread that runs the scheduler. Waits up to 100 ms for the answer, without a scheduler on
 * the calling thread. In the same system call, of the same hold, a thread is not asked again: *ret
 * is then what it has said before. Threads that ask wait for each other. Returns 0, -ENOMEM, -ESRCH
 * (the thread has gone), or -ETIMEDOUT: it does not take signals, as in a system call that cannot
 * be interrupted.
 */
int cor_stall_ask(struct cor_scheduler *scheduler, struct cor_stall *ret) COR_CHECKED;

#endif
