/* SPDX-License-Identifier: MIT */
/**
 * Lets a thread that was interrupted by a signal of ours go on waiting in the kernel.
 *
 * sleep(), poll(), a receive with a timeout and some more return early after any handler, even with
 * SA_RESTART (signal(7)). A handler that was only asked something must not be noticed: it goes back
 * to the call, as if it had been stopped and continued. A wait for a time that the kernel does not
 * count down in place, as that of poll(), begins again: who asks often would prolong it for ever,
 * so stall.c interrupts the same call only once.
 */
#ifndef CORACLE_RUNTIME_INTERRUPTION_H
#define CORACLE_RUNTIME_INTERRUPTION_H

#include <stdbool.h>
#include <sys/types.h>

/** The system call that a thread is in. */
struct cor_interruption {
	bool is_known;
	long number;
	unsigned long arguments[6];
	unsigned long stack; /* its stack pointer */
	unsigned long at;    /* where it returns to */
};

/** Of another thread of this process. Not known: it is in none, or the system does not say. */
void cor_interruption_read(pid_t thread, struct cor_interruption *ret);

/** Whether both are known, and for all that can be seen the same call. */
bool cor_interruption_is_same(const struct cor_interruption *a, const struct cor_interruption *b);

/**
 * In the handler, with its ucontext_t: if it has interrupted that call, which would return EINTR,
 * let the call begin again when the handler returns. Safe in a signal handler.
 */
void cor_interruption_undo(const struct cor_interruption *interruption, void *context);

#endif
