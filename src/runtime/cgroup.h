/* SPDX-License-Identifier: MIT */
/**
 * The control groups of this process: the folders in which the system keeps what it may use.
 *
 * A limit of a group holds for all groups beneath it, so what counts is the least of a process's
 * own group and all its parents. Version 2 has one tree for everything, version 1 one for each
 * controller, and a hybrid system has both. A container sees the tree from its own root, which is a
 * group in the middle of the host's. See cgroups(7) and the kernel's cgroup-v2.rst.
 */
#ifndef CORACLE_RUNTIME_CGROUP_H
#define CORACLE_RUNTIME_CGROUP_H

#include <stdint.h>

/** Where the groups are looked up. */
struct cor_cgroup_files {
	const char *groups; /* as /proc/self/cgroup */
	const char *mounts; /* as /proc/self/mountinfo */
	const char *root;   /* what stands in front of each mount point: "" */
};

/** Those of the system. */
extern const struct cor_cgroup_files cor_cgroup_system;

enum cor_cgroup_version {
	COR_CGROUP_V1 = 1,
	COR_CGROUP_V2,
};

/** Who looks at the folders: embed it. */
struct cor_cgroup_visitor {
	void (*visit)(struct cor_cgroup_visitor *visitor, enum cor_cgroup_version version,
		const char *folder);
};

/**
 * Show the visitor the folders of this process's groups, each from its own up to the root of its
 * mount: those of version 2, and those of version 1 that `controller` ("cpu", "memory") governs.
 * A folder need not exist, and may be shown twice. What cannot be read or understood is left out.
 * Blocks while it reads files of the kernel, and needs 16 KiB of stack: for the start of a program,
 * not for a fiber.
 */
void cor_cgroup_each(const struct cor_cgroup_files *files, const char *controller,
	struct cor_cgroup_visitor *visitor);

/**
 * Read the file `name` of a folder as up to `max` numbers with blanks between them.
 * Returns how many stand before the first word that is not one ("max", "-1"), the end, or what no
 * file of the kernel holds; 0 if it cannot be read.
 */
int cor_cgroup_numbers(const char *folder, const char *name, uint64_t *ret, int max);

#endif
