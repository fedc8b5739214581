/* SPDX-License-Identifier: MIT */
/**
 * The file that all processes share: the directory's secret, and for each stripe of names how many
 * entries there are. Whoever changes entries of a stripe has locked the stripe's record (OFD locks,
 * fcntl(2)): the system unlocks it when its owner dies.
 *
 * Counts go up before an entry is there, and down when it has gone. So a process that dies in
 * between leaves too many, never too few, and the next look at the directory finds it.
 */
#ifndef CORACLE_FILE_STORE_STATE_H
#define CORACLE_FILE_STORE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include <coracle/api.h>

#include "file_store/entry.h"

struct cor_file_count {
	int64_t entries;
	int64_t bytes;
	uint64_t check;
};

struct cor_file_counts {
	struct cor_file_count of[COR_STRIPES];
};

/**
 * Open it in a directory; one that is missing or broken is made anew. Returns the descriptor, which
 * is read-only where the file system is, and the secret; or the errno of open(), read() ...
 */
int cor_state_open(int directory, uint64_t *ret_seed) COR_CHECKED;

/** Whether it still has a name. Else others use another. */
bool cor_state_is_current(int fd);

/** Lock a stripe if nobody has it. Returns 0, -EAGAIN or another errno of fcntl(). */
int cor_state_try_lock(int fd, uint32_t stripe) COR_CHECKED;
void cor_state_unlock(int fd, uint32_t stripe);

/**
 * Read the counts of all stripes. What cannot be read or has a wrong checksum is 0, and the return
 * is false: count anew. With `at_once` without waiting for a disk.
 */
bool cor_state_read(int fd, struct cor_file_counts *ret, bool at_once);

/** Write the counts of a stripe, which the caller has locked. */
void cor_state_write(int fd, uint32_t stripe, struct cor_file_count *count);

/** All stripes together. */
struct cor_file_count cor_state_total(const struct cor_file_counts *counts);

#endif
