/* SPDX-License-Identifier: MIT */
#include "runtime/cap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/compiler.h"
#include "runtime/cgroup.h"

#define MAPS_A_STACK    2
#define MAPS_FOR_OTHERS 4096        /* libraries, arenas of malloc, thread stacks, files */
#define STACK_COST      (16 * 1024) /* bytes of memory that a fiber in use may come to */
#define CAP_MIN         16
#define CAP_MAX         (1u << 20)
#define MAPS_DEFAULT    65530

/* The number a file of the system holds; `otherwise` if it holds no number ("max" included). */
static uint64_t number_in(const char *path, uint64_t otherwise)
{
	char text[32];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return otherwise;
	ssize_t len = read(fd, text, sizeof text - 1);
	close(fd);
	if (len <= 0 || text[0] < '0' || text[0] > '9')
		return otherwise;
	text[len] = '\0';
	return strtoull(text, NULL, 10);
}

struct limit {
	struct cor_cgroup_visitor visitor;
	uint64_t bytes;
};

static void read_limit(
	struct cor_cgroup_visitor *visitor, enum cor_cgroup_version version, const char *folder)
{
	struct limit *limit = cor_container_of(visitor, struct limit, visitor);
	const char *name = version == COR_CGROUP_V2 ? "memory.max" : "memory.limit_in_bytes";
	uint64_t bytes;

	if (cor_cgroup_numbers(folder, name, &bytes, 1) == 1 && bytes < limit->bytes)
		limit->bytes = bytes;
}

/* The least of what the control groups above this process and the machine grant. */
static uint64_t memory_limit(void)
{
	struct limit limit = {
		.visitor.visit = read_limit,
		.bytes = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE),
	};

	cor_cgroup_each(&cor_cgroup_system, "memory", &limit.visitor);
	return limit.bytes;
}

uint32_t cor_stack_cap(void)
{
	uint64_t maps = number_in("/proc/sys/vm/max_map_count", MAPS_DEFAULT);
	uint64_t by_maps = maps > MAPS_FOR_OTHERS ? (maps - MAPS_FOR_OTHERS) / MAPS_A_STACK : 0;
	uint64_t by_memory = memory_limit() / 2 / STACK_COST;
	uint64_t cap = by_maps < by_memory ? by_maps : by_memory;

	if (cap < CAP_MIN)
		return CAP_MIN;
	return cap < CAP_MAX ? (uint32_t)cap : CAP_MAX;
}
