/* SPDX-License-Identifier: MIT */
#include "runtime/cap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/*
 * The folder of this process in the tree of control groups (version 2), from its line "0::/a/b"; ""
 * when there is none.
 */
static void read_group(char *ret_path, size_t size)
{
	char text[1024];
	int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);

	ret_path[0] = '\0';
	if (fd < 0)
		return;
	ssize_t len = read(fd, text, sizeof text - 1);
	close(fd);
	if (len <= 0)
		return;
	text[len] = '\0';
	char *line = strstr(text, "0::/");
	if (!line || (line != text && line[-1] != '\n'))
		return;
	line[strcspn(line, "\n")] = '\0';
	snprintf(ret_path, size, "%s", line + 3);
}

/* The least of what the control groups above this process and the machine grant. */
static uint64_t memory_limit(void)
{
	char group[512];
	char path[640];
	uint64_t limit = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t old_kind = number_in("/sys/fs/cgroup/memory/memory.limit_in_bytes", UINT64_MAX);

	if (old_kind < limit)
		limit = old_kind;
	read_group(group, sizeof group);
	for (;;) {
		snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.max", group);
		uint64_t granted = number_in(path, UINT64_MAX);
		if (granted < limit)
			limit = granted;
		char *slash = strrchr(group, '/');
		if (!slash)
			return limit;
		*slash = '\0';
	}
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
