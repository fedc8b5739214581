/* SPDX-License-Identifier: MIT */
#include "app/role.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#define NAME_BYTES 16 /* of a thread: prctl(2) */

const char *cor_role_of(const struct cor_setup *setup)
{
	static const char *const roles[] = {
		[COR_CHILD_NONE] = COR_ROLE_MASTER,
		[COR_CHILD_CHECKER] = "checker",
		[COR_CHILD_WORKER] = "worker",
		[COR_CHILD_CONTROL] = "control",
		[COR_CHILD_SUCCESSOR] = "successor",
	};

	if (setup->child.role == COR_CHILD_NONE && setup->processes == 0)
		return NULL;
	return roles[setup->child.role];
}

/*
 * A process that was started from a descriptor would bear its number; and an operator wants to know
 * which is which.
 */
void cor_role_show(const struct cor_setup *setup, const char *role)
{
	char name[NAME_BYTES];

	if (!role)
		return;
	snprintf(name, sizeof name, "%.*s:%s", (int)(sizeof name - 2 - strlen(role)),
		setup->service->name, role);
	(void)prctl(PR_SET_NAME, name);
}
