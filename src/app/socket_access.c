/* SPDX-License-Identifier: MIT */
#include "app/socket_access.h"

#include <errno.h>
#include <grp.h>

#define GROUP_BYTES 16384 /* a group with very many members needs more, and is not found */

/* The row's pattern has checked the digits. */
static mode_t octal(const char *text)
{
	mode_t mode = 0;

	for (; *text; text++)
		mode = mode * 8 + (mode_t)(*text - '0');
	return mode;
}

static int find_group(const char *name, gid_t *ret)
{
	char memory[GROUP_BYTES];
	struct group group, *found = NULL;

	if (getgrnam_r(name, &group, memory, sizeof memory, &found) != 0 || !found)
		return -ESRCH;
	*ret = group.gr_gid;
	return 0;
}

int cor_socket_access(const struct cor_server_settings *settings, struct cor_listen_options *ret,
	gid_t *ret_group)
{
	if (settings->unix_mode)
		ret->unix_mode = octal(settings->unix_mode);
	if (!settings->unix_group)
		return 0;
	int rc = find_group(settings->unix_group, ret_group);
	if (rc == 0)
		ret->unix_group = ret_group;
	return rc;
}
