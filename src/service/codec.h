/* SPDX-License-Identifier: MIT */
/** The codec of all schemas that services read or write. */
#ifndef CORACLE_SERVICE_CODEC_H
#define CORACLE_SERVICE_CODEC_H

#include <coracle/service.h>
#include <coracle/violation.h>

struct cor_codec;
struct cor_composition;

/**
 * Make the codec of each schema that an operation of theirs, or of `extra` (lists of resources, by
 * unit; NULL: none), reads or writes, of what topics carry, sessions keep, of principals,
 * which a scheme may decode, of functions whose results are kept in their caches, and of the
 * services' .schemas. Returns 0, -ENOMEM, or -COR_ETABLE:
 * then *why, in the arena, says what is wrong. The caller owns *ret.
 */
int cor_service_codec_create(const struct cor_composition *composition,
	const struct cor_resource *const *const *extra, struct cor_arena *arena,
	struct cor_violations *why, struct cor_codec **ret) COR_CHECKED;

#endif
