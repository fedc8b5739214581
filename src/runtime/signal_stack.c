/* SPDX-License-Identifier: MIT */
#include "runtime/signal_stack.h"

#include <stddef.h>
#include <stdlib.h>

#define STACK_BYTES (32 * 1024)

void *cor_signal_stack_set(void)
{
	stack_t now;

	if (sigaltstack(NULL, &now) < 0 || !(now.ss_flags & SS_DISABLE))
		return NULL;
	stack_t alternate = { .ss_sp = malloc(STACK_BYTES), .ss_size = STACK_BYTES };
	if (alternate.ss_sp)
		sigaltstack(&alternate, NULL);
	return alternate.ss_sp;
}

void cor_signal_stack_drop(void *stack)
{
	const stack_t none = { .ss_flags = SS_DISABLE };

	if (stack)
		sigaltstack(&none, NULL);
	free(stack);
}

void cor_signals_of_others(sigset_t *ret)
{
	static const int own[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP };

	sigfillset(ret);
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		sigdelset(ret, own[i]);
}
