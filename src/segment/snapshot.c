/* SPDX-License-Identifier: MIT */
#include "segment/snapshot.h"

#include <stdbool.h>
#include <string.h>

void cor_snapshot_write(
	struct cor_snapshot *snapshot, uint64_t *room, const void *from, size_t words)
{
	uint64_t next = atomic_load_explicit(&snapshot->version, memory_order_relaxed) + 1;
	uint64_t *to = room + next % 2 * words;
	const char *at = from;
	uint64_t word;

	/* in order: a reader of a word of this one sees that the version has changed since */
	for (size_t i = 0; i < words; i++) {
		memcpy(&word, at + i * sizeof word, sizeof word);
		__atomic_store_n(&to[i], word, __ATOMIC_RELEASE);
	}
	atomic_store_explicit(&snapshot->version, next, memory_order_release);
}

static bool look(const struct cor_snapshot *snapshot, const uint64_t *room, char *ret, size_t words)
{
	uint64_t version = atomic_load_explicit(&snapshot->version, memory_order_acquire);
	const uint64_t *from = room + version % 2 * words;

	for (size_t i = 0; i < words; i++) {
		uint64_t word = __atomic_load_n(&from[i], __ATOMIC_ACQUIRE);
		memcpy(ret + i * sizeof word, &word, sizeof word);
	}
	return atomic_load_explicit(&snapshot->version, memory_order_relaxed) == version;
}

/* Each look that fails means that a new value is there, whole. */
void cor_snapshot_read(
	const struct cor_snapshot *snapshot, const uint64_t *room, void *ret, size_t words)
{
	while (!look(snapshot, room, ret, words))
		;
}
