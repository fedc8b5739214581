/* SPDX-License-Identifier: MIT */
/**
 * What a process that serves can no longer do, even when somebody else's code runs in it: a
 * Landlock ruleset for files.
 *
 * It holds for good, for the calling thread and what it starts, so it is for a process that has no
 * other threads yet: after its privileges were dropped, and before it runs code of the service.
 * Sets PR_SET_NO_NEW_PRIVS. What is open already stays usable. Needs no root.
 */
#ifndef CORACLE_SANDBOX_FILES_H
#define CORACLE_SANDBOX_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include <coracle/api.h>

#include "base/failure.h"

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
 * signals: see calls.h.
 *
 * Returns the version of Landlock that holds, from 1 on: before 2 nothing can be renamed from one
 * folder to another, before 3 files elsewhere can be cut with truncate(), before 5 devices
 * elsewhere take ioctl(). Or -EOPNOTSUPP (this kernel has no Landlock, or it is off: nothing has
 * changed), -EBUSY (there are other threads), what opening one of `paths` fails with (-ENOENT),
 * -E2BIG, -ENOMEM. *ret_failure then says what to do.
 */
int cor_sandbox_files(const char *const *paths, size_t len, bool sees_processes,
	struct cor_start_failure *ret_failure) COR_CHECKED;

/**
 * Allow no file at all to be opened. Returns as cor_sandbox_files().
 */
int cor_sandbox_no_files(struct cor_start_failure *ret_failure) COR_CHECKED;

#endif
