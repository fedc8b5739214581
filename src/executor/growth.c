/* SPDX-License-Identifier: MIT */
#include "executor/growth.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int cor_growth_open(struct cor_growth *growth)
{
	growth->fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	return growth->fd < 0 ? -errno : 0;
}

/* In pages: all, resident, of these shared with files ... */
static uint64_t private_bytes(int fd)
{
	char line[128], *at;
	ssize_t len = pread(fd, line, sizeof line - 1, 0);

	if (len <= 0)
		return UINT64_MAX;
	line[len] = '\0';
	(void)strtoull(line, &at, 10);
	uint64_t resident = strtoull(at, &at, 10), shared = strtoull(at, &at, 10);
	return shared > resident ? 0 : (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
}

void cor_growth_begin(struct cor_growth *growth)
{
	growth->before_bytes = private_bytes(growth->fd);
}

uint64_t cor_growth_bytes(const struct cor_growth *growth)
{
	uint64_t now_bytes = private_bytes(growth->fd);

	if (now_bytes == UINT64_MAX)
		return UINT64_MAX;
	return now_bytes > growth->before_bytes ? now_bytes - growth->before_bytes : 0;
}
