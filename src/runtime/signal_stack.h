/* SPDX-License-Identifier: MIT */
/**
 * A stack for the signal handlers of a thread: they cannot run on one that has overflowed.
 */
#ifndef CORACLE_RUNTIME_SIGNAL_STACK_H
#define CORACLE_RUNTIME_SIGNAL_STACK_H

#include <signal.h>

/**
 * The calling thread has one from now on. Another's is left alone. Returns what
 * cor_signal_stack_drop() takes; NULL if there is nothing to drop, or no memory.
 */
void *cor_signal_stack_set(void);

/** On the same thread. */
void cor_signal_stack_drop(void *stack);

/**
 * All signals but those that tell of a crash: what a thread blocks that leaves the others to the
 * threads that know what to do with them. A fault that is blocked ends the process silently.
 */
void cor_signals_of_others(sigset_t *ret);

#endif
