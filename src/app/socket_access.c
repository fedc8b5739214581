/* SPDX-License-Identifier: MIT */
#include "app/socket_access.h"

#include "master/privileges.h"

/* The row's pattern has checked the digits. */
static mode_t octal(const char *text)
{
	mode_t mode = 0;

	for (; *text; text++)
		mode = mode * 8 + (mode_t)(*text - '0');
	return mode;
}

/* As --group has it: by name or by number. */
static int find_group(const char *name, gid_t *ret)
{
	struct cor_privileges found;
	struct cor_start_failure failure;
	int rc = cor_privileges_find(NULL, name, &found, &failure);

	if (rc == 0)
		*ret = found.gid;
	return rc;
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
