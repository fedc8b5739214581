/* SPDX-License-Identifier: MIT */
#include "runtime/run_delay.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#define LINE_BYTES 128

void cor_run_delay_init(struct cor_run_delay *delay)
{
	*delay = (struct cor_run_delay){ .fd = -1 };
}

static int open_for(pid_t thread)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/task/%d/schedstat", (int)thread);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* "on a processor, waiting for one, how often": nanoseconds. */
static bool read_totals(int fd, int64_t *ret_ran_ns, int64_t *ret_delay_ns)
{
	char line[LINE_BYTES];
	ssize_t len = pread(fd, line, sizeof line - 1, 0);

	if (len <= 0)
		return false;
	line[len] = '\0';
	return sscanf(line, "%" SCNd64 " %" SCNd64, ret_ran_ns, ret_delay_ns) == 2;
}

int64_t cor_run_delay_since(struct cor_run_delay *delay, pid_t thread)
{
	bool is_first = delay->fd < 0;
	int64_t before_ns = delay->delay_ns;

	if (is_first && thread != 0)
		delay->fd = open_for(thread);
	if (delay->fd < 0)
		return 0;
	if (!read_totals(delay->fd, &delay->ran_ns, &delay->delay_ns))
		return -1;
	return is_first ? 0 : delay->delay_ns - before_ns;
}

void cor_run_delay_finish(struct cor_run_delay *delay)
{
	if (delay->fd >= 0)
		close(delay->fd);
	delay->fd = -1;
}
