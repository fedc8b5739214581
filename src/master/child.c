/* SPDX-License-Identifier: MIT */
#include "master/child.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>

static const char *const roles[] = {
	[COR_CHILD_NONE] = "none",
	[COR_CHILD_CHECKER] = "checker",
	[COR_CHILD_WORKER] = "worker",
	[COR_CHILD_CONTROL] = "control",
	[COR_CHILD_SUCCESSOR] = "successor",
};

void cor_child_print(const struct cor_child *child, char *ret)
{
	int len = snprintf(ret, COR_CHILD_BYTES, "%s %u %u %d %d %d", roles[child->role],
		child->slot, child->generation, child->channel, child->config, child->segment);

	for (size_t i = 0; i < child->listening_len; i++)
		len += snprintf(
			ret + len, (size_t)(COR_CHILD_BYTES - len), " %d", child->listening[i]);
}

static bool take_role(const char **text, enum cor_child_role *ret)
{
	for (int role = COR_CHILD_CHECKER; role <= COR_CHILD_SUCCESSOR; role++) {
		size_t len = strlen(roles[role]);
		if (strncmp(*text, roles[role], len) != 0 || (*text)[len] != ' ')
			continue;
		*text += len;
		*ret = (enum cor_child_role)role;
		return true;
	}
	return false;
}

/* A blank and a number. */
static bool take_number(const char **text, int *ret)
{
	char *end;

	if (**text != ' ')
		return false;
	long number = strtol(*text + 1, &end, 10);
	if (end == *text + 1 || number < -1 || number > INT_MAX)
		return false;
	*text = end;
	*ret = (int)number;
	return true;
}

/* A descriptor that is open, or -1. */
static bool take_descriptor(const char **text, int *ret)
{
	return take_number(text, ret) && (*ret < 0 || fcntl(*ret, F_SETFD, FD_CLOEXEC) == 0);
}

static bool read_text(const char *text, struct cor_child *ret)
{
	int slot, generation;

	if (!take_role(&text, &ret->role) || !take_number(&text, &slot) || slot < 0 ||
		!take_number(&text, &generation) || generation < 0 ||
		!take_descriptor(&text, &ret->channel) || !take_descriptor(&text, &ret->config) ||
		!take_descriptor(&text, &ret->segment))
		return false;
	ret->slot = (uint32_t)slot;
	ret->generation = (uint32_t)generation;
	while (*text && ret->listening_len < COR_CHILD_LISTENING_MAX)
		if (!take_descriptor(&text, &ret->listening[ret->listening_len++]))
			return false;
	return *text == '\0';
}

int cor_child_read(struct cor_child *ret)
{
	const char *text = getenv(COR_CHILD_VARIABLE); /* NOLINT(concurrency-mt-unsafe) */

	*ret = (struct cor_child){ .channel = -1, .config = -1, .segment = -1 };
	if (!text)
		return 0;
	bool good = read_text(text, ret);
	unsetenv(COR_CHILD_VARIABLE); /* NOLINT(concurrency-mt-unsafe) */
	return good ? 0 : -COR_ESYNTAX;
}
