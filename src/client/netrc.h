/* SPDX-License-Identifier: MIT */
/** Logins in a file, as ftp and curl have them: .netrc. Private to the client folder. */
#ifndef CORACLE_CLIENT_NETRC_H
#define CORACLE_CLIENT_NETRC_H

#include <stdint.h>

#include <coracle/arena.h>
#include <coracle/str.h>

#define COR_NETRC_BYTES (64 * 1024) /* a longer file is refused */

struct cor_netrc_login {
	const char *user;
	const char *password;
};

/**
 * Find the login of a host in the text of such a file: that of the first "machine" of that name, or
 * of a "default" before it. Both parts are in the arena.
 *
 * Tokens stand between white space, or in double quotes; a backslash takes the next character as it
 * is; a '#' where a keyword may be is a comment to the end of the line. "account" and "macdef" are
 * passed over.
 *
 * Returns 1, 0 (it has none), -ENOMEM, or -COR_ESYNTAX: *ret_line is where. Never yields.
 */
int cor_netrc_find(struct cor_arena *arena, struct cor_str text, struct cor_str host,
	struct cor_netrc_login *ret, uint32_t *ret_line) COR_CHECKED;

/**
 * The same in a file; "~/" is the folder of $HOME. It must belong to this user or to root, and be
 * closed to all others. Blocks while it reads. Returns 1, 0, -ENOMEM, or -EINVAL: *ret_why, in the
 * arena, ends a message: "... can be read by others: chmod 600 it".
 */
int cor_netrc_read(struct cor_arena *arena, const char *path, struct cor_str host,
	struct cor_netrc_login *ret, const char **ret_why) COR_CHECKED;

#endif
