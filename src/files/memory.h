/* SPDX-License-Identifier: MIT */
/**
 * Small files that are kept in memory: those that were asked for last, as far as the room goes. The
 * folder is asked whether one is still the same, each time or, for who wants that, once a second.
 * Belongs to one thread.
 */
#ifndef CORACLE_FILES_MEMORY_H
#define CORACLE_FILES_MEMORY_H

#include <stdint.h>

#include "files/folder.h"

#define COR_FILE_MEMORY_LARGEST (64 * 1024)
/* Of those that nobody has asked to keep. */
#define COR_FILE_MEMORY_USUAL_ROOM    (256 * 1024)
#define COR_FILE_MEMORY_USUAL_LARGEST (16 * 1024)

struct cor_file_memory;

/**
 * One with room for so many bytes of files, names and all, which are taken as they are for a
 * second. 0: the usual room, and each call asks. NULL without memory.
 */
struct cor_file_memory *cor_file_memory_create(uint32_t room_bytes);

/** Free it. NULL is allowed. */
void cor_file_memory_destroy(struct cor_file_memory *memory);

/**
 * As cor_folder_find(), at `now_ns` (monotonic; with the usual room anything). What is in memory
 * has no descriptor, and its bytes are there until the next call.
 */
int cor_file_memory_find(struct cor_file_memory *memory, int folder, struct cor_str name,
	int64_t now_ns, struct cor_file *ret) COR_CHECKED;

#endif
