/* SPDX-License-Identifier: MIT */
/**
 * Receiving and sending without libc in between.
 *
 * read() and send() of libc are points of cancellation, for which each call pays more than for
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

/* From a socket: as a recv() without flags, with half its arguments. */
static inline ssize_t cor_kernel_read(int fd, void *ret, size_t bytes)
{
	long result = SYS_read;

	__asm__ volatile("syscall"
			 : "+a"(result)
			 : "D"((long)fd), "S"(ret), "d"(bytes)
			 : "rcx", "r11", "memory");
	return result;
}

static inline ssize_t cor_kernel_send(int fd, const void *data, size_t bytes, int flags)
{
	register long fourth __asm__("r10") = flags;
	register long fifth __asm__("r8") = 0;
	register long sixth __asm__("r9") = 0;
	long result = SYS_sendto;

	__asm__ volatile("syscall"
			 : "+a"(result)
			 : "D"((long)fd), "S"(data), "d"(bytes), "r"(fourth), "r"(fifth), "r"(sixth)
			 : "rcx", "r11", "memory");
	return result;
}

#else

static inline ssize_t cor_kernel_read(int fd, void *ret, size_t bytes)
{
	ssize_t result = read(fd, ret, bytes);

	return result < 0 ? -errno : result;
}

static inline ssize_t cor_kernel_send(int fd, const void *data, size_t bytes, int flags)
{
	ssize_t result = send(fd, data, bytes, flags);

	return result < 0 ? -errno : result;
}

#endif

#endif
