/* SPDX-License-Identifier: MIT */
/** A made-up tree of control groups for each test: setup and teardown of cmocka, and its files. */
#ifndef TESTS_RUNTIME_CGROUP_TREE_H
#define TESTS_RUNTIME_CGROUP_TREE_H

#include "runtime/cgroup.h"

#define V2_MOUNT "29 23 0:26 / /cg rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
#define V1_MOUNT                                                                                   \
	"25 23 0:22 / /cg/memory rw shared:8 - cgroup cgroup rw,memory\n"                          \
	"26 23 0:23 / /cg/cpu,cpuacct rw shared:7 - cgroup cgroup rw,cpu,cpuacct\n"                \
	"27 23 0:24 / /cg/cpuset rw - cgroup cgroup rw,cpuset\n"
#define OTHER_MOUNTS                                                                               \
	"22 27 0:21 / /proc rw,relatime - proc proc rw\n"                                          \
	"23 27 0:22 / /sys rw,relatime shared:7 master:1 - sysfs sysfs rw\n"

/** Where what is tested finds it. */
extern const struct cor_cgroup_files files;

int make_tree(void **state);
int remove_tree(void **state);

/** Write a file of the tree, and make the folders above it. */
void write_file(const char *name, const char *text);

#endif
