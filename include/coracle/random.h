/* SPDX-License-Identifier: MIT */
/**
 * Unpredictable bytes.
 *
 * A thread that runs a scheduler takes the bytes from the scheduler's store; any other takes them
 * from the system, unless it has made a ctx with randomness of its own (see cor_ctx_create()).
 * Nothing here yields, nothing fails; any thread.
 */
#ifndef CORACLE_RANDOM_H
#define CORACLE_RANDOM_H

#include <stddef.h>

#include <coracle/api.h>
#include <coracle/uuid.h>

COR_BEGIN_DECLS

/** Fill `bytes` bytes, fit for keys and tokens. */
COR_API void cor_random_fill(void *ret, size_t bytes);

/** Create a random UUID: version 4, RFC 9562 section 5.4. */
COR_API void cor_uuid_random(struct cor_uuid *ret);

/**
 * A source of random bytes: the system, or a sequence that a test knows. The function gets the
 * struct that it is a member of.
 */
struct cor_random {
	/** Fill `bytes` bytes, fit for keys and tokens. Cannot fail. */
	void (*fill)(const struct cor_random *random, void *ret, size_t bytes);
};

COR_END_DECLS
#endif
