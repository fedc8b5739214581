/* SPDX-License-Identifier: MIT */
/**
 * A value of several words that one writer replaces and anybody reads whole. There is room for two:
 * the writer writes the one that is not shown, then shows it. So a writer that sleeps or is killed
 * in the middle leaves the value before, and keeps nobody waiting.
 *
 * Nothing here takes a lock, waits or yields.
 */
#ifndef CORACLE_SEGMENT_SNAPSHOT_H
#define CORACLE_SEGMENT_SNAPSHOT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/** Zeroed, it belongs to a value that is zeroed, too. */
struct cor_snapshot {
	_Atomic uint64_t version; /* its last bit says which of the two is shown */
};

/** Words of 64 bits that the room for a value of that type takes. */
#define COR_SNAPSHOT_WORDS(type) (2 * sizeof(type) / sizeof(uint64_t))

/** Replace the value in `room`; `words` is the length of one. One thread of one process writes. */
void cor_snapshot_write(
	struct cor_snapshot *snapshot, uint64_t *room, const void *from, size_t words);

/** Copy the value. Any thread of any process. */
void cor_snapshot_read(
	const struct cor_snapshot *snapshot, const uint64_t *room, void *ret, size_t words);

#endif
