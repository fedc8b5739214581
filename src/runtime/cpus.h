/* SPDX-License-Identifier: MIT */
/** How many CPUs this process can keep busy: what "auto" means for processes and threads. */
#ifndef CORACLE_RUNTIME_CPUS_H
#define CORACLE_RUNTIME_CPUS_H

#include <stdint.h>

#include "runtime/cgroup.h"

/**
 * The CPUs that the calling thread may run on (taskset, cpusets), cut to the least quota of its
 * control groups; a fraction counts as one. At least 1. Blocks while it reads files of the kernel,
 * and needs 32 KiB of stack: for the start of a program, not for a fiber. Any thread.
 */
uint32_t cor_cpus_usable(void);

/** The quota alone, looked up in `files`; UINT32_MAX: there is none. */
uint32_t cor_cpus_quota(const struct cor_cgroup_files *files);

#endif
