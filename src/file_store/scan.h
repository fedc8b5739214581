/* SPDX-License-Identifier: MIT */
/**
 * A look at the whole directory: who could go, and whether the counts are right.
 */
#ifndef CORACLE_FILE_STORE_SCAN_H
#define CORACLE_FILE_STORE_SCAN_H

#include "file_store/room.h"

/**
 * Fill in store->victims; correct counts that are wrong, of stripes that nobody has locked. The
 * caller has store->room. Returns 0, -ENOMEM or what opening and reading a directory says.
 */
int cor_file_room_scan(const struct cor_file_room *room) COR_CHECKED;

/**
 * Call visit() for the names of entries until it returns less than 0. Returns that, or 0, or what
 * opening and reading a directory says.
 */
int cor_directory_walk(struct cor_file_store *store,
	int (*visit)(void *arg, const char *name, uint32_t stripe), void *arg) COR_CHECKED;

#endif
