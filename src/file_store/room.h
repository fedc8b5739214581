/* SPDX-License-Identifier: MIT */
/**
 * Room for new entries: what goes when .entries or .bytes, or the disk, are full.
 *
 * First what is dead, then what was not used for longest, and what lives until it must go last. The
 * directory is looked at once for a quarter of all entries, not for each.
 */
#ifndef CORACLE_FILE_STORE_ROOM_H
#define CORACLE_FILE_STORE_ROOM_H

#include "file_store/file_store.h"
#include "file_store/state.h"

/** What room is needed for. The caller has locked the stripe of its key. */
struct cor_file_room {
	struct cor_file_store *store;
	const struct cor_entry_key *key;
	const struct cor_file_moment *now;
	int64_t entries;
	int64_t bytes;
};

/**
 * Remove others until there is room within the limits, or nothing that could go. *ret are the
 * counts as they are then.
 */
void cor_file_room_make(const struct cor_file_room *room, struct cor_file_counts *ret);

/** Remove others for the disk: `bytes` and an eighth of all. Whether any has gone. */
bool cor_file_room_free(
	const struct cor_file_room *room, int64_t bytes, struct cor_file_counts *ret);

/** All stripes together, which the figures say until they are seen again. */
struct cor_file_count cor_file_room_seen(
	struct cor_file_store *store, const struct cor_file_counts *counts);

#endif
