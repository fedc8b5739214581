/* SPDX-License-Identifier: MIT */
/**
 * Who may connect to the unix sockets: mode and group of their files. Private to the app folder.
 */
#ifndef CORACLE_APP_SOCKET_ACCESS_H
#define CORACLE_APP_SOCKET_ACCESS_H

#include <sys/types.h>

#include "runtime/transport.h"
#include "server/settings.h"

/**
 * Set the mode and the group of `ret` as the settings have them; `ret_group` is where the group
 * stays.
 * Returns 0, -ESRCH (there is no group of that name), or what the group database fails with.
 */
int cor_socket_access(const struct cor_server_settings *settings, struct cor_listen_options *ret,
	gid_t *ret_group) COR_CHECKED;

#endif
