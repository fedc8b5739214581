/* SPDX-License-Identifier: MIT */
/**
 * A fast 64-bit hash (XXH3). Tables keyed by what a peer sends take a seed of the process's own, so that nobody
 * outside can choose keys that collide. It is no signature: where an opponent may see hashes, use a keyed MAC.
 */
#ifndef CORACLE_BASE_HASH_H
#define CORACLE_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/str.h>

/** Never yields; any thread. The value is for this process only: it may differ from build to build. */
uint64_t cor_hash(const void *data, size_t bytes, uint64_t seed);

static inline uint64_t cor_hash_str(struct cor_str text, uint64_t seed)
{
	return cor_hash(text.data, text.len, seed);
}

#endif
