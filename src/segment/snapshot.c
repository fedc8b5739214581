/* SPDX-License-Identifier: MIT */
#include "segment/snapshot.h"

#include <string.h>

#define LOOKS_MAX 1000 /* a writer that is at work needs less; one that is dead needs for ever */

void cor_snapshot_write(struct cor_snapshot *snapshot, uint64_t *to, const void *from, size_t words)
{
	/* odd already: the writer before has died in the middle */
	uint64_t odd = atomic_load_explicit(&snapshot->version, memory_order_relaxed) | 1;
	const char *at = from;
	uint64_t word;

	atomic_store_explicit(&snapshot->version, odd, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	for (size_t i = 0; i < words; i++) {
		memcpy(&word, at + i * sizeof word, sizeof word);
		__atomic_store_n(&to[i], word, __ATOMIC_RELAXED);
	}
	atomic_store_explicit(&snapshot->version, odd + 1, memory_order_release);
}

static bool look(const struct cor_snapshot *snapshot, const uint64_t *from, char *ret, size_t words)
{
	uint64_t before = atomic_load_explicit(&snapshot->version, memory_order_acquire);

	if (before % 2 != 0)
		return false;
	for (size_t i = 0; i < words; i++) {
		uint64_t word = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
		memcpy(ret + i * sizeof word, &word, sizeof word);
	}
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(&snapshot->version, memory_order_relaxed) == before;
}

bool cor_snapshot_read(
	const struct cor_snapshot *snapshot, const uint64_t *from, void *ret, size_t words)
{
	for (int i = 0; i < LOOKS_MAX; i++)
		if (look(snapshot, from, ret, words))
			return true;
	return false;
}
