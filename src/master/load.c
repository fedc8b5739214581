/* SPDX-License-Identifier: MIT */
#include "master/load.h"

#include "master/crew.h"

int cor_loads_find(struct cor_segment *segment, struct cor_load **ret)
{
	const struct cor_region_options options = {
		.name = "load",
		.bytes = COR_SLOTS_MAX * sizeof **ret,
		.fingerprint = sizeof **ret,
	};
	void *region;
	int rc = cor_segment_region(segment, &options, &region);

	if (rc == 0)
		*ret = region;
	return rc;
}
