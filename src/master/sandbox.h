/* SPDX-License-Identifier: MIT */
/**
 * What a process that serves can no longer do, even when somebody else's code runs in it: a
 * Landlock ruleset for files and a seccomp filter for system calls, each on its own and for good.
 *
 * Both hold for the calling thread and what it starts, so they are for a process that has no other
 * threads yet: after its privileges were dropped, and before it runs code of the service. Both set
 * PR_SET_NO_NEW_PRIVS. What is open already stays usable. Neither needs root.
 */
#ifndef CORACLE_MASTER_SANDBOX_H
#define CORACLE_MASTER_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include <coracle/api.h>

#include "master/failure.h"

/**
 * Allow files and folders beneath each of `paths` to be read, written, made and removed, and
 * nothing else of the file system but what name resolution, TLS and libraries need:
 *
 * - read: /etc (resolv.conf, hosts, nsswitch.conf, passwd, ssl, localtime) and where its links lead
 *   (/run/systemd/resolve, /run/resolvconf, /run/NetworkManager, /usr/share/ca-certificates,
 *   /usr/local/share/ca-certificates, /usr/share/pki, /usr/share/zoneinfo);
 * - read: /usr/lib, /usr/lib64, /usr/local/lib, /lib, /lib64 (modules of name resolution and TLS);
 * - read: /proc/self, /proc/sys, /sys/fs/cgroup, /sys/devices/system/cpu (its own limits);
 * - /dev/null, and to read /dev/zero, /dev/random, /dev/urandom.
 *
 * No file can be executed, not even beneath `paths`. /proc of other processes is not there, unless
 * it `sees_processes`: then their /proc can be read, but never their memory and, unless by root,
 * not their environment. Where the log is written to a file that is opened again, its folder is one
 * of `paths`. Not governed: stat() and access(), sockets and what is connected to, by path too,
 * signals: see cor_sandbox_calls().
 *
 * Returns the version of Landlock that holds, from 1 on: before 2 nothing can be renamed from one
 * folder to another, before 3 files elsewhere can be cut with truncate(), before 5 devices
 * elsewhere take ioctl(). Or -EOPNOTSUPP (this kernel has no Landlock, or it is off: nothing has
 * changed), -EBUSY (there are other threads), what opening one of `paths` fails with (-ENOENT),
 * -E2BIG, -ENOMEM. *ret_failure then says what to do.
 */
int cor_sandbox_files(const char *const *paths, size_t len, bool sees_processes,
	struct cor_failure *ret_failure) COR_CHECKED;

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
int cor_sandbox_calls(struct cor_failure *ret_failure) COR_CHECKED;

#endif
