/* SPDX-License-Identifier: MIT */
/* A library to preload: this machine has 600 CPUs, and the process may run on all of them. */
#include <sched.h>
#include <string.h>

int sched_getaffinity(pid_t pid, size_t bytes, cpu_set_t *ret)
{
	(void)pid;
	memset(ret, 0, bytes);
	for (size_t cpu = 0; cpu < 600 && cpu < bytes * 8; cpu++)
		CPU_SET_S(cpu, bytes, ret);
	return 0;
}
