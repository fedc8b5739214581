/* SPDX-License-Identifier: MIT */
#include <coracle/group.h>

#include <errno.h>

#include "fanout/child.h"

/* Once the group is decided, the items that are left need no child to say so. */
static void start_all(struct cor_group *group, cor_call *call, const char *items, size_t len,
	size_t size, const char *name)
{
	const struct cor_fanout *fanout = group->fanout;

	for (size_t i = 0; i < len && fanout && !fanout->is_decided; i++)
		cor_group_start_call(group, call, items + i * size, name);
}

/* Without their problems: the one of the map is the parent's already. */
static void give_codes(const struct cor_fanout *fanout, int *codes, size_t len)
{
	int otherwise = !fanout || fanout->is_short ? -ENOMEM : -ECANCELED;

	for (size_t i = 0; i < len; i++)
		codes[i] = fanout && i < fanout->started ? fanout->ends[i].result : otherwise;
}

int cor_map_call(struct cor_ctx *ctx, cor_call *call, const void *items, size_t len, size_t size,
	const struct cor_map_options *options, const char *name)
{
	static const struct cor_map_options defaults = { 0 };
	struct cor_group group;

	if (!options)
		options = &defaults;
	cor_group_begin(&group, ctx, options->rule);
	cor_group_limit(&group, options->at_once);
	start_all(&group, call, items, len, size, name);
	int rc = cor_group_wait(&group);
	if (options->codes)
		give_codes(group.fanout, options->codes, len);
	return rc;
}
