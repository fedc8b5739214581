/* SPDX-License-Identifier: MIT */
#include "runtime/cpus.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>

#include "base/compiler.h"

#define CPUS_MIN 1024    /* of a fixed set */
#define CPUS_MAX 1048576 /* no kernel has more */

struct quota {
	struct cor_cgroup_visitor visitor;
	uint64_t cpus;
};

/* Version 2 says "max 100000" or "150000 100000"; version 1 has two files, and -1 for no quota. */
static void read_quota(
	struct cor_cgroup_visitor *visitor, enum cor_cgroup_version version, const char *folder)
{
	struct quota *quota = cor_container_of(visitor, struct quota, visitor);
	uint64_t numbers[2]; /* µs that may be used in a period, and the period */
	int count;

	if (version == COR_CGROUP_V2)
		count = cor_cgroup_numbers(folder, "cpu.max", numbers, 2);
	else
		count = cor_cgroup_numbers(folder, "cpu.cfs_quota_us", &numbers[0], 1) +
			cor_cgroup_numbers(folder, "cpu.cfs_period_us", &numbers[1], 1);
	if (count != 2 || numbers[0] == 0 || numbers[1] == 0)
		return;
	uint64_t cpus = numbers[0] / numbers[1] + (numbers[0] % numbers[1] != 0);
	if (cpus < quota->cpus)
		quota->cpus = cpus;
}

uint32_t cor_cpus_quota(const struct cor_cgroup_files *files)
{
	struct quota quota = { .visitor.visit = read_quota, .cpus = UINT32_MAX };

	cor_cgroup_each(files, "cpu", &quota.visitor);
	return (uint32_t)quota.cpus;
}

/* The kernel refuses a set that has no room for all CPUs that it could have. */
static uint32_t allowed_cpus(void)
{
	for (size_t cpus = CPUS_MIN; cpus <= CPUS_MAX; cpus *= 2) {
		cpu_set_t *set = CPU_ALLOC(cpus);
		if (!set)
			return 1;
		size_t bytes = CPU_ALLOC_SIZE(cpus);
		int rc = sched_getaffinity(0, bytes, set) < 0 ? -errno : 0;
		uint32_t count = rc == 0 ? (uint32_t)CPU_COUNT_S(bytes, set) : 0;
		CPU_FREE(set);
		if (rc != -EINVAL)
			return count != 0 ? count : 1;
	}
	return 1;
}

uint32_t cor_cpus_usable(void)
{
	uint32_t allowed = allowed_cpus();
	uint32_t quota = cor_cpus_quota(&cor_cgroup_system);

	return quota < allowed ? quota : allowed;
}
