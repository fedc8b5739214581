/* SPDX-License-Identifier: MIT */
/**
 * How much of its control group's memory limit is used: at the limit the kernel kills.
 *
 * What the kernel can take back at once, file pages that nobody has used lately, does not count.
 * All processes of the group count together.
 */
#ifndef CORACLE_RUNTIME_MEMORY_H
#define CORACLE_RUNTIME_MEMORY_H

#include <stdint.h>

#include <coracle/api.h>

#include "runtime/cgroup.h"

struct cor_memory {
	/* Bytes in use; 0: not known. Any thread; takes some ten microseconds. */
	uint64_t (*used)(const struct cor_memory *memory);
	uint64_t limit_bytes;
};

/** That of the system. */
struct cor_group_memory {
	struct cor_memory memory;
	int used; /* descriptors of files of the kernel */
	int stat;
};

/**
 * Of the least limit above this process. Returns 0, -ENOENT (there is no limit), or the negative
 * errno of opening the group's files. As cor_cgroup_each(): for the start of a program.
 */
int cor_group_memory_open(
	struct cor_group_memory *memory, const struct cor_cgroup_files *files) COR_CHECKED;

/** Also one that was not opened, if it is zeroed. */
void cor_group_memory_close(struct cor_group_memory *memory);

#endif
