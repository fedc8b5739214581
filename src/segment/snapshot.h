/* SPDX-License-Identifier: MIT */
/**
 * A value of several words that one writer replaces and anybody reads whole: a version that is odd
 * while it changes stands next to it.
 *
 * A writer may be killed in the middle: readers then say that there is nothing to see, until the
 * next writer replaces the value. Nothing here takes a lock, waits or yields.
 */
#ifndef CORACLE_SEGMENT_SNAPSHOT_H
#define CORACLE_SEGMENT_SNAPSHOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>

/** Zeroed, it belongs to a value that is zeroed, too. */
struct cor_snapshot {
	_Atomic uint64_t version;
};

/** Replace the value at `to`; `words` of 64 bits. One thread of one process writes. */
void cor_snapshot_write(
	struct cor_snapshot *snapshot, uint64_t *to, const void *from, size_t words);

/**
 * Copy the value at `from`. Returns false if it was in the middle of a change whenever it was
 * looked at; what stands in *ret then means nothing. Any thread of any process.
 */
bool cor_snapshot_read(const struct cor_snapshot *snapshot, const uint64_t *from, void *ret,
	size_t words) COR_CHECKED;

#endif
