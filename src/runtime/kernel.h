/* SPDX-License-Identifier: MIT */
/**
 * Receiving and sending without libc in between.
 *
 * recv() and send() of libc are points of cancellation, for which each call pays more than for
 * itself, and no thread of ours is ever cancelled. Results are counts or negative errnos, as the
 * kernel gives them.
 */
#ifndef CORACLE_RUNTIME_KERNEL_H
#define CORACLE_RUNTIME_KERNEL_H

#include <errno.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#if defined(__x86_64__)

/* A system call whose fifth and sixth arguments are zero. */
static inline long cor_kernel_call(long number, long a, const void *b, size_t c, long d)
{
	register long fourth __asm__("r10") = d;
	register long fifth __asm__("r8") = 0;
	register long sixth __asm__("r9") = 0;
	long result = number;

	__asm__ volatile("syscall"
			 : "+a"(result)
			 : "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
			 : "rcx", "r11", "memory");
	return result;
}

#else

static inline long cor_kernel_call(long number, long a, const void *b, size_t c, long d)
{
	long result = syscall(number, a, b, c, d, NULL, 0);

	return result < 0 ? -errno : result;
}

#endif

static inline ssize_t cor_kernel_receive(int fd, void *ret, size_t bytes)
{
	return cor_kernel_call(SYS_recvfrom, fd, ret, bytes, 0);
}

static inline ssize_t cor_kernel_send(int fd, const void *data, size_t bytes, int flags)
{
	return cor_kernel_call(SYS_sendto, fd, data, bytes, flags);
}

#endif
