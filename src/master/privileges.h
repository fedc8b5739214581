/* SPDX-License-Identifier: MIT */
/**
 * Whom the service runs as: from root to a user of its own, for good.
 *
 * Looked up once, by the process that reads the settings, and dropped in each process that serves.
 * Both block and are for the start of a process, before it has threads.
 */
#ifndef CORACLE_MASTER_PRIVILEGES_H
#define CORACLE_MASTER_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

#include <coracle/api.h>

#include "base/failure.h"

#define COR_PRIVILEGES_NAME_BYTES 256 /* of a user, with the NUL */

/** Zeroed: user and groups stay as they are. Plain data: it may be passed to another process. */
struct cor_privileges {
	bool has_user;
	bool has_group; /* always with a user */
	uid_t uid;
	gid_t gid;
	char name[COR_PRIVILEGES_NAME_BYTES]; /* whose supplementary groups count; "": none */
};

/**
 * Look up a user and a group, each by name or number; NULL: not asked for. A user without a group
 * gets the group of the user's entry. A number needs no entry: such a user has the group alone.
 *
 * Returns 0, -ESRCH (no such user or group, or a user without an entry and no group), -ENOMEM, or
 * what the user database fails with (-EIO, -EMFILE). *ret_failure then says what to do, and *ret is
 * untouched.
 */
int cor_privileges_find(const char *user, const char *group, struct cor_privileges *ret,
	struct cor_start_failure *ret_failure) COR_CHECKED;

/**
 * Become that user: supplementary groups, group, user; then make sure that root cannot be regained.
 * Whether the process leaves a core file stays as it was. From then on no program that it executes
 * gains privileges (PR_SET_NO_NEW_PRIVS), which is all that happens for zeroed privileges. A
 * process that is that user already keeps its groups, and need not be root.
 *
 * Returns 0, -EPERM (not root, or root could be regained), -EAGAIN (the user has too many
 * processes), or the errno of the call that failed. *ret_failure then says what to do, and the
 * process may be half changed: it must end.
 */
int cor_privileges_drop(
	const struct cor_privileges *privileges, struct cor_start_failure *ret_failure) COR_CHECKED;

#endif
