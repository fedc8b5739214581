/* SPDX-License-Identifier: MIT */
/**
 * What nobody can guess.
 *
 * On a thread that runs a scheduler the bytes come from its store, else from the system. Nothing here yields, nothing
 * fails; any thread.
 */
#ifndef CORACLE_RANDOM_H
#define CORACLE_RANDOM_H

#include <stddef.h>

#include <coracle/api.h>
#include <coracle/uuid.h>

COR_BEGIN_DECLS

/** Fill `bytes` bytes, fit for keys and tokens. */
COR_API void cor_random_fill(void *ret, size_t bytes);

/** Make a random UUID: version 4, RFC 9562 section 5.4. */
COR_API void cor_uuid_random(struct cor_uuid *ret);

COR_END_DECLS
#endif
