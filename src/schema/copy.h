/* SPDX-License-Identifier: MIT */
/** Structs copied with all that they hold, also out of memory that is not trusted. */
#ifndef CORACLE_SCHEMA_COPY_H
#define CORACLE_SCHEMA_COPY_H

#include <coracle/schema.h>

#include "base/foreign.h"

/**
 * As cor_copy(), of a struct in foreign memory: all that it holds has to lie there as well. Returns
 * also -COR_EINVALID if it does not; *ret then holds nothing of use. Members that no row names are
 * copied unjudged.
 */
int cor_copy_foreign(struct cor_arena *arena, const struct cor_foreign *foreign,
	const struct cor_schema *schema, const void *value, void *ret) COR_CHECKED;

/**
 * A schema that this one holds, or itself, of which cor_copy_foreign() copies no value: functions
 * of the service would follow its pointers (schema_custom.h). NULL: there is none. Of thousands of
 * schemas the first are looked at.
 */
const struct cor_schema *cor_copy_obstacle(const struct cor_schema *schema);

#endif
