/* SPDX-License-Identifier: MIT */
/**
 * A process that may compute, use its memory, and nothing else, whatever code runs in it.
 *
 * It holds for good, for the calling thread and what it starts, so it is for a process that has no
 * other threads yet. Sets PR_SET_NO_NEW_PRIVS. Needs no root.
 */
#ifndef CORACLE_SANDBOX_COMPUTE_H
#define CORACLE_SANDBOX_COMPUTE_H

#include <coracle/api.h>

#include "base/failure.h"

/**
 * Allow memory (brk, anonymous mmap and its family), threads of its own and futexes, clocks,
 * sleeping and polling, random numbers, its own signals and numbers, the timers that it has, to
 * write to standard output and error, to read one
 * file that is open (pread(); -1: none), to close what is open, and to end.
 *
 * What libraries ask without need is refused with EPERM: what a descriptor or a path is, limits,
 * names of threads. All else raises SIGSYS, whose handler finds the call in si_syscall: files,
 * sockets, processes, programs, ptrace, io_uring, bpf, and signals to others. The handler that
 * SIGSYS has now is the last one. Calls by another architecture's numbers end the process.
 *
 * Where the kernel has Landlock, that refuses all files as well.
 *
 * Returns 0, -EOPNOTSUPP (this kernel has no seccomp filters), -EBUSY (there are other threads) or
 * -ENOMEM. *ret_failure then says what to do.
 */
int cor_sandbox_compute(int readable_fd, struct cor_start_failure *ret_failure) COR_CHECKED;

/** Whether this kernel could: 0 or -EOPNOTSUPP, as above. Changes nothing. */
int cor_sandbox_can_compute(struct cor_start_failure *ret_failure) COR_CHECKED;

#endif
