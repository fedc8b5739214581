/* SPDX-License-Identifier: MIT */
/** Which table has written a value: another one must not read it. */
#ifndef CORACLE_CACHE_FINGERPRINT_H
#define CORACLE_CACHE_FINGERPRINT_H

#include <pthread.h>
#include <stdint.h>

#include <coracle/schema.h>

/** Those that are known already. Zeroed but for the mutex at first. */
struct cor_fingerprints {
	pthread_mutex_t mutex; /* of those who add one */
	struct cor_fingerprint *_Atomic first;
};

/**
 * The fingerprint of a table, of all that it says of JSON and that it nests, and of what answers
 * leave out or have in headers. Never 0. Returns 0 or -ENOMEM. Any thread.
 */
int cor_fingerprint_of(
	struct cor_fingerprints *known, const struct cor_schema *schema, uint64_t *ret) COR_CHECKED;

void cor_fingerprints_finish(struct cor_fingerprints *known);

#endif
