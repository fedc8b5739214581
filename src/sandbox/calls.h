/* SPDX-License-Identifier: MIT */
/**
 * What a process that serves can no longer do, even when somebody else's code runs in it: a
 * seccomp filter for system calls.
 *
 * It holds for good, for the calling thread and what it starts, so it is for a process that has no
 * other threads yet: after its privileges were dropped, and before it runs code of the service.
 * Sets PR_SET_NO_NEW_PRIVS. Needs no root.
 */
#ifndef CORACLE_SANDBOX_CALLS_H
#define CORACLE_SANDBOX_CALLS_H

#include <coracle/api.h>

#include "base/failure.h"

/**
 * Refuse with EPERM: execve, execveat; ptrace, process_vm_readv and _writev, pidfd_getfd; mount and
 * its family, pivot_root; kexec; kernel modules; bpf; perf_event_open; setns, unshare, and clone
 * with name spaces; keyctl, add_key, request_key; and every call by another architecture's numbers
 * (x32, i386). clone3 is refused with ENOSYS, as its flags cannot be looked at: the C library then
 * uses clone.
 *
 * Signals reach this process alone. Refused are: kill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo
 * and prlimit for anybody else, its group included; pidfd_send_signal and tkill, which do not say
 * for whom they are (musl needs tkill, and keeps it); and to name who gets the signals of a file
 * (F_SETOWN, F_SETOWN_EX, FIOSETOWN, SIOCSPGRP). A child that this process forks can signal this
 * process, but not itself, and this process not the child. All else is as before.
 *
 * Returns 0, -EOPNOTSUPP (this kernel has no seccomp filters: nothing has changed), -EBUSY (there
 * are other threads), -ENOMEM. *ret_failure then says what to do.
 */
int cor_sandbox_calls(struct cor_start_failure *ret_failure) COR_CHECKED;

#endif
