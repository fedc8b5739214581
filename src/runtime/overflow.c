/* SPDX-License-Identifier: MIT */
#include "runtime/overflow.h"

#include <stdint.h>
#include <ucontext.h>

#define NEAR_BYTES ((size_t)1024 * 1024) /* of the stack pointer: in a frame, or for one */

static uintptr_t stack_of(const void *context)
{
#if defined(__x86_64__)
	return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
	return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.sp;
#else
	(void)context;
	return 0;
#endif
}

/* What is there of a stack can be read and written, and grows by itself until it may no longer. */
bool cor_is_overflow(const siginfo_t *info, const void *context)
{
	uintptr_t address = (uintptr_t)info->si_addr, stack = stack_of(context);

	return info->si_signo == SIGSEGV && info->si_code > 0 && info->si_code != SI_KERNEL &&
	       address - stack + NEAR_BYTES < 2 * NEAR_BYTES;
}
