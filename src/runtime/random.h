/* SPDX-License-Identifier: MIT */
/**
 * The seam for randomness, and a small store of random bytes for those who need few and often.
 */
#ifndef CORACLE_RUNTIME_RANDOM_H
#define CORACLE_RUNTIME_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/random.h>

struct cor_scheduler;

/** The randomness of the system: it waits at boot and then never again. */
extern const struct cor_random cor_system_random;

#define COR_RANDOM_STORE_BYTES 4096

/**
 * Bytes fetched from the source and not yet handed out, so that a request id costs no system call.
 */
struct cor_random_store {
	const struct cor_random *source;
	uint32_t left; /* bytes still unused, at the end of `bytes` */
	unsigned char bytes[COR_RANDOM_STORE_BYTES];
};

/**
 * Random bytes from the scheduler's store: unpredictable, handed out once. Never yields; the
 * scheduler's thread.
 */
void cor_random_bytes(struct cor_scheduler *scheduler, void *ret, size_t bytes);

#endif
